//! Who asks for a page: their language, their cookies, and where they come from.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::{self, SET_COOKIE};
use axum::http::request::Parts;
use axum::response::{AppendHeaders, IntoResponse, Response};
use mandate_engine::{EngineError, RelyingParty, SignedIn, Visit};
use mandate_web::{Language, Page, cookies};

use crate::brand::Presented;
use crate::{Door, redirect};

/// Whoever asks for a page.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// The door they came through.
    pub state: Door,
    /// Whether they come over TLS.
    pub is_secure: bool,
    /// The language they chose, or that their browser likes best.
    pub language: Language,
    /// The sign-in under way.
    pub flow: Option<String>,
    /// What they have for the engine.
    pub visit: Visit,
    /// Where passkeys are used, if they can be where they called.
    pub party: Option<RelyingParty>,
    presented: Presented,
}

impl Visitor {
    /// Reads who sent a request.
    pub fn of(state: &Door, parts: &Parts) -> Self {
        let called = state.address(parts);
        let is_secure = called.is_secure;
        let cookie = |cookie: cookies::Cookie| {
            cookie
                .read(&parts.headers, is_secure)
                .filter(|value| value.len() <= 256)
                .map(str::to_owned)
        };
        let agent = parts
            .headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok());
        let relying_party = called
            .is_one_of(state.hosts())
            .then(|| RelyingParty::of(&called.base_url()))
            .flatten();
        Self {
            state: state.clone(),
            is_secure,
            language: Language::of(&parts.headers, is_secure),
            flow: cookie(cookies::FLOW),
            visit: Visit {
                address: state.origin(parts).address,
                agent: agent.unwrap_or_default().to_owned(),
                known: cookie(cookies::KNOWN),
                session: cookie(cookies::SESSION),
            },
            party: relying_party,
            presented: Presented::of(state, parts),
        }
    }

    /// Who is signed in.
    pub async fn signed_in(&self) -> Result<Option<SignedIn>, EngineError> {
        match &self.visit.session {
            Some(cookie) => self.state.engine().session_of(cookie).await,
            None => Ok(None),
        }
    }

    /// Has them sign in and come back to a path of this server. `hint` is whom a client expects; with `fresh` the session
    /// that is there, here or at a provider, does not count.
    pub async fn begin_sign_in(
        &self,
        return_to: &str,
        (hint, fresh): (Option<&str>, bool),
    ) -> Result<Response, EngineError> {
        let engine = self.state.engine();
        let address = self.visit.address;
        let flow = engine
            .begin_flow_from(address, return_to, (hint, fresh))
            .await?;
        let cookie = cookies::FLOW.set(&flow, self.is_secure);
        Ok((AppendHeaders([(SET_COOKIE, cookie)]), redirect("/sign-in")).into_response())
    }

    /// A narrow page, with forms of the sign-in that is under way.
    pub fn narrow(&self, flow: Option<&str>) -> Page {
        let page = Page {
            is_narrow: true,
            ..self.plain()
        };
        match flow {
            Some(flow) => page.with_forms(flow),
            None => page,
        }
    }

    /// A page of full width for somebody who is signed in by this cookie.
    pub fn wide(&self, of: &SignedIn, cookie: &str) -> Page {
        Page {
            person: Some(of.user.display_name.clone()),
            ..self.plain()
        }
        .with_forms(cookie)
    }

    /// A page of full width with the organisation's name and brand.
    fn plain(&self) -> Page {
        Page {
            brand: self.presented.brand.clone(),
            ..Page::new(self.language, &self.presented.title)
        }
    }
}

impl FromRequestParts<Door> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &Door) -> Result<Self, Infallible> {
        Ok(Self::of(state, parts))
    }
}
