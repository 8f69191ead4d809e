//! A request, before and after it is understood.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use axum::http::Method;
use mandate_engine::Actor;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::error::{GraphError, Result};
use crate::odata::{Context, MetadataLevel, QueryOptions};
use crate::path::Version;

/// A call as HTTP or a batch delivers it: who, what and where, but not yet what it means.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) version: Version,
    pub(crate) method: Method,
    /// Encoded path and query below the version.
    pub(crate) target: String,
    pub(crate) level: MetadataLevel,
    pub(crate) prefer: Option<Preference>,
    pub(crate) body: Option<Value>,
    pub(crate) actor: Actor,
    /// Scheme and host that the client called.
    pub(crate) base_url: String,
    pub(crate) ids: Ids,
}

/// What a request is called in answers and logs.
#[derive(Debug, Clone)]
pub(crate) struct Ids {
    pub(crate) request: Uuid,
    pub(crate) client: String,
}

/// `Prefer: return=…`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Preference {
    Representation,
    Minimal,
}

impl Preference {
    /// Reads a `Prefer` header (RFC 7240).
    pub(crate) fn parse(header: &str) -> Option<Self> {
        header
            .split([',', ';'])
            .find_map(|part| match part.trim().to_ascii_lowercase().as_str() {
                "return=representation" => Some(Self::Representation),
                "return=minimal" => Some(Self::Minimal),
                _ => None,
            })
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Representation => "return=representation",
            Self::Minimal => "return=minimal",
        }
    }
}

/// A request that a route was found for.
#[derive(Debug, Clone)]
pub(crate) struct GraphRequest {
    pub(crate) version: Version,
    /// Encoded path below the version, as it came; next links repeat it.
    pub(crate) path: String,
    /// Keys of the route, in order.
    pub(crate) keys: Vec<String>,
    /// The type that the path ends in, behind a collection or an entity.
    pub(crate) cast: Option<String>,
    /// Arguments of a function call.
    pub(crate) arguments: Vec<(String, String)>,
    pub(crate) query: QueryOptions,
    pub(crate) level: MetadataLevel,
    pub(crate) prefer: Option<Preference>,
    pub(crate) body: Option<Value>,
    pub(crate) actor: Actor,
    pub(crate) base_url: String,
    /// Entities written so far, over all levels of `$expand`.
    pub(crate) rendered: Arc<AtomicUsize>,
}

impl GraphRequest {
    /// What answers are written against.
    pub(crate) fn context(&self) -> Context<'_> {
        Context {
            base_url: &self.base_url,
            version: self.version,
            level: self.level,
        }
    }

    /// The key at a place of the route.
    pub(crate) fn key(&self, index: usize) -> &str {
        self.keys.get(index).map_or("", String::as_str)
    }

    /// The key at a place as an id; whatever is no id names nothing.
    pub(crate) fn id<I: From<Uuid>>(&self, index: usize, kind: &str) -> Result<I> {
        let key = self.key(index);
        Uuid::try_parse(key.trim())
            .map(I::from)
            .map_err(|_| GraphError::no_such(kind, key))
    }

    /// The body, which must be an object.
    pub(crate) fn object(&self) -> Result<&Map<String, Value>> {
        match &self.body {
            Some(Value::Object(body)) => Ok(body),
            Some(_) => Err(GraphError::bad_request("the body must be a JSON object")),
            None => Err(GraphError::bad_request(
                "the request needs a JSON object as its body",
            )),
        }
    }

    /// The body of an action that may come without one.
    pub(crate) fn object_or_empty(&self) -> Result<Map<String, Value>> {
        match &self.body {
            None | Some(Value::Null) => Ok(Map::new()),
            _ => self.object().cloned(),
        }
    }
}
