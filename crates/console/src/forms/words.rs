//! The words of the catalogue on a page.

use mandate_model::catalogue::{Choice, Condition, Kind, Setting, ValueType};
use mandate_web::Language;
use serde_json::Value;

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    /// What it says.
    pub(crate) text: String,
    /// Whether it is typed like this somewhere.
    pub(crate) is_code: bool,
}

/// A text in which what one types stands in backticks. Names of properties and values are replaced by what the form
/// calls them.
pub(crate) fn spans(
    text: &str,
    kind: &Kind,
    of: Option<&Setting>,
    language: Language,
) -> Vec<Span> {
    let pieces = text.split('`').enumerate();
    let span = |(index, piece): (usize, &str)| {
        if index % 2 == 0 {
            return Span {
                text: piece.to_owned(),
                is_code: false,
            };
        }
        let label = kind
            .setting(piece)
            .filter(|setting| !setting.hidden)
            .map(|setting| setting.label)
            .or_else(|| Some(kind.reference(piece)?.label))
            .or_else(|| Some(choice(&of?.value, piece)?.label));
        match label {
            Some(label) => Span {
                text: format!("“{}”", language.phrase(label)),
                is_code: false,
            },
            None => Span {
                text: piece.to_owned(),
                is_code: true,
            },
        }
    };
    pieces
        .map(span)
        .filter(|span| !span.text.is_empty())
        .collect()
}

/// A choice of a setting by its name.
pub(crate) fn choice(kind: &ValueType, name: &str) -> Option<&'static Choice> {
    let (ValueType::Enum(choices) | ValueType::Flags(choices)) = kind else {
        return None;
    };
    choices.iter().find(|choice| choice.value == name)
}

/// Whether a switch is on or off, as the form asks it.
pub(crate) fn switch(setting: &Setting, value: bool, language: Language) -> String {
    let is_on = value != setting.inverted;
    language.text(if is_on {
        "profiles-enable"
    } else {
        "profiles-disable"
    })
}

/// A condition in the words of the form.
pub(crate) fn condition(condition: &Condition, kind: &Kind, language: Language) -> String {
    let one = |property: &str, value: &str| {
        let Some(setting) = kind.setting(property) else {
            return String::new();
        };
        let label = language.phrase(setting.label);
        let value = match value {
            "true" => switch(setting, true, language),
            "false" => switch(setting, false, language),
            name => language.phrase(choice(&setting.value, name).map_or(name, |one| one.label)),
        };
        format!("“{label}: {value}”")
    };
    let join = |conditions: &[Condition], word: &str| {
        let parts: Vec<String> = conditions
            .iter()
            .map(|part| self::condition(part, kind, language))
            .filter(|part| !part.is_empty())
            .collect();
        parts.join(&format!(" {} ", language.text(word)))
    };
    match condition {
        Condition::True(property) | Condition::NotFalse(property) => one(property, "true"),
        Condition::Is(property, value) | Condition::ContainsOrUnset(property, value) => {
            one(property, value)
        }
        Condition::All(conditions) => join(conditions, "profiles-and"),
        Condition::Any(conditions) => join(conditions, "profiles-or"),
    }
}

/// A value as people read it; lines where it has several.
pub(crate) fn said(setting: &Setting, value: &Value, language: Language) -> Vec<String> {
    let label = |kind: &ValueType, name: &str| {
        language.phrase(choice(kind, name).map_or(name, |choice| choice.label))
    };
    let nothing = || vec![language.text("profiles-not-configured")];
    match (&setting.value, setting.effective(value)) {
        (_, Value::Null) => nothing(),
        (ValueType::Boolean, Value::Bool(value)) => vec![switch(setting, value, language)],
        (ValueType::Enum(_), Value::String(name)) => vec![label(&setting.value, &name)],
        (ValueType::Flags(_), Value::String(names)) => {
            let names: Vec<String> = names
                .split(',')
                .map(|name| label(&setting.value, name))
                .collect();
            vec![names.join(", ")]
        }
        (ValueType::Certificate, Value::String(text)) => {
            let bytes = (text.len() / 4 * 3).to_string();
            vec![language.text_with("profiles-certificate-there", &[("bytes", &bytes)])]
        }
        (ValueType::ObjectList { fields, .. }, Value::Array(items)) if !items.is_empty() => items
            .iter()
            .map(|item| {
                let parts = fields.iter().filter_map(|field| {
                    let text = item.get(field.property)?.as_str()?;
                    Some(label(&field.value, text))
                });
                parts.collect::<Vec<_>>().join(": ")
            })
            .collect(),
        (_, Value::Array(items)) if items.is_empty() => vec![language.text("none")],
        (_, Value::Array(items)) => items
            .iter()
            .filter_map(|item| item.as_str().map(str::to_owned))
            .collect(),
        (_, Value::String(text)) if text.is_empty() => nothing(),
        (_, Value::String(text)) => vec![text],
        (_, other) => vec![other.to_string()],
    }
}
