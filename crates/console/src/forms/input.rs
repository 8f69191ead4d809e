//! What stands in the fields of a form.

use std::collections::BTreeMap;

use mandate_model::catalogue::{self, Kind, ValueType};
use mandate_model::{ProfileId, Settings};
use serde_json::{Map, Value};

use super::either::EITHER;

/// What stands in the fields of a form: the values of each field by its name, as a browser sends them.
///
/// A field is named after its property. A part of an object in a list is `property.ROW.part`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Input(BTreeMap<String, Vec<String>>);

/// The most that one field may hold, in bytes; no setting takes as much.
const LONGEST: usize = 128 * 1024;

impl Input {
    /// The fields of a kind among those that were posted.
    pub(crate) fn posted<'a>(
        kind: &Kind,
        fields: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let mut input = Self::default();
        for (name, value) in fields {
            if is_field_of(kind, name) && value.len() <= LONGEST {
                // Browsers end lines in their own way.
                input.add(name, value.replace("\r\n", "\n"));
            }
        }
        for setting in kind.settings {
            if let ValueType::ObjectList { fields, .. } = setting.value {
                let parts: Vec<&str> = fields.iter().map(|field| field.property).collect();
                input.close_ranks(setting.property, &parts);
            }
        }
        input
    }

    /// The fields of a profile as it is.
    pub(crate) fn of_settings(
        kind: &Kind,
        settings: &Settings,
        references: &BTreeMap<String, ProfileId>,
    ) -> Self {
        let mut input = Self::default();
        for setting in kind.settings.iter().filter(|setting| !setting.hidden) {
            let stored = settings.get(setting.property).unwrap_or(&Value::Null);
            input.write(setting.property, &setting.value, &setting.effective(stored));
        }
        for either in EITHER {
            if kind.setting(either.first).is_some() {
                input.add(either.name, either.chosen(settings).to_owned());
            }
        }
        for (property, id) in references {
            if kind.reference(property).is_some() {
                input.add(property, id.to_string());
            }
        }
        input
    }

    /// The fields of a new profile, with the defaults.
    pub(crate) fn of_defaults(kind: &Kind) -> Self {
        let defaults = kind
            .settings
            .iter()
            .map(|setting| (setting.property.to_owned(), setting.default.to_json()));
        Self::of_settings(kind, &defaults.collect(), &BTreeMap::new())
    }

    /// The first value of a field; empty if there is none.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.all(name).first().map_or("", String::as_str)
    }

    /// All values of a field.
    pub(crate) fn all(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// Rows of a list of objects.
    pub(crate) fn rows(&self, property: &str) -> usize {
        let last = self
            .0
            .keys()
            .filter_map(|name| row_of(name, property))
            .max();
        last.map_or(0, |last| last + 1)
    }

    /// As it is kept in a draft.
    pub(crate) fn to_json(&self) -> Value {
        let fields = self
            .0
            .iter()
            .map(|(name, values)| (name.clone(), Value::from(values.clone())));
        Value::Object(fields.collect())
    }

    /// As it was kept in a draft.
    pub(crate) fn of_json(kind: &Kind, kept: &Map<String, Value>) -> Self {
        let texts = |values: &Value| -> Vec<String> {
            let values = values.as_array().into_iter().flatten();
            values
                .filter_map(|value| value.as_str().map(str::to_owned))
                .collect()
        };
        let fields = kept.iter().filter(|(name, _)| is_field_of(kind, name));
        Self(
            fields
                .map(|(name, values)| (name.clone(), texts(values)))
                .collect(),
        )
    }

    fn add(&mut self, name: &str, value: String) {
        self.0.entry(name.to_owned()).or_default().push(value);
    }

    fn write(&mut self, property: &str, kind: &ValueType, value: &Value) {
        match (kind, value) {
            (ValueType::Flags(_), Value::String(members)) => {
                for member in members.split(',') {
                    self.add(property, member.trim().to_owned());
                }
            }
            (ValueType::TextList { .. }, Value::Array(items)) => {
                let lines: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
                self.add(property, lines.join("\n"));
            }
            (ValueType::ObjectList { fields, .. }, Value::Array(items)) => {
                for (row, item) in items.iter().enumerate() {
                    for field in *fields {
                        let part = item.get(field.property).unwrap_or(&Value::Null);
                        let name = format!("{property}.{row}.{}", field.property);
                        self.add(&name, plain(part));
                    }
                }
            }
            (_, Value::Null) => {}
            (_, value) => self.add(property, plain(value)),
        }
    }

    /// Leaves out rows in which nothing stands, so that those that follow move up.
    fn close_ranks(&mut self, property: &str, parts: &[&str]) {
        let is_filled = |row: &usize| {
            parts.iter().any(|part| {
                let name = format!("{property}.{row}.{part}");
                !self.text(&name).trim().is_empty()
            })
        };
        let mut filled: Vec<usize> = self
            .0
            .keys()
            .filter_map(|name| row_of(name, property))
            .filter(is_filled)
            .collect();
        filled.sort_unstable();
        filled.dedup();
        let mut rows = Vec::new();
        for row in filled {
            let values = parts
                .iter()
                .map(|part| self.text(&format!("{property}.{row}.{part}")).to_owned());
            rows.push(values.collect::<Vec<_>>());
        }
        self.0.retain(|name, _| row_of(name, property).is_none());
        for (row, values) in rows.into_iter().enumerate() {
            for (part, value) in parts.iter().zip(values) {
                self.add(&format!("{property}.{row}.{part}"), value);
            }
        }
    }
}

/// What a field shows of a text, number or switch.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Row of a field that belongs to a list of objects.
fn row_of(name: &str, property: &str) -> Option<usize> {
    let rest = name.strip_prefix(property)?.strip_prefix('.')?;
    let (row, _) = rest.split_once('.')?;
    row.parse().ok().filter(|row| *row < MOST_ROWS)
}

/// More than any list may have.
const MOST_ROWS: usize = 1000;

/// Whether a form of the kind has a field of this name.
fn is_field_of(kind: &Kind, name: &str) -> bool {
    if kind.reference(name).is_some() || EITHER.iter().any(|either| either.name == name) {
        return true;
    }
    if let Some(setting) = kind.setting(name) {
        return !setting.hidden && !matches!(setting.value, ValueType::ObjectList { .. });
    }
    let Some((property, rest)) = name.split_once('.') else {
        return false;
    };
    let Some(ValueType::ObjectList { fields, .. }) = kind.setting(property).map(|s| s.value) else {
        return false;
    };
    let part = rest.split_once('.').map(|(_, part)| part);
    row_of(name, property).is_some() && part.is_some_and(|part| has_part(fields, part))
}

fn has_part(fields: &[catalogue::Field], part: &str) -> bool {
    fields.iter().any(|field| field.property == part)
}
