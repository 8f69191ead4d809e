//! Up to where a directory was read, and what came of it.

use std::collections::BTreeMap;

use mandate_model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::directory::{SourceFault, SourceOutcome};

/// How many examples of anything are kept.
pub(super) const EXAMPLES: usize = 20;

/// Up to where a directory was read, and what came of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Progress {
    /// Up to where; none if everything is to be read.
    pub(super) cursor: Option<Cursor>,
    /// Under which settings.
    pub(super) fingerprint: String,
    /// When everything was read last.
    pub(super) full_at: Option<Timestamp>,
    /// When a run last went well.
    pub(super) succeeded_at: Option<Timestamp>,
    /// What came of the last run.
    pub(super) last: Option<SyncReport>,
    /// How many deletions an administrator has confirmed.
    pub(super) confirmed: Option<u64>,
    /// Whether everything is to be read the next time.
    pub(super) wants_full: bool,
}

/// Up to where a directory was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Cursor {
    /// Changes of one domain controller, which numbers them for itself ([MS-ADTS] §3.1.1.1.9).
    #[serde(rename_all = "camelCase")]
    Usn {
        /// Which database of which domain controller: its `invocationId`.
        invocation: String,
        /// The highest number that is known.
        highest: i64,
    },
    /// The last change, as the server writes times (RFC 4517 §3.3.13).
    #[serde(rename_all = "camelCase")]
    Time {
        /// Of which server, as it calls itself.
        server: String,
        /// When.
        latest: String,
    },
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SyncEnd {
    /// Everything was read, and all of it was taken but what `refused` counts.
    Succeeded,
    /// The same, but deletions wait for somebody to confirm them.
    Held,
    /// It could not be read to the end.
    Failed,
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SyncReport {
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// How it ended.
    pub end: SyncEnd,
    /// Why it failed.
    pub failure: Option<String>,
    /// Whether everything was read, and not only what changed.
    pub is_full: bool,
    /// What became of people.
    pub people: SyncCounts,
    /// What became of groups.
    pub groups: SyncCounts,
    /// Memberships that came.
    pub members_added: u64,
    /// Memberships that went.
    pub members_removed: u64,
    /// What was deleted here, as it was gone for long.
    pub deleted: u64,
    /// Deletions that wait to be confirmed.
    pub held: u64,
    /// Whom those concern, some of them.
    pub held_examples: Vec<String>,
    /// What an administrator should know.
    pub notes: Vec<String>,
}

impl SyncReport {
    pub(super) fn begun(now: Timestamp) -> Self {
        Self {
            started_at: now,
            ended_at: now,
            end: SyncEnd::Failed,
            failure: None,
            is_full: false,
            people: SyncCounts::default(),
            groups: SyncCounts::default(),
            members_added: 0,
            members_removed: 0,
            deleted: 0,
            held: 0,
            held_examples: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Notes something once.
    pub(super) fn note(&mut self, text: &str) {
        if self.notes.len() < EXAMPLES && !self.notes.iter().any(|note| note == text) {
            self.notes.push(text.to_owned());
        }
    }
}

/// How many entries of one kind became what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SyncCounts {
    /// Read.
    pub read: u64,
    /// New here.
    pub created: u64,
    /// Here already, and of the directory from now on.
    pub adopted: u64,
    /// Changed.
    pub changed: u64,
    /// Back.
    pub restored: u64,
    /// Not to be used any more.
    pub disabled: u64,
    /// As they were.
    pub unchanged: u64,
    /// Not taken.
    pub refused: u64,
    /// Not in the directory any more.
    pub gone: u64,
    /// Why some of them were not taken, by property.
    pub faults: BTreeMap<String, u64>,
}

impl SyncCounts {
    pub(super) fn count(&mut self, outcome: &SourceOutcome) {
        let counted = match outcome {
            SourceOutcome::Created(_) => &mut self.created,
            SourceOutcome::Adopted(_) => &mut self.adopted,
            SourceOutcome::Changed(_) => &mut self.changed,
            SourceOutcome::Restored(_) => &mut self.restored,
            SourceOutcome::Disabled(_) => &mut self.disabled,
            SourceOutcome::Unchanged(_) => &mut self.unchanged,
            SourceOutcome::Refused(fault) => return self.refuse(fault),
        };
        *counted += 1;
    }

    pub(super) fn refuse(&mut self, fault: &SourceFault) {
        self.refused += 1;
        *self.faults.entry(fault.property.clone()).or_default() += 1;
    }

    /// One that was refused before was taken after all.
    pub(super) fn retried(&mut self, outcome: &SourceOutcome) {
        self.refused = self.refused.saturating_sub(1);
        self.count(outcome);
    }

    /// Whether anybody is here who was not before.
    pub(super) const fn has_newcomers(&self) -> bool {
        self.created + self.adopted + self.restored > 0
    }
}
