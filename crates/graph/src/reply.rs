//! What a handler answers, and what goes out.

use axum::http::StatusCode;
use serde_json::{Map, Value};

use crate::entity::Entity;
use crate::odata::Collected;

/// The answer of a handler, before the client's options are applied.
#[derive(Debug)]
pub(crate) enum Reply {
    /// One entity.
    Entity(Single),
    /// A page of entities.
    Page(Paged),
    /// The result of an action or function: `{"@odata.context": …, "value": …}` or an object.
    Value {
        /// Fragment of the context address.
        context: String,
        value: Value,
    },
    /// An object at a property path or of an action, its properties at the top level.
    Object {
        context: String,
        body: Map<String, Value>,
    },
    /// Plain text (`$count`, `$value`).
    Text(String),
    /// `$metadata`.
    Xml(String),
    /// JSON that is complete.
    Json(Value),
    /// A status without a body.
    Empty(StatusCode),
}

/// One entity and where it stands.
#[derive(Debug)]
pub(crate) struct Single {
    pub(crate) entity: Entity,
    /// Type of the place where it stands.
    pub(crate) declared: &'static str,
    /// Fragment of the context address, without `/$entity`.
    pub(crate) context: String,
    pub(crate) status: StatusCode,
}

/// A page and where it stands.
#[derive(Debug)]
pub(crate) struct Paged {
    pub(crate) collected: Collected,
    pub(crate) declared: &'static str,
    pub(crate) context: String,
}

impl Reply {
    /// An entity that was read.
    pub(crate) fn entity(
        entity: Entity,
        declared: &'static str,
        context: impl Into<String>,
    ) -> Self {
        Self::Entity(Single {
            entity,
            declared,
            context: context.into(),
            status: StatusCode::OK,
        })
    }

    /// An entity that was made.
    pub(crate) fn created(
        entity: Entity,
        declared: &'static str,
        context: impl Into<String>,
    ) -> Self {
        Self::Entity(Single {
            entity,
            declared,
            context: context.into(),
            status: StatusCode::CREATED,
        })
    }

    /// Done, nothing to say.
    pub(crate) fn no_content() -> Self {
        Self::Empty(StatusCode::NO_CONTENT)
    }
}

/// What goes out, in HTTP or as an item of a batch.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) content: Content,
}

/// The body of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    None,
    Json(Value),
    Text(String),
    Xml(String),
}
