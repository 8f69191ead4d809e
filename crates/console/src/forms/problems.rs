//! What is wrong with what was filled in, and beside which field it is said.

use mandate_model::catalogue::Violation;
use mandate_web::Language;

/// What is wrong, in the order of the rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Problems(Vec<Problem>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Problem {
    /// Name of the field.
    field: String,
    /// The line of it, counted from one, where it has several.
    line: Option<usize>,
    /// The rule in English, as "must be …".
    rule: String,
}

impl Problems {
    /// Whether all is well.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Notes that a field breaks a rule.
    pub(crate) fn note(&mut self, field: impl Into<String>, rule: impl Into<String>) {
        self.0.push(Problem {
            field: field.into(),
            line: None,
            rule: rule.into(),
        });
    }

    /// Notes what the house found.
    pub(crate) fn note_all(&mut self, violations: &[Violation]) {
        for violation in violations {
            let (field, line) = place(&violation.property);
            self.0.push(Problem {
                field,
                line,
                rule: violation.rule.clone(),
            });
        }
    }

    /// With the problems of another.
    pub(crate) fn extend(&mut self, other: &Self) {
        self.0.extend(other.0.iter().cloned());
    }

    /// Forgets what is wrong with some fields.
    pub(crate) fn forget(&mut self, is_meant: impl Fn(&str) -> bool) {
        self.0.retain(|problem| !is_meant(&problem.field));
    }

    /// What is wrong with a field, as sentences.
    pub(crate) fn of(&self, field: &str, language: Language) -> Vec<String> {
        let own = self.0.iter().filter(|problem| problem.field == field);
        own.map(|problem| problem.sentence(language)).collect()
    }

    /// What is wrong with none of these fields: with the field it is about, as sentences.
    pub(crate) fn elsewhere(&self, fields: &[String], language: Language) -> Vec<(String, String)> {
        let others = self
            .0
            .iter()
            .filter(|problem| !fields.contains(&problem.field));
        others
            .map(|problem| (problem.field.clone(), problem.sentence(language)))
            .collect()
    }
}

impl Problem {
    fn sentence(&self, language: Language) -> String {
        let rule = language.phrase(&self.rule);
        let sentence = match self.line {
            Some(line) => language.text_with(
                "profiles-line",
                &[("line", &line.to_string()), ("rule", &rule)],
            ),
            None => capitalised(&rule),
        };
        format!("{sentence}.")
    }
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

/// The field of a property: `extendedKeyUsages[2].objectIdentifier` is a field of its own, `scepServerUrls[2]` the third
/// line of one.
fn place(property: &str) -> (String, Option<usize>) {
    let Some((list, rest)) = property.split_once('[') else {
        return (property.to_owned(), None);
    };
    let Some((Ok(row), part)) = rest
        .split_once(']')
        .map(|(row, part)| (row.parse::<usize>(), part))
    else {
        return (property.to_owned(), None);
    };
    match part.strip_prefix('.') {
        Some(part) => (format!("{list}.{row}.{part}"), None),
        None => (list.to_owned(), Some(row + 1)),
    }
}
