//! An expression back to text, with parentheses wherever they could matter.

use std::fmt::{Display, Formatter, Result};

use super::{Comparison, Expression, Filter, Function, Literal, Step};

impl Display for Filter {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.expression.fmt(f)
    }
}

impl Display for Expression {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::And(parts) => joined(f, parts, " and "),
            Self::Or(parts) => joined(f, parts, " or "),
            Self::Not(inner) => write!(f, "not ({inner})"),
            Self::Compare(comparison, left, right) => {
                write!(
                    f,
                    "{} {} {}",
                    Operand(left),
                    comparison.word(),
                    Operand(right)
                )
            }
            Self::In(left, list) => {
                let list: Vec<String> = list.iter().map(ToString::to_string).collect();
                write!(f, "{} in ({})", Operand(left), list.join(","))
            }
            Self::Call(function, arguments) => {
                let arguments: Vec<String> = arguments
                    .iter()
                    .map(|argument| Operand(argument).to_string())
                    .collect();
                write!(f, "{}({})", function.word(), arguments.join(","))
            }
            Self::IsOf(name) => write!(f, "isof('microsoft.graph.{name}')"),
            Self::Lambda {
                path,
                all,
                condition,
            } => {
                write!(f, "{}/{}(", Steps(path), if *all { "all" } else { "any" })?;
                if let Some((variable, condition)) = condition {
                    write!(f, "{variable}:{condition}")?;
                }
                f.write_str(")")
            }
            Self::Path(steps) => Steps(steps).fmt(f),
            Self::Literal(literal) => literal.fmt(f),
        }
    }
}

fn joined(f: &mut Formatter<'_>, parts: &[Expression], word: &str) -> Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(word)?;
        }
        Operand(part).fmt(f)?;
    }
    Ok(())
}

/// An expression in a place where another operator could take it apart.
struct Operand<'a>(&'a Expression);

impl Display for Operand<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self.0 {
            Expression::And(_)
            | Expression::Or(_)
            | Expression::Not(_)
            | Expression::Compare(..)
            | Expression::In(..) => write!(f, "({})", self.0),
            other => other.fmt(f),
        }
    }
}

struct Steps<'a>(&'a [Step]);

impl Display for Steps<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        for (index, step) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("/")?;
            }
            match step {
                Step::Property(name) => f.write_str(name)?,
                Step::Cast(name) => write!(f, "microsoft.graph.{name}")?,
                Step::Count => f.write_str("$count")?,
            }
        }
        Ok(())
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(value) => value.fmt(f),
            Self::Integer(value) => value.fmt(f),
            Self::Decimal(value) => write!(f, "{value:?}"),
            Self::Text(text) => write!(f, "'{}'", text.replace('\'', "''")),
            Self::Guid(id) => id.fmt(f),
            Self::Moment(moment) => moment.fmt(f),
        }
    }
}

impl Comparison {
    fn word(self) -> &'static str {
        match self {
            Self::Equal => "eq",
            Self::NotEqual => "ne",
            Self::Greater => "gt",
            Self::GreaterOrEqual => "ge",
            Self::Less => "lt",
            Self::LessOrEqual => "le",
            Self::Has => "has",
        }
    }
}

impl Function {
    fn word(self) -> &'static str {
        match self {
            Self::Contains => "contains",
            Self::StartsWith => "startswith",
            Self::EndsWith => "endswith",
            Self::ToLower => "tolower",
            Self::ToUpper => "toupper",
            Self::Trim => "trim",
            Self::Length => "length",
            Self::Concat => "concat",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn literal() -> impl Strategy<Value = Literal> {
        prop_oneof![
            Just(Literal::Null),
            any::<bool>().prop_map(Literal::Boolean),
            any::<i64>().prop_map(Literal::Integer),
            (-1000_i32..1000).prop_map(|n| Literal::Decimal(f64::from(n) / 8.0 + 0.0625)),
            "\\PC{0,12}".prop_map(Literal::Text),
            any::<u128>().prop_map(|n| Literal::Guid(uuid::Uuid::from_u128(n))),
            (0_i64..4_000_000_000_000_000)
                .prop_map(|n| Literal::Moment(mandate_model::Timestamp(n))),
        ]
    }

    fn path() -> impl Strategy<Value = Vec<Step>> {
        let property = "p[a-z]{1,6}".prop_map(Step::Property);
        prop_oneof![
            property.clone().prop_map(|step| vec![step]),
            ("t[a-zA-Z]{1,6}".prop_map(Step::Cast), property)
                .prop_map(|(cast, step)| vec![cast, step]),
        ]
    }

    fn condition() -> impl Strategy<Value = Expression> {
        let value = prop_oneof![
            path().prop_map(Expression::Path),
            literal().prop_map(Expression::Literal),
            path()
                .prop_map(|path| Expression::Call(Function::ToLower, vec![Expression::Path(path)])),
        ];
        let comparison = prop_oneof![
            Just(Comparison::Equal),
            Just(Comparison::NotEqual),
            Just(Comparison::LessOrEqual),
            Just(Comparison::Has),
        ];
        let leaf = prop_oneof![
            (comparison, value.clone(), value.clone()).prop_map(|(by, left, right)| {
                Expression::Compare(by, Box::new(left), Box::new(right))
            }),
            (path(), prop::collection::vec(literal(), 1..4))
                .prop_map(|(path, list)| Expression::In(Box::new(Expression::Path(path)), list)),
            "t[a-zA-Z]{1,8}".prop_map(Expression::IsOf),
            path().prop_map(Expression::Path),
            (path(), value).prop_map(|(path, text)| {
                Expression::Call(Function::StartsWith, vec![Expression::Path(path), text])
            }),
        ];
        leaf.prop_recursive(4, 24, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 2..4).prop_map(Expression::And),
                prop::collection::vec(inner.clone(), 2..4).prop_map(Expression::Or),
                inner
                    .clone()
                    .prop_map(|inner| Expression::Not(Box::new(inner))),
                (path(), any::<bool>(), inner).prop_map(|(path, all, inner)| Expression::Lambda {
                    path,
                    all,
                    condition: Some(("x".to_owned(), Box::new(inner))),
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_written_filter_reads_back(expression in condition()) {
            let text = expression.to_string();
            let read = Filter::parse(&text);
            prop_assert!(read.is_ok(), "{text}: {read:?}");
            prop_assert_eq!(&read.unwrap().expression, &expression, "{}", text);
        }
    }
}
