//! One setting of a profile kind.

use serde::Serialize;
use serde_json::Value;

use super::condition::Condition;
use super::text_rule::TextRule;
use crate::OsVersion;

/// A setting: a Graph property, what it may hold, and what a change of it does.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a table row; the bools are independent columns"
)]
pub struct Setting {
    /// Graph property.
    pub property: &'static str,
    /// Label in English, as administrators know it.
    pub label: &'static str,
    /// What it does, one or two sentences; may be empty.
    pub help: &'static str,
    /// Heading under which forms and documentation show it.
    pub section: &'static str,
    /// What it may hold.
    pub value: ValueType,
    /// Whether `null` is a value.
    pub nullable: bool,
    /// Whether a new profile has to bring it.
    pub required: bool,
    /// Value of a new profile that does not mention it.
    pub default: Constant,
    /// What `null` amounts to; `Constant::Null` where no other value does the same.
    pub null_means: Constant,
    /// When it means something; `None` for always.
    pub shown_when: Option<Condition>,
    /// First version of the platform that has it; `None` where the kind's own minimum rules.
    pub minimum_os: Option<OsVersion>,
    /// What a change means for the user.
    pub impact: Impact,
    /// Whether it is part of the account's identity, so that a change makes another account.
    pub identity: bool,
    /// Whether forms leave it out.
    pub hidden: bool,
    /// Whether it keeps the value that the profile was made with.
    pub fixed: bool,
    /// Whether the form asks the opposite question: its "yes" is stored as `false`.
    pub inverted: bool,
}

impl Setting {
    /// A setting that must not be `null`, is silent to change and has no default yet.
    pub(super) const fn new(property: &'static str, label: &'static str, value: ValueType) -> Self {
        Self {
            property,
            label,
            help: "",
            section: "",
            value,
            nullable: false,
            required: false,
            default: Constant::Null,
            null_means: Constant::Null,
            shown_when: None,
            minimum_os: None,
            impact: Impact::Silent,
            identity: false,
            hidden: false,
            fixed: false,
            inverted: false,
        }
    }

    /// With a help text.
    pub(super) const fn help(mut self, help: &'static str) -> Self {
        self.help = help;
        self
    }

    /// Under a heading.
    pub(super) const fn section(mut self, section: &'static str) -> Self {
        self.section = section;
        self
    }

    /// May be `null`.
    pub(super) const fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }

    /// A new profile has to bring it.
    pub(super) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Has a default.
    pub(super) const fn default(mut self, default: Constant) -> Self {
        self.default = default;
        self
    }

    /// `null` does the same as this value.
    pub(super) const fn null_means(mut self, value: Constant) -> Self {
        self.null_means = value;
        self
    }

    /// Means something only under a condition.
    pub(super) const fn shown_when(mut self, condition: Condition) -> Self {
        self.shown_when = Some(condition);
        self
    }

    /// Exists since a version.
    pub(super) const fn since(mut self, minimum: OsVersion) -> Self {
        self.minimum_os = Some(minimum);
        self
    }

    /// Has an impact when changed.
    pub(super) const fn impact(mut self, impact: Impact) -> Self {
        self.impact = impact;
        self
    }

    /// Is part of the account's identity.
    pub(super) const fn identity(mut self) -> Self {
        self.identity = true;
        self
    }

    /// Is left out of forms.
    pub(super) const fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }

    /// Keeps the value that the profile was made with.
    pub(super) const fn fixed(mut self) -> Self {
        self.fixed = true;
        self
    }

    /// Is asked the other way round by forms.
    pub(super) const fn inverted(mut self) -> Self {
        self.inverted = true;
        self
    }

    /// The value that a stored one amounts to: `null` becomes what it means.
    pub fn effective(&self, value: &Value) -> Value {
        if value.is_null() {
            self.null_means.to_json()
        } else {
            value.clone()
        }
    }

    /// Whether a value says nothing: unset, the default, off or `none`.
    pub fn is_inert(&self, value: &Value) -> bool {
        match value {
            Value::Null | Value::Bool(false) => true,
            Value::Array(items) => items.is_empty(),
            Value::String(text) if text == "none" => true,
            other => *other == self.default.to_json(),
        }
    }
}

/// What a setting may hold.
#[derive(Debug, Clone, Copy)]
pub enum ValueType {
    /// A text.
    Text {
        /// What the text has to look like.
        rule: TextRule,
        /// Most characters.
        maximum_length: usize,
    },
    /// True or false.
    Boolean,
    /// One of several names (a Graph enum).
    Enum(&'static [Choice]),
    /// Any of several names (a Graph flags enum), at least one; listed in bit order.
    Flags(&'static [Choice]),
    /// A whole number.
    Integer {
        /// Smallest value.
        minimum: i64,
        /// Greatest value.
        maximum: i64,
    },
    /// A DER certificate in base64 (`Edm.Binary`).
    Certificate,
    /// A list of texts.
    TextList {
        /// What each has to look like.
        rule: TextRule,
        /// Most characters of each.
        maximum_length: usize,
        /// Most items.
        maximum_items: usize,
    },
    /// A list of objects.
    ObjectList {
        /// Graph type of an item, without namespace.
        type_name: &'static str,
        /// What an item consists of.
        fields: &'static [Field],
        /// Most items.
        maximum_items: usize,
    },
}

/// A name that an enum or flags setting may hold.
#[derive(Debug, Clone, Copy)]
pub struct Choice {
    /// Graph's spelling.
    pub value: &'static str,
    /// Label in English.
    pub label: &'static str,
    /// First version of the platform that has it.
    pub minimum_os: Option<OsVersion>,
    /// Why it is known but cannot be chosen here.
    pub unavailable: Option<&'static str>,
}

impl Choice {
    /// A choice that anybody may make.
    pub(super) const fn new(value: &'static str, label: &'static str) -> Self {
        Self {
            value,
            label,
            minimum_os: None,
            unavailable: None,
        }
    }

    /// Exists since a version.
    pub(super) const fn since(mut self, minimum: OsVersion) -> Self {
        self.minimum_os = Some(minimum);
        self
    }

    /// Known to Graph, but refused with this reason.
    pub(super) const fn unavailable(mut self, reason: &'static str) -> Self {
        self.unavailable = Some(reason);
        self
    }
}

/// A part of an object in a list.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Graph property.
    pub property: &'static str,
    /// Label in English.
    pub label: &'static str,
    /// What it may hold; text or enum.
    pub value: ValueType,
    /// Whether `null` is a value.
    pub nullable: bool,
}

/// A value that is known when the program is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Constant {
    /// `null`.
    Null,
    /// True or false.
    Boolean(bool),
    /// A text or an enum member.
    Text(&'static str),
    /// A whole number.
    Integer(i64),
    /// A list without items.
    EmptyList,
}

impl Constant {
    /// The value as Graph writes it.
    pub fn to_json(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Boolean(value) => Value::Bool(value),
            Self::Text(text) => Value::from(text),
            Self::Integer(number) => Value::from(number),
            Self::EmptyList => Value::Array(Vec::new()),
        }
    }
}

/// What a change means for the user of a device that has the profile; later ones are graver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Impact {
    /// Nobody notices.
    Silent,
    /// The user may be asked to approve the new mail settings.
    AsksApproval,
    /// The user is asked for the password again.
    AsksPassword,
    /// The account is removed and made anew: mail is fetched again, the password is asked.
    ReplacesAccount,
}

impl Impact {
    /// One phrase for an administrator.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::AsksApproval => "the user may be asked to approve the new mail settings",
            Self::AsksPassword => "the user is asked for the password again",
            Self::ReplacesAccount => {
                "the account is removed and made anew, and the user is asked for the password"
            }
        }
    }
}
