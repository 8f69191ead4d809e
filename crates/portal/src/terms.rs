//! Terms of the organisation: reading and accepting them.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use mandate_engine::OwnTerms;
use mandate_model::TermsId;
use mandate_ui::{Door, date, redirect};
use mandate_web::{Fields, Page, Routes, render};
use uuid::Uuid;

use crate::colleague::Colleague;
use crate::failure::{Answer, Failure};

/// Where terms are read.
pub(crate) const PATH: &str = "/portal/terms";

/// Routes of terms.
pub(crate) fn routes() -> Routes<Door> {
    Routes::new()
        .route(PATH, get(show_terms))
        .route("/portal/terms/{id}/accept", post(accept))
}

#[derive(Template)]
#[template(path = "terms.html")]
struct TermsPage {
    page: Page,
    here: &'static str,
    terms: Vec<TermsView>,
    is_any_open: bool,
    problem: String,
}

/// Terms as they are read.
struct TermsView {
    id: TermsId,
    title: String,
    body: String,
    statement: String,
    version: i64,
    /// When they were accepted, in words; empty if they are still to be.
    accepted: String,
    /// Whether an earlier version was accepted.
    is_changed: bool,
}

/// Whether somebody has terms to accept.
pub(crate) async fn has_open(colleague: &Colleague) -> Result<bool, Failure> {
    let terms = colleague.engine().own_terms(&colleague.of).await?;
    Ok(terms.iter().any(|terms| terms.accepted_at.is_none()))
}

/// `GET /portal/terms`
async fn show_terms(colleague: Colleague) -> Answer {
    shown(&colleague, (StatusCode::OK, "")).await
}

/// `POST /portal/terms/{id}/accept`: the version that was read.
async fn accept(colleague: Colleague, Path(id): Path<Uuid>, fields: Fields) -> Answer {
    // What is no number is no version.
    let version = fields.text("version").parse().unwrap_or_default();
    let visit = &colleague.visitor.visit;
    let is_current = colleague
        .engine()
        .accept_own_terms(&colleague.of, TermsId(id), version, visit)
        .await?;
    if is_current {
        return Ok(redirect(PATH));
    }
    shown(&colleague, (StatusCode::CONFLICT, "portal-terms-overtaken")).await
}

async fn shown(
    colleague: &Colleague,
    (status, problem): (StatusCode, &str),
) -> Result<Response, Failure> {
    let own = colleague.engine().own_terms(&colleague.of).await?;
    let page = colleague.page();
    let template = TermsPage {
        here: "terms",
        is_any_open: own.iter().any(|terms| terms.accepted_at.is_none()),
        terms: own.into_iter().map(|terms| view(&page, terms)).collect(),
        problem: match problem {
            "" => String::new(),
            id => page.text(id),
        },
        page,
    };
    Ok(render(status, &template))
}

fn view(page: &Page, terms: OwnTerms) -> TermsView {
    TermsView {
        accepted: terms.accepted_at.map_or_else(String::new, |at| {
            page.text_with("portal-terms-accepted", "date", date(at))
        }),
        id: terms.id,
        title: terms.title,
        body: terms.body,
        statement: terms.statement,
        version: terms.version,
        is_changed: terms.had_accepted,
    }
}
