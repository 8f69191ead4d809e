//! Changes in part (RFC 7644 §3.5.2), in the forms that Entra and Okta send them in.
//!
//! Entra writes `Add` and `Replace` with a capital, switches as texts, puts whole paths into the names of a value without a path
//! (`"name.givenName": "Ada"`), and adds a value of a type that is not there by a filter (`emails[type eq "work"].value`).

use serde_json::{Map, Value};

use crate::document::{ENTERPRISE, Kind};
use crate::error::ScimError;
use crate::path::AttributePath;

/// Operations of one request.
const MOST_OPERATIONS: usize = 1000;
/// Of all attributes in the names of values.
const MOST_NAMES: usize = 200;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Add,
    Replace,
    Remove,
}

/// The document after all operations of a body, in their order.
pub(crate) fn patched(
    kind: &Kind,
    document: &Map<String, Value>,
    body: &Map<String, Value>,
) -> Result<Map<String, Value>, ScimError> {
    let found = |wanted: &str, object: &Map<String, Value>| {
        let found = object
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value.clone())
    };
    let Some(Value::Array(operations)) = found("Operations", body) else {
        return Err(ScimError::invalid_syntax("`Operations` must be a list"));
    };
    if operations.is_empty() || operations.len() > MOST_OPERATIONS {
        let detail = format!("`Operations` must have 1 to {MOST_OPERATIONS} entries");
        return Err(ScimError::invalid_syntax(detail));
    }
    let mut document = document.clone();
    for operation in &operations {
        let operation = operation
            .as_object()
            .ok_or_else(|| ScimError::invalid_syntax("an operation must be an object"))?;
        let verb = found("op", operation);
        let verb = match verb.as_ref().and_then(Value::as_str).unwrap_or_default() {
            word if word.eq_ignore_ascii_case("add") => Verb::Add,
            word if word.eq_ignore_ascii_case("replace") => Verb::Replace,
            word if word.eq_ignore_ascii_case("remove") => Verb::Remove,
            _ => {
                let detail = "`op` must be `add`, `replace` or `remove`";
                return Err(ScimError::invalid_syntax(detail));
            }
        };
        let value = found("value", operation).unwrap_or(Value::Null);
        match found("path", operation) {
            Some(Value::String(path)) if !path.trim().is_empty() => {
                let path = AttributePath::parse(&path)?;
                apply(&mut document, verb, &path, value)?;
            }
            None | Some(Value::Null | Value::String(_)) => all(&mut document, verb, value)?,
            Some(_) => return Err(ScimError::invalid_path("`path` must be a text")),
        }
    }
    kind.known(&document)
}

/// Without a path the value says what all is changed.
fn all(document: &mut Map<String, Value>, verb: Verb, value: Value) -> Result<(), ScimError> {
    if verb == Verb::Remove {
        return Err(ScimError::no_target("`remove` needs a `path`"));
    }
    let Value::Object(values) = value else {
        let detail = "without a `path` the `value` must be an object";
        return Err(ScimError::invalid_value(detail));
    };
    if values.len() > MOST_NAMES {
        let detail = format!("a value may have {MOST_NAMES} attributes");
        return Err(ScimError::too_many(detail));
    }
    for (name, value) in values {
        if name.eq_ignore_ascii_case("schemas") || name.eq_ignore_ascii_case("meta") {
            continue;
        }
        if name.eq_ignore_ascii_case(ENTERPRISE) {
            let Value::Object(inner) = value else {
                return Err(ScimError::invalid_value(format!(
                    "`{name}` must be an object"
                )));
            };
            for (inner, value) in inner {
                let path = AttributePath::parse(&format!("{ENTERPRISE}:{inner}"))?;
                apply(document, verb, &path, value)?;
            }
            continue;
        }
        let path = AttributePath::parse(&name)?;
        apply(document, verb, &path, value)?;
    }
    Ok(())
}

fn apply(
    document: &mut Map<String, Value>,
    verb: Verb,
    path: &AttributePath,
    value: Value,
) -> Result<(), ScimError> {
    if path.attribute.eq_ignore_ascii_case("id") && path.schema.is_none() {
        return Err(ScimError::mutability("`id` cannot be changed"));
    }
    let is_extension = path
        .schema
        .as_deref()
        .is_some_and(|schema| schema.eq_ignore_ascii_case(ENTERPRISE));
    if is_extension {
        let inner = object_at(document, ENTERPRISE)?;
        return within(inner, verb, path, value);
    }
    within(document, verb, path, value)
}

/// The object under a name, which is made if it is not there.
fn object_at<'a>(
    object: &'a mut Map<String, Value>,
    name: &str,
) -> Result<&'a mut Map<String, Value>, ScimError> {
    let name = spelt(object, name);
    object
        .entry(name.as_str())
        .or_insert_with(|| Value::Object(Map::new()))
        .as_object_mut()
        .ok_or_else(|| ScimError::invalid_path(format!("`{name}` is no object")))
}

fn within(
    object: &mut Map<String, Value>,
    verb: Verb,
    path: &AttributePath,
    value: Value,
) -> Result<(), ScimError> {
    let name = spelt(object, &path.attribute);
    match (&path.filter, &path.sub) {
        (None, None) => {
            put(object, verb, &name, value);
            Ok(())
        }
        // A part of an object, or that part of all values.
        (None, Some(sub)) => match object.get_mut(&name) {
            Some(Value::Array(items)) => {
                for item in items.iter_mut().filter_map(Value::as_object_mut) {
                    let sub = spelt(item, sub);
                    put(item, verb, &sub, value.clone());
                }
                Ok(())
            }
            None if verb == Verb::Remove => Ok(()),
            _ => {
                let inner = object_at(object, &name)?;
                let sub = spelt(inner, sub);
                put(inner, verb, &sub, value);
                Ok(())
            }
        },
        (Some(filter), sub) => {
            let items = match object.get_mut(&name) {
                Some(Value::Array(items)) => items,
                None if verb == Verb::Remove => return Ok(()),
                None => {
                    object.insert(name.clone(), Value::Array(Vec::new()));
                    match object.get_mut(&name) {
                        Some(Value::Array(items)) => items,
                        _ => return Ok(()),
                    }
                }
                Some(_) => {
                    return Err(ScimError::invalid_path(format!("`{name}` has no filter")));
                }
            };
            let is_meant = |item: &Value| item.as_object().is_some_and(|item| filter.holds(item));
            if verb == Verb::Remove && sub.is_none() {
                items.retain(|item| !is_meant(item));
                return Ok(());
            }
            let mut is_any = false;
            for item in items.iter_mut().filter(|item| is_meant(item)) {
                is_any = true;
                if let Value::Object(item) = item {
                    change(item, verb, sub.as_deref(), value.clone())?;
                }
            }
            if is_any || verb == Verb::Remove {
                return Ok(());
            }
            // A value of that type is not there yet: it is made of what the filter says.
            let Some(pairs) = filter.pairs() else {
                return Err(ScimError::no_target(format!(
                    "no value of `{name}` is meant"
                )));
            };
            let pairs = pairs.into_iter();
            let mut item: Map<String, Value> = pairs
                .map(|(name, value)| (name.to_owned(), value.clone()))
                .collect();
            change(&mut item, Verb::Add, sub.as_deref(), value)?;
            items.push(Value::Object(item));
            Ok(())
        }
    }
}

fn change(
    item: &mut Map<String, Value>,
    verb: Verb,
    sub: Option<&str>,
    value: Value,
) -> Result<(), ScimError> {
    match (sub, value) {
        (Some(sub), value) => {
            let sub = spelt(item, sub);
            put(item, verb, &sub, value);
        }
        (None, Value::Object(values)) => {
            for (name, value) in values {
                let name = spelt(item, &name);
                put(item, verb, &name, value);
            }
        }
        (None, _) => return Err(ScimError::invalid_value("the value must be an object")),
    }
    Ok(())
}

/// Several values are added to; what is there already is not there twice, and of several only one is the primary one.
fn put(object: &mut Map<String, Value>, verb: Verb, name: &str, value: Value) {
    let is_empty = value.is_null() || value == Value::Array(Vec::new());
    match (verb, object.get_mut(name)) {
        (Verb::Remove, Some(Value::Array(items))) if !is_empty => {
            // Entra names the members that are to go in the value.
            let gone: Vec<Value> = match value {
                Value::Array(gone) => gone,
                one => vec![one],
            };
            let key = |value: &Value| value.get("value").unwrap_or(value).clone();
            let gone: Vec<Value> = gone.iter().map(key).collect();
            items.retain(|item| !gone.contains(&key(item)));
        }
        (Verb::Remove, _) => drop(object.remove(name)),
        (Verb::Replace, _) if value.is_null() => drop(object.remove(name)),
        (Verb::Add, Some(Value::Array(items))) => {
            let more = match value {
                Value::Array(more) => more,
                one => vec![one],
            };
            let known: std::collections::HashSet<String> =
                items.iter().map(Value::to_string).collect();
            let key = |value: &Value| value.get("value").map(Value::to_string);
            let ids: std::collections::HashSet<Option<String>> = if name == "members" {
                items.iter().map(key).collect()
            } else {
                std::collections::HashSet::new()
            };
            let is_new = |item: &Value| {
                !known.contains(&item.to_string())
                    && (name != "members" || !ids.contains(&key(item)))
            };
            let more: Vec<Value> = more.into_iter().filter(is_new).collect();
            if more.iter().any(|item| item["primary"] == Value::Bool(true)) {
                for item in items.iter_mut().filter_map(Value::as_object_mut) {
                    item.remove("primary");
                }
            }
            items.extend(more);
        }
        (Verb::Add | Verb::Replace, Some(Value::Object(inner))) => match value {
            Value::Object(values) => {
                for (name, value) in values {
                    let name = spelt(inner, &name);
                    inner.insert(name, value);
                }
            }
            other => drop(object.insert(name.to_owned(), other)),
        },
        (Verb::Add | Verb::Replace, _) => drop(object.insert(name.to_owned(), value)),
    }
}

/// A name as it stands in an object already, in whichever letter case.
fn spelt(object: &Map<String, Value>, name: &str) -> String {
    let found = object.keys().find(|known| known.eq_ignore_ascii_case(name));
    found.cloned().unwrap_or_else(|| {
        // The case matters for lists of members, which are long.
        if name.eq_ignore_ascii_case("members") {
            "members".to_owned()
        } else {
            name.to_owned()
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::document::{GROUPS, USERS};

    fn ada() -> Map<String, Value> {
        let ada = json!({"userName": "ada", "active": true, "name": {"givenName": "Ada", "familyName": "Byron"},
            "emails": [{"type": "work", "value": "a@b.c", "primary": true}]});
        ada.as_object().unwrap().clone()
    }

    fn after(operations: &Value) -> Result<Value, ScimError> {
        let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations});
        patched(&USERS, &ada(), body.as_object().unwrap()).map(Value::Object)
    }

    #[test]
    fn users_are_changed_as_entra_does() {
        let done = after(&json!([
            {"op": "Replace", "path": "active", "value": "False"},
            {"op": "Add", "path": "emails[type eq \"home\"].value", "value": "h@b.c"},
            {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "new@b.c"},
            {"op": "Replace", "path": "name.familyName", "value": "Lovelace"},
            {"op": "Add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "value": "Sales"},
            {"op": "Add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager", "value": "7"},
            {"op": "Remove", "path": "title"},
        ]));
        let done = done.unwrap();
        assert_eq!(done["active"], false);
        assert_eq!(
            done["name"],
            json!({"givenName": "Ada", "familyName": "Lovelace"})
        );
        let emails = json!([{"type": "work", "value": "new@b.c", "primary": true}, {"type": "home", "value": "h@b.c"}]);
        assert_eq!(done["emails"], emails);
        let extension = json!({"department": "Sales", "manager": {"value": "7"}});
        assert_eq!(done[ENTERPRISE], extension);
    }

    #[test]
    fn users_are_changed_as_okta_does_and_without_a_path() {
        let done = after(&json!([{"op": "replace", "value": {"active": false}}])).unwrap();
        assert_eq!(done["active"], false);
        let done = after(
            &json!([{"op": "add", "value": {"name.givenName": "Augusta", "title": "Countess",
            "emails[type eq \"work\"].value": "x@y.z",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"division": "North"},
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter": "9"}}]),
        );
        let done = done.unwrap();
        assert_eq!(done["name"]["givenName"], "Augusta");
        assert_eq!(done["title"], "Countess");
        assert_eq!(done["emails"][0]["value"], "x@y.z");
        assert_eq!(
            done[ENTERPRISE],
            json!({"division": "North", "costCenter": "9"})
        );
    }

    #[test]
    fn members_come_and_go() {
        let group = json!({"displayName": "G", "members": [{"value": "1"}, {"value": "2"}, {"value": "3"}]});
        let after = |operations: Value| {
            let body = json!({ "Operations": operations });
            let (group, body) = (group.as_object().unwrap(), body.as_object().unwrap());
            let done = patched(&GROUPS, group, body).unwrap();
            let members = done.get("members").and_then(Value::as_array).cloned();
            let ids = members.unwrap_or_default();
            ids.iter()
                .map(|one| one["value"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        let add = json!([{"op": "Add", "path": "members", "value": [{"value": "3", "display": "x"}, {"value": "4"}]}]);
        assert_eq!(after(add), ["1", "2", "3", "4"]);
        let remove =
            json!([{"op": "Remove", "path": "members", "value": [{"value": "1"}, {"value": "9"}]}]);
        assert_eq!(after(remove), ["2", "3"]);
        let filtered = json!([{"op": "remove", "path": "members[value eq \"2\"]"}]);
        assert_eq!(after(filtered), ["1", "3"]);
        let all = json!([{"op": "remove", "path": "members"}]);
        assert!(after(all).is_empty());
        let replace = json!([{"op": "replace", "path": "Members", "value": [{"value": "7"}]}]);
        assert_eq!(after(replace), ["7"]);
    }

    #[test]
    fn what_cannot_be_done_is_named() {
        for (operations, kind) in [
            (json!([]), "invalidSyntax"),
            (json!([5]), "invalidSyntax"),
            (json!([{"op": "move", "path": "title"}]), "invalidSyntax"),
            (json!([{"op": "remove"}]), "noTarget"),
            (json!([{"op": "add", "value": "x"}]), "invalidValue"),
            (
                json!([{"op": "add", "path": "a b", "value": "x"}]),
                "invalidPath",
            ),
            (
                json!([{"op": "add", "path": 5, "value": "x"}]),
                "invalidPath",
            ),
            (
                json!([{"op": "replace", "path": "id", "value": "x"}]),
                "mutability",
            ),
            (
                json!([{"op": "replace", "path": "active", "value": "perhaps"}]),
                "invalidValue",
            ),
            (
                json!([{"op": "replace", "path": "emails[type co \"x\"].value", "value": "y"}]),
                "noTarget",
            ),
            (
                json!([{"op": "replace", "path": "userName[type eq \"x\"]", "value": "y"}]),
                "invalidPath",
            ),
            (
                json!([{"op": "add", "path": "emails[type", "value": "y"}]),
                "invalidPath",
            ),
        ] {
            assert_eq!(
                after(&operations).unwrap_err().kind,
                Some(kind),
                "{operations}"
            );
        }
        let many = vec![json!({"op": "add", "path": "title", "value": "x"}); 1001];
        assert!(after(&json!(many)).is_err());
    }
}
