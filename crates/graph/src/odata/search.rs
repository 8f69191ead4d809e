//! `$search`: words that must occur, in any property or in a named one.

use serde_json::{Map, Value};

use super::QueryError;
use super::filter::{fold, lookup};

/// A search: alternatives (OR) of words that must all occur (AND).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    alternatives: Vec<Vec<Term>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    property: Option<String>,
    /// Folded.
    text: String,
    negated: bool,
}

/// Where a word without a property is looked for.
const SEARCHED: [&str; 8] = [
    "displayName",
    "description",
    "mail",
    "userPrincipalName",
    "givenName",
    "surname",
    "deviceName",
    "serialNumber",
];
const MAX_TERMS: usize = 50;

impl Search {
    /// Reads `"text"`, `"displayName:text"`, bare words, `AND`, `OR`, `NOT` and parentheses around the whole.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        let (mut alternatives, mut words_together) = (Vec::new(), Vec::new());
        let (mut negated, mut count) = (false, 0);
        for word in words(text)? {
            match word {
                Word::Bare(word) if word == "AND" => {}
                Word::Bare(word) if word == "OR" => {
                    alternatives.push(std::mem::take(&mut words_together));
                }
                Word::Bare(word) if word == "NOT" => negated = true,
                Word::Bare(word) | Word::Quoted(word) => {
                    words_together.push(Term::new(&word, negated));
                    negated = false;
                    count += 1;
                }
            }
        }
        alternatives.push(words_together);
        if alternatives.iter().any(Vec::is_empty) || negated {
            return Err(QueryError::new("$search", "expected a word, found nothing"));
        }
        if count > MAX_TERMS {
            return Err(QueryError::new(
                "$search",
                format!("more than {MAX_TERMS} words"),
            ));
        }
        Ok(Self { alternatives })
    }

    /// Whether an entity has the words.
    pub fn matches(&self, body: &Map<String, Value>) -> bool {
        self.alternatives
            .iter()
            .any(|terms| terms.iter().all(|term| term.matches(body)))
    }
}

impl Term {
    fn new(word: &str, negated: bool) -> Self {
        let (property, text) = match word.split_once(':') {
            Some((property, text))
                if property.bytes().all(|byte| byte.is_ascii_alphanumeric())
                    && !property.is_empty() =>
            {
                (Some(property.to_owned()), text)
            }
            _ => (None, word),
        };
        Self {
            property,
            text: fold(text),
            negated,
        }
    }

    fn matches(&self, body: &Map<String, Value>) -> bool {
        let has = |name: &str| match lookup(body, name) {
            Some(Value::String(text)) => fold(text).contains(&self.text),
            _ => false,
        };
        let found = match &self.property {
            Some(property) => has(property),
            None => SEARCHED.iter().any(|name| has(name)),
        };
        found != self.negated
    }
}

enum Word {
    Bare(String),
    Quoted(String),
}

fn words(text: &str) -> Result<Vec<Word>, QueryError> {
    let mut found = Vec::new();
    let mut characters = text.chars().peekable();
    while let Some(&next) = characters.peek() {
        if next.is_whitespace() || next == '(' || next == ')' {
            characters.next();
        } else if next == '"' {
            characters.next();
            found.push(Word::Quoted(quoted(&mut characters)?));
        } else {
            let mut word = String::new();
            while let Some(next) =
                characters.next_if(|next| !next.is_whitespace() && !matches!(next, '(' | ')' | '"'))
            {
                word.push(next);
            }
            found.push(Word::Bare(word));
        }
    }
    Ok(found)
}

fn quoted(characters: &mut impl Iterator<Item = char>) -> Result<String, QueryError> {
    let mut word = String::new();
    while let Some(next) = characters.next() {
        match next {
            '"' => return Ok(word),
            '\\' => word.extend(characters.next()),
            other => word.push(other),
        }
    }
    Err(QueryError::new("$search", "the closing `\"` is missing"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn finds(search: &str) -> bool {
        let Value::Object(body) =
            json!({"displayName": "Sales Zürich", "mail": "z@x.y", "x": "hidden"})
        else {
            unreachable!()
        };
        Search::parse(search).unwrap().matches(&body)
    }

    #[test]
    fn words_are_found_in_any_case() {
        assert!(finds("\"zÜRICH\""));
        assert!(finds("sales"));
        assert!(finds("\"displayName:sales\""));
        assert!(!finds("\"mail:sales\""));
        assert!(!finds("hidden"));
    }

    #[test]
    fn words_are_joined() {
        assert!(finds("\"sales\" AND \"mail:z@\""));
        assert!(!finds("\"sales\" \"nothing\""));
        assert!(finds("\"nothing\" OR sales"));
        assert!(finds("sales NOT \"nothing\""));
    }

    #[test]
    fn a_search_without_words_is_refused() {
        for search in ["", "OR", "a OR", "NOT", "\"a"] {
            assert!(Search::parse(search).is_err(), "{search}");
        }
    }

    proptest! {
        #[test]
        fn no_input_panics(text in "\\PC{0,60}") {
            let _ = Search::parse(&text);
        }
    }
}
