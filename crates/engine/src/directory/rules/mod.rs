//! Dynamic groups: rules say who is in them.
//!
//! ```text
//!  a person or device changes ─► follow: all rules, one member, in the same transaction
//!  a rule changes             ─► run:    one rule, everybody, a page at a time in the background
//! ```
//!
//! Nobody is taken out of a group because something is not known: a rule that cannot be read moves nobody, a page that
//! fails is asked again, and an end in the middle goes on where it was.

mod change;
mod follow;
mod preview;
mod run;

pub use change::RuleProblem;
pub(super) use change::require_named;
pub use preview::{
    Counted as CountedMembers, MemberEvaluation, PreviewedProfile, RulePreview, RuleSource,
};

use std::sync::Arc;

use mandate_model::membership_rule::{MembershipRule, RuleKind};
use mandate_model::{GroupId, MemberKind};
use mandate_store::Session;

use crate::{Engine, EngineError};

/// Groups that may have a rule: each change of a person is held against all of them.
pub const MOST_RULES: i64 = 1000;

/// All rules that can be asked, at one number of their counter.
#[derive(Debug)]
pub(crate) struct Rules {
    number: i64,
    all: Vec<GroupWithRule>,
}

#[derive(Debug)]
struct GroupWithRule {
    group: GroupId,
    name: String,
    rule: MembershipRule,
    is_paused: bool,
}

impl Rules {
    async fn read(session: &mut Session, number: i64) -> Result<Self, EngineError> {
        let mut all = Vec::new();
        for record in session.list_rules().await? {
            match MembershipRule::parse(&record.text) {
                Ok(rule) => all.push(GroupWithRule {
                    group: record.group,
                    name: record.name,
                    rule,
                    is_paused: record.is_paused,
                }),
                Err(error) => {
                    let group = record.group;
                    tracing::error!(group.id = %group, "the rule of the group {group} cannot be read and moves nobody: {error}");
                }
            }
        }
        Ok(Self { number, all })
    }

    /// Those that may move members of a kind.
    fn active(&self, kind: RuleKind) -> impl Iterator<Item = &GroupWithRule> {
        self.all
            .iter()
            .filter(move |group| !group.is_paused && group.rule.kind() == kind)
    }

    fn of(&self, group: GroupId) -> Option<&GroupWithRule> {
        self.all.iter().find(|found| found.group == group)
    }
}

const fn member_kind(kind: RuleKind) -> MemberKind {
    match kind {
        RuleKind::User => MemberKind::User,
        RuleKind::Device => MemberKind::Device,
    }
}

impl Engine {
    /// The rules as they stand; nobody changes one until the end of this transaction.
    async fn hold_rules(&self, session: &mut Session) -> Result<Arc<Rules>, EngineError> {
        let number = session.hold_rules().await?;
        let cached = self
            .cache()
            .rules
            .lock()
            .expect("nobody panics while holding the rules")
            .clone();
        if let Some(rules) = cached.filter(|rules| rules.number == number) {
            return Ok(rules);
        }
        let rules = Arc::new(Rules::read(session, number).await?);
        *self
            .cache()
            .rules
            .lock()
            .expect("nobody panics while holding the rules") = Some(rules.clone());
        Ok(rules)
    }
}
