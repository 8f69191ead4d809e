//! Who asks for a page: their language, their cookies, and where they come from.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use mandate_engine::{EngineError, RelyingParty, SignedIn, Visit};
use mandate_web::{Language, Page, cookies};

use crate::SignInState;

/// Whoever asks for a page.
#[derive(Clone)]
pub(crate) struct Visitor {
    pub(crate) state: SignInState,
    /// Whether they come over TLS.
    pub(crate) is_secure: bool,
    pub(crate) language: Language,
    /// The sign-in under way.
    pub(crate) flow: Option<String>,
    /// What they have for the engine.
    pub(crate) visit: Visit,
    /// Where passkeys are used, if they can be where they called.
    pub(crate) party: Option<RelyingParty>,
}

impl Visitor {
    pub(crate) fn of(state: &SignInState, parts: &Parts) -> Self {
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
        }
    }

    /// Who is signed in.
    pub(crate) async fn signed_in(&self) -> Result<Option<SignedIn>, EngineError> {
        match &self.visit.session {
            Some(cookie) => self.state.engine().session_of(cookie).await,
            None => Ok(None),
        }
    }

    /// A narrow page, with forms of the sign-in that is under way.
    pub(crate) fn narrow(&self, flow: Option<&str>) -> Page {
        let organisation = &self.state.engine().tenant().company;
        let page = Page {
            is_narrow: true,
            ..Page::new(self.language, organisation)
        };
        match flow {
            Some(flow) => page.with_forms(flow),
            None => page,
        }
    }

    /// A page of full width for somebody who is signed in by this cookie.
    pub(crate) fn wide(&self, of: &SignedIn, cookie: &str) -> Page {
        let organisation = &self.state.engine().tenant().company;
        Page {
            person: Some(of.user.display_name.clone()),
            ..Page::new(self.language, organisation)
        }
        .with_forms(cookie)
    }
}

impl FromRequestParts<SignInState> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &SignInState,
    ) -> Result<Self, Infallible> {
        Ok(Self::of(state, parts))
    }
}
