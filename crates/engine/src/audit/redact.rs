//! What is never written into the audit, by rule and not by memory.

use serde_json::{Value, json};

/// Stands for a secret; that it differs is seen, what it was is not.
const HIDDEN: &str = "(secret)";
/// Characters of a text.
const LONGEST_TEXT: usize = 1024;
/// Octets of a list or object, as JSON.
const LARGEST: usize = 4096;

/// Parts of names whose values are secret, wherever they stand: in lower case, without separators.
const SECRET: [&str; 22] = [
    "password",
    "passphrase",
    "passcode",
    "secret",
    "token",
    "privatekey",
    "presharedkey",
    "sharedkey",
    "apikey",
    "keymaterial",
    "pfxblob",
    "pkcs12",
    "pkcs8",
    "challengetext",
    "challengevalue",
    "recoverycode",
    "seed",
    "totp",
    "pushmagic",
    "cookie",
    "assertion",
    "credentialid",
];

/// A value as the audit may show it.
pub(super) fn value(name: &str, value: &Value) -> Value {
    if (is_secret(name) && holds_text(value)) || holds_private_key(value) {
        return json!(HIDDEN);
    }
    match value {
        Value::String(text) => Value::String(bounded(text)),
        Value::Array(items) => cut(Value::Array(
            items.iter().map(|item| inner(name, item)).collect(),
        )),
        Value::Object(_) => cut(inner(name, value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// A text of bounded length; what was cut is counted.
pub(super) fn bounded(text: &str) -> String {
    let mut places = text.char_indices().map(|(place, _)| place);
    match places.nth(LONGEST_TEXT) {
        None => text.to_owned(),
        Some(place) => {
            let further = text[place..].chars().count();
            format!("{}… ({further} more characters)", &text[..place])
        }
    }
}

/// The same for what stands inside lists and objects.
fn inner(name: &str, item: &Value) -> Value {
    match item {
        Value::Object(properties) => properties
            .iter()
            .map(|(name, property)| (name.clone(), value(name, property)))
            .collect(),
        other => value(name, other),
    }
}

fn cut(found: Value) -> Value {
    let text = found.to_string();
    if text.len() <= LARGEST {
        return found;
    }
    let end = (0..=LARGEST)
        .rev()
        .find(|place| text.is_char_boundary(*place))
        .unwrap_or(0);
    let further = text[end..].chars().count();
    json!(format!("{}… ({further} more characters)", &text[..end]))
}

/// Switches and numbers that only speak of secrets (`passwordRequired`) are none.
fn holds_text(value: &Value) -> bool {
    matches!(value, Value::String(_) | Value::Array(_) | Value::Object(_))
}

/// Whether a text is a private key in PEM, whatever its property is called.
fn holds_private_key(value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----")
}

/// Whether a property is secret by its name.
fn is_secret(name: &str) -> bool {
    let name = name.rsplit('.').next().unwrap_or(name);
    let folded: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_ascii_lowercase();
    SECRET.iter().any(|part| folded.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_by_name_wherever_they_stand() {
        for name in [
            "password",
            "clientSecret",
            "encryptedPfxBlob",
            "settings.preSharedKey",
            "unlock_token",
            "PassPhrase",
        ] {
            assert_eq!(value(name, &json!("hunter2")), HIDDEN, "{name}");
        }
        let key = "-----BEGIN RSA PRIVATE KEY-----\nhunter2\n";
        assert_eq!(value("notes", &json!(key)), HIDDEN);
        let nested =
            json!([{ "name": "x", "secretText": "hunter2", "more": { "password": "hunter2" } }]);
        let shown = value("credentials", &nested).to_string();
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(shown.contains("\"x\""), "{shown}");
    }

    #[test]
    fn what_only_speaks_of_secrets_is_shown() {
        assert_eq!(value("passwordRequired", &json!(true)), true);
        assert_eq!(value("passwordMinimumLength", &json!(8)), 8);
        assert_eq!(value("hostName", &json!("mail")), "mail");
    }

    #[test]
    fn long_values_are_cut_at_a_character() {
        let text = "ä".repeat(LONGEST_TEXT + 5);
        let shown = value("notes", &json!(text));
        assert!(shown.as_str().unwrap().ends_with("… (5 more characters)"));
        let list: Vec<String> = (0..10_000).map(|n| format!("ö{n}")).collect();
        assert!(value("members", &json!(list)).to_string().len() < LARGEST * 2);
    }
}
