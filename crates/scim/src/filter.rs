//! Filters (RFC 7644 §3.4.2.2), within bounds.

use serde_json::{Map, Value};

use crate::error::ScimError;
use crate::path::is_name;

/// Octets of a filter, how deep it may be nested, and how many comparisons it may have.
const LONGEST: usize = 2048;
const DEEPEST: usize = 10;
const MOST_TERMS: usize = 50;

/// What must hold.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Filter {
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Not(Box<Self>),
    /// The attribute is there.
    Present(Vec<String>),
    Compare(Vec<String>, Comparison, Value),
    /// One of several values holds all of it: `emails[type eq "work"]`.
    Some(Vec<String>, Box<Self>),
}

/// How values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Contains,
    Begins,
    Ends,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Comparison {
    fn parse(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "eq" => Self::Equal,
            "ne" => Self::NotEqual,
            "co" => Self::Contains,
            "sw" => Self::Begins,
            "ew" => Self::Ends,
            "gt" => Self::Greater,
            "ge" => Self::GreaterOrEqual,
            "lt" => Self::Less,
            "le" => Self::LessOrEqual,
            _ => return None,
        })
    }
}

/// Reads a filter.
pub(crate) fn read_filter(text: &str) -> Result<Filter, ScimError> {
    if text.len() > LONGEST {
        let detail = format!("a filter may have {LONGEST} octets");
        return Err(ScimError::invalid_filter(detail));
    }
    let mut reader = Reader {
        tokens: tokens(text)?,
        at: 0,
        terms: 0,
    };
    let filter = reader.either(0)?;
    if reader.at < reader.tokens.len() {
        return Err(reader.wrong());
    }
    Ok(filter)
}

impl Filter {
    /// The value that an attribute must have, if the filter says nothing else.
    pub(crate) fn equality(&self) -> Option<(&str, &str)> {
        match self {
            Self::Compare(path, Comparison::Equal, Value::String(value)) if path.len() == 1 => {
                Some((&path[0], value))
            }
            _ => None,
        }
    }

    /// Whether it holds for an object.
    pub(crate) fn holds(&self, object: &Map<String, Value>) -> bool {
        match self {
            Self::And(left, right) => left.holds(object) && right.holds(object),
            Self::Or(left, right) => left.holds(object) || right.holds(object),
            Self::Not(inner) => !inner.holds(object),
            Self::Present(path) => values(object, path).iter().any(|value| is_there(value)),
            Self::Compare(path, Comparison::NotEqual, wanted) => !values(object, path)
                .iter()
                .any(|value| compares(value, Comparison::Equal, wanted)),
            Self::Compare(path, comparison, wanted) => values(object, path)
                .iter()
                .any(|value| compares(value, *comparison, wanted)),
            Self::Some(path, inner) => values(object, path)
                .iter()
                .any(|value| value.as_object().is_some_and(|value| inner.holds(value))),
        }
    }

    /// What an object must have that the filter holds for, if it says so plainly: pairs of attributes and values.
    pub(crate) fn pairs(&self) -> Option<Vec<(&str, &Value)>> {
        match self {
            Self::And(left, right) => {
                let mut pairs = left.pairs()?;
                pairs.extend(right.pairs()?);
                Some(pairs)
            }
            Self::Compare(path, Comparison::Equal, value) if path.len() == 1 => {
                Some(vec![(&path[0], value)])
            }
            _ => None,
        }
    }
}

/// All values at a path; of several objects each one's. An object with a `value` can be meant by its own name.
fn values<'a>(object: &'a Map<String, Value>, path: &[String]) -> Vec<&'a Value> {
    let Some((first, rest)) = path.split_first() else {
        return Vec::new();
    };
    let found = object
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(first));
    let Some((_, value)) = found else {
        return Vec::new();
    };
    let all: Vec<&Value> = match value {
        Value::Array(items) => items.iter().collect(),
        other => vec![other],
    };
    if rest.is_empty() {
        return all;
    }
    all.into_iter()
        .filter_map(Value::as_object)
        .flat_map(|object| values(object, rest))
        .collect()
}

fn is_there(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(object) => !object.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

fn compares(value: &Value, comparison: Comparison, wanted: &Value) -> bool {
    // `members eq "…"` means the members' values.
    let value = match value {
        Value::Object(object) => object.get("value").unwrap_or(&Value::Null),
        other => other,
    };
    match (value, wanted) {
        (Value::String(value), Value::String(wanted)) => {
            let (value, wanted) = (value.to_lowercase(), wanted.to_lowercase());
            match comparison {
                Comparison::Equal => value == wanted,
                Comparison::NotEqual => value != wanted,
                Comparison::Contains => value.contains(&wanted),
                Comparison::Begins => value.starts_with(&wanted),
                Comparison::Ends => value.ends_with(&wanted),
                Comparison::Greater => value > wanted,
                Comparison::GreaterOrEqual => value >= wanted,
                Comparison::Less => value < wanted,
                Comparison::LessOrEqual => value <= wanted,
            }
        }
        // Some clients write switches as texts.
        (Value::Bool(value), Value::String(wanted)) => {
            comparison == Comparison::Equal && value.to_string().eq_ignore_ascii_case(wanted)
        }
        (value, wanted) => comparison == Comparison::Equal && value == wanted,
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Open,
    Close,
    OpenBracket,
    CloseBracket,
    Word(String),
    Text(String),
}

fn tokens(text: &str) -> Result<Vec<Token>, ScimError> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let single = match first {
            '(' => Some(Token::Open),
            ')' => Some(Token::Close),
            '[' => Some(Token::OpenBracket),
            ']' => Some(Token::CloseBracket),
            _ => None,
        };
        if let Some(token) = single {
            tokens.push(token);
            rest = rest[1..].trim_start();
        } else if first == '"' {
            let mut texts = serde_json::Deserializer::from_str(rest).into_iter::<String>();
            let Some(Ok(value)) = texts.next() else {
                return Err(ScimError::invalid_filter("a text of the filter never ends"));
            };
            let end = texts.byte_offset();
            tokens.push(Token::Text(value));
            rest = rest[end..].trim_start();
        } else {
            let is_end = |c: char| c.is_whitespace() || "()[]\"".contains(c);
            let end = rest.find(is_end).unwrap_or(rest.len());
            tokens.push(Token::Word(rest[..end].to_owned()));
            rest = rest[end..].trim_start();
        }
    }
    Ok(tokens)
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
    terms: usize,
}

impl Reader {
    fn either(&mut self, depth: usize) -> Result<Filter, ScimError> {
        let mut left = self.both(depth)?;
        while self.takes_word("or") {
            left = Filter::Or(Box::new(left), Box::new(self.both(depth)?));
        }
        Ok(left)
    }

    fn both(&mut self, depth: usize) -> Result<Filter, ScimError> {
        let mut left = self.one(depth)?;
        while self.takes_word("and") {
            left = Filter::And(Box::new(left), Box::new(self.one(depth)?));
        }
        Ok(left)
    }

    fn one(&mut self, depth: usize) -> Result<Filter, ScimError> {
        self.terms += 1;
        if depth > DEEPEST || self.terms > MOST_TERMS {
            let detail = format!("a filter may have {MOST_TERMS} parts and {DEEPEST} levels");
            return Err(ScimError::invalid_filter(detail));
        }
        if self.takes(&Token::Open) {
            let inner = self.either(depth + 1)?;
            return self.closed(&Token::Close, inner);
        }
        if self.takes_word("not") {
            if !self.takes(&Token::Open) {
                return Err(self.wrong());
            }
            let inner = self.either(depth + 1)?;
            let inner = self.closed(&Token::Close, inner)?;
            return Ok(Filter::Not(Box::new(inner)));
        }
        let path = self.path()?;
        if self.takes(&Token::OpenBracket) {
            let inner = self.either(depth + 1)?;
            let inner = self.closed(&Token::CloseBracket, inner)?;
            // `emails[type eq "work"].value eq "x"` is the same as both within.
            if let Some(Token::Word(word)) = self.tokens.get(self.at)
                && let Some(sub) = word.strip_prefix('.').map(str::to_owned)
                && is_name(&sub)
            {
                self.at += 1;
                let of_sub = self.comparison(vec![sub])?;
                let both = Filter::And(Box::new(inner), Box::new(of_sub));
                return Ok(Filter::Some(path, Box::new(both)));
            }
            return Ok(Filter::Some(path, Box::new(inner)));
        }
        self.comparison(path)
    }

    fn comparison(&mut self, path: Vec<String>) -> Result<Filter, ScimError> {
        let Some(Token::Word(word)) = self.next() else {
            return Err(self.wrong());
        };
        if word.eq_ignore_ascii_case("pr") {
            return Ok(Filter::Present(path));
        }
        let comparison = Comparison::parse(&word).ok_or_else(|| self.wrong())?;
        let value = match self.next() {
            Some(Token::Text(text)) => Value::String(text),
            Some(Token::Word(word)) => match word.to_ascii_lowercase().as_str() {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                "null" => Value::Null,
                number => serde_json::from_str(number)
                    .ok()
                    .filter(Value::is_number)
                    .ok_or_else(|| self.wrong())?,
            },
            _ => return Err(self.wrong()),
        };
        Ok(Filter::Compare(path, comparison, value))
    }

    /// Names from the outside in; a schema that stands before them is passed over, but for that of the extension, whose
    /// attributes are within it.
    fn path(&mut self) -> Result<Vec<String>, ScimError> {
        let Some(Token::Word(word)) = self.next() else {
            return Err(self.wrong());
        };
        let (schema, bare) = match word.rsplit_once(':') {
            Some((schema, bare)) => (Some(schema), bare),
            None => (None, word.as_str()),
        };
        let mut names: Vec<String> = bare.split('.').map(str::to_owned).collect();
        if names.len() > 3 || !names.iter().all(|name| is_name(name)) {
            return Err(self.wrong());
        }
        if let Some(schema) = schema
            && schema.eq_ignore_ascii_case(crate::document::ENTERPRISE)
        {
            names.insert(0, crate::document::ENTERPRISE.to_owned());
        }
        Ok(names)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn takes(&mut self, wanted: &Token) -> bool {
        let is_it = self.tokens.get(self.at) == Some(wanted);
        self.at += usize::from(is_it);
        is_it
    }

    fn takes_word(&mut self, wanted: &str) -> bool {
        let is_it = matches!(self.tokens.get(self.at), Some(Token::Word(word)) if word.eq_ignore_ascii_case(wanted));
        self.at += usize::from(is_it);
        is_it
    }

    fn closed(&mut self, wanted: &Token, inner: Filter) -> Result<Filter, ScimError> {
        if self.takes(wanted) {
            Ok(inner)
        } else {
            Err(self.wrong())
        }
    }

    fn wrong(&self) -> ScimError {
        let detail = format!("the filter cannot be understood at its part {}", self.at);
        ScimError::invalid_filter(detail)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn holds(filter: &str) -> bool {
        let object = json!({
            "userName": "ada@contoso.com", "active": true, "name": {"familyName": "Lovelace"},
            "emails": [{"type": "work", "value": "ada@contoso.com"}, {"type": "home", "value": "a@b.c"}],
            "members": [{"value": "7"}],
            crate::document::ENTERPRISE: {"department": "Sales"},
        });
        read_filter(filter)
            .unwrap()
            .holds(object.as_object().unwrap())
    }

    #[test]
    fn filters_mean_what_they_say() {
        for filter in [
            "userName eq \"ADA@contoso.com\"",
            "USERNAME Eq \"ada@contoso.com\"",
            "urn:ietf:params:scim:schemas:core:2.0:User:userName sw \"ada\"",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq \"sales\"",
            "name.familyName co \"love\" and active eq true",
            "active eq \"True\"",
            "emails[type eq \"work\" and value ew \"contoso.com\"]",
            "emails[type eq \"home\"].value eq \"a@b.c\"",
            "emails.value eq \"a@b.c\"",
            "members eq \"7\"",
            "members[value eq \"7\"]",
            "not (title pr) and (userName pr or title pr)",
            "userName ne \"ben\"",
            "title ne \"x\"",
        ] {
            assert!(holds(filter), "{filter}");
        }
        for filter in [
            "userName eq \"ben\"",
            "emails[type eq \"work\" and value eq \"a@b.c\"]",
            "emails[type eq \"work\"].value eq \"a@b.c\"",
            "title pr",
            "userName pr and title pr or active eq false",
        ] {
            assert!(!holds(filter), "{filter}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let deep = format!("{}a pr{}", "(".repeat(500), ")".repeat(500));
        let wide = vec!["a pr"; 100].join(" or ");
        for filter in [
            "",
            "userName",
            "userName eq",
            "userName eq \"x",
            "userName is \"x\"",
            "(userName pr",
            "userName pr)",
            "a[b pr",
            "not a pr",
            "userName eq x",
            "a.b.c.d pr",
            "\"a\" pr",
            "a pr b",
            "userName eq \"a\" and",
            "1a pr",
            &deep,
            &wide,
            &"a".repeat(3000),
        ] {
            let error = read_filter(filter).unwrap_err();
            assert_eq!(error.kind, Some("invalidFilter"), "{filter}");
        }
    }
}
