//! `$filter`: expression, parser and evaluation over JSON.
//!
//! Text is compared without regard to letter case, in every operator and function: Graph does so for directory
//! objects and for nearly all of Intune, and clients rely on it when they look an object up by name.
//! A property that is not set is `null`; `null` is neither greater nor smaller than anything.

mod check;
mod evaluate;
mod lex;
mod parse;
#[cfg(test)]
mod tests;
mod write;

use mandate_model::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

pub(crate) use evaluate::{fold, lookup};

use super::QueryError;

/// A parsed filter.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    expression: Expression,
}

/// A node of a filter.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// All must hold; at least two.
    And(Vec<Self>),
    /// One must hold; at least two.
    Or(Vec<Self>),
    /// Must not hold.
    Not(Box<Self>),
    /// Two values compared.
    Compare(Comparison, Box<Self>, Box<Self>),
    /// One of a list.
    In(Box<Self>, Vec<Literal>),
    /// A function call.
    Call(Function, Vec<Self>),
    /// Whether the entity is of a type, or of one derived from it; the name is without its namespace.
    IsOf(String),
    /// `any` or `all` over a collection.
    Lambda {
        /// The collection.
        path: Vec<Step>,
        /// Whether every item must fit, rather than one.
        all: bool,
        /// Name of the item and condition; `any()` has none.
        condition: Option<(String, Box<Self>)>,
    },
    /// A property.
    Path(Vec<Step>),
    /// A constant.
    Literal(Literal),
}

/// One step of a property path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A property, or the name that a lambda gives its item.
    Property(String),
    /// Only if the entity is of this type.
    Cast(String),
    /// The number of items of a collection.
    Count,
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `eq`
    Equal,
    /// `ne`
    NotEqual,
    /// `gt`
    Greater,
    /// `ge`
    GreaterOrEqual,
    /// `lt`
    Less,
    /// `le`
    LessOrEqual,
    /// `has`: all flags on the right are among those on the left.
    Has,
}

/// A function of `OData` that we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// Text within text.
    Contains,
    /// Text at the beginning.
    StartsWith,
    /// Text at the end.
    EndsWith,
    /// Text in lower case.
    ToLower,
    /// Text in upper case.
    ToUpper,
    /// Text without blanks around it.
    Trim,
    /// Number of characters.
    Length,
    /// Two texts joined.
    Concat,
}

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction or exponent.
    Decimal(f64),
    /// Quoted text; also members of an enum with the type name before the quotes.
    Text(String),
    /// A GUID without quotes.
    Guid(Uuid),
    /// A date, with or without time and offset.
    Moment(Timestamp),
}

impl Filter {
    /// Reads a filter, already percent-decoded.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        parse::parse(text).map(|expression| Self { expression })
    }

    /// A filter for entities of a type, and for what another one asks besides.
    pub(crate) fn of_type(name: &str, other: Option<Self>) -> Self {
        let is_of = Expression::IsOf(name.to_owned());
        let expression = match other {
            // Flat, so that the store can still be asked for the parts.
            Some(Self {
                expression: Expression::And(mut parts),
            }) => {
                parts.push(is_of);
                Expression::And(parts)
            }
            Some(other) => Expression::And(vec![other.expression, is_of]),
            None => is_of,
        };
        Self { expression }
    }

    /// A filter for the one entity with an id.
    pub(crate) fn of_id(id: &str) -> Self {
        let path = Expression::Path(vec![Step::Property("id".to_owned())]);
        let id = Expression::Literal(Literal::Text(id.to_owned()));
        Self {
            expression: Expression::Compare(Comparison::Equal, Box::new(path), Box::new(id)),
        }
    }

    /// The root of the expression.
    pub fn expression(&self) -> &Expression {
        &self.expression
    }

    /// Whether an entity of a type (its name without namespace) fits.
    pub fn matches(&self, type_name: &str, body: &Map<String, Value>) -> bool {
        evaluate::holds(&self.expression, type_name, body)
    }

    /// Refuses properties that entities of a type do not have.
    pub(crate) fn check(&self, type_name: &str) -> Result<(), QueryError> {
        check::check(&self.expression, type_name)
    }

    /// The text that a property must equal for anything to fit: `property eq 'text'` as the whole filter or as one
    /// part of an `and`, also within `tolower`. For asking the store; the filter still decides.
    pub fn equality(&self, property: &str) -> Option<String> {
        self.conjuncts().iter().find_map(|part| match part {
            Expression::Compare(Comparison::Equal, left, right) => match (name(left)?, &**right) {
                (found, Expression::Literal(Literal::Text(text))) if same(found, property) => {
                    Some(text.clone())
                }
                (found, Expression::Literal(Literal::Guid(id))) if same(found, property) => {
                    Some(id.to_string())
                }
                _ => None,
            },
            _ => None,
        })
    }

    /// The texts of which a property must equal one: `property in (…)` or an `or` of equalities.
    pub fn one_of(&self, property: &str) -> Option<Vec<String>> {
        let text = |literal: &Literal| match literal {
            Literal::Text(text) => Some(text.clone()),
            Literal::Guid(id) => Some(id.to_string()),
            _ => None,
        };
        self.conjuncts().iter().find_map(|part| match part {
            Expression::In(left, list) if same(name(left)?, property) => {
                list.iter().map(text).collect()
            }
            Expression::Or(parts) => parts
                .iter()
                .map(|part| match part {
                    Expression::Compare(Comparison::Equal, left, right)
                        if same(name(left)?, property) =>
                    {
                        match &**right {
                            Expression::Literal(literal) => text(literal),
                            _ => None,
                        }
                    }
                    _ => None,
                })
                .collect(),
            _ => None,
        })
    }

    /// The text with which a property must begin.
    pub fn prefix(&self, property: &str) -> Option<String> {
        self.conjuncts().iter().find_map(|part| match part {
            Expression::Call(Function::StartsWith, arguments) => match arguments.as_slice() {
                [left, Expression::Literal(Literal::Text(text))] if same(name(left)?, property) => {
                    Some(text.clone())
                }
                _ => None,
            },
            _ => None,
        })
    }

    /// The whole number that a property must equal for anything to fit.
    pub(crate) fn number(&self, property: &str) -> Option<i64> {
        self.conjuncts().iter().find_map(|part| match part {
            Expression::Compare(Comparison::Equal, left, right) => match (name(left)?, &**right) {
                (found, Expression::Literal(Literal::Integer(number))) if same(found, property) => {
                    Some(*number)
                }
                _ => None,
            },
            _ => None,
        })
    }

    /// Whether a property of the entity itself is asked about anywhere.
    pub(crate) fn mentions(&self, property: &str) -> bool {
        fn mentions(expression: &Expression, property: &str) -> bool {
            match expression {
                Expression::And(parts) | Expression::Or(parts) | Expression::Call(_, parts) => {
                    parts.iter().any(|part| mentions(part, property))
                }
                Expression::Not(inner) | Expression::In(inner, _) => mentions(inner, property),
                Expression::Compare(_, left, right) => {
                    mentions(left, property) || mentions(right, property)
                }
                Expression::Path(steps) => {
                    matches!(steps.first(), Some(Step::Property(name)) if same(name, property))
                }
                Expression::Lambda { .. } | Expression::IsOf(_) | Expression::Literal(_) => false,
            }
        }
        mentions(&self.expression, property)
    }

    fn conjuncts(&self) -> &[Expression] {
        match &self.expression {
            Expression::And(parts) => parts,
            other => std::slice::from_ref(other),
        }
    }
}

/// The single property that an expression names, itself or in another letter case.
fn name(expression: &Expression) -> Option<&str> {
    match expression {
        Expression::Path(steps) => match steps.as_slice() {
            [Step::Property(name)] => Some(name),
            _ => None,
        },
        Expression::Call(Function::ToLower | Function::ToUpper, arguments) => {
            name(arguments.first()?)
        }
        _ => None,
    }
}

fn same(left: &str, right: &str) -> bool {
    left.eq_ignore_ascii_case(right)
}
