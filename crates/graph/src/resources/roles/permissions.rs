//! What a role allows, in Graph's nested lists.

use serde_json::{Map, Value, json};

use crate::error::{GraphError, Result};
use crate::resources::body::texts;

/// Most actions that a role may name; Intune knows some three hundred.
const MAX_ACTIONS: usize = 1000;
/// Longest name of an action, in characters.
const MAX_NAME: usize = 200;

/// The names of the actions that `rolePermissions` or `permissions` allow, in their order, each once. What
/// `notAllowedResourceActions` names anywhere is taken away. Names that mean nothing here are kept: another tool may
/// have written them, and will compare.
pub(super) fn read_permissions(name: &str, value: &Value) -> Result<Vec<String>> {
    let mut allowed = Vec::new();
    let mut refused = Vec::new();
    for (index, permission) in items(name, value)?.iter().enumerate() {
        let place = format!("{name}[{index}]");
        for (part, value) in object(&place, permission)? {
            let place = format!("{place}.{part}");
            match part.as_str() {
                "actions" => allowed.extend(names(&place, value)?),
                "resourceActions" => {
                    for (index, item) in items(&place, value)?.iter().enumerate() {
                        let place = format!("{place}[{index}]");
                        read_resource_actions(&place, item, &mut allowed, &mut refused)?;
                    }
                }
                _ => known_annotation(&place, part)?,
            }
        }
    }
    let mut kept: Vec<String> = Vec::new();
    for action in allowed {
        let is = |other: &String| other.eq_ignore_ascii_case(&action);
        if !refused.iter().any(is) && !kept.iter().any(is) {
            kept.push(action);
        }
    }
    if kept.len() > MAX_ACTIONS {
        let message = format!(
            "`{name}` may name {MAX_ACTIONS} actions, but names {}",
            kept.len()
        );
        return Err(GraphError::invalid(name, message));
    }
    Ok(kept)
}

fn read_resource_actions(
    place: &str,
    item: &Value,
    allowed: &mut Vec<String>,
    refused: &mut Vec<String>,
) -> Result<()> {
    for (part, value) in object(place, item)? {
        let place = format!("{place}.{part}");
        match part.as_str() {
            "allowedResourceActions" => allowed.extend(names(&place, value)?),
            "notAllowedResourceActions" => refused.extend(names(&place, value)?),
            _ => known_annotation(&place, part)?,
        }
    }
    Ok(())
}

/// `rolePermissions` and `permissions` of a role; always one item, for clients look into the first without asking.
pub(super) fn permissions_json(actions: &[String]) -> Value {
    json!([{
        "actions": actions,
        "resourceActions": [{
            "allowedResourceActions": actions,
            "notAllowedResourceActions": [],
        }],
    }])
}

fn items<'a>(place: &str, value: &'a Value) -> Result<&'a [Value]> {
    match value {
        Value::Null => Ok(&[]),
        Value::Array(items) => Ok(items),
        other => Err(wrong(place, "a list", other)),
    }
}

fn object<'a>(place: &str, value: &'a Value) -> Result<&'a Map<String, Value>> {
    value
        .as_object()
        .ok_or_else(|| wrong(place, "an object", value))
}

fn names(place: &str, value: &Value) -> Result<Vec<String>> {
    if value.is_null() {
        return Ok(Vec::new());
    }
    let names = texts(place, value)?;
    for name in &names {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/*".contains(&byte);
        if name.is_empty() || name.len() > MAX_NAME || !name.bytes().all(is_name) {
            let message = format!(
                "`{place}` must have names such as `Microsoft.Intune_DeviceConfigurations_Read`, but has `{name}`"
            );
            return Err(GraphError::invalid(place, message));
        }
    }
    Ok(names)
}

fn known_annotation(place: &str, name: &str) -> Result<()> {
    if name.contains('@') {
        return Ok(());
    }
    let message = format!("`{place}` is not a property of what a role allows");
    Err(GraphError::invalid(place, message))
}

fn wrong(place: &str, expected: &str, value: &Value) -> GraphError {
    let message = format!("`{place}` must be {expected}, but is `{value}`");
    GraphError::invalid(place, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_allowed_anywhere_counts_and_what_is_not_allowed_anywhere_does_not() {
        let value = json!([
            {"@odata.type": "#microsoft.graph.rolePermission",
             "actions": ["A_Read"],
             "resourceActions": [
                {"allowedResourceActions": ["A_Read", "B_Wipe", "C_Read"], "notAllowedResourceActions": []},
                {"allowedResourceActions": null, "notAllowedResourceActions": ["b_wipe"]}]},
            {"resourceActions": [{"allowedResourceActions": ["D_Read"]}]},
        ]);
        assert_eq!(
            read_permissions("rolePermissions", &value).unwrap(),
            ["A_Read", "C_Read", "D_Read"]
        );
    }

    #[test]
    fn what_was_written_is_read_back_in_its_order() {
        let actions = ["Microsoft.Intune_Z_Read", "Microsoft.Intune_A_Read"].map(str::to_owned);
        let written = permissions_json(&actions);
        assert_eq!(
            read_permissions("rolePermissions", &written).unwrap(),
            actions
        );
        assert_eq!(
            read_permissions("rolePermissions", &permissions_json(&[])).unwrap(),
            Vec::<String>::new()
        );
    }

    #[test]
    fn what_is_no_list_of_names_is_refused_where_it_stands() {
        for (value, place) in [
            (json!({}), "permissions"),
            (json!([5]), "permissions[0]"),
            (
                json!([{"resourceActions": {}}]),
                "permissions[0].resourceActions",
            ),
            (
                json!([{"resourceActions": ["a"]}]),
                "permissions[0].resourceActions[0]",
            ),
            (json!([{"allowed": []}]), "permissions[0].allowed"),
            (json!([{"actions": [1]}]), "permissions[0].actions"),
            (json!([{"actions": [""]}]), "permissions[0].actions"),
            (json!([{"actions": ["a b"]}]), "permissions[0].actions"),
            (
                json!([{"resourceActions": [{"allowedResourceActions": "a"}]}]),
                "permissions[0].resourceActions[0].allowedResourceActions",
            ),
        ] {
            let error = read_permissions("permissions", &value).unwrap_err();
            assert_eq!(error.target.as_deref(), Some(place), "{value}");
        }
        let many: Vec<String> = (0..=MAX_ACTIONS).map(|n| format!("A_{n}")).collect();
        assert!(read_permissions("permissions", &json!([{"actions": many}])).is_err());
    }
}
