//! Reading bodies of directory objects against the model.

use mandate_model::Timestamp;
use serde_json::{Map, Value};

use crate::error::{GraphError, Result};
use crate::schema::{self, Property};

/// A text, or nothing.
pub(crate) fn text(name: &str, value: &Value) -> Result<Option<String>> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        other => Err(wrong(name, "a text", other)),
    }
}

/// Yes or no.
pub(crate) fn boolean(name: &str, value: &Value) -> Result<bool> {
    value
        .as_bool()
        .ok_or_else(|| wrong(name, "`true` or `false`", value))
}

/// A list of texts.
pub(crate) fn texts(name: &str, value: &Value) -> Result<Vec<String>> {
    let items = value
        .as_array()
        .ok_or_else(|| wrong(name, "a list of texts", value))?;
    let text = |item: &Value| {
        item.as_str()
            .map(str::to_owned)
            .ok_or_else(|| wrong(name, "a list of texts", value))
    };
    items.iter().map(text).collect()
}

/// A list of ids under a property of an action's body.
pub(crate) fn ids(name: &str, body: &Map<String, Value>, maximum: usize) -> Result<Vec<String>> {
    let value = body
        .get(name)
        .ok_or_else(|| GraphError::invalid(name, format!("`{name}` is required")))?;
    let ids = texts(name, value)?;
    if ids.len() > maximum {
        return Err(GraphError::invalid(
            name,
            format!("`{name}` may have {maximum} items, but has {}", ids.len()),
        ));
    }
    Ok(ids)
}

/// A property of a type that is carried as it is: its name in the model's spelling, if the value fits.
pub(crate) fn carried(type_name: &str, name: &str, value: &Value) -> Result<&'static str> {
    let Some(property) = schema::property(type_name, name) else {
        let message = format!("`{name}` is not a property of `microsoft.graph.{type_name}`");
        return Err(GraphError::invalid(name, message));
    };
    let fits = match value {
        Value::Null => !property.is_collection(),
        Value::Array(items) => {
            property.is_collection() && items.iter().all(|item| fits(property, item))
        }
        value => !property.is_collection() && fits(property, value),
    };
    if fits {
        Ok(property.name())
    } else {
        Err(wrong(name, &describe(property), value))
    }
}

fn fits(property: &Property, value: &Value) -> bool {
    match property.type_name() {
        "String" | "Guid" => value.is_string(),
        "Boolean" => value.is_boolean(),
        "Int32" => value
            .as_i64()
            .is_some_and(|number| i32::try_from(number).is_ok()),
        "DateTimeOffset" => value
            .as_str()
            .is_some_and(|text| Timestamp::parse(text).is_some()),
        _ => value.is_object(),
    }
}

fn describe(property: &Property) -> String {
    let item = match property.type_name() {
        "String" => "a text",
        "Guid" => "a GUID",
        "Boolean" => "`true` or `false`",
        "Int32" => "a whole number of 32 bits",
        "DateTimeOffset" => "a date and time such as `2026-01-31T12:00:00Z`",
        _ => "an object",
    };
    if property.is_collection() {
        format!("a list, each item {item}")
    } else {
        item.to_owned()
    }
}

fn wrong(name: &str, expected: &str, value: &Value) -> GraphError {
    let mut shown = value.to_string();
    if let Some((at, _)) = shown.char_indices().nth(80) {
        shown.truncate(at);
        shown.push('…');
    }
    GraphError::invalid(
        name,
        format!("`{name}` must be {expected}, but is `{shown}`"),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn carried_properties_are_checked_by_the_model() {
        assert_eq!(
            carried("user", "DEPARTMENT", &json!("Sales")).unwrap(),
            "department"
        );
        assert!(carried("user", "department", &Value::Null).is_ok());
        assert!(carried("user", "businessPhones", &json!(["1"])).is_ok());
        for (name, value) in [
            ("department", json!(5)),
            ("businessPhones", json!("1")),
            ("businessPhones", json!([1])),
            ("employeeHireDate", json!("yesterday")),
            ("departement", json!("Sales")),
        ] {
            let error = carried("user", name, &value).unwrap_err();
            assert!(error.message.contains(name), "{error}");
        }
    }
}
