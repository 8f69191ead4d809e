//! What a page says when something did not work.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use mandate_engine::EngineError;
use mandate_model::catalogue::Violation;
use mandate_web::{Language, Page, Refusal};

use crate::{Door, Message, Resident, Visitor, barrier_text, show_message};

/// What a handler answers: a page, or an error that the frame of the door makes one of.
pub type Answer = Result<Response, Failure>;

/// An error of the engine, on its way to a page.
#[derive(Debug)]
pub struct Failure(pub EngineError);

impl<E: Into<EngineError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl Failure {
    /// That there is nothing of this id.
    pub fn not_found(what: &'static str, id: impl Into<String>) -> Self {
        let id = id.into();
        Self(EngineError::NotFound { what, id })
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

/// Makes pages of failures, and of paths that lead nowhere, in the language and with the menu of whoever asked.
pub(crate) async fn show_failures<R: Resident>(
    State(door): State<Door>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let asked = parts.clone();
    let response = next.run(Request::from_parts(parts, body)).await;
    let is_bare = response.status() == StatusCode::NOT_FOUND
        && !response.headers().contains_key(header::CONTENT_TYPE);
    let failed = response.extensions().get::<Failed>().cloned();
    if failed.is_none() && !is_bare {
        return response;
    }
    let page = match R::page(&door, &asked).await {
        Ok(Some(page)) => page,
        Ok(None) | Err(_) => Visitor::of(&door, &asked).narrow(None),
    };
    let (status, texts, detail) = match failed {
        Some(Failed(error)) => words(page.language, &error),
        None => (StatusCode::NOT_FOUND, NOT_FOUND, String::new()),
    };
    let message = Message::new(page, texts, (R::HOME, "to-home"));
    message.with_detail(detail).show(status)
}

/// The page for a form that was not taken.
pub(crate) fn refused_form<R: Resident>(door: &Door, parts: &Parts, why: Refusal) -> Response {
    show_message(
        Visitor::of(door, parts).narrow(None),
        why.status(),
        why.texts(),
        (R::HOME, "to-home"),
    )
}

/// What is wrong with a form, by property; under an empty one what concerns none.
pub type Wrong = BTreeMap<String, String>;

/// What a form shows of an error, in a language. An error that no other input would mend comes back.
pub fn beside(language: Language, error: EngineError) -> Result<Wrong, EngineError> {
    match error {
        EngineError::Invalid(violations) => {
            let mut wrong = Wrong::new();
            for violation in violations {
                let text = wrong.entry(violation.property.clone()).or_default();
                if !text.is_empty() {
                    text.push(' ');
                }
                text.push_str(&language.phrase(&violation.rule));
            }
            Ok(wrong)
        }
        EngineError::AlreadyExists { property, .. } => {
            Ok(Wrong::from([(property.to_owned(), said(language, &error))]))
        }
        EngineError::NotPossible { .. }
        | EngineError::Locked { .. }
        | EngineError::NotAdmitted(_)
        | EngineError::InUse { .. }
        | EngineError::Overtaken { .. } => {
            Ok(Wrong::from([(String::new(), said(language, &error))]))
        }
        EngineError::NotAllowed { .. }
        | EngineError::NotFound { .. }
        | EngineError::IssuerUnavailable { .. }
        | EngineError::Unavailable(_)
        | EngineError::Internal(_) => Err(error),
    }
}

/// An error in one sentence of a language, as far as it has one; else in the engine's own words.
pub fn said(language: Language, error: &EngineError) -> String {
    match error {
        EngineError::AlreadyExists { value, .. } => {
            language.text_with("already-exists", &[("value", value)])
        }
        EngineError::InUse { name, by, .. } => {
            language.text_with("in-use", &[("name", name), ("by", &by.join(", "))])
        }
        EngineError::Overtaken { .. } => language.text("overtaken"),
        EngineError::NotAdmitted(barrier) => barrier_text(language, barrier),
        EngineError::NotPossible { reason } | EngineError::Locked { reason } => {
            language.phrase(reason)
        }
        EngineError::Invalid(violations) => {
            let sentence =
                |one: &Violation| format!("{}: {}", one.property, language.phrase(&one.rule));
            violations
                .iter()
                .map(sentence)
                .collect::<Vec<_>>()
                .join("; ")
        }
        EngineError::NotAllowed { .. }
        | EngineError::NotFound { .. }
        | EngineError::IssuerUnavailable { .. }
        | EngineError::Unavailable(_)
        | EngineError::Internal(_) => error.to_string(),
    }
}

/// What a page says of a field in words of its own, if anything is wrong with it.
pub fn said_of(wrong: &mut Wrong, page: &Page, (property, id): (&str, &str)) -> String {
    let found = wrong.remove(property);
    found.map(|_| page.text(id)).unwrap_or_default()
}

/// What is said above a form: all that stands beside no field.
pub fn said_above(rest: Wrong) -> String {
    rest.into_values().collect::<Vec<_>>().join(" ")
}

/// What is said above a form that shows beside each of these fields what is wrong with it: everything else.
pub fn said_elsewhere(wrong: &Wrong, fields: &[&str]) -> String {
    let rest = wrong
        .iter()
        .filter(|(name, _)| !fields.contains(&name.as_str()));
    let rest: Vec<&str> = rest.map(|(_, text)| text.as_str()).collect();
    rest.join(" ")
}

/// How a form is answered: with nothing wrong in it, or once more with what is.
pub const fn form_status(is_right: bool) -> StatusCode {
    if is_right {
        StatusCode::OK
    } else {
        StatusCode::BAD_REQUEST
    }
}

/// Ids of title and text.
type Texts = (&'static str, &'static str);

const NOT_FOUND: Texts = ("not-found-title", "not-found");
const NOT_POSSIBLE: Texts = ("not-possible-title", "not-possible");
const WENT_WRONG: Texts = ("went-wrong-title", "went-wrong");

/// What people read of an error: status, ids of title and text, and the engine's own words where they help.
fn words(language: Language, error: &EngineError) -> (StatusCode, Texts, String) {
    let said = said(language, error);
    match error {
        EngineError::NotFound { .. } => (StatusCode::NOT_FOUND, NOT_FOUND, String::new()),
        EngineError::NotAllowed { .. } => (
            StatusCode::FORBIDDEN,
            ("not-allowed-title", "not-allowed"),
            said,
        ),
        EngineError::Invalid(_)
        | EngineError::AlreadyExists { .. }
        | EngineError::InUse { .. }
        | EngineError::NotPossible { .. }
        | EngineError::NotAdmitted(_) => (StatusCode::BAD_REQUEST, NOT_POSSIBLE, said),
        EngineError::Locked { .. } => (StatusCode::LOCKED, ("locked-title", "locked"), said),
        EngineError::Overtaken { .. } | EngineError::IssuerUnavailable { .. } => {
            (StatusCode::CONFLICT, NOT_POSSIBLE, said)
        }
        EngineError::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, WENT_WRONG, String::new()),
        EngineError::Internal(_) => {
            tracing::error!("a page could not be made: {error}");
            (StatusCode::INTERNAL_SERVER_ERROR, WENT_WRONG, String::new())
        }
    }
}
