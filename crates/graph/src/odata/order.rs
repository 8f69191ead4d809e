//! `$orderby`.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::QueryError;
use super::filter::{fold, lookup};

/// One property to sort by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderBy {
    /// Names from the entity inwards.
    pub path: Vec<String>,
    /// Largest first.
    pub descending: bool,
}

const MAX_ITEMS: usize = 8;

impl OrderBy {
    pub(super) fn parse_list(text: &str) -> Result<Vec<Self>, QueryError> {
        let items: Vec<Self> = text.split(',').map(Self::parse).collect::<Result<_, _>>()?;
        if items.len() > MAX_ITEMS {
            return Err(wrong(format!("more than {MAX_ITEMS} properties")));
        }
        Ok(items)
    }

    fn parse(item: &str) -> Result<Self, QueryError> {
        let mut words = item.split_whitespace();
        let path = words
            .next()
            .ok_or_else(|| wrong("expected a property, found nothing"))?;
        let descending = match words.next().map(str::to_ascii_lowercase).as_deref() {
            None | Some("asc") => false,
            Some("desc") => true,
            Some(other) => return Err(wrong(format!("expected `asc` or `desc`, found `{other}`"))),
        };
        if let Some(extra) = words.next() {
            return Err(wrong(format!("expected `,`, found `{extra}`")));
        }
        let path: Vec<String> = path
            .split('/')
            .filter(|part| !part.contains('.'))
            .map(str::to_owned)
            .collect();
        let is_name = |part: &String| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        };
        if path.is_empty() || !path.iter().all(is_name) {
            return Err(wrong(format!(
                "expected a property, found `{}`",
                item.trim()
            )));
        }
        Ok(Self { path, descending })
    }

    /// Which of two entities comes first.
    pub(crate) fn compare(
        items: &[Self],
        left: &Map<String, Value>,
        right: &Map<String, Value>,
    ) -> Ordering {
        for item in items {
            let ordering = order(value(left, &item.path), value(right, &item.path));
            let ordering = if item.descending {
                ordering.reverse()
            } else {
                ordering
            };
            if ordering.is_ne() {
                return ordering;
            }
        }
        Ordering::Equal
    }
}

fn value<'a>(body: &'a Map<String, Value>, path: &[String]) -> &'a Value {
    let (first, rest) = path.split_first().expect("an order item has a property");
    let mut found = lookup(body, first).unwrap_or(&Value::Null);
    for name in rest {
        found = found
            .as_object()
            .and_then(|inner| lookup(inner, name))
            .unwrap_or(&Value::Null);
    }
    found
}

/// Nothing comes before everything; text is compared without regard to letter case.
fn order(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Less,
        (_, Value::Null) => Ordering::Greater,
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (Value::Number(left), Value::Number(right)) => match (left.as_i64(), right.as_i64()) {
            (Some(left), Some(right)) => left.cmp(&right),
            _ => left
                .as_f64()
                .partial_cmp(&right.as_f64())
                .unwrap_or(Ordering::Equal),
        },
        (Value::String(left), Value::String(right)) => fold(left).cmp(&fold(right)),
        _ => Ordering::Equal,
    }
}

fn wrong(message: impl Into<String>) -> QueryError {
    QueryError::new("$orderby", message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn several_properties_each_with_its_direction() {
        let items = OrderBy::parse_list("a desc, b").unwrap();
        let entity =
            |a: Value, b: Value| Map::from_iter([("a".to_owned(), a), ("b".to_owned(), b)]);
        let (x, y) = (
            entity(json!(2), json!("Beta")),
            entity(json!(1), json!("alpha")),
        );
        assert_eq!(OrderBy::compare(&items, &x, &y), Ordering::Less);
        let z = entity(json!(2), json!("alpha"));
        assert_eq!(OrderBy::compare(&items, &x, &z), Ordering::Greater);
    }

    #[test]
    fn a_wrong_direction_is_refused() {
        assert!(OrderBy::parse_list("a down").is_err());
        assert!(OrderBy::parse_list("a,,b").is_err());
    }
}
