//! A group as Graph shows it.

use mandate_model::Group;
use serde_json::json;

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
    Entity::new("group", format!("groups('{}')", group.id), body)
}
