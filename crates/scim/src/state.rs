//! What the door holds.

use axum::http::request::Parts;
use mandate_engine::{Engine, Origin};
use mandate_web::{Caller, Scheme, address};

/// What answers requests of one listener; cheap to clone.
#[derive(Debug, Clone)]
pub struct ScimState {
    engine: Engine,
    scheme: Scheme,
    hosts: std::sync::Arc<Vec<String>>,
}

impl ScimState {
    /// `hosts` are the names by which the server is known, with their port where it is not 443.
    pub fn new(engine: Engine, scheme: Scheme, hosts: Vec<String>) -> Self {
        Self {
            engine,
            scheme,
            hosts: std::sync::Arc::new(hosts),
        }
    }

    /// The use cases.
    pub(crate) const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Where resources are, as the client called it; never a name that is not ours.
    pub(crate) fn base_url(&self, parts: &Parts) -> String {
        let fallback = self.hosts.first().map_or("localhost", String::as_str);
        let called = address(self.scheme, &parts.uri, &parts.headers, fallback);
        if called.is_one_of(&self.hosts) {
            format!("{}/scim/v2", called.base_url())
        } else {
            format!("https://{fallback}/scim/v2")
        }
    }

    /// Where a request came from.
    pub(crate) fn origin(&self, parts: &Parts) -> Origin {
        Origin {
            address: Caller::of(self.scheme, parts).address,
            request: None,
        }
    }
}
