//! Tokens to an expression, by recursive descent: `or`, `and`, `not`, comparison, primary.
//!
//! `not` binds weaker than a comparison, so that `not a eq 'x'` means what people mean by it.

use super::lex::{Kind, Token, tokens};
use super::{Comparison, Expression, Function, Literal, Step};
use crate::odata::QueryError;

const MAX_DEPTH: usize = 40;
const MAX_LIST: usize = 1000;

/// Reads a whole filter.
pub(super) fn parse(text: &str) -> Result<Expression, QueryError> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
        depth: 0,
        variables: Vec::new(),
    };
    let expression = parser.or()?;
    match parser.kind() {
        Kind::End => Parser::condition(expression, 1),
        _ => Err(parser.expected("`and`, `or` or the end")),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    /// Names given by the lambdas around this place.
    variables: Vec<String>,
}

type Parsed = Result<Expression, QueryError>;

impl Parser {
    fn or(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.wrong(format!("nested deeper than {MAX_DEPTH}")));
        }
        let parsed = self.joined("or", Self::and, Expression::Or);
        self.depth -= 1;
        parsed
    }

    fn and(&mut self) -> Parsed {
        self.joined("and", Self::not, Expression::And)
    }

    fn joined(
        &mut self,
        word: &str,
        part: fn(&mut Self) -> Parsed,
        join: fn(Vec<Expression>) -> Expression,
    ) -> Parsed {
        let start = self.position();
        let first = part(self)?;
        if !self.is_word(word) {
            return Ok(first);
        }
        let mut parts = vec![Self::condition(first, start)?];
        while self.take_word(word) {
            let start = self.position();
            let next = part(self)?;
            parts.push(Self::condition(next, start)?);
        }
        Ok(join(parts))
    }

    fn not(&mut self) -> Parsed {
        if !self.take_word("not") {
            return self.comparison();
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.wrong(format!("nested deeper than {MAX_DEPTH}")));
        }
        let start = self.position();
        let inner = self.not()?;
        self.depth -= 1;
        Ok(Expression::Not(Box::new(Self::condition(inner, start)?)))
    }

    fn comparison(&mut self) -> Parsed {
        let left = self.primary()?;
        if self.take_word("in") {
            return Ok(Expression::In(Box::new(left), self.list()?));
        }
        let Some(comparison) = self.word().and_then(comparison) else {
            return Ok(left);
        };
        self.at += 1;
        let right = self.primary()?;
        Ok(Expression::Compare(
            comparison,
            Box::new(left),
            Box::new(right),
        ))
    }

    fn list(&mut self) -> Result<Vec<Literal>, QueryError> {
        self.take(&Kind::Open, "`(` and a list")?;
        let mut list = Vec::new();
        loop {
            let Kind::Literal(literal) = self.kind().clone() else {
                return Err(self.expected("a value"));
            };
            self.at += 1;
            list.push(literal);
            if list.len() > MAX_LIST {
                return Err(self.wrong(format!("more than {MAX_LIST} values")));
            }
            if *self.kind() != Kind::Comma {
                break;
            }
            self.at += 1;
        }
        self.take(&Kind::Close, "`,` or `)`")?;
        Ok(list)
    }

    fn primary(&mut self) -> Parsed {
        match self.kind().clone() {
            Kind::Literal(literal) => {
                self.at += 1;
                Ok(Expression::Literal(literal))
            }
            Kind::Open => {
                self.at += 1;
                let inner = self.or()?;
                self.take(&Kind::Close, "`)`")?;
                Ok(inner)
            }
            Kind::Word(word)
                if self
                    .tokens
                    .get(self.at + 1)
                    .is_some_and(|next| next.kind == Kind::Open) =>
            {
                self.call(&word)
            }
            Kind::Word(word) if !is_operator(&word) => self.path(),
            _ => Err(self.expected("a property, value or function")),
        }
    }

    fn call(&mut self, word: &str) -> Parsed {
        if word.eq_ignore_ascii_case("isof") {
            self.at += 2;
            return self.is_of();
        }
        let Some((function, count)) = function(word) else {
            return Err(self.wrong(format!("`{word}` is not a function we know")));
        };
        self.at += 2;
        let mut arguments = Vec::new();
        for index in 0..count {
            if index > 0 {
                self.take(&Kind::Comma, "`,`")?;
            }
            self.depth += 1;
            if self.depth > MAX_DEPTH {
                return Err(self.wrong(format!("nested deeper than {MAX_DEPTH}")));
            }
            arguments.push(self.primary()?);
            self.depth -= 1;
        }
        self.take(&Kind::Close, "`)`")?;
        Ok(Expression::Call(function, arguments))
    }

    /// `isof('microsoft.graph.x')`, also without quotes, also `isof($it,'…')`.
    fn is_of(&mut self) -> Parsed {
        if self.take_word("$it") {
            self.take(&Kind::Comma, "`,`")?;
        }
        let (Kind::Literal(Literal::Text(name)) | Kind::Word(name)) = self.kind().clone() else {
            return Err(self.expected("the name of a type"));
        };
        let name = name
            .trim_start_matches('#')
            .rsplit('.')
            .next()
            .unwrap_or_default()
            .to_owned();
        if name.is_empty() {
            return Err(self.expected("the name of a type"));
        }
        self.at += 1;
        self.take(&Kind::Close, "`)`")?;
        Ok(Expression::IsOf(name))
    }

    fn path(&mut self) -> Parsed {
        let mut steps = Vec::new();
        loop {
            let Kind::Word(word) = self.kind().clone() else {
                return Err(self.expected("a property"));
            };
            let lambda = word.eq_ignore_ascii_case("any") || word.eq_ignore_ascii_case("all");
            if lambda && !steps.is_empty() && self.tokens[self.at + 1].kind == Kind::Open {
                self.at += 2;
                return self.lambda(steps, word.eq_ignore_ascii_case("all"));
            }
            steps.push(match word.rsplit_once('.') {
                Some((_, name)) => Step::Cast(name.to_owned()),
                None if word.eq_ignore_ascii_case("$count") => Step::Count,
                None if word.starts_with('$') && word != "$it" => {
                    return Err(self.expected("a property"));
                }
                None => Step::Property(word),
            });
            self.at += 1;
            if *self.kind() != Kind::Slash {
                break;
            }
            self.at += 1;
        }
        match steps.last() {
            Some(Step::Cast(name)) => {
                Err(self.wrong(format!("a property is missing after the type `{name}`")))
            }
            _ => Ok(Expression::Path(steps)),
        }
    }

    fn lambda(&mut self, path: Vec<Step>, all: bool) -> Parsed {
        if *self.kind() == Kind::Close && !all {
            self.at += 1;
            return Ok(Expression::Lambda {
                path,
                all,
                condition: None,
            });
        }
        let Kind::Word(variable) = self.kind().clone() else {
            return Err(self.expected("a name for the item"));
        };
        self.at += 1;
        self.take(&Kind::Colon, "`:`")?;
        let start = self.position();
        self.variables.push(variable.clone());
        let condition = self.or()?;
        self.variables.pop();
        let condition = Self::condition(condition, start)?;
        self.take(&Kind::Close, "`)`")?;
        Ok(Expression::Lambda {
            path,
            all,
            condition: Some((variable, Box::new(condition))),
        })
    }

    /// What stands where yes or no is asked must be able to say so.
    fn condition(expression: Expression, position: usize) -> Parsed {
        let possible = match &expression {
            Expression::Literal(literal) => matches!(literal, Literal::Boolean(_)),
            Expression::Call(function, _) => {
                matches!(
                    function,
                    Function::Contains | Function::StartsWith | Function::EndsWith
                )
            }
            _ => true,
        };
        if possible {
            return Ok(expression);
        }
        let message =
            format!("expected a condition, found `{expression}`, which is neither true nor false");
        Err(QueryError::at("$filter", position, message))
    }

    fn kind(&self) -> &Kind {
        &self.tokens[self.at].kind
    }

    fn position(&self) -> usize {
        self.tokens[self.at].position
    }

    fn word(&self) -> Option<&str> {
        match self.kind() {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    fn is_word(&self, wanted: &str) -> bool {
        self.word()
            .is_some_and(|word| word.eq_ignore_ascii_case(wanted))
    }

    fn take_word(&mut self, wanted: &str) -> bool {
        let found = self.is_word(wanted);
        self.at += usize::from(found);
        found
    }

    fn take(&mut self, kind: &Kind, expected: &str) -> Result<(), QueryError> {
        if self.kind() != kind {
            return Err(self.expected(expected));
        }
        self.at += 1;
        Ok(())
    }

    fn expected(&self, what: &str) -> QueryError {
        self.wrong(format!("expected {what}, found {}", self.kind().describe()))
    }

    fn wrong(&self, message: impl Into<String>) -> QueryError {
        QueryError::at("$filter", self.position(), message)
    }
}

fn is_operator(word: &str) -> bool {
    matches!(
        word.to_ascii_lowercase().as_str(),
        "and" | "or" | "not" | "in"
    ) || comparison(word).is_some()
}

fn comparison(word: &str) -> Option<Comparison> {
    Some(match word.to_ascii_lowercase().as_str() {
        "eq" => Comparison::Equal,
        "ne" => Comparison::NotEqual,
        "gt" => Comparison::Greater,
        "ge" => Comparison::GreaterOrEqual,
        "lt" => Comparison::Less,
        "le" => Comparison::LessOrEqual,
        "has" => Comparison::Has,
        _ => return None,
    })
}

/// The function and the number of its arguments.
fn function(word: &str) -> Option<(Function, usize)> {
    Some(match word.to_ascii_lowercase().as_str() {
        "contains" => (Function::Contains, 2),
        "startswith" => (Function::StartsWith, 2),
        "endswith" => (Function::EndsWith, 2),
        "tolower" => (Function::ToLower, 1),
        "toupper" => (Function::ToUpper, 1),
        "trim" => (Function::Trim, 1),
        "length" => (Function::Length, 1),
        "concat" => (Function::Concat, 2),
        _ => return None,
    })
}
