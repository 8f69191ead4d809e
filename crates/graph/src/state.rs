//! What the door holds.

use std::sync::Arc;

use mandate_engine::{Chance, Engine};
use uuid::Uuid;

use crate::token::{TokenError, TokenService};

/// Everything that answers requests; cheap to clone.
#[derive(Debug, Clone)]
pub struct GraphState {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    engine: Engine,
    chance: Arc<dyn Chance>,
    tokens: TokenService,
    scheme: Scheme,
    hosts: Vec<String>,
}

/// How clients reach the listener that a router is mounted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Plain: loopback, or behind a proxy that may say otherwise in `X-Forwarded-Proto` and `X-Forwarded-Host`.
    Http,
    /// TLS ends here.
    Https,
}

impl GraphState {
    /// A door to an engine for one listener. `hosts` are the names by which the server is known, with their port
    /// where it is not 443.
    pub fn new(
        engine: Engine,
        chance: Arc<dyn Chance>,
        scheme: Scheme,
        hosts: Vec<String>,
    ) -> Result<Self, TokenError> {
        let key = engine.token_key();
        let tokens = TokenService::new(
            engine.tenant().id,
            &[(key.id.clone(), key.pkcs8.as_slice())],
        )?;
        Ok(Self {
            inner: Arc::new(Inner {
                engine,
                chance,
                tokens,
                scheme,
                hosts,
            }),
        })
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.inner.engine
    }

    pub(crate) fn tokens(&self) -> &TokenService {
        &self.inner.tokens
    }

    pub(crate) fn scheme(&self) -> Scheme {
        self.inner.scheme
    }

    pub(crate) fn hosts(&self) -> &[String] {
        &self.inner.hosts
    }

    /// An id that says nothing (UUID v4), for requests and tokens.
    pub(crate) fn random_id(&self) -> Uuid {
        let mut bytes = [0; 16];
        self.inner.chance.fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}
