//! What the audit says of profiles: Graph's properties, before and after.

use std::collections::BTreeSet;

use mandate_model::{Profile, Target};
use serde_json::{Map, Value, json};

use crate::audit::Change;

const KIND: &str = "profile";

/// A profile was made.
pub(super) fn created(profile: &Profile) -> Change<'_> {
    Change::create(KIND, profile.id, &profile.display_name, properties(profile))
}

/// A profile says something else.
pub(super) fn updated<'a>(before: &Profile, after: &'a Profile) -> Change<'a> {
    let (old, new) = (properties(before), properties(after));
    Change::update(KIND, after.id, &after.display_name, &old, &new)
}

/// A profile says again what it said in a version, or is there again; `before` is absent if it was deleted.
pub(super) fn restored<'a>(before: Option<&Profile>, after: &'a Profile) -> Change<'a> {
    let old = before.map(properties).unwrap_or_default();
    let name = &after.display_name;
    Change::act("restore", KIND, after.id, name, old, properties(after))
}

/// A profile was deleted, and no longer is for these.
pub(super) fn deleted<'a>(profile: &'a Profile, targets: &[Target]) -> Change<'a> {
    let mut before = properties(profile);
    if !targets.is_empty() {
        before["assignments"] = named(targets);
    }
    Change::delete(KIND, profile.id, &profile.display_name, before)
}

/// A profile is for others now.
pub(super) fn assigned<'a>(
    profile: &'a Profile,
    before: &[Target],
    after: &[Target],
) -> Change<'a> {
    let of = |targets| json!({ "assignments": named(targets) });
    let name = &profile.display_name;
    Change::act("assign", KIND, profile.id, name, of(before), of(after))
}

/// Targets in a fixed order: which came first means nothing.
fn named(targets: &[Target]) -> Value {
    json!(targets.iter().collect::<BTreeSet<_>>())
}

fn properties(profile: &Profile) -> Value {
    let mut properties: Map<String, Value> = profile.settings.clone();
    let type_name = format!("#microsoft.graph.{}", profile.kind.type_name);
    properties.insert("@odata.type".to_owned(), json!(type_name));
    properties.insert("displayName".to_owned(), json!(profile.display_name));
    properties.insert("description".to_owned(), json!(profile.description));
    properties.insert("roleScopeTagIds".to_owned(), json!(profile.scope_tags));
    for (property, id) in &profile.references {
        properties.insert(property.clone(), json!(id));
    }
    Value::Object(properties)
}
