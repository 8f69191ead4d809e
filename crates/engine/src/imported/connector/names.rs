//! Which key a request means, and what a new one may be called.

use mandate_model::catalogue::Violation;
use mandate_pki::keys::KeyKind;
use serde_json::Value;

use super::{ConnectorKey, NewConnectorKey};
use crate::EngineError;

/// The key of these names among those there are.
pub(super) fn named<'a>(
    keys: &'a [ConnectorKey],
    provider: Option<&str>,
    name: Option<&str>,
) -> Result<&'a ConnectorKey, Violation> {
    let wrong = |property: &str, rule: String, value: Option<&str>| match value {
        Some(value) => Violation::new(property, rule, &Value::from(value)),
        None => Violation::without_value(property, rule),
    };
    let names: Vec<String> = keys.iter().map(|key| format!("`{}`", key.name)).collect();
    let key = match (name, keys) {
        (_, []) => {
            let rule = "cannot name a connector key, as there is none yet: `mandate connector key` makes one";
            return Err(wrong("keyName", rule.to_owned(), None));
        }
        (None, [only]) => only,
        (None, _) => {
            let rule = format!(
                "is required, as there are several connector keys: {}",
                names.join(", ")
            );
            return Err(wrong("keyName", rule, None));
        }
        (Some(name), _) => keys
            .iter()
            .find(|key| key.name.eq_ignore_ascii_case(name))
            .ok_or_else(|| {
                let rule = format!("must be the name of a connector key ({})", names.join(", "));
                wrong("keyName", rule, Some(name))
            })?,
    };
    match provider {
        Some(provider) if !provider.eq_ignore_ascii_case(&key.provider) => {
            let rule = format!(
                "must be `{}`, the provider of the connector key `{}`",
                key.provider, key.name
            );
            Err(wrong("providerName", rule, Some(provider)))
        }
        _ => Ok(key),
    }
}

/// The kind of a key to be made, if its names are fit.
pub(super) fn checked(new: &NewConnectorKey) -> Result<KeyKind, EngineError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ' ');
    let name = &new.name;
    if name.trim().is_empty()
        || name.trim() != name
        || name.len() > 64
        || !name.chars().all(is_plain)
    {
        let rule = "must have 1 to 64 letters, digits, blanks and . _ -, no blank first or last";
        return Err(EngineError::invalid("keyName", rule, Some(name)));
    }
    let provider = &new.provider;
    if provider.trim().is_empty()
        || provider.chars().count() > 128
        || provider.chars().any(char::is_control)
    {
        let rule = "must have 1 to 128 printable characters";
        return Err(EngineError::invalid("providerName", rule, Some(provider)));
    }
    match new.bits {
        2048 => Ok(KeyKind::Rsa2048),
        3072 => Ok(KeyKind::Rsa3072),
        4096 => Ok(KeyKind::Rsa4096),
        other => Err(EngineError::invalid(
            "size",
            "must be 2048, 3072 or 4096",
            Some(&other.to_string()),
        )),
    }
}

#[cfg(test)]
mod tests {
    use mandate_model::Timestamp;

    use super::*;

    fn key(name: &str) -> ConnectorKey {
        ConnectorKey {
            name: name.to_owned(),
            provider: "KSP".to_owned(),
            bits: 2048,
            public_key: String::new(),
            created_at: Timestamp(0),
        }
    }

    #[test]
    fn a_wrong_name_is_answered_with_the_names_there_are() {
        let keys = [key("old"), key("new")];
        assert_eq!(named(&keys, Some("ksp"), Some("NEW")).unwrap().name, "new");
        let wrong = named(&keys, None, Some("other")).unwrap_err();
        assert_eq!(wrong.property, "keyName");
        assert!(wrong.message.contains("`old`, `new`") && wrong.message.contains("`other`"));
        assert_eq!(named(&keys, None, None).unwrap_err().property, "keyName");
        assert_eq!(named(&keys[..1], None, None).unwrap().name, "old");
        assert_eq!(
            named(&keys, Some("TPM"), Some("new")).unwrap_err().property,
            "providerName"
        );
        assert!(
            named(&[], None, Some("x"))
                .unwrap_err()
                .message
                .contains("mandate connector key")
        );
    }

    #[test]
    fn odd_names_and_sizes_are_refused_by_property() {
        let property = |new: NewConnectorKey| match checked(&new) {
            Err(EngineError::Invalid(violations)) => violations[0].property.clone(),
            other => panic!("{other:?}"),
        };
        let new = NewConnectorKey::default();
        assert_eq!(checked(&new).unwrap(), KeyKind::Rsa3072);
        for name in ["", " x", "a/b", "ä", &"x".repeat(65)] {
            let name = name.to_owned();
            assert_eq!(
                property(NewConnectorKey {
                    name,
                    ..new.clone()
                }),
                "keyName"
            );
        }
        let provider = "\n".to_owned();
        assert_eq!(
            property(NewConnectorKey {
                provider,
                ..new.clone()
            }),
            "providerName"
        );
        assert_eq!(property(NewConnectorKey { bits: 1024, ..new }), "size");
    }
}
