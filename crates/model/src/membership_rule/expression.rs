//! What a rule says, as a tree, and how it is written.

use std::fmt::{self, Display, Formatter};

use regex::Regex;

use super::property::Property;
use crate::{OsVersion, Timestamp};

/// A part of a rule that is true or false.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    /// Two or more that must all hold.
    All(Vec<Self>),
    /// Two or more of which one must hold.
    Either(Vec<Self>),
    Not(Box<Self>),
    Condition(Condition),
    /// Something about the items of a property with any number of texts.
    Items {
        property: Property,
        quantifier: Quantifier,
        test: Box<Self>,
    },
}

/// How many items must pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantifier {
    Any,
    All,
}

/// A comparison.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Condition {
    pub(super) left: Left,
    pub(super) operator: Operator,
    pub(super) operand: Operand,
}

/// What is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Left {
    Property(Property),
    /// `_`, an item of the list that stands before `-any` or `-all`.
    Item,
}

/// How it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    StartsWith,
    NotStartsWith,
    EndsWith,
    NotEndsWith,
    Contains,
    NotContains,
    Match,
    NotMatch,
    In,
    NotIn,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Operator {
    const ALL: [(Self, &'static str); 16] = [
        (Self::Equal, "eq"),
        (Self::NotEqual, "ne"),
        (Self::StartsWith, "startsWith"),
        (Self::NotStartsWith, "notStartsWith"),
        (Self::EndsWith, "endsWith"),
        (Self::NotEndsWith, "notEndsWith"),
        (Self::Contains, "contains"),
        (Self::NotContains, "notContains"),
        (Self::Match, "match"),
        (Self::NotMatch, "notMatch"),
        (Self::In, "in"),
        (Self::NotIn, "notIn"),
        (Self::Less, "lt"),
        (Self::LessOrEqual, "le"),
        (Self::Greater, "gt"),
        (Self::GreaterOrEqual, "ge"),
    ];

    /// Reads its name, in any letter case, with or without the hyphen.
    pub(super) fn read(word: &str) -> Option<Self> {
        let name = word.strip_prefix('-').unwrap_or(word);
        let mut all = Self::ALL.iter();
        let found = all.find(|(_, known)| known.eq_ignore_ascii_case(name));
        found.map(|(operator, _)| *operator)
    }

    fn name(self) -> &'static str {
        let mut all = Self::ALL.iter();
        let found = all.find(|(operator, _)| *operator == self);
        found.map_or("", |(_, name)| name)
    }

    /// The operator of which this one is the opposite, if it is one; else itself.
    pub(super) const fn positive(self) -> (Self, bool) {
        match self {
            Self::NotEqual => (Self::Equal, true),
            Self::NotStartsWith => (Self::StartsWith, true),
            Self::NotEndsWith => (Self::EndsWith, true),
            Self::NotContains => (Self::Contains, true),
            Self::NotMatch => (Self::Match, true),
            Self::NotIn => (Self::In, true),
            other => (other, false),
        }
    }

    /// Whether it puts things in order.
    pub(super) const fn is_order(self) -> bool {
        matches!(
            self,
            Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual
        )
    }
}

impl Display for Operator {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "-{}", self.name())
    }
}

/// What something is compared with.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    Null,
    Flag(bool),
    Text(Folded),
    Texts(Vec<Folded>),
    Pattern(Pattern),
    Version(OsVersion, String),
    Moment(Timestamp, String),
}

/// A text, and the same without regard to letter case.
#[derive(Debug, Clone)]
pub(super) struct Folded {
    pub(super) written: String,
    pub(super) folded: String,
}

/// Letter case is no difference between rules, as it is none between values.
impl PartialEq for Folded {
    fn eq(&self, other: &Self) -> bool {
        self.folded == other.folded
    }
}

impl Folded {
    pub(super) fn new(written: String) -> Self {
        Self {
            folded: written.to_lowercase(),
            written,
        }
    }
}

/// A regular expression.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    pub(super) written: String,
    pub(super) regex: Regex,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.written == other.written
    }
}

impl Expression {
    /// Whether it is or contains something with this property.
    pub(super) fn names(&self, wanted: &str) -> bool {
        match self {
            Self::All(parts) | Self::Either(parts) => parts.iter().any(|part| part.names(wanted)),
            Self::Not(inner) => inner.names(wanted),
            Self::Condition(condition) => match &condition.left {
                Left::Property(property) => property.name().eq_ignore_ascii_case(wanted),
                Left::Item => false,
            },
            Self::Items { property, .. } => property.name().eq_ignore_ascii_case(wanted),
        }
    }

    fn write_part(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Condition(condition) => write!(f, "({condition})"),
            Self::All(_) | Self::Either(_) => write!(f, "({self})"),
            Self::Not(_) | Self::Items { .. } => write!(f, "{self}"),
        }
    }

    fn write_joined(parts: &[Self], word: &str, f: &mut Formatter<'_>) -> fmt::Result {
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                write!(f, " {word} ")?;
            }
            part.write_part(f)?;
        }
        Ok(())
    }
}

impl Display for Expression {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(parts) => Self::write_joined(parts, "-and", f),
            Self::Either(parts) => Self::write_joined(parts, "-or", f),
            Self::Not(inner) => write!(f, "-not ({inner})"),
            Self::Condition(condition) => write!(f, "{condition}"),
            Self::Items {
                property,
                quantifier,
                test,
            } => {
                let word = match quantifier {
                    Quantifier::Any => "-any",
                    Quantifier::All => "-all",
                };
                write!(f, "({property} {word} ({test}))")
            }
        }
    }
}

impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.left {
            Left::Property(property) => write!(f, "{property} ")?,
            Left::Item => f.write_str("_ ")?,
        }
        write!(f, "{} {}", self.operator, self.operand)
    }
}

impl Display for Operand {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Text(text) => write_text(&text.written, f),
            Self::Texts(texts) => {
                f.write_str("[")?;
                for (index, text) in texts.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    write_text(&text.written, f)?;
                }
                f.write_str("]")
            }
            Self::Pattern(pattern) => write_text(&pattern.written, f),
            Self::Version(_, written) | Self::Moment(_, written) => write_text(written, f),
        }
    }
}

fn write_text(text: &str, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_str("\"")?;
    for character in text.chars() {
        if matches!(character, '"' | '`') {
            f.write_str("`")?;
        }
        write!(f, "{character}")?;
    }
    f.write_str("\"")
}
