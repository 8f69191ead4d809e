//! Text to tokens.

use mandate_model::Timestamp;
use uuid::Uuid;

use super::Literal;
use crate::odata::QueryError;

/// A token and the character at which it begins, counted from 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) position: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// A name, which may be dotted: operator, function, property or type.
    Word(String),
    Literal(Literal),
    Open,
    Close,
    Comma,
    Slash,
    Colon,
    End,
}

impl Kind {
    /// For messages.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Word(word) => format!("`{word}`"),
            Self::Literal(literal) => format!("`{literal}`"),
            Self::Open => "`(`".to_owned(),
            Self::Close => "`)`".to_owned(),
            Self::Comma => "`,`".to_owned(),
            Self::Slash => "`/`".to_owned(),
            Self::Colon => "`:`".to_owned(),
            Self::End => "the end".to_owned(),
        }
    }
}

const MAX_TOKENS: usize = 4000;

/// All tokens, the last one being [`Kind::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, QueryError> {
    let mut lexer = Lexer {
        characters: text.chars().collect(),
        at: 0,
    };
    let mut found = Vec::new();
    loop {
        lexer.skip_blanks();
        let position = lexer.at + 1;
        let kind = lexer.next()?;
        let ended = kind == Kind::End;
        found.push(Token { kind, position });
        if ended {
            return Ok(found);
        }
        if found.len() > MAX_TOKENS {
            return Err(QueryError::at(
                "$filter",
                position,
                format!("more than {MAX_TOKENS} words and signs"),
            ));
        }
    }
}

struct Lexer {
    characters: Vec<char>,
    at: usize,
}

impl Lexer {
    fn next(&mut self) -> Result<Kind, QueryError> {
        let Some(&first) = self.characters.get(self.at) else {
            return Ok(Kind::End);
        };
        let single = match first {
            '(' => Some(Kind::Open),
            ')' => Some(Kind::Close),
            ',' => Some(Kind::Comma),
            '/' => Some(Kind::Slash),
            ':' => Some(Kind::Colon),
            _ => None,
        };
        if let Some(kind) = single {
            self.at += 1;
            return Ok(kind);
        }
        match first {
            '\'' => Ok(Kind::Literal(Literal::Text(self.quoted()?))),
            '$' | '_' => {
                Ok(Kind::Word(self.run(|c| {
                    c.is_ascii_alphanumeric() || matches!(c, '$' | '_')
                })))
            }
            _ if first.is_ascii_alphabetic() => self.word_or_guid(),
            _ if first.is_ascii_digit() || first == '-' => self.number_or_date(),
            other => Err(self.wrong(format!("`{other}` has no meaning here"))),
        }
    }

    fn word_or_guid(&mut self) -> Result<Kind, QueryError> {
        let start = self.at;
        let run = self.run(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
        if let Some(id) = guid(&run) {
            return Ok(Kind::Literal(Literal::Guid(id)));
        }
        if let Some(dash) = run.find('-') {
            self.at = start + dash;
            return Err(self.wrong("`-` has no meaning here; put text in single quotes"));
        }
        if self.characters.get(self.at) == Some(&'\'') {
            return self.typed(&run);
        }
        Ok(match run.to_ascii_lowercase().as_str() {
            "null" => Kind::Literal(Literal::Null),
            "true" => Kind::Literal(Literal::Boolean(true)),
            "false" => Kind::Literal(Literal::Boolean(false)),
            _ => Kind::Word(run),
        })
    }

    /// `guid'…'` and `datetime'…'` of older `OData`, else the members of an enum.
    fn typed(&mut self, type_name: &str) -> Result<Kind, QueryError> {
        let start = self.at;
        let text = self.quoted()?;
        let literal = match type_name.to_ascii_lowercase().as_str() {
            "guid" => guid(&text).map(Literal::Guid),
            "datetime" | "datetimeoffset" => moment(&text).map(Literal::Moment),
            _ => Some(Literal::Text(text)),
        };
        literal.map(Kind::Literal).ok_or_else(|| {
            self.at = start;
            self.wrong(format!("this is not a {type_name}"))
        })
    }

    fn number_or_date(&mut self) -> Result<Kind, QueryError> {
        let start = self.at;
        let mut run = self.run(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-' | '+'));
        // An unencoded `+02:00` arrives as a blank and the rest.
        let rest: String = self.characters[self.at..].iter().take(6).collect();
        if run.contains('T') && is_offset(&rest) {
            run = format!("{run}+{}", rest.trim_start());
            self.at += 6;
        }
        let literal = guid(&run)
            .map(Literal::Guid)
            .or_else(|| run.parse().ok().map(Literal::Integer))
            .or_else(|| moment(&run).map(Literal::Moment))
            .or_else(|| decimal(&run).map(Literal::Decimal));
        literal.map(Kind::Literal).ok_or_else(|| {
            self.at = start;
            self.wrong(format!("expected a number, date or GUID, found `{run}`"))
        })
    }

    /// Text between single quotes, in which two quotes stand for one.
    fn quoted(&mut self) -> Result<String, QueryError> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        while let Some(&next) = self.characters.get(self.at) {
            self.at += 1;
            if next != '\'' {
                text.push(next);
            } else if self.characters.get(self.at) == Some(&'\'') {
                text.push('\'');
                self.at += 1;
            } else {
                return Ok(text);
            }
        }
        self.at = start;
        Err(self.wrong("the closing quote is missing"))
    }

    fn run(&mut self, belongs: impl Fn(char) -> bool) -> String {
        let run: String = self.characters[self.at..]
            .iter()
            .take_while(|next| belongs(**next))
            .collect();
        self.at += run.chars().count();
        run
    }

    fn skip_blanks(&mut self) {
        while self
            .characters
            .get(self.at)
            .is_some_and(|next| next.is_whitespace())
        {
            self.at += 1;
        }
    }

    fn wrong(&self, message: impl Into<String>) -> QueryError {
        QueryError::at("$filter", self.at + 1, message)
    }
}

fn is_offset(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 6
        && bytes[0] == b' '
        && bytes[3] == b':'
        && [1, 2, 4, 5]
            .into_iter()
            .all(|at| bytes[at].is_ascii_digit())
}

fn guid(text: &str) -> Option<Uuid> {
    if text.len() == 36 {
        Uuid::try_parse(text).ok()
    } else {
        None
    }
}

fn decimal(text: &str) -> Option<f64> {
    let is_number = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E'));
    text.parse()
        .ok()
        .filter(|number: &f64| is_number && number.is_finite())
}

/// A date, or a date and time, of which seconds and offset may be missing.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    Timestamp::parse(text)
        .or_else(|| Timestamp::parse(&format!("{text}Z")))
        .or_else(|| Timestamp::parse(&format!("{text}T00:00:00Z")))
        .or_else(|| Timestamp::parse(&format!("{}:00Z", text.strip_suffix('Z').unwrap_or(text))))
}
