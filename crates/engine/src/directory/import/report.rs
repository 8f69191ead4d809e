//! What became of a file.

use std::collections::BTreeSet;

use mandate_model::UserId;

use crate::directory::{Readiness, SourceFault};

/// What became of a file, or would.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeopleReport {
    /// Whether nothing was written.
    pub is_dry_run: bool,
    /// Every person of the file, in its order.
    pub people: Vec<ImportedPerson>,
    /// Headings of columns from which nothing was taken.
    pub passed_over: Vec<String>,
    /// Domains of the sign-in names of those who were taken, and what they lack that profiles need.
    pub readiness: Readiness,
    /// What concerns nobody alone.
    pub notes: Vec<String>,
}

impl PeopleReport {
    /// How many people something became of.
    pub fn count(&self, is_wanted: impl Fn(&PersonOutcome) -> bool) -> usize {
        let people = self.people.iter();
        people.filter(|person| is_wanted(&person.outcome)).count()
    }

    /// How many are new.
    pub fn created(&self) -> usize {
        self.count(|outcome| *outcome == PersonOutcome::Created)
    }

    /// How many are different now.
    pub fn changed(&self) -> usize {
        self.count(|outcome| matches!(outcome, PersonOutcome::Changed(_)))
    }

    /// How many were as the file says.
    pub fn unchanged(&self) -> usize {
        self.count(|outcome| *outcome == PersonOutcome::Unchanged)
    }

    /// How many were here and were to be left alone.
    pub fn skipped(&self) -> usize {
        self.count(|outcome| *outcome == PersonOutcome::Skipped)
    }

    /// How many were not taken.
    pub fn refused(&self) -> usize {
        self.count(|outcome| matches!(outcome, PersonOutcome::Refused(_)))
    }
}

/// A person of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedPerson {
    /// The line of the file; the first one is 1.
    pub line: u32,
    /// The sign-in name that it says, as far as it can be shown.
    pub name: String,
    /// Who it is here; none where nobody was taken, or would only be.
    pub user: Option<UserId>,
    /// What became of them.
    pub outcome: PersonOutcome,
}

/// What became of a person of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PersonOutcome {
    /// They are new.
    Created,
    /// They were here, and these properties are different now; `groups` and `licence` are among them.
    Changed(BTreeSet<String>),
    /// They are as the file says.
    Unchanged,
    /// They were here, and who is here was to be left alone.
    Skipped,
    /// They were not taken, for these reasons.
    Refused(Vec<SourceFault>),
}

impl PersonOutcome {
    /// A stable word for it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Changed(_) => "changed",
            Self::Unchanged => "unchanged",
            Self::Skipped => "skipped",
            Self::Refused(_) => "refused",
        }
    }
}
