//! The pages at which people sign in.
//!
//! `GET /sign-in` shows whatever the sign-in under way asks for next, each `POST` is one step of it, and the way back to
//! where somebody came from is known to the engine alone. Other doors send people here with [`send_to_sign_in`], and
//! whoever has proved who somebody is goes on with [`go_on`].

mod message;
mod show;
mod steps;
mod views;

pub(crate) use message::{
    password_text, problem_text, refused, refused_page, show_error, show_link, show_message,
    show_problem,
};
pub(crate) use views::{Codes, TotpView};

use axum::http::StatusCode;
use axum::http::header::{REFERER, SET_COOKIE};
use axum::http::request::Parts;
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::routing::{get, post};
use mandate_engine::{EngineError, SignInProblem, SignInStep, SignedIn};
use mandate_web::{Fields, Language, Page, Routes, cookies, render};

use crate::Door;
use crate::providers;
use mandate_ui::{Visitor, redirect};

/// Routes of the pages.
pub(crate) fn routes() -> Routes<Door> {
    Routes::new()
        .route("/sign-in", get(show::show_sign_in))
        .route("/sign-in/", get(show::show_sign_in))
        .route("/sign-in/name", post(steps::enter_name))
        .route("/sign-in/back", post(steps::start_again))
        .route("/sign-in/password", post(steps::enter_password))
        .route("/sign-in/code", post(steps::enter_code))
        .route("/sign-in/recovery", post(steps::enter_recovery_code))
        .route("/sign-in/passkey", post(steps::enter_passkey))
        .route("/sign-in/link/{secret}", get(steps::follow_link))
        .route("/sign-in/new-password", post(steps::enter_new_password))
        .route("/sign-in/set-up-totp", post(steps::set_up_totp))
        .route("/sign-in/set-up-passkey", post(steps::set_up_passkey))
        .route("/sign-in/codes", post(steps::keep_codes))
        .route("/language", post(choose_language))
        .route("/sign-out", post(sign_out))
}

/// Who is signed in with the browser that sent a request.
pub(crate) async fn current(state: &Door, parts: &Parts) -> Result<Option<SignedIn>, EngineError> {
    Visitor::of(state, parts).signed_in().await
}

/// Has somebody sign in and come back to a path of this server. `hint` is whom a client expects; with `fresh` the session
/// that is there, here or at a provider, does not count.
pub(crate) async fn send_to_sign_in(
    state: &Door,
    parts: &Parts,
    return_to: &str,
    (hint, fresh): (Option<&str>, bool),
) -> Response {
    let visitor = Visitor::of(state, parts);
    begin(&visitor, return_to, (hint, fresh)).await
}

/// Goes on with a sign-in of a browser: to the page of its next step, or, when nothing lacks any more, to where it leads.
pub(crate) async fn go_on(visitor: &Visitor, flow: &str) -> Response {
    let engine = visitor.state.engine();
    let step = match engine.look_at_flow(flow).await {
        Ok(view) => view.step,
        Err(problem) => return show_problem(visitor, problem),
    };
    if step != SignInStep::Done {
        return redirect("/sign-in");
    }
    match Box::pin(engine.finish_flow(flow, &visitor.visit)).await {
        Ok(Some(session)) => {
            let page = Page {
                leads_to: Some(session.return_to.clone()),
                ..visitor.narrow(None)
            };
            let is_secure = visitor.is_secure;
            let set = AppendHeaders([
                (SET_COOKIE, cookies::SESSION.set(&session.cookie, is_secure)),
                (SET_COOKIE, cookies::KNOWN.set(&session.known, is_secure)),
                (SET_COOKIE, cookies::FLOW.clear(is_secure)),
            ]);
            // A page and no redirect: browsers hold redirects of a form to `form-action`, and this may lead to a client.
            (set, render(StatusCode::OK, &views::Leading { page })).into_response()
        }
        Ok(None) => redirect("/sign-in"),
        Err(problem) => show_problem(visitor, problem),
    }
}

/// Begins a sign-in, and leads to its page.
pub(crate) async fn begin(
    visitor: &Visitor,
    return_to: &str,
    (hint, fresh): (Option<&str>, bool),
) -> Response {
    match visitor.begin_sign_in(return_to, (hint, fresh)).await {
        Ok(answer) => answer,
        Err(error) => show_error(visitor, &error),
    }
}

/// An answer that gives the browser a sign-in.
fn with_flow(visitor: &Visitor, flow: &str, answer: Response) -> Response {
    let cookie = cookies::FLOW.set(flow, visitor.is_secure);
    (AppendHeaders([(SET_COOKIE, cookie)]), answer).into_response()
}

/// `POST /language`
async fn choose_language(visitor: Visitor, parts: Parts, fields: Fields) -> Response {
    let chosen = Language::parse(fields.text("language")).unwrap_or_default();
    let cookie = cookies::LANGUAGE.set(chosen.code(), visitor.is_secure);
    let back = path_before(&parts).unwrap_or_else(|| "/sign-in".to_owned());
    (AppendHeaders([(SET_COOKIE, cookie)]), redirect(&back)).into_response()
}

/// The page that a form stood on; the browser says so, and only of pages of ours.
fn path_before(parts: &Parts) -> Option<String> {
    let before = parts.headers.get(REFERER)?.to_str().ok()?;
    let before: axum::http::Uri = before.parse().ok()?;
    let path = before.path();
    let is_ours = ["/sign-in", "/account/", "/console/", "/portal/"]
        .iter()
        .any(|ours| path.starts_with(ours));
    is_ours.then(|| path.to_owned())
}

/// `POST /sign-out`
async fn sign_out(visitor: Visitor, parts: Parts, _: Fields) -> Response {
    let provider = match visitor.signed_in().await {
        Ok(signed_in) => signed_in.and_then(|signed_in| signed_in.provider),
        Err(error) => return show_error(&visitor, &error),
    };
    if let Some(cookie) = &visitor.visit.session
        && let Err(error) = visitor
            .state
            .engine()
            .sign_out(cookie, &visitor.visit)
            .await
    {
        return show_error(&visitor, &error);
    }
    let cookie = cookies::SESSION.clear(visitor.is_secure);
    let elsewhere = match provider {
        Some(provider) => providers::signed_out(&visitor, &parts, &provider).await,
        None => None,
    };
    let page = elsewhere.unwrap_or_else(|| {
        show_message(&visitor, StatusCode::OK, "signed-out-title", "signed-out")
    });
    (AppendHeaders([(SET_COOKIE, cookie)]), page).into_response()
}

/// What is wrong with a step, where the sign-in goes on.
pub(crate) fn is_over(problem: &SignInProblem) -> bool {
    matches!(
        problem,
        SignInProblem::Ended | SignInProblem::LinkEnded | SignInProblem::Engine(_)
    )
}
