//! What a page says when something did not work.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use mandate_engine::EngineError;
use mandate_ui::{Door, Visitor};
use mandate_web::{Page, render};

use crate::colleague::Colleague;

/// What a handler answers: a page, or an error that [`show_failures`] makes one of.
pub(crate) type Answer = Result<Response, Failure>;

/// An error of the engine, on its way to a page.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) EngineError);

impl<E: Into<EngineError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// Carried by an answer until it is a page.
#[derive(Clone)]
struct Failed(Arc<EngineError>);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(Failed(Arc::new(self.0)));
        response
    }
}

/// A page that only says something.
#[derive(Template)]
#[template(path = "message.html")]
struct Message {
    page: Page,
    title: String,
    text: String,
    /// What the engine said, for those who know the words.
    detail: String,
    link: &'static str,
    link_text: String,
}

/// Makes pages of failures, in the language and with the menu of whoever asked.
pub(crate) async fn show_failures(
    State(door): State<Door>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let asked = parts.clone();
    let response = next.run(Request::from_parts(parts, body)).await;
    let is_bare = response.status() == StatusCode::NOT_FOUND
        && !response
            .headers()
            .contains_key(axum::http::header::CONTENT_TYPE);
    let failed = response.extensions().get::<Failed>().cloned();
    if failed.is_none() && !is_bare {
        return response;
    }
    let (status, texts, detail) = match failed {
        Some(Failed(error)) => words(&error),
        None => (
            StatusCode::NOT_FOUND,
            ("not-found-title", "not-found"),
            String::new(),
        ),
    };
    let page = match Colleague::find(&door, &asked).await {
        Ok(Some(colleague)) => colleague.page(),
        Ok(None) | Err(_) => Visitor::of(&door, &asked).narrow(None),
    };
    message(page, status, texts, ("/portal/", "to-home"), detail)
}

/// The page for a form that was not taken.
pub(crate) fn refused_form(door: &Door, parts: &Parts) -> Response {
    show_message(
        Visitor::of(door, parts).narrow(None),
        StatusCode::FORBIDDEN,
        ("form-refused-title", "form-refused"),
        ("/portal/", "to-home"),
    )
}

/// A page with a title, a text and a way on, all of the catalogue.
pub(crate) fn show_message(
    page: Page,
    status: StatusCode,
    texts: (&str, &str),
    link: (&'static str, &str),
) -> Response {
    message(page, status, texts, link, String::new())
}

fn message(
    page: Page,
    status: StatusCode,
    (title, text): (&str, &str),
    (link, link_text): (&'static str, &str),
    detail: String,
) -> Response {
    let template = Message {
        title: page.text(title),
        text: page.text(text),
        detail,
        link,
        link_text: page.text(link_text),
        page,
    };
    render(status, &template)
}

/// What people read of an error: status, ids of title and text, and the engine's own words where they help.
fn words(error: &EngineError) -> (StatusCode, (&'static str, &'static str), String) {
    let not_found = (
        StatusCode::NOT_FOUND,
        ("not-found-title", "not-found"),
        String::new(),
    );
    let ours = |status| (status, ("went-wrong-title", "went-wrong"), String::new());
    match error {
        EngineError::NotFound { .. } => not_found,
        EngineError::NotAllowed { .. } => (
            StatusCode::FORBIDDEN,
            ("not-allowed-title", "not-allowed"),
            error.to_string(),
        ),
        EngineError::Invalid(_)
        | EngineError::AlreadyExists { .. }
        | EngineError::InUse { .. }
        | EngineError::NotPossible { .. }
        | EngineError::NotAdmitted(_) => (
            StatusCode::BAD_REQUEST,
            ("not-possible-title", "not-possible"),
            error.to_string(),
        ),
        EngineError::Overtaken { .. } | EngineError::IssuerUnavailable { .. } => (
            StatusCode::CONFLICT,
            ("not-possible-title", "not-possible"),
            error.to_string(),
        ),
        EngineError::Unavailable(_) => ours(StatusCode::SERVICE_UNAVAILABLE),
        EngineError::Internal(_) => {
            tracing::error!("a page could not be made: {error}");
            ours(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}
