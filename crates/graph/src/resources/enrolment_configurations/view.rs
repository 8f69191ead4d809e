//! An enrolment configuration as Graph shows it.

use mandate_engine::EnrolmentConfiguration;
use mandate_model::Timestamp;
use serde_json::{Value, json};

use super::{COLLECTION, Sort, key_of};
use crate::entity::Entity;
use crate::resources::words::NEVER;
use crate::state::GraphState;

/// The entity of an enrolment configuration.
pub(super) fn entity_of<S: Sort>(state: &GraphState, one: &EnrolmentConfiguration<S>) -> Entity {
    let key = key_of::<S>(state, one.id);
    let time = |time: Option<Timestamp>| -> Value {
        time.map_or_else(|| json!(NEVER), |time| json!(time.to_string()))
    };
    let (type_name, kind) = one.content.kind(one.is_of_everybody());
    let mut body = json!({
        "id": key,
        "displayName": one.display_name,
        "description": one.description,
        "priority": one.priority,
        "createdDateTime": time(one.created_at),
        "lastModifiedDateTime": time(one.modified_at),
        "version": one.version,
        "roleScopeTagIds": ["0"],
        "deviceEnrollmentConfigurationType": kind,
    });
    for (name, value) in Sort::properties(&one.content) {
        body[name] = value;
    }
    Entity::from_json(type_name, format!("{COLLECTION}('{key}')"), body)
}
