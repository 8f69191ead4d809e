//! Rules that say who is in a dynamic group.
//!
//! The language is that of Microsoft's dynamic membership rules, as far as this server keeps what they ask about:
//! `(user.department -eq "Sales") -and (user.accountEnabled -eq true)`. Operators may be written without their hyphen;
//! letter case counts nowhere. `-not` binds more tightly than `-and`, and that more tightly than `-or`.
//!
//! Pure: a rule is read once, with all that is wrong said with its place, and then asked about one person or device at a
//! time. Both take time linear in their input; regular expressions do not backtrack.

mod evaluate;
mod expression;
mod parse;
mod property;
mod subject;
mod token;

pub use evaluate::Explanation;
pub use property::{DEVICE_PROPERTIES, KnownProperty, RuleKind, USER_PROPERTIES, ValueKind};
pub use subject::{RuleDevice, RuleSubject};
pub use token::Position;

use expression::Expression;

/// Characters of a rule, as many as Microsoft allows.
pub const MOST_RULE_CHARACTERS: usize = 3072;

/// A rule that can be asked.
#[derive(Debug, Clone, PartialEq)]
pub struct MembershipRule {
    kind: RuleKind,
    expression: Expression,
}

/// What is wrong with the text of a rule, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleError {
    /// Where it begins.
    pub position: Position,
    /// What was expected there, and what was found.
    pub problem: String,
}

impl RuleError {
    fn new(position: Position, problem: impl Into<String>) -> Self {
        Self {
            position,
            problem: problem.into(),
        }
    }
}

impl std::fmt::Display for RuleError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Position { line, column, .. } = self.position;
        write!(f, "line {line}, column {column}: {}", self.problem)
    }
}

impl std::error::Error for RuleError {}

impl MembershipRule {
    /// Reads a rule of at most [`MOST_RULE_CHARACTERS`]. Its length is looked at before anything else.
    pub fn parse(text: &str) -> Result<Self, RuleError> {
        if let Some((end, _)) = text.char_indices().nth(MOST_RULE_CHARACTERS) {
            let before = &text[..end];
            let line = before.matches('\n').count() + 1;
            let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
            let position = Position {
                offset: MOST_RULE_CHARACTERS,
                line,
                column,
            };
            return Err(RuleError::new(
                position,
                "expected at most 3,072 characters",
            ));
        }
        let (kind, expression) = parse::parse(text)?;
        Ok(Self { kind, expression })
    }

    /// Whom it chooses among.
    pub const fn kind(&self) -> RuleKind {
        self.kind
    }

    /// Whether somebody belongs to the group. Those of another kind never do.
    pub fn matches(&self, subject: &RuleSubject<'_>) -> bool {
        subject.kind() == self.kind && self.expression.holds(subject)
    }

    /// The same with the answer of each part.
    pub fn explain(&self, subject: &RuleSubject<'_>) -> Explanation {
        let explanation = self.expression.explain(subject);
        Explanation {
            holds: self.matches(subject),
            ..explanation
        }
    }

    /// Whether it asks for a property, by its name after the dot.
    pub fn asks_for(&self, property: &str) -> bool {
        self.expression.names(property)
    }
}

/// The rule in its usual form: read again, it is the same rule.
impl std::fmt::Display for MembershipRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.expression.fmt(f)
    }
}
