//! An entity on its way out.

use serde_json::{Map, Value};

/// One object of an answer, with all its properties, before the client's options are applied.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entity {
    /// Its own type, without namespace.
    pub(crate) type_name: &'static str,
    /// Its address below the version, `users('…')`; empty if it has none.
    pub(crate) path: String,
    /// Its properties.
    pub(crate) body: Map<String, Value>,
}

impl Entity {
    /// An entity of a type at an address.
    pub(crate) fn new(type_name: &'static str, path: String, body: Map<String, Value>) -> Self {
        Self {
            type_name,
            path,
            body,
        }
    }

    /// From a JSON object literal; anything else has no properties.
    pub(crate) fn from_json(type_name: &'static str, path: String, body: Value) -> Self {
        match body {
            Value::Object(body) => Self {
                type_name,
                path,
                body,
            },
            _ => Self {
                type_name,
                path,
                body: Map::new(),
            },
        }
    }
}
