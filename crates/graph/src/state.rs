//! What the door holds.

use std::sync::Arc;

use mandate_engine::{Chance, Engine};
use mandate_web::Scheme;
use uuid::Uuid;

/// Everything that answers requests; cheap to clone.
#[derive(Debug, Clone)]
pub struct GraphState {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    engine: Engine,
    chance: Arc<dyn Chance>,
    scheme: Scheme,
    hosts: Vec<String>,
}

impl GraphState {
    /// A door to an engine for one listener. `hosts` are the names by which the server is known, with their port
    /// where it is not 443.
    pub fn new(
        engine: Engine,
        chance: Arc<dyn Chance>,
        scheme: Scheme,
        hosts: Vec<String>,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                engine,
                chance,
                scheme,
                hosts,
            }),
        }
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.inner.engine
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
