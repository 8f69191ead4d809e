//! A limit as Graph shows it.

use mandate_engine::EnrolmentLimit;
use serde_json::{Value, json};

use super::{COLLECTION, TYPE, key_of};
use crate::entity::Entity;
use crate::resources::words::NEVER;
use crate::state::GraphState;

/// The entity of a limit.
pub(super) fn limit_entity(state: &GraphState, limit: &EnrolmentLimit) -> Entity {
    let key = key_of(state, limit.id);
    let time = |time: Option<mandate_model::Timestamp>| -> Value {
        time.map_or_else(|| json!(NEVER), |time| json!(time.to_string()))
    };
    let kind = if limit.is_of_everybody() {
        "defaultLimit"
    } else {
        "limit"
    };
    let body = json!({
        "id": key,
        "displayName": limit.display_name,
        "description": limit.description,
        "priority": limit.priority,
        "createdDateTime": time(limit.created_at),
        "lastModifiedDateTime": time(limit.modified_at),
        "version": limit.version,
        "roleScopeTagIds": ["0"],
        "deviceEnrollmentConfigurationType": kind,
        "limit": limit.devices,
    });
    Entity::from_json(TYPE, format!("{COLLECTION}('{key}')"), body)
}
