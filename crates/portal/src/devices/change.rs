//! What people do with a device of theirs, each a form.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use mandate_engine::OwnProblem;
use mandate_ui::redirect;
use mandate_web::{Fields, Page, render};

use super::Own;
use crate::problem::{show_problem, text_id};
use crate::words::kind_word;

#[derive(Template)]
#[template(path = "devices/name.html")]
struct RenamePage {
    page: Page,
    here: &'static str,
    path: String,
    name: String,
    value: String,
    problem: String,
}

/// Asks whether something is really meant.
#[derive(Template)]
#[template(path = "devices/confirm.html")]
struct Confirm {
    page: Page,
    here: &'static str,
    path: String,
    /// Where the form goes, below the path.
    action: &'static str,
    title: String,
    texts: Vec<String>,
    button: String,
}

/// `POST /portal/devices/{id}/check`
pub(super) async fn check(own: Own, _: Fields) -> Response {
    let (of, visit) = (&own.colleague.of, &own.colleague.visitor.visit);
    let engine = own.colleague.engine();
    let checked = engine.check_own_device(of, own.device.id, visit).await;
    own.back(checked, "?checked")
}

/// `GET /portal/devices/{id}/name`
pub(super) async fn show_name(own: Own) -> Response {
    let value = if own.device.is_renamed {
        own.device.name.clone()
    } else {
        String::new()
    };
    own.name_form(StatusCode::OK, value, String::new())
}

/// `POST /portal/devices/{id}/name`
pub(super) async fn rename(own: Own, fields: Fields) -> Response {
    let (of, visit) = (&own.colleague.of, &own.colleague.visitor.visit);
    let name = fields.text("name");
    let engine = own.colleague.engine();
    let renamed = engine
        .rename_own_device(of, (own.device.id, name), visit)
        .await;
    if let Err(problem @ OwnProblem::NameTooLong(_)) = &renamed {
        let id = text_id(problem).unwrap_or_default();
        let problem = own.colleague.page().text(id);
        return own.name_form(StatusCode::BAD_REQUEST, name.to_owned(), problem);
    }
    own.back(renamed, "?renamed")
}

/// `GET /portal/devices/{id}/retire`
pub(super) async fn show_retire(own: Own) -> Response {
    if !own.device.can_retire() {
        return redirect(&own.path());
    }
    own.confirm(
        "retire",
        ["portal-retire-title", "portal-retire-do"],
        &["portal-retire-goes", "portal-retire-stays"],
    )
}

/// `POST /portal/devices/{id}/retire`
pub(super) async fn retire(own: Own, _: Fields) -> Response {
    let (of, visit) = (&own.colleague.of, &own.colleague.visitor.visit);
    let engine = own.colleague.engine();
    let retired = engine.retire_own_device(of, own.device.id, visit).await;
    own.back(retired, "?retired")
}

/// `GET /portal/devices/{id}/remove`
pub(super) async fn show_remove(own: Own) -> Response {
    if !own.device.can_remove() {
        return redirect(&own.path());
    }
    own.confirm(
        "remove",
        ["portal-remove-title", "portal-remove-do"],
        &["portal-remove-text"],
    )
}

/// `POST /portal/devices/{id}/remove`
pub(super) async fn remove(own: Own, _: Fields) -> Response {
    let (of, visit) = (&own.colleague.of, &own.colleague.visitor.visit);
    let engine = own.colleague.engine();
    match engine.remove_own_device(of, own.device.id, visit).await {
        Ok(()) => redirect("/portal/"),
        Err(problem) => show_problem(&own.colleague, problem),
    }
}

impl Own {
    fn path(&self) -> String {
        format!("/portal/devices/{}", self.device.id)
    }

    /// Back to the device, or to what is wrong.
    fn back(&self, done: Result<(), OwnProblem>, query: &str) -> Response {
        match done {
            Ok(()) => redirect(&format!("{}{query}", self.path())),
            Err(problem) => show_problem(&self.colleague, problem),
        }
    }

    fn name_form(&self, status: StatusCode, value: String, problem: String) -> Response {
        let template = RenamePage {
            page: self.colleague.page(),
            here: "devices",
            path: self.path(),
            name: self.device.name.clone(),
            value,
            problem,
        };
        render(status, &template)
    }

    fn confirm(
        &self,
        action: &'static str,
        [title, button]: [&str; 2],
        texts: &[&str],
    ) -> Response {
        let page = self.colleague.page();
        let kind = kind_word(&self.device);
        let template = Confirm {
            here: "devices",
            path: self.path(),
            action,
            title: page.text_with(title, "name", &self.device.name),
            texts: texts
                .iter()
                .map(|id| page.text_with(id, "device", &kind))
                .collect(),
            button: page.text(button),
            page,
        };
        render(StatusCode::OK, &template)
    }
}
