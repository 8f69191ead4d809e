//! `GET /{tenant}/oauth2/v2.0/logout` (`OpenID` Connect RP-Initiated Logout).
//!
//! A link somewhere must not sign people out, so they are asked; only a client that shows an `id_token` of whoever is
//! signed in is believed at once.

use axum::extract::{Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use mandate_engine::{SignedIn, Visit};
use mandate_model::AppId;
use mandate_ui::Visitor;
use mandate_web::Fields;
use mandate_web::cookies::SESSION;
use serde::Deserialize;

use super::Fault;
use super::called::Called;
use super::pages::{self, PageContext};
use super::parameters::{Parameters, encode};
use super::person::current;
use crate::Door;

#[derive(Debug, Deserialize)]
struct Hint {
    iss: String,
    aud: String,
    oid: String,
    /// The session that it came from.
    #[serde(default)]
    sid: Option<String>,
    ver: String,
}

struct Asked {
    /// Where to go afterwards, if it may be gone to.
    after: Option<String>,
    /// The `id_token` shown is one of ours.
    hint: Option<Hint>,
}

/// Signs out, or asks.
pub(super) async fn show(
    State(state): State<Door>,
    Path(tenant): Path<String>,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let context = PageContext::of(&state, &parts);
    let visit = Visitor::of(&state, &parts).visit;
    let shown = async {
        let asked = Asked::read(&state, &tenant, &parts).await?;
        let Some((person, cookie)) = current(&state, &parts).await? else {
            // What clients got lasts longer than a session that is not used.
            let cookie = SESSION.read(&parts.headers, state.address(&parts).is_secure);
            if let (None, Some(cookie)) = (&asked.hint, cookie) {
                return Ok(ask(&parts, &context, cookie));
            }
            asked.end_session(&state, &visit).await?;
            return Ok(done(&state, &parts, &context, asked.after, false));
        };
        if asked.is_for(&person) {
            state.engine().sign_out(&cookie, &visit).await?;
            asked.end_session(&state, &visit).await?;
            return Ok(done(&state, &parts, &context, asked.after, false));
        }
        Ok(ask(&parts, &context, &cookie))
    };
    match shown.await {
        Ok(answer) => answer,
        Err(fault) => pages::problem(&context, &fault),
    }
}

/// Somebody was asked and wants to sign out.
pub(super) async fn confirm(
    State(state): State<Door>,
    Path(tenant): Path<String>,
    _fields: Fields,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let context = PageContext::of(&state, &parts);
    let ended = async {
        let asked = Asked::read(&state, &tenant, &parts).await?;
        // Even if nobody is signed in by it any more: what clients got lasts longer.
        let is_secure = state.address(&parts).is_secure;
        if let Some(cookie) = SESSION.read(&parts.headers, is_secure) {
            let visit = Visitor::of(&state, &parts).visit;
            state.engine().sign_out(cookie, &visit).await?;
        }
        Ok::<_, Fault>(done(&state, &parts, &context, asked.after, true))
    };
    match ended.await {
        Ok(answer) => answer,
        Err(fault) => pages::problem(&context, &fault),
    }
}

impl Asked {
    async fn read(state: &Door, tenant: &str, parts: &Parts) -> Result<Self, Fault> {
        let called = Called::read(state, parts);
        called.check(state, tenant)?;
        let query = parts.uri.query().unwrap_or_default();
        let parameters = Parameters::parse(query.as_bytes())?;
        let engine = state.engine();
        let own = engine.tenant().id.to_string();
        // An old token still says whose it was; its time is not looked at.
        let hint = parameters
            .get("id_token_hint")
            .and_then(|token| engine.tokens().read::<Hint>(token, engine.now()).ok())
            .filter(|hint| hint.ver == "2.0" && hint.iss.ends_with(&format!("/{own}/v2.0")));
        let client = hint
            .as_ref()
            .map(|hint| hint.aud.as_str())
            .or_else(|| parameters.get("client_id"))
            .and_then(|id| id.parse::<AppId>().ok());
        let after = match (parameters.get("post_logout_redirect_uri"), client) {
            (Some(address), Some(client)) => engine
                .app_redirects(client)
                .await?
                .iter()
                .any(|redirect| redirect.admits(address))
                .then(|| match parameters.get("state") {
                    Some(state) => {
                        let separator = if address.contains('?') { '&' } else { '?' };
                        format!("{address}{separator}{}", encode([("state", state)]))
                    }
                    None => address.to_owned(),
                }),
            _ => None,
        };
        Ok(Self { after, hint })
    }

    /// Ends the session that the `id_token` came from.
    async fn end_session(&self, state: &Door, visit: &Visit) -> Result<(), Fault> {
        let Some(hint) = &self.hint else {
            return Ok(());
        };
        let session = hint.sid.as_deref().and_then(|sid| sid.parse().ok());
        let user = hint.oid.parse().ok();
        if let (Some(user), Some(session)) = (user, session) {
            let engine = state.engine();
            engine.sign_out_session(user, session, visit).await?;
        }
        Ok(())
    }

    fn is_for(&self, person: &SignedIn) -> bool {
        let id = person.user.id.to_string();
        self.hint.as_ref().is_some_and(|hint| hint.oid == id)
    }
}

fn ask(parts: &Parts, context: &PageContext, cookie: &str) -> Response {
    let query = parts.uri.query().unwrap_or_default();
    let action = format!("{}?{query}", parts.uri.path());
    pages::logout(context, cookie, action)
}

fn done(
    state: &Door,
    parts: &Parts,
    context: &PageContext,
    after: Option<String>,
    after_form: bool,
) -> Response {
    let mut answer = match after {
        Some(address) if after_form => pages::leading(context, &address),
        Some(address) => match HeaderValue::from_str(&address) {
            Ok(location) => (StatusCode::FOUND, [(header::LOCATION, location)]).into_response(),
            Err(_) => StatusCode::BAD_REQUEST.into_response(),
        },
        None => {
            let words = ("signed-out-title", "signed-out");
            pages::note(context, StatusCode::OK, words, "")
        }
    };
    let cookie = SESSION.clear(state.address(parts).is_secure);
    answer.headers_mut().append(header::SET_COOKIE, cookie);
    answer
}
