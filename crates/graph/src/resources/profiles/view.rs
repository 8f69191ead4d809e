//! A profile as Graph shows it.

use mandate_model::Profile;
use serde_json::{Value, json};

use super::COLLECTION;
use crate::entity::Entity;
use crate::schema;

/// The entity of a profile: what every configuration has, then all settings of its kind, unset ones as `null`.
pub(super) fn profile_entity(profile: &Profile) -> Entity {
    let mut body = schema::blank("deviceConfiguration");
    body.extend(profile.kind.to_graph(&profile.settings));
    for (name, value) in [
        ("id", json!(profile.id)),
        ("displayName", json!(profile.display_name)),
        ("description", json!(profile.description)),
        ("roleScopeTagIds", json!(profile.scope_tags)),
        ("supportsScopeTags", json!(true)),
        ("version", json!(profile.version)),
        ("createdDateTime", json!(profile.created_at.to_string())),
        (
            "lastModifiedDateTime",
            json!(profile.modified_at.to_string()),
        ),
    ] {
        body.insert(name.to_owned(), value);
    }
    Entity::new(
        profile.kind.type_name,
        format!("{COLLECTION}('{}')", profile.id),
        body,
    )
}

/// The same as plain JSON, for what stands outside of Graph.
pub(in crate::resources) fn profile_json(profile: &Profile) -> Value {
    let mut body = profile_entity(profile).body;
    let name = format!("#microsoft.graph.{}", profile.kind.type_name);
    body.insert("@odata.type".to_owned(), json!(name));
    Value::Object(body)
}
