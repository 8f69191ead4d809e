//! `$expand`.

use super::{QueryError, QueryOptions};

/// One navigation property to bring along.
#[derive(Debug, Clone, PartialEq)]
pub struct Expand {
    /// Only for entities of this type, its namespace left out.
    pub cast: Option<String>,
    /// The navigation property.
    pub navigation: String,
    /// Whether only references are asked for (`/$ref`).
    pub references_only: bool,
    /// Options in parentheses.
    pub options: QueryOptions,
}

const MAX_ITEMS: usize = 20;

impl Expand {
    pub(super) fn parse_list(text: &str, depth: usize) -> Result<Vec<Self>, QueryError> {
        let items = split(text, ',')?;
        if items.len() > MAX_ITEMS {
            return Err(QueryError::new(
                "$expand",
                format!("more than {MAX_ITEMS} items"),
            ));
        }
        items
            .into_iter()
            .map(|item| Self::parse(item.trim(), depth))
            .collect()
    }

    fn parse(item: &str, depth: usize) -> Result<Self, QueryError> {
        let (path, options) = match item.find('(') {
            None => (item, QueryOptions::default()),
            Some(open) => {
                let inner = item[open + 1..].strip_suffix(')');
                let inner = inner
                    .ok_or_else(|| wrong(format!("`{item}`: the parenthesis is not closed")))?;
                (&item[..open], nested(inner, depth + 1)?)
            }
        };
        let mut parts: Vec<&str> = path.trim().split('/').collect();
        let references_only = parts
            .last()
            .is_some_and(|last| last.eq_ignore_ascii_case("$ref"));
        if references_only {
            parts.pop();
        }
        let (cast, navigation) = match parts.as_slice() {
            [navigation] => (None, *navigation),
            [cast, navigation] if cast.contains('.') => (Some(unqualified(cast)), *navigation),
            _ => {
                return Err(wrong(format!(
                    "expected a navigation property, found `{path}`"
                )));
            }
        };
        if navigation.is_empty()
            || !navigation
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        {
            return Err(wrong(format!(
                "expected a navigation property, found `{navigation}`"
            )));
        }
        Ok(Self {
            cast,
            navigation: navigation.to_owned(),
            references_only,
            options,
        })
    }
}

fn nested(inner: &str, depth: usize) -> Result<QueryOptions, QueryError> {
    let mut pairs = Vec::new();
    for option in split(inner, ';')? {
        if option.trim().is_empty() {
            continue;
        }
        let (name, value) = option
            .split_once('=')
            .ok_or_else(|| wrong(format!("expected option=value, found `{option}`")))?;
        pairs.push((name.trim(), value.trim()));
    }
    QueryOptions::parse_nested(&pairs, depth)
}

/// Splits outside quotes and parentheses.
fn split(text: &str, separator: char) -> Result<Vec<&str>, QueryError> {
    let mut parts = Vec::new();
    let (mut start, mut depth, mut quoted) = (0, 0_usize, false);
    for (at, character) in text.char_indices() {
        match character {
            '\'' | '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => {
                depth = depth
                    .checked_sub(1)
                    .ok_or_else(|| wrong("`)` without `(`"))?;
            }
            _ if character == separator && !quoted && depth == 0 => {
                parts.push(&text[start..at]);
                start = at + character.len_utf8();
            }
            _ => {}
        }
    }
    if depth > 0 || quoted {
        return Err(wrong("a parenthesis or quote is not closed"));
    }
    parts.push(&text[start..]);
    Ok(parts)
}

/// The last part of a dotted name.
fn unqualified(name: &str) -> String {
    name.rsplit('.').next().unwrap_or(name).to_owned()
}

fn wrong(message: impl Into<String>) -> QueryError {
    QueryError::new("$expand", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_carry_casts_and_nested_options() {
        let items = Expand::parse_list(
            "assignments,microsoft.graph.roleAssignment/roleScopeTags,\
             members($select=id,displayName;$expand=memberOf($top=1)),owners/$ref",
            0,
        );
        let items = items.unwrap();
        assert_eq!(items[0].navigation, "assignments");
        assert_eq!(items[1].cast.as_deref(), Some("roleAssignment"));
        assert_eq!(
            items[2]
                .options
                .select
                .as_ref()
                .unwrap()
                .names()
                .collect::<Vec<_>>(),
            ["id", "displayName"]
        );
        assert_eq!(items[2].options.expand[0].options.top, Some(1));
        assert!(items[3].references_only);
    }

    #[test]
    fn nesting_is_bounded_and_errors_name_the_option() {
        assert!(Expand::parse_list("a(expand=b(expand=c(expand=d(expand=e))))", 0).is_err());
        for wrong in ["a(", "a)", "a($select)", "", "a b", "a/b/c"] {
            let error = Expand::parse_list(wrong, 0).unwrap_err();
            assert!(error.to_string().starts_with('`'), "{wrong}: {error}");
        }
    }
}
