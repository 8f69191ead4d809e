//! What is wrong with a request, said so that one can mend it.

use serde::Serialize;
use serde_json::Value;

/// A rule that a request breaks. Nothing of the request is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Violation {
    /// Graph property; items of lists as `extendedKeyUsages[2].objectIdentifier`.
    pub property: String,
    /// The rule, as "must be …" or "cannot be …".
    pub rule: String,
    /// The value as it came, shortened; `None` where there was none or it is not to be repeated.
    pub value: Option<String>,
    /// Property, rule and value in one sentence without a full stop.
    pub message: String,
}

impl Violation {
    /// A violation whose value may be repeated.
    pub fn new(property: impl Into<String>, rule: impl Into<String>, value: &Value) -> Self {
        let (property, rule) = (property.into(), rule.into());
        let shown = shorten(&match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        let message = format!("`{property}` {rule}, but is `{shown}`");
        Self {
            property,
            rule,
            value: Some(shown),
            message,
        }
    }

    /// A violation that does not repeat the value: there is none, or it is binary.
    pub fn without_value(property: impl Into<String>, rule: impl Into<String>) -> Self {
        let (property, rule) = (property.into(), rule.into());
        let message = format!("`{property}` {rule}");
        Self {
            property,
            rule,
            value: None,
            message,
        }
    }
}

fn shorten(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}

const LONGEST: usize = 120;

/// Something that is allowed but probably not meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Warning {
    /// Stable name, such as `hostIgnoredWithOAuth`.
    pub code: &'static str,
    /// Setting or reference that it is about.
    pub property: &'static str,
    /// One sentence for an administrator, without a full stop.
    pub message: String,
}

impl Warning {
    /// A warning.
    pub fn new(code: &'static str, property: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            property,
            message: message.into(),
        }
    }
}
