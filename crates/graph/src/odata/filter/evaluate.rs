//! Whether an entity fits.

use std::cmp::Ordering;

use mandate_model::Timestamp;
use serde_json::{Map, Value};

use super::lex::moment;
use super::{Comparison, Expression, Function, Literal, Step};
use crate::schema;

/// Evaluates a condition over an entity of a type.
pub(super) fn holds(expression: &Expression, type_name: &str, body: &Map<String, Value>) -> bool {
    Scope {
        type_name,
        body,
        item: None,
    }
    .holds(expression)
}

/// Folds text for comparison.
pub(crate) fn fold(text: &str) -> String {
    text.to_lowercase()
}

/// A property in any letter case.
pub(crate) fn lookup<'a>(body: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    body.get(name).or_else(|| {
        body.iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    })
}

/// What names mean at one place of the expression.
#[derive(Clone, Copy)]
struct Scope<'a> {
    type_name: &'a str,
    body: &'a Map<String, Value>,
    item: Option<Item<'a>>,
}

/// The items of the lambdas around a place, the innermost first.
#[derive(Clone, Copy)]
struct Item<'a> {
    name: &'a str,
    value: &'a Value,
    outer: Option<&'a Self>,
}

/// A value while it is looked at.
#[derive(Debug, PartialEq)]
enum Operand<'a> {
    Null,
    Boolean(bool),
    Integer(i64),
    Decimal(f64),
    Text(std::borrow::Cow<'a, str>),
    Moment(Timestamp),
    /// A collection or an object, which equals nothing.
    Other,
}

impl<'a> Scope<'a> {
    fn holds(&self, expression: &Expression) -> bool {
        match expression {
            Expression::And(parts) => parts.iter().all(|part| self.holds(part)),
            Expression::Or(parts) => parts.iter().any(|part| self.holds(part)),
            Expression::Not(inner) => !self.holds(inner),
            Expression::Compare(comparison, left, right) => {
                compare(*comparison, &self.operand(left), &self.operand(right))
            }
            Expression::In(left, list) => {
                let left = self.operand(left);
                list.iter()
                    .any(|literal| compare(Comparison::Equal, &left, &constant(literal)))
            }
            Expression::IsOf(name) => schema::is_a(self.type_name, name),
            Expression::Lambda {
                path,
                all,
                condition,
            } => self.lambda(path, *all, condition.as_ref()),
            Expression::Call(..) | Expression::Path(_) | Expression::Literal(_) => {
                self.operand(expression) == Operand::Boolean(true)
            }
        }
    }

    fn lambda(
        &self,
        path: &[Step],
        all: bool,
        condition: Option<&(String, Box<Expression>)>,
    ) -> bool {
        let Some(Value::Array(items)) = self.resolve(path) else {
            return all;
        };
        let Some((name, condition)) = condition else {
            return !items.is_empty();
        };
        let holds = |value: &Value| {
            let item = Item {
                name,
                value,
                outer: self.item.as_ref(),
            };
            Scope {
                type_name: self.type_name,
                body: self.body,
                item: Some(item),
            }
            .holds(condition)
        };
        if all {
            items.iter().all(holds)
        } else {
            items.iter().any(holds)
        }
    }

    fn operand<'e>(&'e self, expression: &'e Expression) -> Operand<'e> {
        match expression {
            Expression::Literal(literal) => constant(literal),
            Expression::Path(steps) => match steps.split_last() {
                Some((Step::Count, path)) => match self.resolve(path) {
                    Some(Value::Array(items)) => {
                        Operand::Integer(i64::try_from(items.len()).unwrap_or(i64::MAX))
                    }
                    _ => Operand::Integer(0),
                },
                _ => self.resolve(steps).map_or(Operand::Null, value),
            },
            Expression::Call(function, arguments) => self.call(*function, arguments),
            condition => Operand::Boolean(self.holds(condition)),
        }
    }

    fn call<'e>(&'e self, function: Function, arguments: &'e [Expression]) -> Operand<'e> {
        let text = |index: usize| match arguments.get(index).map(|argument| self.operand(argument))
        {
            Some(Operand::Text(text)) => Some(text),
            _ => None,
        };
        let Some(first) = text(0) else {
            return match function {
                Function::Contains | Function::StartsWith | Function::EndsWith => {
                    Operand::Boolean(false)
                }
                _ => Operand::Null,
            };
        };
        let check = |holds: fn(&str, &str) -> bool| {
            Operand::Boolean(text(1).is_some_and(|second| holds(&fold(&first), &fold(&second))))
        };
        match function {
            Function::Contains => check(|text, part| text.contains(part)),
            Function::StartsWith => check(|text, part| text.starts_with(part)),
            Function::EndsWith => check(|text, part| text.ends_with(part)),
            Function::ToLower => Operand::Text(first.to_lowercase().into()),
            Function::ToUpper => Operand::Text(first.to_uppercase().into()),
            Function::Trim => Operand::Text(first.trim().to_owned().into()),
            Function::Length => {
                Operand::Integer(i64::try_from(first.chars().count()).unwrap_or(i64::MAX))
            }
            Function::Concat => match text(1) {
                Some(second) => Operand::Text(format!("{first}{second}").into()),
                None => Operand::Null,
            },
        }
    }

    /// The value at a path; nothing when a step leads nowhere or a cast does not fit.
    fn resolve(&self, path: &[Step]) -> Option<&'a Value> {
        let (mut found, mut rest) = (None, path);
        if let Some((Step::Property(first), tail)) = path.split_first() {
            if let Some(item) = self.item(first) {
                (found, rest) = (Some(item), tail);
            } else if first == "$it" {
                rest = tail;
            }
        }
        for step in rest {
            found = match step {
                Step::Cast(name) => {
                    let actual = match found {
                        None => Some(self.type_name),
                        Some(value) => value
                            .get("@odata.type")
                            .and_then(Value::as_str)
                            .map(schema::bare),
                    };
                    if !actual.is_some_and(|actual| schema::is_a(actual, name)) {
                        return None;
                    }
                    found
                }
                Step::Property(name) => match found {
                    None => Some(lookup(self.body, name)?),
                    Some(value) => Some(lookup(value.as_object()?, name)?),
                },
                Step::Count => return None,
            };
        }
        found
    }

    fn item(&self, name: &str) -> Option<&'a Value> {
        let mut next = self.item;
        while let Some(item) = next {
            if item.name == name {
                return Some(item.value);
            }
            next = item.outer.copied();
        }
        None
    }
}

fn value(value: &Value) -> Operand<'_> {
    match value {
        Value::Null => Operand::Null,
        Value::Bool(value) => Operand::Boolean(*value),
        Value::Number(number) => number.as_i64().map_or_else(
            || Operand::Decimal(number.as_f64().unwrap_or(f64::NAN)),
            Operand::Integer,
        ),
        Value::String(text) => Operand::Text(text.as_str().into()),
        Value::Array(_) | Value::Object(_) => Operand::Other,
    }
}

fn constant(literal: &Literal) -> Operand<'_> {
    match literal {
        Literal::Null => Operand::Null,
        Literal::Boolean(value) => Operand::Boolean(*value),
        Literal::Integer(value) => Operand::Integer(*value),
        Literal::Decimal(value) => Operand::Decimal(*value),
        Literal::Text(text) => Operand::Text(text.as_str().into()),
        Literal::Guid(id) => Operand::Text(id.to_string().into()),
        Literal::Moment(moment) => Operand::Moment(*moment),
    }
}

fn compare(comparison: Comparison, left: &Operand<'_>, right: &Operand<'_>) -> bool {
    if comparison == Comparison::Has {
        return has(left, right);
    }
    let ordering = order(left, right);
    match comparison {
        Comparison::Equal => ordering == Some(Ordering::Equal),
        Comparison::NotEqual => ordering != Some(Ordering::Equal),
        _ if *left == Operand::Null || *right == Operand::Null => false,
        Comparison::Greater => ordering == Some(Ordering::Greater),
        Comparison::GreaterOrEqual => ordering.is_some_and(Ordering::is_ge),
        Comparison::Less => ordering == Some(Ordering::Less),
        Comparison::LessOrEqual => ordering.is_some_and(Ordering::is_le),
        Comparison::Has => false,
    }
}

fn order(left: &Operand<'_>, right: &Operand<'_>) -> Option<Ordering> {
    match (left, right) {
        (Operand::Null, Operand::Null) => Some(Ordering::Equal),
        (Operand::Boolean(left), Operand::Boolean(right)) => Some(left.cmp(right)),
        (Operand::Integer(left), Operand::Integer(right)) => Some(left.cmp(right)),
        (Operand::Moment(left), Operand::Moment(right)) => Some(left.cmp(right)),
        (Operand::Text(left), Operand::Moment(right)) => moment(left).map(|left| left.cmp(right)),
        (Operand::Moment(left), Operand::Text(right)) => {
            moment(right).map(|right| left.cmp(&right))
        }
        (Operand::Text(left), Operand::Text(right)) => {
            // Two dates that are written differently may still be the same moment.
            match (dated(left), dated(right)) {
                (Some(left), Some(right)) => Some(left.cmp(&right)),
                _ => Some(fold(left).cmp(&fold(right))),
            }
        }
        _ => number(left)?.partial_cmp(&number(right)?),
    }
}

fn dated(text: &str) -> Option<Timestamp> {
    if text.as_bytes().get(10) == Some(&b'T') {
        Timestamp::parse(text)
    } else {
        None
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a comparison with a decimal is approximate anyway"
)]
fn number(operand: &Operand<'_>) -> Option<f64> {
    match operand {
        Operand::Integer(number) => Some(*number as f64),
        Operand::Decimal(number) => Some(*number),
        _ => None,
    }
}

/// All flags of the right side are set on the left.
fn has(left: &Operand<'_>, right: &Operand<'_>) -> bool {
    let (Operand::Text(left), Operand::Text(right)) = (left, right) else {
        return false;
    };
    let flags = |text: &str| {
        text.split(',')
            .map(|flag| fold(flag.trim()))
            .collect::<Vec<_>>()
    };
    let set = flags(left);
    flags(right).iter().all(|flag| set.contains(flag))
}
