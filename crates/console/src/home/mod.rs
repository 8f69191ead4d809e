//! The first page.

use askama::Template;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use axum::routing::get;
use mandate_ui::{Door, redirect};
use mandate_web::{Page, Routes, render};

use crate::administrator::Administrator;

/// Routes of the first page, and of the address without a path.
pub(crate) fn routes() -> Routes<Door> {
    Routes::new()
        .route("/console/", get(show_home))
        .route("/", get(lead_on))
}

#[derive(Template)]
#[template(path = "home/index.html")]
struct Index {
    page: Page,
}

/// `GET /console/`
async fn show_home(administrator: Administrator) -> Response {
    let page = administrator.page();
    render(StatusCode::OK, &Index { page })
}

/// `GET /`: administrators to the admin centre, everybody else to the Company Portal.
async fn lead_on(axum::extract::State(door): axum::extract::State<Door>, parts: Parts) -> Response {
    let is_administrator = match Administrator::find(&door, &parts).await {
        Ok(Some(administrator)) => administrator.has_role(),
        Ok(None) | Err(_) => false,
    };
    redirect(if is_administrator {
        "/console/"
    } else {
        "/portal/"
    })
}
