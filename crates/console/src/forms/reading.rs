//! What the fields mean, in the words of the management API.

use std::collections::BTreeMap;

use mandate_model::catalogue::{Field, Kind, Setting, ValueType};
use mandate_model::{ProfileId, Settings};
use serde_json::{Map, Value};

use super::either::EITHER;
use super::input::Input;
use super::problems::Problems;
use super::shown::{is_shown, settle};

/// What the fields of a form mean.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reading {
    /// All settings as the fields say; those without a meaning at their defaults.
    pub(crate) settings: Settings,
    /// The settings of the form, as a request would say them.
    pub(crate) body: Map<String, Value>,
    /// References by navigation property; `None` where there is none, or none any more.
    pub(crate) references: BTreeMap<String, Option<ProfileId>>,
    /// What cannot be understood, or is missing.
    pub(crate) problems: Problems,
}

impl Reading {
    /// Reads the fields of a new profile.
    pub(crate) fn of_new(kind: &Kind, input: &Input) -> Self {
        Self::read(kind, input, None)
    }

    /// Reads the fields of a profile that says this now. What amounts to the same stays as it is, so that nothing differs
    /// that nobody changed.
    pub(crate) fn of_change(
        kind: &Kind,
        input: &Input,
        current: (&Settings, &BTreeMap<String, ProfileId>),
    ) -> Self {
        Self::read(kind, input, Some(current))
    }

    fn read(
        kind: &Kind,
        input: &Input,
        current: Option<(&Settings, &BTreeMap<String, ProfileId>)>,
    ) -> Self {
        let now = current.map(|(settings, _)| settings);
        let stored = |setting: &Setting| now.and_then(|now| now.get(setting.property)).cloned();
        let mut problems = Problems::default();
        let mut settings: Settings = kind
            .settings
            .iter()
            .map(|setting| {
                let before = stored(setting);
                let value = if setting.hidden || (setting.fixed && before.is_some()) {
                    None
                } else {
                    value_of(setting, input, before.as_ref(), &mut problems)
                };
                let value = value.or(before);
                let value = value.unwrap_or_else(|| setting.default.to_json());
                (setting.property.to_owned(), value)
            })
            .collect();
        for either in EITHER
            .iter()
            .filter(|either| either.setting(kind).is_some())
        {
            either.keep_chosen(input.text(either.name), &mut settings);
        }
        settle(kind, &mut settings);
        let is_child_alone = |field: &str| {
            let setting = kind.setting(field);
            setting.is_some_and(|setting| !is_shown(setting, &settings))
        };
        problems.forget(is_child_alone);
        for setting in kind.settings {
            if let (Some(before), Some(after)) =
                (stored(setting), settings.get_mut(setting.property))
                && is_same(setting, &before, after)
            {
                *after = before;
            }
        }
        let is_asked = |setting: &&Setting| !(setting.hidden || setting.fixed && now.is_some());
        let missing = |setting: &&Setting| {
            setting.required && settings.get(setting.property).is_none_or(is_blank)
        };
        for setting in kind.settings.iter().filter(is_asked).filter(missing) {
            problems.note(setting.property, "is required");
        }
        let body = kind
            .settings
            .iter()
            .filter(is_asked)
            .filter(|setting| !missing(setting))
            .filter_map(|setting| {
                let value = settings.get(setting.property)?.clone();
                Some((setting.property.to_owned(), value))
            })
            .collect();
        let references = references(kind, input, &settings, current, &mut problems);
        Self {
            settings,
            body,
            references,
            problems,
        }
    }

    /// The references of a profile that had these before.
    pub(crate) fn references_after(
        &self,
        before: &BTreeMap<String, ProfileId>,
    ) -> BTreeMap<String, ProfileId> {
        let mut after = before.clone();
        for (property, id) in &self.references {
            match id {
                Some(id) => after.insert(property.clone(), *id),
                None => after.remove(property),
            };
        }
        after
    }
}

/// The value of a setting; `None` where the fields do not say it.
fn value_of(
    setting: &Setting,
    input: &Input,
    before: Option<&Value>,
    problems: &mut Problems,
) -> Option<Value> {
    let text = input.text(setting.property).trim();
    match setting.value {
        ValueType::Text { .. } | ValueType::Certificate if text.is_empty() => {
            Some(if setting.nullable {
                Value::Null
            } else {
                Value::from("")
            })
        }
        ValueType::Boolean => match text {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            _ => None,
        },
        ValueType::Enum(_) if text.is_empty() => setting.nullable.then_some(Value::Null),
        ValueType::Text { .. } | ValueType::Certificate | ValueType::Enum(_) => {
            Some(Value::from(text))
        }
        ValueType::Flags(_) => {
            let chosen = input.all(setting.property);
            if chosen.is_empty() {
                // An older profile may say nothing, and go on saying nothing.
                if !before.is_some_and(Value::is_null) {
                    problems.note(setting.property, "must have at least one choice");
                }
                return None;
            }
            Some(Value::from(chosen.join(",")))
        }
        ValueType::Integer { minimum, maximum } => {
            if let Ok(number) = text.parse::<i64>() {
                Some(Value::from(number))
            } else {
                let rule = format!("must be a whole number from {minimum} to {maximum}");
                problems.note(setting.property, rule);
                None
            }
        }
        ValueType::TextList { .. } => {
            let lines = text
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .map(Value::from);
            Some(Value::from(lines.collect::<Vec<_>>()))
        }
        ValueType::ObjectList { fields, .. } => {
            let rows = 0..input.rows(setting.property);
            let rows = rows.map(|row| object_of(setting.property, row, fields, input));
            Some(Value::from(rows.collect::<Vec<_>>()))
        }
    }
}

fn object_of(property: &str, row: usize, fields: &[Field], input: &Input) -> Value {
    let parts = fields.iter().map(|field| {
        let name = format!("{property}.{row}.{}", field.property);
        let text = input.text(&name).trim();
        let is_unset = text.is_empty() && field.nullable;
        let value = if is_unset {
            Value::Null
        } else {
            Value::from(text)
        };
        (field.property.to_owned(), value)
    });
    Value::Object(parts.collect())
}

/// Whether two values amount to the same, as far as a form can tell.
fn is_same(setting: &Setting, before: &Value, after: &Value) -> bool {
    let (before, after) = (setting.effective(before), setting.effective(after));
    before == after
        || match (before.as_str(), after.as_str()) {
            (Some(before), Some(after)) => before.trim() == after.trim(),
            _ => is_blank(&before) && is_blank(&after) && setting.nullable,
        }
}

/// Whether nothing stands there.
fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

fn references(
    kind: &Kind,
    input: &Input,
    settings: &Settings,
    current: Option<(&Settings, &BTreeMap<String, ProfileId>)>,
    problems: &mut Problems,
) -> BTreeMap<String, Option<ProfileId>> {
    let mut references = BTreeMap::new();
    for reference in kind.references {
        let means = |settings: &Settings| {
            reference
                .required_when
                .is_none_or(|condition| condition.holds(settings))
        };
        if !means(settings) {
            // What meant nothing before is left alone.
            if current.is_some_and(|(before, _)| means(before)) {
                references.insert(reference.property.to_owned(), None);
            }
            continue;
        }
        let chosen = match input.text(reference.property) {
            "" => None,
            text => {
                if let Ok(id) = text.parse() {
                    Some(id)
                } else {
                    problems.note(reference.property, "must name an existing profile");
                    None
                }
            }
        };
        references.insert(reference.property.to_owned(), chosen);
    }
    if let Some((_, before)) = current {
        // A request that repeats what is there, or takes away what is not, says nothing.
        references.retain(|property, chosen| before.get(property) != chosen.as_ref());
    }
    references
}
