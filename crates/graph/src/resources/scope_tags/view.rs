//! A scope tag as Graph shows it.

use mandate_engine::ScopeTag;
use serde_json::json;

use super::{COLLECTION, DECLARED};
use crate::entity::Entity;

/// The entity of a tag.
pub(crate) fn tag_entity(tag: &ScopeTag) -> Entity {
    let body = json!({
        "id": tag.id,
        "displayName": tag.display_name,
        "description": tag.description,
        "isBuiltIn": tag.built_in,
    });
    Entity::from_json(DECLARED, format!("{COLLECTION}('{}')", tag.id), body)
}
