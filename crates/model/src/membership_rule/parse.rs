//! Reading a rule.
//!
//! ```text
//! rule      = all { ("-or") all }
//! all       = unary { ("-and") unary }
//! unary     = "-not" unary | "(" rule ")" | property operator operand | property ("-any" | "-all") "(" rule ")"
//! operand   = text | "true" | "false" | "null" | "[" text { "," text } "]"
//! ```

use regex::RegexBuilder;

use super::RuleError;
use super::expression::{
    Condition, Expression, Folded, Left, Operand, Operator, Pattern, Quantifier,
};
use super::property::{Property, RuleKind, ValueKind};
use super::token::{Position, Token, tokens};
use crate::{OsVersion, Timestamp};

/// How deep parentheses, `-not` and `-any` may be nested.
pub(super) const MOST_DEPTH: usize = 32;
/// Regular expressions in one rule: each takes memory for as long as the rule is kept.
pub(super) const MOST_PATTERNS: usize = 16;
/// Size of one regular expression once it is compiled, in bytes.
const PATTERN_SIZE: usize = 1 << 18;
const PATTERN_NESTING: u32 = 32;

/// Reads a rule whose length has been checked.
pub(super) fn parse(rule: &str) -> Result<(RuleKind, Expression), RuleError> {
    let mut parser = Parser {
        tokens: tokens(rule)?,
        next: 0,
        depth: 0,
        patterns: 0,
        kind: None,
        is_item: false,
    };
    let expression = parser.rule()?;
    let (token, at) = parser.peek();
    if *token != Token::End {
        return Err(expected("`-and`, `-or` or the end of the rule", token, at));
    }
    match parser.kind {
        Some(kind) => Ok((kind, expression)),
        None => Err(RuleError::new(at, "expected a property")),
    }
}

struct Parser {
    /// Ends with [`Token::End`], which is never passed.
    tokens: Vec<(Token, Position)>,
    next: usize,
    depth: usize,
    patterns: usize,
    /// Whom the properties so far are of.
    kind: Option<RuleKind>,
    /// Whether this is between the parentheses of `-any` or `-all`.
    is_item: bool,
}

impl Parser {
    fn peek(&self) -> (&Token, Position) {
        let (token, at) = &self.tokens[self.next];
        (token, *at)
    }

    fn take(&mut self) -> (Token, Position) {
        let taken = self.tokens[self.next].clone();
        if taken.0 != Token::End {
            self.next += 1;
        }
        taken
    }

    /// Passes a word, with or without its hyphen, if it is next.
    fn take_word(&mut self, word: &str) -> bool {
        let is_next = matches!(self.peek().0, Token::Word(next) if is_word(next, word));
        if is_next {
            self.next += 1;
        }
        is_next
    }

    fn expect(&mut self, wanted: &Token) -> Result<(), RuleError> {
        let (token, at) = self.peek();
        if token != wanted {
            return Err(expected(&wanted.called(), token, at));
        }
        self.take();
        Ok(())
    }

    fn deeper<T>(
        &mut self,
        at: Position,
        inner: impl FnOnce(&mut Self) -> Result<T, RuleError>,
    ) -> Result<T, RuleError> {
        if self.depth == MOST_DEPTH {
            let problem = format!("expected at most {MOST_DEPTH} levels of nesting");
            return Err(RuleError::new(at, problem));
        }
        self.depth += 1;
        let read = inner(self);
        self.depth -= 1;
        read
    }

    fn rule(&mut self) -> Result<Expression, RuleError> {
        let mut parts = vec![self.all()?];
        while self.take_word("or") {
            parts.push(self.all()?);
        }
        Ok(joined(parts, Expression::Either))
    }

    fn all(&mut self) -> Result<Expression, RuleError> {
        let mut parts = vec![self.unary()?];
        while self.take_word("and") {
            parts.push(self.unary()?);
        }
        Ok(joined(parts, Expression::All))
    }

    fn unary(&mut self) -> Result<Expression, RuleError> {
        let at = self.peek().1;
        if self.take_word("not") {
            let inner = self.deeper(at, Self::unary)?;
            return Ok(Expression::Not(Box::new(inner)));
        }
        if *self.peek().0 == Token::Open {
            self.take();
            let inner = self.deeper(at, Self::rule)?;
            self.expect(&Token::Close)?;
            return Ok(inner);
        }
        self.condition()
    }

    fn condition(&mut self) -> Result<Expression, RuleError> {
        let left = self.left()?;
        let (token, at) = self.take();
        let Token::Word(word) = &token else {
            return Err(expected("an operator such as `-eq`", &token, at));
        };
        if let Left::Property(property) = &left {
            for (name, quantifier) in [("any", Quantifier::Any), ("all", Quantifier::All)] {
                if is_word(word, name) {
                    return self.items(property.clone(), quantifier, at);
                }
            }
        }
        let Some(operator) = Operator::read(word) else {
            return Err(expected("an operator such as `-eq`", &token, at));
        };
        let kind = match &left {
            Left::Property(property) => property.kind(),
            Left::Item => ValueKind::Text,
        };
        if !suits(kind, operator) {
            let problem = format!("{operator} cannot be used with {}", described(kind));
            return Err(RuleError::new(at, problem));
        }
        let operand = self.operand(kind, operator)?;
        Ok(Expression::Condition(Condition {
            left,
            operator,
            operand,
        }))
    }

    fn left(&mut self) -> Result<Left, RuleError> {
        let (token, at) = self.take();
        let Token::Word(word) = &token else {
            let wanted = if self.is_item {
                "`_`"
            } else {
                "a property such as `user.department`"
            };
            return Err(expected(wanted, &token, at));
        };
        if self.is_item {
            if word == "_" {
                return Ok(Left::Item);
            }
            return Err(expected(
                "`_`, which stands for one item of the list",
                &token,
                at,
            ));
        }
        if word == "_" {
            let problem = "`_` stands for an item, and only after `-any` or `-all`";
            return Err(RuleError::new(at, problem));
        }
        if word.eq_ignore_ascii_case("direct") {
            let problem = "`Direct Reports for` is not supported: managers are not kept here";
            return Err(RuleError::new(at, problem));
        }
        let property = Property::read(word).map_err(|problem| RuleError::new(at, problem))?;
        let kind = property.of();
        if *self.kind.get_or_insert(kind) != kind {
            let problem = "a rule is about people or about devices: `user.` and `device.` cannot be in the same one";
            return Err(RuleError::new(at, problem));
        }
        Ok(Left::Property(property))
    }

    fn items(
        &mut self,
        property: Property,
        quantifier: Quantifier,
        at: Position,
    ) -> Result<Expression, RuleError> {
        if property.kind() != ValueKind::Texts {
            let problem =
                format!("`-any` and `-all` need a list, and `{property}` has one value at most");
            return Err(RuleError::new(at, problem));
        }
        self.expect(&Token::Open)?;
        self.is_item = true;
        let test = self.deeper(at, Self::rule);
        self.is_item = false;
        let test = Box::new(test?);
        self.expect(&Token::Close)?;
        Ok(Expression::Items {
            property,
            quantifier,
            test,
        })
    }

    fn operand(&mut self, kind: ValueKind, operator: Operator) -> Result<Operand, RuleError> {
        let (token, at) = self.take();
        if matches!(operator, Operator::In | Operator::NotIn) {
            return self.list(&token, at);
        }
        let text = match token {
            Token::Word(word) if word.eq_ignore_ascii_case("null") => {
                if matches!(operator, Operator::Equal | Operator::NotEqual) {
                    return Ok(Operand::Null);
                }
                let problem = format!("`null` goes with `-eq` and `-ne` only, not with {operator}");
                return Err(RuleError::new(at, problem));
            }
            // A switch may be in quotes, as in rules of old.
            Token::Word(word) | Token::Text(word) if kind == ValueKind::Flag => {
                return match word.to_ascii_lowercase().as_str() {
                    "true" => Ok(Operand::Flag(true)),
                    "false" => Ok(Operand::Flag(false)),
                    _ => Err(expected("`true` or `false`", &Token::Word(word), at)),
                };
            }
            Token::Text(text) => text,
            Token::Word(word) if word.to_ascii_lowercase().starts_with("system.") => {
                let problem =
                    "`system.now` is not supported: compare with a date such as \"2026-01-31\"";
                return Err(RuleError::new(at, problem));
            }
            other => {
                let wanted = match kind {
                    ValueKind::Flag => "`true` or `false`",
                    _ => "a text in quotes",
                };
                return Err(expected(wanted, &other, at));
            }
        };
        self.text_operand(kind, operator, text, at)
    }

    fn text_operand(
        &mut self,
        kind: ValueKind,
        operator: Operator,
        text: String,
        at: Position,
    ) -> Result<Operand, RuleError> {
        if matches!(operator, Operator::Match | Operator::NotMatch) {
            return self.pattern(text, at).map(Operand::Pattern);
        }
        match kind {
            ValueKind::Version if operator.is_order() => match OsVersion::parse(&text) {
                Some(version) => Ok(Operand::Version(version, text)),
                None => Err(expected(
                    "a version such as \"17.4\"",
                    &Token::Text(text),
                    at,
                )),
            },
            ValueKind::Moment => match moment(&text) {
                Some(moment) => Ok(Operand::Moment(moment, text)),
                None => Err(expected(
                    "a date such as \"2026-01-31\" or \"2026-01-31T08:00:00Z\"",
                    &Token::Text(text),
                    at,
                )),
            },
            _ => Ok(Operand::Text(Folded::new(text))),
        }
    }

    fn pattern(&mut self, text: String, at: Position) -> Result<Pattern, RuleError> {
        self.patterns += 1;
        if self.patterns > MOST_PATTERNS {
            let problem = format!("expected at most {MOST_PATTERNS} regular expressions");
            return Err(RuleError::new(at, problem));
        }
        let built = RegexBuilder::new(&text)
            .case_insensitive(true)
            .size_limit(PATTERN_SIZE)
            .dfa_size_limit(PATTERN_SIZE)
            .nest_limit(PATTERN_NESTING)
            .build();
        match built {
            Ok(regex) => Ok(Pattern {
                written: text,
                regex,
            }),
            Err(regex::Error::CompiledTooBig(_)) => Err(RuleError::new(
                at,
                "the regular expression is too big: make its repetitions smaller",
            )),
            Err(error) => {
                // The last line of the message says what is wrong; those before it draw the pattern.
                let message = error.to_string();
                let last = message.lines().last().unwrap_or_default();
                let last = last.trim().trim_start_matches("error:").trim();
                let problem = format!("expected a regular expression: {last}");
                Err(RuleError::new(at, problem))
            }
        }
    }

    fn list(&mut self, first: &Token, at: Position) -> Result<Operand, RuleError> {
        if *first != Token::OpenList {
            return Err(expected(
                "a list such as [\"a\", \"b\"] after `-in`",
                first,
                at,
            ));
        }
        let mut texts = Vec::new();
        loop {
            let (token, at) = self.take();
            let Token::Text(text) = token else {
                return Err(expected("a text in quotes", &token, at));
            };
            texts.push(Folded::new(text));
            let (token, at) = self.take();
            match token {
                Token::Comma => {}
                Token::CloseList => return Ok(Operand::Texts(texts)),
                other => return Err(expected("`,` or `]`", &other, at)),
            }
        }
    }
}

fn joined(mut parts: Vec<Expression>, join: fn(Vec<Expression>) -> Expression) -> Expression {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            join(parts)
        }
    }
}

fn is_word(written: &str, word: &str) -> bool {
    written
        .strip_prefix('-')
        .unwrap_or(written)
        .eq_ignore_ascii_case(word)
}

fn expected(wanted: &str, found: &Token, at: Position) -> RuleError {
    let problem = format!("expected {wanted}, but found {}", found.called());
    RuleError::new(at, problem)
}

const fn suits(kind: ValueKind, operator: Operator) -> bool {
    let is_equality = matches!(operator, Operator::Equal | Operator::NotEqual);
    match kind {
        ValueKind::Text | ValueKind::Texts => !operator.is_order(),
        ValueKind::Flag => is_equality,
        ValueKind::Version => true,
        ValueKind::Moment => is_equality || operator.is_order(),
    }
}

const fn described(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Text => "a text",
        ValueKind::Flag => "what is true or false",
        ValueKind::Texts => "a list",
        ValueKind::Version => "a version",
        ValueKind::Moment => "a date",
    }
}

/// A moment, or a day, which begins at midnight UTC.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    Timestamp::parse(text).or_else(|| Timestamp::parse(&format!("{text}T00:00:00Z")))
}
