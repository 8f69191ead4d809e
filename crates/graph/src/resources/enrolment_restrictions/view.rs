//! A restriction as Graph shows it.

use mandate_engine::{EnrolmentRestriction, PlatformRule, RestrictedPlatform};
use mandate_model::Timestamp;
use serde_json::{Value, json};

use super::read::{PROPERTIES, SINGLES};
use super::{COLLECTION, TYPE_OF_ALL, TYPE_OF_ONE, key_of};
use crate::entity::Entity;
use crate::resources::words::NEVER;
use crate::state::GraphState;

/// The entity of a restriction.
pub(super) fn restriction_entity(state: &GraphState, one: &EnrolmentRestriction) -> Entity {
    let key = key_of(state, one.id);
    let time = |time: Option<Timestamp>| -> Value {
        time.map_or_else(|| json!(NEVER), |time| json!(time.to_string()))
    };
    let mut body = json!({
        "id": key,
        "displayName": one.display_name,
        "description": one.description,
        "priority": one.priority,
        "createdDateTime": time(one.created_at),
        "lastModifiedDateTime": time(one.modified_at),
        "version": one.version,
        "roleScopeTagIds": ["0"],
    });
    let (type_name, kind) = if let Some(platform) = one.platform {
        body["platformType"] = json!(platform_type(platform));
        body["platformRestriction"] = rule_json(&one.rule(platform));
        (TYPE_OF_ONE, "singlePlatformRestriction")
    } else {
        for (name, platform) in PROPERTIES {
            body[name] = rule_json(&one.rule(platform));
        }
        (TYPE_OF_ALL, "defaultPlatformRestrictions")
    };
    body["deviceEnrollmentConfigurationType"] = json!(kind);
    Entity::from_json(type_name, format!("{COLLECTION}('{key}')"), body)
}

fn platform_type(platform: RestrictedPlatform) -> &'static str {
    let known = SINGLES.into_iter().find(|(_, known)| *known == platform);
    known.map_or("unknownFutureValue", |(word, _)| word)
}

fn rule_json(rule: &PlatformRule) -> Value {
    json!(rule)
}
