//! Reading one value of a Graph body into its normal form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::{Choice, Field, TextRule, ValueType, Violation};

/// Reads a value; the result is in Graph's spelling. An empty text counts as `null` where `null` is allowed.
pub(super) fn read(
    path: &str,
    kind: &ValueType,
    nullable: bool,
    value: &Value,
) -> Result<Value, Vec<Violation>> {
    let unset =
        value.is_null() || (matches!(kind, ValueType::Text { .. }) && value.as_str() == Some(""));
    if nullable && unset {
        return Ok(Value::Null);
    }
    if value.is_null() {
        return Err(vec![Violation::without_value(path, "must not be null")]);
    }
    let one = |result: Result<Value, String>| {
        result.map_err(|rule| vec![Violation::new(path, rule, value)])
    };
    match kind {
        ValueType::Text {
            rule,
            maximum_length,
        } => one(text(*rule, *maximum_length, value)),
        ValueType::Boolean if value.is_boolean() => Ok(value.clone()),
        ValueType::Boolean => one(Err("must be `true` or `false`".to_owned())),
        ValueType::Enum(choices) => one(member(choices, value)),
        ValueType::Flags(choices) => one(flags(choices, value)),
        ValueType::Integer { minimum, maximum } => one(integer(*minimum, *maximum, value)),
        ValueType::Certificate => {
            certificate(value).map_err(|rule| vec![Violation::without_value(path, rule)])
        }
        ValueType::TextList {
            rule,
            maximum_length,
            maximum_items,
        } => list(path, *maximum_items, value, |path, item| {
            text(*rule, *maximum_length, item)
                .map_err(|rule| vec![Violation::new(path, rule, item)])
        }),
        ValueType::ObjectList {
            fields,
            maximum_items,
            ..
        } => list(path, *maximum_items, value, |path, item| {
            object(path, fields, item)
        }),
    }
}

fn text(rule: TextRule, maximum_length: usize, value: &Value) -> Result<Value, String> {
    let text = value.as_str().ok_or("must be a text")?;
    rule.check(text)?;
    if text.chars().count() > maximum_length {
        return Err(format!("must have at most {maximum_length} characters"));
    }
    Ok(value.clone())
}

fn member(choices: &[Choice], value: &Value) -> Result<Value, String> {
    let text = value.as_str().unwrap_or_default().trim();
    choose(choices, text).map(|choice| Value::from(choice.value))
}

fn choose<'a>(choices: &'a [Choice], text: &str) -> Result<&'a Choice, String> {
    let choice = choices
        .iter()
        .find(|choice| choice.value.eq_ignore_ascii_case(text));
    match choice {
        Some(Choice {
            value,
            unavailable: Some(reason),
            ..
        }) => Err(format!("cannot be `{value}`: {reason}")),
        Some(choice) => Ok(choice),
        None => Err(format!("must be one of {}", names(choices))),
    }
}

fn names(choices: &[Choice]) -> String {
    let available = choices.iter().filter(|choice| choice.unavailable.is_none());
    available
        .map(|choice| format!("`{}`", choice.value))
        .collect::<Vec<_>>()
        .join(", ")
}

fn flags(choices: &[Choice], value: &Value) -> Result<Value, String> {
    let text = value
        .as_str()
        .ok_or_else(|| format!("must be any of {}, separated by commas", names(choices)))?;
    let mut chosen = Vec::new();
    for name in text.split(',') {
        chosen.push(choose(choices, name.trim())?.value);
    }
    let mut canonical: Vec<_> = choices
        .iter()
        .map(|choice| choice.value)
        .filter(|name| chosen.contains(name))
        .collect();
    if canonical.len() > 1 {
        canonical.retain(|name| *name != "none");
    }
    Ok(Value::from(canonical.join(",")))
}

fn integer(minimum: i64, maximum: i64, value: &Value) -> Result<Value, String> {
    match value.as_i64() {
        Some(number) if (minimum..=maximum).contains(&number) => Ok(Value::from(number)),
        _ => Err(format!(
            "must be a whole number from {minimum} to {maximum}"
        )),
    }
}

fn list(
    path: &str,
    maximum_items: usize,
    value: &Value,
    mut read_item: impl FnMut(&str, &Value) -> Result<Value, Vec<Violation>>,
) -> Result<Value, Vec<Violation>> {
    let items = match value.as_array() {
        Some(items) if items.len() <= maximum_items => items,
        Some(_) => {
            return Err(vec![Violation::without_value(
                path,
                format!("must have at most {maximum_items} items"),
            )]);
        }
        None => return Err(vec![Violation::new(path, "must be a list", value)]),
    };
    let (mut read, mut violations) = (Vec::new(), Vec::new());
    for (index, item) in items.iter().enumerate() {
        match read_item(&format!("{path}[{index}]"), item) {
            Ok(item) => read.push(item),
            Err(found) => violations.extend(found),
        }
    }
    if violations.is_empty() {
        Ok(Value::Array(read))
    } else {
        Err(violations)
    }
}

fn object(path: &str, fields: &[Field], value: &Value) -> Result<Value, Vec<Violation>> {
    let Some(given) = value.as_object() else {
        return Err(vec![Violation::new(path, "must be an object", value)]);
    };
    let mut violations = Vec::new();
    for property in given.keys().filter(|key| !key.contains('@')) {
        if !fields
            .iter()
            .any(|field| field.property.eq_ignore_ascii_case(property))
        {
            violations.push(Violation::without_value(
                format!("{path}.{property}"),
                "is not known here",
            ));
        }
    }
    let mut object = Map::new();
    for field in fields {
        let found = given
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(field.property));
        let value = found.map_or(&Value::Null, |(_, value)| value);
        match read(
            &format!("{path}.{}", field.property),
            &field.value,
            field.nullable,
            value,
        ) {
            Ok(value) => drop(object.insert(field.property.to_owned(), value)),
            Err(found) => violations.extend(found),
        }
    }
    if violations.is_empty() {
        Ok(Value::Object(object))
    } else {
        Err(violations)
    }
}

/// Takes DER or PEM in base64, or PEM as it is, and keeps DER in base64.
fn certificate(value: &Value) -> Result<Value, String> {
    let text = value.as_str().ok_or("must be a certificate in base64")?;
    let bytes = if text.trim_start().starts_with(PEM_START) {
        text.as_bytes().to_vec()
    } else {
        decode(text)?
    };
    let der = match std::str::from_utf8(&bytes).map(str::trim) {
        Ok(pem) if pem.contains(PEM_START) => from_pem(pem)?,
        _ => bytes,
    };
    if looks_like_certificate(&der) {
        Ok(Value::from(STANDARD.encode(der)))
    } else {
        Err("must be an X.509 certificate in DER or PEM, encoded in base64".to_owned())
    }
}

fn decode(text: &str) -> Result<Vec<u8>, String> {
    let compact: String = text.split_ascii_whitespace().collect();
    STANDARD
        .decode(compact)
        .map_err(|_| "must be valid base64".to_owned())
}

fn from_pem(pem: &str) -> Result<Vec<u8>, String> {
    if pem.contains("PRIVATE KEY") {
        return Err("must not contain a private key".to_owned());
    }
    let mut blocks = pem.split(PEM_CERTIFICATE).skip(1);
    let (block, further) = (blocks.next(), blocks.next());
    match (
        block.and_then(|block| block.split("-----END CERTIFICATE-----").next()),
        further,
    ) {
        (Some(body), None) => decode(body),
        (Some(_), Some(_)) => Err("must be one certificate; make one profile for each".to_owned()),
        (None, _) => Err("must be a PEM block of type `CERTIFICATE`".to_owned()),
    }
}

/// RFC 5280 §4.1: one SEQUENCE of SEQUENCE, SEQUENCE and BIT STRING, with nothing behind it. The model knows no PKI;
/// this only tells a certificate from a slip.
fn looks_like_certificate(der: &[u8]) -> bool {
    let Some((0x30, inner, [])) = element(der) else {
        return false;
    };
    let Some((0x30, body, rest)) = element(inner) else {
        return false;
    };
    let Some((0x30, _, rest)) = element(rest) else {
        return false;
    };
    matches!(element(rest), Some((0x03, _, []))) && element(body).is_some()
}

/// Tag, content and what follows of the first element.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (
                bytes
                    .iter()
                    .fold(0, |length, byte| (length << 8) | usize::from(*byte)),
                rest,
            )
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

const PEM_START: &str = "-----BEGIN ";
const PEM_CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----";
