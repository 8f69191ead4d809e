//! Which settings mean something: children without their parents are left out.

use mandate_model::Settings;
use mandate_model::catalogue::{Condition, Kind, Setting};
use serde_json::{Value, json};

/// Puts settings that mean nothing back to their defaults. A child of a child goes with its grandparent, so this is done
/// until nothing changes any more.
pub(crate) fn settle(kind: &Kind, settings: &mut Settings) {
    // Each round takes at least one setting back.
    for _ in kind.settings {
        let mut is_settled = true;
        for setting in kind.settings {
            let default = setting.default.to_json();
            let is_default = settings.get(setting.property) == Some(&default);
            if !is_shown(setting, settings) && !is_default {
                settings.insert(setting.property.to_owned(), default);
                is_settled = false;
            }
        }
        if is_settled {
            return;
        }
    }
}

/// Whether a setting means something under these settings.
pub(crate) fn is_shown(setting: &Setting, settings: &Settings) -> bool {
    setting
        .shown_when
        .is_none_or(|condition| condition.holds(settings))
}

/// The setting of which another is a child: the last one that its condition names.
pub(crate) fn parent(condition: &Condition) -> &'static str {
    match condition {
        Condition::True(property)
        | Condition::NotFalse(property)
        | Condition::Is(property, _)
        | Condition::ContainsOrUnset(property, _) => property,
        Condition::All(conditions) | Condition::Any(conditions) => {
            conditions.last().map_or("", parent)
        }
    }
}

/// The condition as the page's script reads it: a list whose first item says what kind it is.
pub(crate) fn to_json(condition: &Condition) -> Value {
    let list = |word: &str, conditions: &[Condition]| {
        let conditions = conditions.iter().map(to_json);
        Value::from(
            std::iter::once(Value::from(word))
                .chain(conditions)
                .collect::<Vec<_>>(),
        )
    };
    match condition {
        Condition::True(property) => json!(["is", property, "true"]),
        Condition::NotFalse(property) => json!(["isNot", property, "false"]),
        Condition::Is(property, value) => json!(["is", property, value]),
        Condition::ContainsOrUnset(property, member) => json!(["contains", property, member]),
        Condition::All(conditions) => list("all", conditions),
        Condition::Any(conditions) => list("any", conditions),
    }
}
