//! Bringing in a device: which one it is, what will happen, and the profile or a code to scan.

mod kind;

use askama::Template;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use mandate_engine::{Barrier, DeviceCategory, OwnProblem};
use mandate_ui::{Door, redirect};
use mandate_web::{Fields, Page, Routes, qr_svg, render};

use crate::colleague::Colleague;
use crate::failure::{Answer, Failure};
use crate::problem::{show_problem, text_id};
use crate::terms;
use crate::words::mark_of;
use kind::Kind;

/// Routes of enrolling.
pub(crate) fn routes() -> Routes<Door> {
    Routes::new().route("/portal/enrol", get(show_choice).post(enrol))
}

/// Which device, and what will happen.
#[derive(Template)]
#[template(path = "enrol/choose.html")]
struct Choose {
    page: Page,
    here: &'static str,
    /// The device that it is about; none where nobody has said.
    kind: Option<KindView>,
    /// Whether the page may have been opened on it.
    is_here: bool,
    others: Vec<KindView>,
    /// What it can be for, where people say so.
    categories: Vec<DeviceCategory>,
    problem: String,
    organisation: String,
}

/// The profile, and a code that leads to it.
#[derive(Template)]
#[template(path = "enrol/link.html")]
struct Link {
    page: Page,
    here: &'static str,
    kind: KindView,
    is_here: bool,
    url: String,
    qr: Option<String>,
    steps: Vec<String>,
    mark: String,
}

#[derive(Clone)]
struct KindView {
    word: &'static str,
    name: &'static str,
    /// Whether devices of this kind can be enrolled.
    can_enrol: bool,
}

impl From<Kind> for KindView {
    fn from(kind: Kind) -> Self {
        Self {
            word: kind.word(),
            name: kind.name(),
            can_enrol: kind.platform().is_some(),
        }
    }
}

/// `GET /portal/enrol?for=iphone`
async fn show_choice(colleague: Colleague, RawQuery(query): RawQuery) -> Answer {
    let asked = query
        .as_deref()
        .and_then(|query| query.strip_prefix("for="))
        .and_then(Kind::parse);
    let kind = asked.or_else(|| Kind::of_agent(&colleague.visitor.visit.agent));
    choose(&colleague, kind, (StatusCode::OK, String::new())).await
}

async fn choose(
    colleague: &Colleague,
    kind: Option<Kind>,
    (status, problem): (StatusCode, String),
) -> Answer {
    let page = colleague.page();
    let agent = &colleague.visitor.visit.agent;
    let template = Choose {
        here: "enrol",
        kind: kind.map(Into::into),
        is_here: kind.is_some_and(|kind| kind.may_be_here(agent)),
        others: Kind::ALL
            .into_iter()
            .filter(|other| Some(*other) != kind)
            .map(Into::into)
            .collect(),
        categories: colleague
            .engine()
            .categories_to_choose(&colleague.of)
            .await?,
        problem,
        organisation: page.organisation.clone(),
        page,
    };
    Ok(render(status, &template))
}

/// `POST /portal/enrol`
async fn enrol(colleague: Colleague, fields: Fields) -> Answer {
    let kind = Kind::parse(fields.text("for"));
    let Some((kind, platform)) = kind.and_then(|kind| Some((kind, kind.platform()?))) else {
        return choose(&colleague, kind, (StatusCode::OK, String::new())).await;
    };
    let engine = colleague.engine();
    let visit = &colleague.visitor.visit;
    let known = engine.categories_to_choose(&colleague.of).await?;
    let chosen = fields.text("category").parse().ok();
    let category = chosen.filter(|id| known.iter().any(|known| known.id == *id));
    if category.is_none() && !known.is_empty() {
        let text = colleague.page().text("portal-enrol-category-wrong");
        return choose(&colleague, Some(kind), (StatusCode::BAD_REQUEST, text)).await;
    }
    let link = match engine
        .enrol_own_device(&colleague.of, platform, category, visit)
        .await
    {
        Ok(link) => link,
        Err(OwnProblem::NotAdmitted(Barrier::TermsNotAccepted { .. })) => {
            return Ok(redirect(terms::PATH));
        }
        Err(problem) => {
            let Some(id) = text_id(&problem) else {
                return Ok(show_problem(&colleague, problem));
            };
            let said = (StatusCode::CONFLICT, colleague.page().text(id));
            return choose(&colleague, Some(kind), said).await;
        }
    };
    let url = format!("{}{}", engine.device_base_url(), link.path);
    let devices = engine.own_devices(&colleague.of).await?;
    let page = colleague.page();
    let ids: &[&str] = match kind {
        Kind::Mac => &[
            "portal-enrol-mac-1",
            "portal-enrol-mac-2",
            "portal-enrol-mac-3",
        ],
        Kind::IPhone | Kind::IPad | Kind::Android | Kind::Windows => &[
            "portal-enrol-1",
            "portal-enrol-2",
            "portal-enrol-3",
            "portal-enrol-4",
        ],
    };
    let template = Link {
        here: "enrol",
        is_here: kind.may_be_here(&visit.agent),
        qr: qr_svg(&url, &page.text("portal-enrol-code")),
        steps: ids
            .iter()
            .map(|id| page.text_with(id, "device", kind.name()))
            .collect(),
        mark: mark_of(&devices),
        kind: kind.into(),
        url,
        page,
    };
    Ok::<_, Failure>(render(StatusCode::OK, &template).into_response())
}
