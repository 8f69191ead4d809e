//! The first page: one's own devices, those that want something first.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use mandate_engine::{NoticeMatter, OwnDevice, PersonNotice};
use mandate_ui::{Door, date, live};
use mandate_web::{Page, Routes, render};

use crate::colleague::Colleague;
use crate::failure::Answer;
use crate::words::{StateView, mark_of, what_it_is};

/// Routes of the first page.
pub(crate) fn routes() -> Routes<Door> {
    Routes::new()
        .route("/portal/", get(show_start))
        .route("/portal/live", get(show_live))
}

#[derive(Template)]
#[template(path = "start.html")]
struct Start {
    page: Page,
    here: &'static str,
    hello: String,
    /// Whether something here changes by itself.
    mark: String,
    /// What is good to know beside it.
    notices: Vec<String>,
    /// Whether there are terms to accept.
    has_terms: bool,
    devices: Vec<Line>,
    gone: Vec<Line>,
}

/// A device in the list.
struct Line {
    path: String,
    name: String,
    what: String,
    state: StateView,
    /// What is to be done, in one sentence; empty if nothing is.
    call: String,
}

/// `GET /portal/`
async fn show_start(colleague: Colleague) -> Answer {
    let devices = colleague.engine().own_devices(&colleague.of).await?;
    let notices = colleague.engine().notices_of(colleague.of.user.id).await?;
    let has_terms = crate::terms::has_open(&colleague).await?;
    let page = colleague.page();
    let mark = mark_of(&devices);
    let (gone, devices): (Vec<OwnDevice>, Vec<OwnDevice>) =
        devices.into_iter().partition(OwnDevice::can_remove);
    let user = &colleague.of.user;
    let name = user.given_name.as_ref().unwrap_or(&user.display_name);
    let template = Start {
        here: "devices",
        hello: page.text_with("portal-hello", "name", name),
        mark,
        has_terms,
        notices: notices
            .iter()
            .filter_map(|one| notice(&page, one))
            .collect(),
        devices: devices.iter().map(|device| line(&page, device)).collect(),
        gone: gone.iter().map(|device| line(&page, device)).collect(),
        page,
    };
    Ok(render(StatusCode::OK, &template))
}

/// `GET /portal/live`: another text whenever the page is another.
async fn show_live(colleague: Colleague) -> Response {
    live(move || {
        let colleague = colleague.clone();
        async move {
            let devices = colleague.engine().own_devices(&colleague.of).await;
            devices.ok().as_deref().map(mark_of)
        }
    })
}

fn line(page: &Page, device: &OwnDevice) -> Line {
    Line {
        path: format!("/portal/devices/{}", device.id),
        name: device.name.clone(),
        what: what_it_is(device),
        state: StateView::of(page, device.condition),
        call: crate::words::call(page, device),
    }
}

/// A notice in words. The blocked account stands with its device, where its steps are.
fn notice(page: &Page, notice: &PersonNotice) -> Option<String> {
    let device = notice.device.as_ref();
    let device = device.map_or_else(String::new, |device| device.name.clone());
    let about_mail = |id: &str, address: &str| {
        let values = [("device", device.as_str()), ("address", address)];
        page.language.text_with(id, &values)
    };
    match &notice.matter {
        NoticeMatter::AccountBlocked { .. } => None,
        NoticeMatter::CertificateEnding {
            is_imported,
            not_after,
            ..
        } => {
            let id = match (is_imported, notice.device.is_some()) {
                (false, true) => "portal-notice-certificate-renewed",
                (true, _) | (false, false) => "portal-notice-certificate",
            };
            let ends = date(*not_after);
            let values = [("device", device.as_str()), ("date", ends.as_str())];
            Some(page.language.text_with(id, &values))
        }
        NoticeMatter::PasswordExpected { address, .. } => {
            Some(about_mail("portal-notice-password", address))
        }
        NoticeMatter::ApprovalExpected { address, .. } => {
            Some(about_mail("portal-notice-approval", address))
        }
    }
}
