//! When a setting or a reference means something.

use serde_json::Value;

use crate::Settings;

/// A condition over the settings of a profile.
#[derive(Debug, Clone, Copy)]
pub enum Condition {
    /// A boolean setting is true.
    True(&'static str),
    /// A boolean setting is true or unset.
    NotFalse(&'static str),
    /// An enum setting has this value.
    Is(&'static str, &'static str),
    /// A flags setting contains this member, or is unset.
    ContainsOrUnset(&'static str, &'static str),
    /// All of them.
    All(&'static [Self]),
    /// At least one of them.
    Any(&'static [Self]),
}

impl Condition {
    /// Whether it holds for these settings.
    pub fn holds(&self, settings: &Settings) -> bool {
        let value = |property: &str| settings.get(property).unwrap_or(&Value::Null);
        match self {
            Self::True(property) => value(property) == &Value::Bool(true),
            Self::NotFalse(property) => value(property) != &Value::Bool(false),
            Self::Is(property, expected) => value(property).as_str() == Some(expected),
            Self::ContainsOrUnset(property, member) => match value(property).as_str() {
                Some(members) => members.split(',').any(|one| one == *member),
                None => true,
            },
            Self::All(conditions) => conditions.iter().all(|condition| condition.holds(settings)),
            Self::Any(conditions) => conditions.iter().any(|condition| condition.holds(settings)),
        }
    }

    /// The condition in words, without a full stop.
    pub fn describe(&self) -> String {
        let join = |conditions: &[Self], word: &str| {
            conditions
                .iter()
                .map(Self::describe)
                .collect::<Vec<_>>()
                .join(&format!(" {word} "))
        };
        match self {
            Self::True(property) => format!("`{property}` is `true`"),
            Self::NotFalse(property) => format!("`{property}` is not `false`"),
            Self::Is(property, expected) => format!("`{property}` is `{expected}`"),
            Self::ContainsOrUnset(property, member) => format!("`{property}` contains `{member}`"),
            Self::All(conditions) => join(conditions, "and"),
            Self::Any(conditions) => join(conditions, "or"),
        }
    }
}
