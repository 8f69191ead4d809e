//! What a door for people holds.

use std::sync::Arc;

use axum::http::request::Parts;
use mandate_engine::{Engine, Origin};
use mandate_web::{Address, Caller, Scheme, address};

/// A door of one listener: everything that answers requests; cheap to clone.
#[derive(Debug, Clone)]
pub struct Door {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    engine: Engine,
    scheme: Scheme,
    hosts: Vec<String>,
}

impl Door {
    /// A door to an engine for one listener. `hosts` are the names by which the server is known, with their port
    /// where it is not 443.
    pub fn new(engine: Engine, scheme: Scheme, hosts: Vec<String>) -> Self {
        Self {
            inner: Arc::new(Inner {
                engine,
                scheme,
                hosts,
            }),
        }
    }

    /// The use cases.
    pub fn engine(&self) -> &Engine {
        &self.inner.engine
    }

    /// Names of the server.
    pub fn hosts(&self) -> &[String] {
        &self.inner.hosts
    }

    /// How clients reach the listener.
    pub fn scheme(&self) -> Scheme {
        self.inner.scheme
    }

    /// The host for requests that name none.
    pub fn fallback(&self) -> &str {
        self.hosts().first().map_or("localhost", String::as_str)
    }

    /// An id that says nothing, for requests.
    pub fn request_id(&self) -> uuid::Uuid {
        self.engine().request_id()
    }

    /// The address that a request called.
    pub fn address(&self, parts: &Parts) -> Address {
        let fallback = self.fallback();
        address(self.inner.scheme, &parts.uri, &parts.headers, fallback)
    }

    /// Where a request came from.
    pub fn origin(&self, parts: &Parts) -> Origin {
        Origin {
            address: Caller::of(self.inner.scheme, parts).address,
            request: None,
        }
    }
}
