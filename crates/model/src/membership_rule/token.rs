//! Words of a rule, each with the place where it begins.

use super::RuleError;

/// A place in the text of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Characters before it.
    pub offset: usize,
    /// Line, from 1.
    pub line: usize,
    /// Character in its line, from 1.
    pub column: usize,
}

impl Position {
    const START: Self = Self {
        offset: 0,
        line: 1,
        column: 1,
    };

    fn pass(&mut self, character: char) {
        self.offset += 1;
        if character == '\n' {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
    }
}

/// What stands at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Open,
    Close,
    OpenList,
    CloseList,
    Comma,
    /// A property, an operator with or without its hyphen, `true`, `null`, `_`.
    Word(String),
    /// A text, without its quotes.
    Text(String),
    End,
}

impl Token {
    /// How a message calls it.
    pub(super) fn called(&self) -> String {
        match self {
            Self::Open => "`(`".to_owned(),
            Self::Close => "`)`".to_owned(),
            Self::OpenList => "`[`".to_owned(),
            Self::CloseList => "`]`".to_owned(),
            Self::Comma => "`,`".to_owned(),
            Self::Word(word) => format!("`{}`", shortened(word)),
            Self::Text(text) => format!("the text \"{}\"", shortened(text)),
            Self::End => "the end of the rule".to_owned(),
        }
    }
}

/// The beginning of what may be long.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Cuts a rule into words; the last one is [`Token::End`].
pub(super) fn tokens(rule: &str) -> Result<Vec<(Token, Position)>, RuleError> {
    let mut found = Vec::new();
    let mut reader = Reader {
        rest: rule.chars().peekable(),
        position: Position::START,
    };
    loop {
        reader.skip_blanks();
        let position = reader.position;
        let token = reader.token()?;
        let is_end = token == Token::End;
        found.push((token, position));
        if is_end {
            return Ok(found);
        }
    }
}

struct Reader<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    position: Position,
}

impl Reader<'_> {
    fn take(&mut self) -> Option<char> {
        let character = self.rest.next()?;
        self.position.pass(character);
        Some(character)
    }

    fn skip_blanks(&mut self) {
        while self.rest.peek().is_some_and(|c| c.is_whitespace()) {
            self.take();
        }
    }

    fn token(&mut self) -> Result<Token, RuleError> {
        let at = self.position;
        let Some(first) = self.take() else {
            return Ok(Token::End);
        };
        Ok(match first {
            '(' => Token::Open,
            ')' => Token::Close,
            '[' => Token::OpenList,
            ']' => Token::CloseList,
            ',' => Token::Comma,
            '"' => Token::Text(self.double_quoted(at)?),
            '\'' => Token::Text(self.single_quoted(at)?),
            '\u{2018}' | '\u{2019}' | '\u{201c}' | '\u{201d}' | '\u{201e}' => {
                let problem = "expected straight quotes (\"), but found typographic ones";
                return Err(RuleError::new(at, problem));
            }
            '-' | '_' => Token::Word(self.word(first)),
            first if first.is_alphanumeric() => Token::Word(self.word(first)),
            other => {
                let problem = format!(
                    "expected a property, an operator or a value, but found the character {}",
                    named(other)
                );
                return Err(RuleError::new(at, problem));
            }
        })
    }

    fn word(&mut self, first: char) -> String {
        let mut word = String::from(first);
        while let Some(next) = self
            .rest
            .next_if(|c| c.is_alphanumeric() || matches!(c, '_' | '.'))
        {
            self.position.pass(next);
            word.push(next);
        }
        word
    }

    /// A backtick takes the character after it as it is.
    fn double_quoted(&mut self, at: Position) -> Result<String, RuleError> {
        let mut text = String::new();
        loop {
            match self.take() {
                Some('"') => return Ok(text),
                Some('`') => text.push(self.take().ok_or_else(|| unclosed(at))?),
                Some(other) => text.push(other),
                None => return Err(unclosed(at)),
            }
        }
    }

    /// Two quotes stand for one.
    fn single_quoted(&mut self, at: Position) -> Result<String, RuleError> {
        let mut text = String::new();
        loop {
            match self.take() {
                Some('\'') if self.rest.peek() == Some(&'\'') => {
                    self.take();
                    text.push('\'');
                }
                Some('\'') => return Ok(text),
                Some(other) => text.push(other),
                None => return Err(unclosed(at)),
            }
        }
    }
}

fn unclosed(at: Position) -> RuleError {
    RuleError::new(
        at,
        "expected a quote that ends the text which begins here, but found the end of the rule",
    )
}

fn named(character: char) -> String {
    if character.is_control() {
        format!("U+{:04X}", u32::from(character))
    } else {
        format!("`{character}`")
    }
}
