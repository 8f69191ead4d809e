//! References from one profile to another.

use super::condition::Condition;
use super::{Impact, Kind};

/// A navigation property that names another profile.
#[derive(Debug, Clone, Copy)]
pub struct Reference {
    /// Graph navigation property.
    pub property: &'static str,
    /// Label in English.
    pub label: &'static str,
    /// What it is for.
    pub help: &'static str,
    /// Graph types that it may name; a base type stands for all types below it.
    pub targets: &'static [&'static str],
    /// What it names, for people.
    pub target_label: &'static str,
    /// When it has to be there; a reference means nothing while this does not hold.
    pub required_when: Option<Condition>,
    /// What a change means for the user.
    pub impact: Impact,
}

impl Reference {
    /// Whether a profile of this kind may be named.
    pub fn accepts(&self, kind: &Kind) -> bool {
        self.targets.iter().any(|target| kind.is_a(target))
    }
}
