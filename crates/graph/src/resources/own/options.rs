//! Options of `/mandate/v1`: `name=value`, of which only numbers and ids are asked for, so nothing is decoded.

use crate::error::{GraphError, Result};

const PAGE: u32 = 50;
const LARGEST_PAGE: u32 = 500;

/// The options of a request, each of which is known.
#[derive(Debug)]
pub(super) struct Options<'a> {
    pairs: Vec<(&'a str, &'a str)>,
}

impl<'a> Options<'a> {
    /// Reads a query; an option that is not known is refused by name.
    pub(super) fn read(query: &'a str, known: &[&str]) -> Result<Self> {
        let mut pairs = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if !known.contains(&name) {
                let known: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
                let message = format!(
                    "`{name}` is not an option here; {} may be given",
                    known.join(" and ")
                );
                return Err(GraphError::invalid(name, message));
            }
            pairs.push((name, value));
        }
        Ok(Self { pairs })
    }

    /// What was given for an option, the last time if it was given twice.
    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        self.pairs
            .iter()
            .rev()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| *value)
    }

    /// A whole number.
    pub(super) fn number(&self, name: &str) -> Result<Option<i64>> {
        self.get(name)
            .map(|value| {
                value.parse().map_err(|_| {
                    let message = format!("`{name}` must be a whole number, but is `{value}`");
                    GraphError::invalid(name, message)
                })
            })
            .transpose()
    }

    /// How many items a page has, `limit`.
    pub(super) fn limit(&self) -> Result<u32> {
        let Some(value) = self.get("limit") else {
            return Ok(PAGE);
        };
        value
            .parse()
            .ok()
            .filter(|limit| (1..=LARGEST_PAGE).contains(limit))
            .ok_or_else(|| {
                let message = format!("`limit` must be 1 to {LARGEST_PAGE}, but is `{value}`");
                GraphError::invalid("limit", message)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_or_no_number_is_named() {
        let read = |query| Options::read(query, &["limit", "before"]);
        assert_eq!(read("").unwrap().limit().unwrap(), PAGE);
        assert_eq!(read("limit=7&before=3").unwrap().limit().unwrap(), 7);
        assert_eq!(read("before=3").unwrap().number("before").unwrap(), Some(3));
        for (query, target) in [
            ("limit=0", "limit"),
            ("limit=501", "limit"),
            ("limit=x", "limit"),
        ] {
            let error = read(query).unwrap().limit().unwrap_err();
            assert_eq!(error.target.as_deref(), Some(target));
        }
        let error = read("before=x").unwrap().number("before").unwrap_err();
        assert_eq!(error.target.as_deref(), Some("before"));
        let error = read("$filter=x").unwrap_err();
        assert_eq!(error.target.as_deref(), Some("$filter"));
    }
}
