//! The first page.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use mandate_ui::Door;
use mandate_web::{Page, Routes, render};

use crate::colleague::Colleague;

/// Routes of the first page.
pub(crate) fn routes() -> Routes<Door> {
    Routes::new().route("/portal/", get(show_start))
}

#[derive(Template)]
#[template(path = "start.html")]
struct Start {
    page: Page,
}

/// `GET /portal/`
async fn show_start(colleague: Colleague) -> Response {
    let page = colleague.page();
    render(StatusCode::OK, &Start { page })
}
