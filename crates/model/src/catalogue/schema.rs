//! The JSON Schema of a kind, for editors of configuration files.

use serde_json::{Map, Value, json};

use super::{Choice, Field, Kind, Setting, TextRule, ValueType};

impl Kind {
    /// JSON Schema (draft 2020-12) of a profile of this kind as a Graph body. It describes single settings; rules over
    /// several are in the texts only, and flags are described as texts.
    pub fn json_schema(&self) -> Value {
        let mut properties = Map::new();
        properties.insert(
            "@odata.type".to_owned(),
            json!({ "const": self.odata_type() }),
        );
        properties.insert(
            "displayName".to_owned(),
            json!({ "type": "string", "minLength": 1 }),
        );
        properties.insert(
            "description".to_owned(),
            json!({ "type": ["string", "null"] }),
        );
        for setting in self.settings {
            properties.insert(setting.property.to_owned(), of_setting(setting));
        }
        for reference in self.references {
            let name = format!("{}@odata.bind", reference.property);
            properties.insert(
                name,
                json!({ "type": "string", "description": reference.help }),
            );
        }
        let required = self
            .settings
            .iter()
            .filter(|setting| setting.required)
            .map(|setting| setting.property);
        let required: Vec<_> = ["@odata.type", "displayName"]
            .into_iter()
            .chain(required)
            .collect();
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": self.label,
            "description": self.help,
            "type": "object",
            "properties": properties,
            "required": required,
        })
    }
}

fn of_setting(setting: &Setting) -> Value {
    let mut schema = of_value(&setting.value, setting.nullable);
    schema.insert("title".to_owned(), json!(setting.label));
    let condition = setting
        .shown_when
        .map(|condition| format!("Only when {}.", condition.describe()));
    let text = [setting.help.to_owned(), condition.unwrap_or_default()].join(" ");
    if !text.trim().is_empty() {
        schema.insert("description".to_owned(), json!(text.trim()));
    }
    if !setting.required {
        schema.insert("default".to_owned(), setting.default.to_json());
    }
    Value::Object(schema)
}

fn of_value(value: &ValueType, nullable: bool) -> Map<String, Value> {
    let (name, mut schema) = match value {
        ValueType::Text {
            rule,
            maximum_length,
        } => ("string", of_text(*rule, *maximum_length)),
        ValueType::Boolean => ("boolean", Map::new()),
        ValueType::Enum(choices) => (
            "string",
            entries(json!({ "enum": values(choices, nullable) })),
        ),
        ValueType::Flags(_) => ("string", entries(json!({ "minLength": 1 }))),
        ValueType::Integer { minimum, maximum } => (
            "integer",
            entries(json!({ "minimum": minimum, "maximum": maximum })),
        ),
        ValueType::Certificate => ("string", entries(json!({ "contentEncoding": "base64" }))),
        ValueType::TextList {
            rule,
            maximum_length,
            maximum_items,
        } => {
            let mut item = of_text(*rule, *maximum_length);
            item.insert("type".to_owned(), json!("string"));
            (
                "array",
                entries(json!({ "items": item, "maxItems": maximum_items })),
            )
        }
        ValueType::ObjectList {
            fields,
            maximum_items,
            ..
        } => (
            "array",
            entries(json!({ "items": of_object(fields), "maxItems": maximum_items })),
        ),
    };
    let kind = if nullable {
        json!([name, "null"])
    } else {
        json!(name)
    };
    schema.insert("type".to_owned(), kind);
    schema
}

fn of_text(rule: TextRule, maximum_length: usize) -> Map<String, Value> {
    entries(json!({ "maxLength": maximum_length, "$comment": rule.describe() }))
}

fn of_object(fields: &[Field]) -> Value {
    let described = fields.iter().map(|field| {
        let schema = of_value(&field.value, field.nullable);
        (field.property.to_owned(), Value::Object(schema))
    });
    let required: Vec<_> = fields
        .iter()
        .filter(|field| !field.nullable)
        .map(|field| field.property)
        .collect();
    json!({ "type": "object", "properties": described.collect::<Map<_, _>>(), "required": required })
}

fn values(choices: &[Choice], nullable: bool) -> Vec<Value> {
    let available = choices
        .iter()
        .filter(|choice| choice.unavailable.is_none())
        .map(|choice| json!(choice.value));
    available.chain(nullable.then_some(Value::Null)).collect()
}

fn entries(object: Value) -> Map<String, Value> {
    match object {
        Value::Object(entries) => entries,
        _ => Map::new(),
    }
}
