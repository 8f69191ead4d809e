//! The form of a kind: sections of fields, parents before their children.

use std::collections::BTreeMap;

use mandate_model::catalogue::{Condition, Field as Part, Kind, Reference, Setting, ValueType};
use mandate_model::{ProfileId, Settings};
use mandate_web::Language;

use super::either::{Either, FIRST, SECOND};
use super::field::{Cell, Choice, Column, Field, Line, Widget};
use super::input::Input;
use super::problems::Problems;
use super::shown::{is_shown, parent, to_json};
use super::suggestions::suggestions;
use super::words::{condition, said, spans, switch};

/// A form as the page shows it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Form {
    /// Its parts, in the order of the catalogue.
    pub(crate) sections: Vec<Section>,
    /// What is wrong, with the id of the field that a link leads to, the field's name for people, and the sentence.
    pub(crate) wrong: Vec<(String, String, String)>,
}

/// A part of a form with a heading.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Section {
    /// Heading; empty for none.
    pub(crate) title: String,
    /// Its fields.
    pub(crate) fields: Vec<Field>,
}

/// A profile that another may refer to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offer {
    /// The profile.
    pub(crate) id: ProfileId,
    /// Its name.
    pub(crate) name: String,
    /// What kind it is, for people.
    pub(crate) kind: String,
}

/// What a form is made from.
pub(crate) struct Making<'a> {
    pub(crate) kind: &'static Kind,
    pub(crate) input: &'a Input,
    /// The settings as the fields say; decides which children are shown.
    pub(crate) settings: &'a Settings,
    pub(crate) problems: &'a Problems,
    /// Profiles that each reference may name.
    pub(crate) offers: &'a BTreeMap<&'static str, Vec<Offer>>,
    /// Whether the profile is there already, so that some settings are fixed.
    pub(crate) is_made: bool,
    pub(crate) language: Language,
}

impl Form {
    /// The form.
    pub(crate) fn new(making: &Making<'_>) -> Self {
        let mut sections: Vec<(&str, Vec<Field>)> = Vec::new();
        let mut placed: Vec<&str> = Vec::new();
        for setting in making.kind.settings.iter().filter(|one| !one.hidden) {
            let own: Vec<Field> = making.fields_of(setting);
            match sections
                .iter_mut()
                .find(|(name, _)| *name == setting.section)
            {
                Some((_, fields)) => fields.extend(own),
                None => sections.push((setting.section, own)),
            }
            for reference in making.references_after(setting, &placed) {
                placed.push(reference.property);
                let field = making.reference(reference);
                if let Some((_, fields)) = sections
                    .iter_mut()
                    .find(|(name, _)| *name == setting.section)
                {
                    fields.push(field);
                }
            }
        }
        let sections: Vec<Section> = sections
            .into_iter()
            .map(|(title, fields)| Section {
                title: making.language.phrase(title),
                fields,
            })
            .collect();
        let wrong = all_wrong(&sections, making.problems, making.language);
        Self { sections, wrong }
    }
}

/// What is wrong anywhere, in the order of the page; what belongs to no field comes last.
fn all_wrong(
    sections: &[Section],
    problems: &Problems,
    language: Language,
) -> Vec<(String, String, String)> {
    let (mut wrong, mut names) = (Vec::new(), Vec::new());
    for field in sections.iter().flat_map(|section| &section.fields) {
        names.push(field.name.clone());
        for sentence in &field.wrong {
            wrong.push((field.anchor(), field.label.clone(), sentence.clone()));
        }
        if let Widget::Rows { rows, .. } = &field.widget {
            for cell in rows.iter().flat_map(|row| &row.cells) {
                names.push(cell.name.clone());
                for sentence in &cell.wrong {
                    let label = format!("{}, {}", field.label, cell.label);
                    wrong.push((cell.name.clone(), label, sentence.clone()));
                }
            }
        }
    }
    let elsewhere = problems.elsewhere(&names, language);
    wrong.extend(
        elsewhere
            .into_iter()
            .map(|(field, sentence)| (String::new(), field, sentence)),
    );
    wrong
}

impl Making<'_> {
    /// The field of a setting, after the question before it.
    fn fields_of(&self, setting: &Setting) -> Vec<Field> {
        let Some((either, answer)) = Either::before(setting.property) else {
            return vec![self.setting(setting)];
        };
        let mut field = self.setting(setting);
        field.depth += 1;
        field.is_shown = field.is_shown && self.input.text(either.name) == answer;
        field.when = both(&field.when, either.name, answer);
        let is_first = either.first == setting.property;
        let question = is_first.then(|| self.question(either, setting));
        question.into_iter().chain([field]).collect()
    }

    fn question(&self, either: &Either, setting: &Setting) -> Field {
        let label = |text: &str| self.language.phrase(text);
        let chosen = self.input.text(either.name);
        let choice = |value: &str, label: String| Choice {
            value: value.to_owned(),
            label,
            is_chosen: chosen == value,
            unavailable: String::new(),
        };
        Field {
            name: either.name.to_owned(),
            label: label(either.label),
            hint: Vec::new(),
            since: None,
            is_required: false,
            wrong: self.problems.of(either.name, self.language),
            widget: Widget::Select(vec![
                choice("", self.language.text("profiles-not-configured")),
                choice(FIRST, label(either.first_label)),
                choice(SECOND, label(either.second_label)),
            ]),
            ..self.bare(setting)
        }
    }

    fn setting(&self, setting: &Setting) -> Field {
        Field {
            hint: spans(
                &self.language.phrase(setting.help),
                self.kind,
                Some(setting),
                self.language,
            ),
            wrong: self.problems.of(setting.property, self.language),
            is_required: setting.required,
            since: setting.minimum_os.map(|version| version.to_string()),
            widget: self.widget(setting),
            ..self.bare(setting)
        }
    }

    /// A field of which only name and place are known.
    fn bare(&self, setting: &Setting) -> Field {
        self.placed(setting.property, setting.label, setting.shown_when)
    }

    fn placed(&self, property: &str, label: &str, shown_when: Option<Condition>) -> Field {
        let is_shown = shown_when.is_none_or(|when| when.holds(self.settings));
        // What hangs on something that no form shows, no script can tell.
        let asked = |when: &Condition| {
            let above = self.kind.setting(parent(when));
            above.is_some_and(|above| !above.hidden)
        };
        let shown_when = shown_when.filter(asked);
        Field {
            name: property.to_owned(),
            label: self.language.phrase(label),
            hint: Vec::new(),
            since: None,
            is_required: false,
            wrong: Vec::new(),
            when: shown_when.map_or_else(String::new, |when| to_json(&when).to_string()),
            when_said: shown_when
                .map(|when| condition(&when, self.kind, self.language))
                .unwrap_or_default(),
            is_shown,
            depth: shown_when.map_or(0, |when| self.depth(&when)),
            widget: Widget::Fixed {
                value: String::new(),
            },
        }
    }

    /// How many parents stand above what this condition shows.
    fn depth(&self, condition: &Condition) -> usize {
        let above = self.kind.setting(parent(condition));
        let Some(above) = above.filter(|above| !above.hidden) else {
            return 0;
        };
        // What a whole section hangs on is no parent of its fields.
        if matches!(condition, Condition::Any(_)) {
            return 0;
        }
        1 + above.shown_when.map_or(0, |when| self.depth(&when))
    }

    fn widget(&self, setting: &Setting) -> Widget {
        let name = setting.property;
        let value = || self.input.text(name).to_owned();
        if setting.fixed && self.is_made {
            let value = self.settings.get(name).cloned().unwrap_or_default();
            return Widget::Fixed {
                value: said(setting, &value, self.language).join(", "),
            };
        }
        match setting.value {
            ValueType::Text { maximum_length, .. } => Widget::Line {
                value: value(),
                maximum: maximum_length,
                suggestions: suggestions(name, "", self.language),
            },
            ValueType::Boolean => Widget::Radios(self.answers(setting)),
            ValueType::Enum(_) => Widget::Select(self.choices(setting)),
            ValueType::Flags(_) => Widget::Boxes(self.choices(setting)),
            ValueType::Integer { minimum, maximum } => Widget::Number {
                value: value(),
                minimum,
                maximum,
            },
            ValueType::Certificate => Widget::Certificate {
                value: value(),
                file_name: self.kind.setting("certFileName").map_or("", |s| s.property),
            },
            ValueType::TextList { .. } => Widget::Lines { value: value() },
            ValueType::ObjectList {
                fields,
                maximum_items,
                ..
            } => self.rows(name, fields, maximum_items),
        }
    }

    fn answers(&self, setting: &Setting) -> Vec<Choice> {
        let chosen = self.input.text(setting.property);
        let answer = |value: bool| Choice {
            value: value.to_string(),
            label: switch(setting, value, self.language),
            is_chosen: chosen == value.to_string(),
            unavailable: String::new(),
        };
        let mut answers = vec![answer(!setting.inverted), answer(setting.inverted)];
        if chosen.is_empty() && setting.nullable {
            answers.push(self.nothing(true));
        }
        answers
    }

    fn choices(&self, setting: &Setting) -> Vec<Choice> {
        let (ValueType::Enum(all) | ValueType::Flags(all)) = setting.value else {
            return Vec::new();
        };
        let chosen = self.input.all(setting.property);
        let is_enum = matches!(setting.value, ValueType::Enum(_));
        let says_nothing = chosen.iter().all(String::is_empty);
        let can_say_nothing =
            setting.nullable && setting.effective(&serde_json::Value::Null).is_null();
        let nothing = if is_enum && can_say_nothing {
            Some(self.nothing(says_nothing))
        } else if is_enum && says_nothing {
            Some(Choice {
                label: self.language.text("profiles-choose"),
                ..self.nothing(true)
            })
        } else {
            None
        };
        let choice = |one: &mandate_model::catalogue::Choice| {
            let label = self.language.phrase(one.label);
            Choice {
                value: one.value.to_owned(),
                label: match one.minimum_os {
                    Some(version) => self.language.text_with(
                        "profiles-choice-since",
                        &[("choice", &label), ("version", &version.to_string())],
                    ),
                    None => label,
                },
                is_chosen: chosen.iter().any(|name| name == one.value),
                unavailable: one
                    .unavailable
                    .map_or_else(String::new, |reason| self.language.phrase(reason)),
            }
        };
        nothing.into_iter().chain(all.iter().map(choice)).collect()
    }

    fn nothing(&self, is_chosen: bool) -> Choice {
        Choice {
            value: String::new(),
            label: self.language.text("profiles-not-configured"),
            is_chosen,
            unavailable: String::new(),
        }
    }

    fn rows(&self, property: &str, parts: &[Part], maximum: usize) -> Widget {
        let columns = parts.iter().map(|part| Column {
            label: self.language.phrase(part.label),
        });
        // One is left to be filled in.
        let count = (self.input.rows(property) + 1).min(maximum);
        let rows = (0..count).map(|row| Line {
            number: row + 1,
            cells: parts
                .iter()
                .map(|part| self.cell(property, row, part))
                .collect(),
        });
        Widget::Rows {
            columns: columns.collect(),
            rows: rows.collect(),
        }
    }

    fn cell(&self, property: &str, row: usize, part: &Part) -> Cell {
        let name = format!("{property}.{row}.{}", part.property);
        let value = self.input.text(&name).to_owned();
        let widget = match part.value {
            ValueType::Enum(choices) => {
                let choice = |one: &mandate_model::catalogue::Choice| Choice {
                    value: one.value.to_owned(),
                    label: self.language.phrase(one.label),
                    is_chosen: value == one.value,
                    unavailable: String::new(),
                };
                let empty = Choice {
                    label: self.language.text("profiles-choose"),
                    ..self.nothing(value.is_empty())
                };
                Widget::Select(
                    std::iter::once(empty)
                        .chain(choices.iter().map(choice))
                        .collect(),
                )
            }
            ValueType::Text { maximum_length, .. } => Widget::Line {
                suggestions: suggestions(property, part.property, self.language),
                maximum: maximum_length,
                value,
            },
            _ => Widget::Lines { value },
        };
        Cell {
            label: self.language.phrase(part.label),
            wrong: self.problems.of(&name, self.language),
            name,
            widget,
        }
    }

    /// References that are asked for behind a setting: where it is the last that they hang on, or the last one of its
    /// section where they hang on nothing.
    fn references_after(&self, setting: &Setting, placed: &[&str]) -> Vec<&'static Reference> {
        let is_here = |reference: &&Reference| {
            if let Some(condition) = reference.required_when {
                parent(&condition) == setting.property
            } else {
                let mut section = self
                    .kind
                    .settings
                    .iter()
                    .filter(|other| !other.hidden && other.section == self.first_section());
                section.next_back().map(|last| last.property) == Some(setting.property)
            }
        };
        let here = self.kind.references.iter().filter(is_here);
        here.filter(|one| !placed.contains(&one.property)).collect()
    }

    fn first_section(&self) -> &'static str {
        let mut shown = self.kind.settings.iter().filter(|one| !one.hidden);
        shown.next().map_or("", |first| first.section)
    }

    fn reference(&self, reference: &Reference) -> Field {
        let chosen = self.input.text(reference.property);
        let offers = self
            .offers
            .get(reference.property)
            .map_or(&[][..], Vec::as_slice);
        let is_offered = offers.iter().any(|offer| offer.id.to_string() == chosen);
        let mut choices = vec![Choice {
            label: self.language.text("profiles-choose"),
            ..self.nothing(chosen.is_empty())
        }];
        choices.extend(offers.iter().map(|offer| {
            let value = offer.id.to_string();
            Choice {
                label: format!("{} ({})", offer.name, offer.kind),
                is_chosen: value == chosen,
                value,
                unavailable: String::new(),
            }
        }));
        if !chosen.is_empty() && !is_offered {
            // One that the administrator cannot see stays what it is.
            choices.push(Choice {
                value: chosen.to_owned(),
                label: self.language.text("profiles-hidden-profile"),
                is_chosen: true,
                unavailable: String::new(),
            });
        }
        let hint = self.language.phrase(reference.help);
        Field {
            hint: spans(&hint, self.kind, None, self.language),
            wrong: self.problems.of(reference.property, self.language),
            widget: Widget::Reference {
                choices,
                target: self.language.phrase(reference.target_label),
            },
            ..self.placed(reference.property, reference.label, reference.required_when)
        }
    }
}

/// A condition together with the answer to a question.
fn both(when: &str, question: &str, answer: &str) -> String {
    let own = serde_json::json!(["is", question, answer]);
    match serde_json::from_str::<serde_json::Value>(when) {
        Ok(when) => serde_json::json!(["all", when, own]).to_string(),
        Err(_) => own.to_string(),
    }
}

/// A label with its values.
type Entry = (String, Vec<String>);
/// A heading with what stands below it.
pub(crate) type Summary = (String, Vec<Entry>);

/// What stands in a profile, for reading: sections with labels and values, children without a meaning left out.
pub(crate) fn summary(
    kind: &Kind,
    settings: &Settings,
    references: &BTreeMap<String, String>,
    language: Language,
) -> Vec<Summary> {
    let mut sections: Vec<(&str, Vec<Entry>)> = Vec::new();
    for setting in kind.settings {
        let value = settings.get(setting.property).cloned().unwrap_or_default();
        let is_other_answer = Either::before(setting.property).is_some() && value.is_null();
        if setting.hidden || !is_shown(setting, settings) || is_other_answer {
            continue;
        }
        let entry = (
            language.phrase(setting.label),
            said(setting, &value, language),
        );
        match sections
            .iter_mut()
            .find(|(name, _)| *name == setting.section)
        {
            Some((_, entries)) => entries.push(entry),
            None => sections.push((setting.section, vec![entry])),
        }
    }
    let mut all: Vec<Summary> = sections
        .into_iter()
        .map(|(title, entries)| (language.phrase(title), entries))
        .collect();
    let meant = kind.references.iter().filter(|reference| {
        reference
            .required_when
            .is_none_or(|condition| condition.holds(settings))
    });
    let named: Vec<(String, Vec<String>)> = meant
        .map(|reference| {
            let name = references.get(reference.property).cloned();
            let name = name.unwrap_or_else(|| language.text("none"));
            (language.phrase(reference.label), vec![name])
        })
        .collect();
    if !named.is_empty() {
        all.push((language.text("profiles-references"), named));
    }
    all
}
