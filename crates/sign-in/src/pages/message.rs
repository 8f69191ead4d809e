//! Pages that only say something, and what problems are called on pages.

use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use mandate_engine::{EngineError, PasswordProblem, SignInProblem};
use mandate_web::{Language, Refusal};

use crate::Door;
use mandate_ui::Visitor;

/// A page with a title and a text of the catalogue.
pub(crate) fn show_message(
    visitor: &Visitor,
    status: StatusCode,
    title: &str,
    text: &str,
) -> Response {
    let page = visitor.narrow(None);
    mandate_ui::show_message(page, status, (title, text), ("/account/", "start-anew"))
}

/// The same with a way on to another address.
pub(crate) fn show_link(
    visitor: &Visitor,
    texts: (&str, &str),
    (link, link_text): (String, &str),
) -> Response {
    let page = visitor.narrow(None);
    mandate_ui::show_message(page, StatusCode::OK, texts, (&link, link_text))
}

/// The page for a form that was not taken.
pub(crate) fn refused(state: &Door, parts: &Parts, why: Refusal) -> Response {
    show_refusal(&Visitor::of(state, parts), why)
}

/// The same for one that is too old, or not ours.
pub(crate) fn refused_page(visitor: &Visitor) -> Response {
    show_refusal(visitor, Refusal::NotOurs)
}

fn show_refusal(visitor: &Visitor, why: Refusal) -> Response {
    let (title, text) = why.texts();
    show_message(visitor, why.status(), title, text)
}

/// The page for what ends a sign-in.
pub(crate) fn show_problem(visitor: &Visitor, problem: SignInProblem) -> Response {
    match problem {
        SignInProblem::LinkEnded => {
            show_message(visitor, StatusCode::GONE, "link-ended-title", "link-ended")
        }
        SignInProblem::Engine(error) => show_error(visitor, &error),
        SignInProblem::Ended
        | SignInProblem::OutOfTurn
        | SignInProblem::Refused
        | SignInProblem::Blocked
        | SignInProblem::WrongCode
        | SignInProblem::PasskeyRefused
        | SignInProblem::Throttled { .. } => show_message(
            visitor,
            StatusCode::BAD_REQUEST,
            "form-refused-title",
            "form-refused",
        ),
    }
}

/// The page for an error that nobody who reads it can mend.
pub(crate) fn show_error(visitor: &Visitor, error: &EngineError) -> Response {
    let (status, title, text) = match error {
        EngineError::NotFound { .. } => (StatusCode::NOT_FOUND, "not-found-title", "not-found"),
        EngineError::Unavailable(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "went-wrong-title",
            "went-wrong",
        ),
        _ => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "went-wrong-title",
            "went-wrong",
        ),
    };
    if status.is_server_error() {
        tracing::error!("a page could not be made: {error}");
    }
    show_message(visitor, status, title, text)
}

/// What is said beside a field.
pub(crate) fn problem_text(language: Language, problem: &SignInProblem) -> (StatusCode, String) {
    match problem {
        SignInProblem::Throttled { seconds } => {
            let minutes = (seconds + 59) / 60;
            let text = language.text_with("throttled", &[("minutes", &minutes.to_string())]);
            (StatusCode::TOO_MANY_REQUESTS, text)
        }
        SignInProblem::Refused => (
            StatusCode::UNAUTHORIZED,
            language.text("wrong-name-or-password"),
        ),
        SignInProblem::Blocked => (StatusCode::UNAUTHORIZED, language.text("blocked-elsewhere")),
        SignInProblem::WrongCode => (StatusCode::UNAUTHORIZED, language.text("wrong-code")),
        SignInProblem::PasskeyRefused => {
            (StatusCode::UNAUTHORIZED, language.text("passkey-refused"))
        }
        SignInProblem::Engine(EngineError::NotPossible { .. }) => {
            (StatusCode::CONFLICT, language.text("factor-needed"))
        }
        SignInProblem::Ended
        | SignInProblem::OutOfTurn
        | SignInProblem::LinkEnded
        | SignInProblem::Engine(_) => (StatusCode::BAD_REQUEST, language.text("form-refused")),
    }
}

/// Why a password was not accepted.
pub(crate) fn password_text(
    language: Language,
    problem: PasswordProblem,
    shortest: usize,
) -> String {
    let id = match problem {
        PasswordProblem::TooShort => "password-too-short",
        PasswordProblem::TooLong => "password-too-long",
        PasswordProblem::ContainsName => "password-contains-name",
        PasswordProblem::TooSimple => "password-too-simple",
        PasswordProblem::Breached => "password-breached",
        PasswordProblem::TheSame => "password-the-same",
    };
    language.text_with(id, &[("shortest", &shortest.to_string())])
}
