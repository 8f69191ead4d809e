//! Changes of one's own account, each a form.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{AppendHeaders, IntoResponse, Response};
use mandate_engine::{Changed, EngineError, SignInProblem, SignedIn};
use mandate_web::{Fields, Page, cookies, render};
use uuid::Uuid;

use super::show::{account, passkey, password, totp};
use super::{somebody, somebody_recent};
use crate::pages::{Codes, password_text, problem_text, refused_page, show_error};
use mandate_ui::{Visitor, redirect};

/// `POST /account/password`
pub(super) async fn change_password(visitor: Visitor, fields: Fields) -> Response {
    let (of, cookie) = match somebody(&visitor, "/account/password").await {
        Ok(somebody) => somebody,
        Err(answer) => return answer,
    };
    let again = |status, before: String, after: String| {
        password(&visitor, (&of, &cookie), status, (before, after))
    };
    let language = visitor.language;
    let after = fields.text("password");
    if after != fields.text("again") {
        let problem = language.text("password-differs");
        return again(StatusCode::BAD_REQUEST, String::new(), problem);
    }
    let engine = visitor.state.engine();
    let pair = (fields.text("before"), after);
    match Box::pin(engine.change_own_password(&of, pair, &visitor.visit)).await {
        Ok(Ok(cookie)) => with_session(&visitor, &cookie, redirect("/account/?done")),
        Ok(Err(problem)) => {
            let shortest = engine.options().sign_in.shortest_password;
            let problem = password_text(language, problem, shortest);
            again(StatusCode::BAD_REQUEST, String::new(), problem)
        }
        Err(problem) => {
            let (status, text) = problem_text(language, &problem);
            again(status, text, String::new())
        }
    }
}

/// `POST /account/totp`
pub(super) async fn add_totp(visitor: Visitor, fields: Fields) -> Response {
    let (of, cookie) = match somebody_recent(&visitor, "/account/totp").await {
        Ok(somebody) => somebody,
        Err(answer) => return answer,
    };
    let engine = visitor.state.engine();
    let code = fields.text("code");
    match engine.confirm_own_totp(&of, code, &visitor.visit).await {
        Err(SignInProblem::WrongCode) => {
            let said = problem_text(visitor.language, &SignInProblem::WrongCode);
            totp(&visitor, (&of, &cookie), said).await
        }
        other => changed(&visitor, (&of, &cookie), other).await,
    }
}

/// `POST /account/totp/remove`
pub(super) async fn remove_totp(visitor: Visitor, _: Fields) -> Response {
    let (of, cookie) = match somebody_recent(&visitor, "/account/").await {
        Ok(somebody) => somebody,
        Err(answer) => return answer,
    };
    let removed = visitor
        .state
        .engine()
        .remove_own_totp(&of, &visitor.visit)
        .await;
    changed(&visitor, (&of, &cookie), removed).await
}

/// `POST /account/passkeys`
pub(super) async fn add_passkey(visitor: Visitor, fields: Fields) -> Response {
    let (of, cookie) = match somebody_recent(&visitor, "/account/passkey").await {
        Ok(somebody) => somebody,
        Err(answer) => return answer,
    };
    let Some(party) = &visitor.party else {
        return refused_page(&visitor);
    };
    let engine = visitor.state.engine();
    let given = (fields.text("credential"), fields.text("name"));
    match Box::pin(engine.add_own_passkey(&of, party, given, &visitor.visit)).await {
        Err(SignInProblem::PasskeyRefused | SignInProblem::OutOfTurn) => {
            let said = problem_text(visitor.language, &SignInProblem::PasskeyRefused);
            passkey(&visitor, (&of, &cookie), said).await
        }
        other => changed(&visitor, (&of, &cookie), other).await,
    }
}

/// `POST /account/passkeys/{id}/name`
pub(super) async fn name_passkey(
    visitor: Visitor,
    Path(id): Path<String>,
    fields: Fields,
) -> Response {
    let (of, _) = match somebody(&visitor, "/account/").await {
        Ok(somebody) => somebody,
        Err(answer) => return answer,
    };
    let named = match Uuid::parse_str(&id) {
        Ok(id) => {
            let name = fields.text("name");
            visitor.state.engine().name_own_passkey(&of, id, name).await
        }
        Err(_) => Err(no_such("passkey", id)),
    };
    match named {
        Ok(()) => redirect("/account/"),
        Err(error) => show_error(&visitor, &error),
    }
}

/// `POST /account/passkeys/{id}/remove`
pub(super) async fn remove_passkey(
    visitor: Visitor,
    Path(id): Path<String>,
    _: Fields,
) -> Response {
    let (of, cookie) = match somebody_recent(&visitor, "/account/").await {
        Ok(somebody) => somebody,
        Err(answer) => return answer,
    };
    let removed = match Uuid::parse_str(&id) {
        Ok(id) => {
            let engine = visitor.state.engine();
            engine.remove_own_passkey(&of, id, &visitor.visit).await
        }
        Err(_) => Err(no_such("passkey", id).into()),
    };
    changed(&visitor, (&of, &cookie), removed).await
}

/// `POST /account/recovery-codes`
pub(super) async fn replace_codes(visitor: Visitor, _: Fields) -> Response {
    let (of, cookie) = match somebody_recent(&visitor, "/account/").await {
        Ok(somebody) => somebody,
        Err(answer) => return answer,
    };
    let engine = visitor.state.engine();
    let replaced = engine.replace_own_recovery_codes(&of, &visitor.visit).await;
    changed(&visitor, (&of, &cookie), replaced).await
}

/// `POST /account/sessions/{id}/end`
pub(super) async fn end_session(visitor: Visitor, Path(id): Path<String>, _: Fields) -> Response {
    let (of, _) = match somebody(&visitor, "/account/").await {
        Ok(somebody) => somebody,
        Err(answer) => return answer,
    };
    let ended = match Uuid::parse_str(&id) {
        Ok(id) => {
            let engine = visitor.state.engine();
            engine.end_own_session(&of, id, &visitor.visit).await
        }
        Err(_) => Err(no_such("session", id)),
    };
    match ended {
        Ok(()) => redirect("/account/"),
        Err(error) => show_error(&visitor, &error),
    }
}

/// `POST /account/sign-out-everywhere`
pub(super) async fn sign_out_everywhere(visitor: Visitor, _: Fields) -> Response {
    let (of, _) = match somebody(&visitor, "/account/").await {
        Ok(somebody) => somebody,
        Err(answer) => return answer,
    };
    let engine = visitor.state.engine();
    if let Err(error) = engine.end_own_sessions(&of, &visitor.visit).await {
        return show_error(&visitor, &error);
    }
    let cookie = cookies::SESSION.clear(visitor.is_secure);
    let page =
        crate::pages::show_message(&visitor, StatusCode::OK, "signed-out-title", "signed-out");
    (AppendHeaders([(SET_COOKIE, cookie)]), page).into_response()
}

/// Back to the account with another cookie, or to new recovery codes; or what is wrong.
async fn changed(
    visitor: &Visitor,
    (of, cookie): (&SignedIn, &str),
    changed: Result<Changed, SignInProblem>,
) -> Response {
    match changed {
        Ok(Changed { cookie, codes }) if codes.is_empty() => {
            with_session(visitor, &cookie, redirect("/account/?done"))
        }
        Ok(Changed { cookie, codes }) => {
            let page = Page {
                is_narrow: true,
                ..visitor.wide(of, &cookie)
            };
            let template = Codes {
                page,
                all: codes,
                in_account: true,
            };
            with_session(visitor, &cookie, render(StatusCode::OK, &template))
        }
        Err(SignInProblem::Engine(error @ EngineError::NotFound { .. })) => {
            show_error(visitor, &error)
        }
        Err(SignInProblem::OutOfTurn) => redirect("/account/"),
        Err(problem) => {
            let said = problem_text(visitor.language, &problem);
            account(visitor, (of, cookie), said, String::new()).await
        }
    }
}

fn with_session(visitor: &Visitor, cookie: &str, answer: Response) -> Response {
    let cookie = cookies::SESSION.set(cookie, visitor.is_secure);
    (AppendHeaders([(SET_COOKIE, cookie)]), answer).into_response()
}

fn no_such(what: &'static str, id: String) -> EngineError {
    EngineError::NotFound { what, id }
}
