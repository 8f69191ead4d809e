//! A group as Graph shows it.

use mandate_model::Group;
use serde_json::{Value, json};

use crate::entity::Entity;
use crate::schema;

/// The entity of a group.
pub(crate) fn group_entity(group: &Group) -> Entity {
    let mut body = schema::blank("group");
    for (name, value) in [
        ("mailEnabled", json!(false)),
        ("securityEnabled", json!(true)),
        ("renewedDateTime", json!(group.created_at.to_string())),
    ] {
        body.insert(name.to_owned(), value);
    }
    body.extend(group.other.clone());
    for (name, value) in [
        ("id", json!(group.id)),
        ("createdDateTime", json!(group.created_at.to_string())),
        ("displayName", json!(group.display_name)),
        ("description", json!(group.description)),
        ("mailNickname", json!(group.mail_nickname)),
    ] {
        body.insert(name.to_owned(), value);
    }
    if let Some(rule) = &group.rule {
        let state = if rule.is_paused { "Paused" } else { "On" };
        let mut types = match body.remove("groupTypes") {
            Some(Value::Array(types)) => types,
            _ => Vec::new(),
        };
        types.push(json!("DynamicMembership"));
        body.insert("groupTypes".to_owned(), Value::Array(types));
        body.insert("membershipRule".to_owned(), json!(rule.text));
        body.insert("membershipRuleProcessingState".to_owned(), json!(state));
    }
    Entity::new("group", format!("groups('{}')", group.id), body)
}
