//! Giving a group a rule, another one, or none.

use mandate_model::membership_rule::{MembershipRule, RuleError};
use mandate_model::{Group, Member, MemberKind};
use mandate_store::Session;

use super::MOST_RULES;
use crate::{Action, Actor, Engine, EngineError};

/// What is wrong with the text of a rule, and where.
pub type RuleProblem = RuleError;

/// Reads a rule; what is wrong with it is said of the property `membershipRule`.
pub(super) fn read(text: &str) -> Result<MembershipRule, EngineError> {
    MembershipRule::parse(text).map_err(|error| {
        EngineError::invalid("membershipRule", &format!("has an error at {error}"), None)
    })
}

/// Refuses members who come by hand to a group that has a rule.
pub(in crate::directory) fn require_named(group: &Group) -> Result<(), EngineError> {
    if group.rule.is_none() {
        return Ok(());
    }
    let reason = format!(
        "the group `{}` is dynamic: its rule says who is in it, and members cannot be added or removed by hand",
        group.display_name
    );
    Err(EngineError::NotPossible { reason })
}

impl Engine {
    /// Does what follows from a change of a group's rule, which has been written in this transaction. People and devices
    /// are moved afterwards, in the background; those who are members stay until the rule has been asked about them. With
    /// the rule taken away they stay for good.
    pub(in crate::directory) async fn rule_changed(
        &self,
        session: &mut Session,
        actor: &Actor,
        before: Option<&Group>,
        group: &Group,
    ) -> Result<(), EngineError> {
        let old = before.and_then(|before| before.rule.as_ref());
        if old == group.rule.as_ref() {
            return Ok(());
        }
        // A rule reaches everybody, and so must whoever writes it.
        actor.require_everywhere(Action::GroupsUpdate)?;
        self.require_power_over(session, actor, Member::Group(group.id))
            .await?;
        let Some(rule) = &group.rule else {
            session.delete_rule_run(group.id).await?;
            session.set_rule_evaluated(group.id, None).await?;
            return Ok(session.raise_rules().await?);
        };
        let read = read(&rule.text)?;
        if session.count_rules().await? > MOST_RULES {
            let reason = "there may be at most 1,000 dynamic groups".to_owned();
            return Err(EngineError::NotPossible { reason });
        }
        if old.is_none() {
            refuse_nested(session, group).await?;
        }
        // The same rule in other words moves nobody.
        let is_same = old.is_some_and(|old| {
            !old.is_paused && MembershipRule::parse(&old.text).is_ok_and(|old| old == read)
        });
        if rule.is_paused {
            session.delete_rule_run(group.id).await?;
        } else if !is_same {
            session.start_rule_run(group.id, self.now()).await?;
        }
        Ok(session.raise_rules().await?)
    }

    /// Has the rules that ask for a property asked about everybody again, because its value is another one for many.
    pub(crate) async fn ask_rules_again(
        &self,
        session: &mut Session,
        property: &str,
    ) -> Result<(), EngineError> {
        let rules = self.hold_rules(session).await?;
        for group in rules.all.iter().filter(|group| !group.is_paused) {
            if group.rule.asks_for(property) {
                session.start_rule_run(group.group, self.now()).await?;
            }
        }
        Ok(())
    }
}

/// Groups in a group would be taken out of it by its rule, with all who are in them.
async fn refuse_nested(session: &mut Session, group: &Group) -> Result<(), EngineError> {
    let strangers = session
        .members_of_other_kind(group.id, MemberKind::User, u32::MAX)
        .await?;
    let is_nested = |member: &Member| matches!(member, Member::Group(_));
    if !strangers.iter().any(is_nested) {
        return Ok(());
    }
    let reason = format!(
        "the group `{}` contains groups, and a rule chooses among people or devices: take them out first",
        group.display_name
    );
    Err(EngineError::NotPossible { reason })
}
