//! Asking a rule about somebody.

use std::borrow::Cow;

use super::expression::{Condition, Expression, Left, Operand, Operator, Quantifier};
use super::parse::moment;
use super::subject::{RuleSubject, Value};
use crate::OsVersion;

/// How a rule, or a part of it, came to its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The part, as text.
    pub expression: String,
    /// Whether it holds.
    pub holds: bool,
    /// Name and value of the property that was compared; a value that is absent is `None`.
    pub property: Option<(String, Option<String>)>,
    /// What it is made of.
    pub parts: Vec<Self>,
}

impl Expression {
    pub(super) fn holds(&self, subject: &RuleSubject<'_>) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(subject)),
            Self::Either(parts) => parts.iter().any(|part| part.holds(subject)),
            Self::Not(inner) => !inner.holds(subject),
            Self::Condition(condition) => match &condition.left {
                Left::Property(property) => condition.holds(&subject.value(property)),
                // The parser lets an item stand nowhere but in `Items`.
                Left::Item => false,
            },
            Self::Items {
                property,
                quantifier,
                test,
            } => {
                let value = subject.value(property);
                let items = match &value {
                    Value::Texts(items) => items.as_slice(),
                    Value::Absent | Value::Text(_) | Value::Flag(_) => &[],
                };
                match quantifier {
                    Quantifier::Any => items.iter().any(|item| test.holds_of_item(item)),
                    Quantifier::All => items.iter().all(|item| test.holds_of_item(item)),
                }
            }
        }
    }

    fn holds_of_item(&self, item: &str) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds_of_item(item)),
            Self::Either(parts) => parts.iter().any(|part| part.holds_of_item(item)),
            Self::Not(inner) => !inner.holds_of_item(item),
            Self::Condition(condition) => condition.holds(&Value::Text(Cow::Borrowed(item))),
            Self::Items { .. } => false,
        }
    }

    pub(super) fn explain(&self, subject: &RuleSubject<'_>) -> Explanation {
        let (property, parts) = match self {
            Self::All(parts) | Self::Either(parts) => (
                None,
                parts.iter().map(|part| part.explain(subject)).collect(),
            ),
            Self::Not(inner) => (None, vec![inner.explain(subject)]),
            Self::Condition(Condition {
                left: Left::Property(property),
                ..
            })
            | Self::Items { property, .. } => {
                let value = match subject.value(property) {
                    Value::Absent => None,
                    value => Some(value.to_string()),
                };
                (Some((property.to_string(), value)), Vec::new())
            }
            Self::Condition(_) => (None, Vec::new()),
        };
        Explanation {
            expression: self.to_string(),
            holds: self.holds(subject),
            property,
            parts,
        }
    }
}

impl Condition {
    /// Negative operators are the exact opposites of the positive ones, also where there is no value.
    fn holds(&self, value: &Value<'_>) -> bool {
        let (operator, is_negative) = self.operator.positive();
        compares(operator, value, &self.operand) != is_negative
    }
}

fn compares(operator: Operator, value: &Value<'_>, operand: &Operand) -> bool {
    match (value, operand) {
        (Value::Absent, Operand::Null) => true,
        (Value::Texts(texts), Operand::Null) => texts.is_empty(),
        (_, Operand::Null) | (Value::Absent, _) => false,
        (Value::Flag(flag), Operand::Flag(wanted)) => flag == wanted,
        (Value::Text(text), _) => text_compares(operator, text, operand),
        // Of a list one item must.
        (Value::Texts(texts), _) => texts
            .iter()
            .any(|text| text_compares(operator, text, operand)),
        (Value::Flag(_), _) => false,
    }
}

fn text_compares(operator: Operator, text: &str, operand: &Operand) -> bool {
    match operand {
        Operand::Text(wanted) => {
            let (folded, wanted) = (text.to_lowercase(), wanted.folded.as_str());
            match operator {
                Operator::Equal => folded == wanted,
                Operator::StartsWith => folded.starts_with(wanted),
                Operator::EndsWith => folded.ends_with(wanted),
                Operator::Contains => folded.contains(wanted),
                _ => false,
            }
        }
        Operand::Texts(wanted) => {
            let folded = text.to_lowercase();
            wanted.iter().any(|wanted| wanted.folded == folded)
        }
        Operand::Pattern(pattern) => pattern.regex.is_match(text),
        Operand::Version(wanted, _) => {
            OsVersion::parse(text).is_some_and(|version| in_order(operator, &version, wanted))
        }
        Operand::Moment(wanted, _) => {
            moment(text).is_some_and(|moment| in_order(operator, &moment, wanted))
        }
        Operand::Null | Operand::Flag(_) => false,
    }
}

fn in_order<T: Ord>(operator: Operator, value: &T, wanted: &T) -> bool {
    match operator {
        Operator::Equal => value == wanted,
        Operator::Less => value < wanted,
        Operator::LessOrEqual => value <= wanted,
        Operator::Greater => value > wanted,
        Operator::GreaterOrEqual => value >= wanted,
        _ => false,
    }
}
