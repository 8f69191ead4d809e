//! The query string as a whole.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::{Expand, Filter, OrderBy, QueryError, Search, Select};

/// The system query options of a request.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct QueryOptions {
    /// `$filter`
    pub filter: Option<Filter>,
    /// `$select`
    pub select: Option<Select>,
    /// `$expand`
    pub expand: Vec<Expand>,
    /// `$orderby`
    pub order_by: Vec<OrderBy>,
    /// `$top`: the size of a page.
    pub top: Option<usize>,
    /// `$skip`
    pub skip: Option<usize>,
    /// `$count`
    pub count: bool,
    /// `$search`
    pub search: Option<Search>,
    /// `$skiptoken`: where the page before ended.
    pub skip_token: Option<String>,
    /// All options as they came, decoded; what a next link repeats.
    pairs: Vec<(String, String)>,
}

const MAX_QUERY: usize = 16 * 1024;
/// Nesting of `$expand` within `$expand`.
const MAX_EXPAND_DEPTH: usize = 3;
/// What need not be encoded in a next link.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'$')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b',')
    .remove(b'/')
    .remove(b':');

impl QueryOptions {
    /// Reads an encoded query string, without its question mark.
    pub fn parse(encoded: &str) -> Result<Self, QueryError> {
        if encoded.len() > MAX_QUERY {
            return Err(QueryError::new(
                "query",
                format!("longer than {MAX_QUERY} bytes"),
            ));
        }
        let mut options = Self::default();
        let mut pairs = Vec::new();
        for pair in encoded.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name)?, decode(value)?);
            options.set(&name, &value, 0)?;
            pairs.push((name, value));
        }
        options.pairs = pairs;
        Ok(options)
    }

    /// Reads the options inside the parentheses of an expanded item, already decoded and split.
    pub(super) fn parse_nested(options: &[(&str, &str)], depth: usize) -> Result<Self, QueryError> {
        if depth > MAX_EXPAND_DEPTH {
            return Err(QueryError::new(
                "$expand",
                format!("nested deeper than {MAX_EXPAND_DEPTH}"),
            ));
        }
        let mut nested = Self::default();
        for (name, value) in options {
            nested.set(name, value, depth)?;
            nested.pairs.push(((*name).to_owned(), (*value).to_owned()));
        }
        Ok(nested)
    }

    /// The query string of the page that begins at `token`: all options as they came, but for the place.
    pub(crate) fn next(&self, token: &str) -> String {
        let kept = self
            .pairs
            .iter()
            .filter(|(name, _)| !matches!(canonical(name), Some("$skiptoken" | "$skip")));
        let mut text = String::new();
        for (name, value) in kept {
            text.push_str(&utf8_percent_encode(name, QUERY).to_string());
            text.push('=');
            text.push_str(&utf8_percent_encode(value, QUERY).to_string());
            text.push('&');
        }
        text.push_str("$skiptoken=");
        text.push_str(&utf8_percent_encode(token, QUERY).to_string());
        text
    }

    /// The value of an option that is not one of `OData`.
    pub(crate) fn custom(&self, wanted: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value.as_str())
    }

    fn set(&mut self, name: &str, value: &str, depth: usize) -> Result<(), QueryError> {
        let Some(option) = canonical(name) else {
            return match name.strip_prefix('$') {
                // `$id` names what a `DELETE …/$ref` is about (OData 4.0 part 1, §11.4.6.2).
                None | Some("id") => Ok(()),
                Some(_) => Err(QueryError::new(
                    "query",
                    format!("`{name}` is not an option we know"),
                )),
            };
        };
        if self.is_set(option) {
            return Err(QueryError::new(option, "given twice"));
        }
        match option {
            "$filter" => self.filter = Some(Filter::parse(value)?),
            "$select" => self.select = Some(Select::parse(value)?),
            "$expand" => self.expand = Expand::parse_list(value, depth)?,
            "$orderby" => self.order_by = OrderBy::parse_list(value)?,
            "$top" => self.top = Some(number(option, value)?),
            "$skip" => self.skip = Some(number(option, value)?),
            "$count" => self.count = boolean(option, value)?,
            "$search" => self.search = Some(Search::parse(value)?),
            "$skiptoken" => self.skip_token = Some(value.to_owned()),
            _ => format(value)?,
        }
        Ok(())
    }

    fn is_set(&self, option: &str) -> bool {
        match option {
            "$filter" => self.filter.is_some(),
            "$select" => self.select.is_some(),
            "$expand" => !self.expand.is_empty(),
            "$orderby" => !self.order_by.is_empty(),
            "$top" => self.top.is_some(),
            "$skip" => self.skip.is_some(),
            "$search" => self.search.is_some(),
            "$skiptoken" => self.skip_token.is_some(),
            _ => false,
        }
    }
}

/// The option with its `$`; clients leave it out, and Graph does not mind.
fn canonical(name: &str) -> Option<&'static str> {
    const OPTIONS: [&str; 10] = [
        "$filter",
        "$select",
        "$expand",
        "$orderby",
        "$top",
        "$skip",
        "$count",
        "$search",
        "$skiptoken",
        "$format",
    ];
    let bare = name.strip_prefix('$').unwrap_or(name);
    OPTIONS
        .into_iter()
        .find(|option| option[1..].eq_ignore_ascii_case(bare))
}

fn decode(text: &str) -> Result<String, QueryError> {
    let spaced = text.replace('+', " ");
    match percent_decode_str(&spaced).decode_utf8() {
        Ok(decoded) => Ok(decoded.into_owned()),
        Err(_) => Err(QueryError::new(
            "query",
            "percent-encoding does not give UTF-8",
        )),
    }
}

fn number(option: &'static str, value: &str) -> Result<usize, QueryError> {
    let parsed = value
        .trim()
        .parse::<u32>()
        .ok()
        .filter(|number| i32::try_from(*number).is_ok());
    parsed
        .and_then(|number| usize::try_from(number).ok())
        .ok_or_else(|| {
            QueryError::new(
                option,
                format!(
                    "expected a whole number from 0 to {}, found `{value}`",
                    i32::MAX
                ),
            )
        })
}

fn boolean(option: &'static str, value: &str) -> Result<bool, QueryError> {
    match value.trim().to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(QueryError::new(
            option,
            format!("expected `true` or `false`, found `{value}`"),
        )),
    }
}

fn format(value: &str) -> Result<(), QueryError> {
    let lower = value.to_ascii_lowercase();
    if lower == "json" || lower.starts_with("application/json") {
        return Ok(());
    }
    Err(QueryError::new(
        "$format",
        format!("only `json` is possible, found `{value}`"),
    ))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn options_come_with_and_without_dollar_encoded_or_not() {
        for query in [
            "$top=5&$skip=2",
            "top=5&skip=2",
            "%24top=5&%24skip=2",
            "$TOP=5&&$Skip=2",
        ] {
            let options = QueryOptions::parse(query).unwrap();
            assert_eq!((options.top, options.skip), (Some(5), Some(2)), "{query}");
        }
    }

    #[test]
    fn blanks_are_plus_or_percent_20() {
        let plus = QueryOptions::parse("$filter=displayName+eq+'a+b'").unwrap();
        let percent = QueryOptions::parse("$filter=displayName%20eq%20%27a%20b%27").unwrap();
        assert_eq!(plus.filter, percent.filter);
    }

    #[test]
    fn a_wrong_value_names_option_and_value() {
        let error = QueryOptions::parse("$top=-1").unwrap_err();
        assert!(error.to_string().contains("`$top`") && error.to_string().contains("-1"));
        assert!(QueryOptions::parse("$count=maybe").is_err());
        assert!(QueryOptions::parse("$top=1&top=2").is_err());
        assert!(QueryOptions::parse("$apply=x").is_err());
        assert!(QueryOptions::parse("anything=x").is_ok());
    }

    #[test]
    fn a_next_link_repeats_everything_but_the_place() {
        let options =
            QueryOptions::parse("$filter=a eq 'b%26c'&$skip=3&top=2&$skiptoken=old").unwrap();
        let next = options.next("n=w");
        assert_eq!(next, "$filter=a%20eq%20'b%26c'&top=2&$skiptoken=n%3Dw");
        assert_eq!(
            QueryOptions::parse(&next).unwrap().skip_token.as_deref(),
            Some("n=w")
        );
    }

    proptest! {
        #[test]
        fn no_input_panics(text in "\\PC{0,120}") {
            let _ = QueryOptions::parse(&text);
        }

        #[test]
        fn no_option_panics(option in "filter|select|expand|orderby|search", text in "[a-z$()/',;:=. 0-9-]{0,80}") {
            let _ = QueryOptions::parse(&format!("${option}={text}"));
        }
    }
}
