//! One rule, asked about everybody.

use mandate_model::membership_rule::RuleKind;
use mandate_model::{GroupId, Member, UserId};
use mandate_store::{DeviceFilter, RuleRunRecord, Scope, Session, UserFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use super::follow::Candidate;
use super::{GroupWithRule, member_kind};
use crate::access::Somebody;
use crate::audit::Change;
use crate::{Actor, Engine, EngineError};

/// People or devices of whom a rule is asked in one transaction.
const PAGE: u32 = 500;

impl Engine {
    /// Asks a rule about the next page of people or devices. Whether there was one to ask.
    pub(crate) async fn run_rules(&self) -> Result<bool, EngineError> {
        let next = self.store().read().await?.oldest_rule_run().await?;
        let Some(RuleRunRecord { group, .. }) = next else {
            return Ok(false);
        };
        match self.run_page(group).await {
            Ok(()) => {}
            // It would leave nobody who can give roles: nothing of the page was done, and an administrator has to look.
            Err(EngineError::NotPossible { reason }) => self.stop_run(group, &reason).await?,
            Err(error) => return Err(error),
        }
        Ok(true)
    }

    async fn run_page(&self, group: GroupId) -> Result<(), EngineError> {
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        let rules = self.hold_rules(&mut session).await?;
        // What was read before may have changed until the rules were held.
        let run = session.oldest_rule_run().await?;
        let Some(run) = run.filter(|run| run.group == group) else {
            return Ok(());
        };
        let Some(found) = rules.of(group).filter(|found| !found.is_paused) else {
            drop(session);
            return self
                .stop_run(group, "the rule cannot be read, and moves nobody")
                .await;
        };
        let kind = found.rule.kind();
        let strangers = session
            .members_of_other_kind(group, member_kind(kind), PAGE)
            .await?;
        if !strangers.is_empty() {
            self.move_all(&mut session, found, &[], &strangers).await?;
            return Ok(session.commit().await?);
        }
        let page = self.candidates(&mut session, kind, run.after).await?;
        let Some(last) = page.last().map(|candidate| candidate.member().id()) else {
            return self.finish_run(session, group).await;
        };
        let members = session.members_between(group, run.after, last).await?;
        let (mut joining, mut leaving) = (Vec::new(), Vec::new());
        for candidate in &page {
            let member = candidate.member();
            match (
                found.rule.matches(&candidate.subject()),
                members.contains(&member),
            ) {
                (true, false) => joining.push(member),
                (false, true) => leaving.push(member),
                (true, true) | (false, false) => {}
            }
        }
        self.move_all(&mut session, found, &joining, &leaving)
            .await?;
        if page.len() < PAGE as usize {
            return self.finish_run(session, group).await;
        }
        session.advance_rule_run(group, last).await?;
        Ok(session.commit().await?)
    }

    async fn finish_run(&self, mut session: Session, group: GroupId) -> Result<(), EngineError> {
        session.delete_rule_run(group).await?;
        session.set_rule_evaluated(group, Some(self.now())).await?;
        Ok(session.commit().await?)
    }

    async fn stop_run(&self, group: GroupId, problem: &str) -> Result<(), EngineError> {
        tracing::warn!(group.id = %group, "the rule of the group {group} was stopped: {problem}");
        let mut session = self.store().write().await?;
        session.delete_rule_run(group).await?;
        session.set_rule_problem(group, problem).await?;
        Ok(session.commit().await?)
    }

    /// The next page of those among whom a rule chooses, by id.
    pub(super) async fn candidates(
        &self,
        session: &mut Session,
        kind: RuleKind,
        after: Option<Uuid>,
    ) -> Result<Vec<Candidate>, EngineError> {
        match kind {
            RuleKind::User => {
                let users = session
                    .list_users(&UserFilter::default(), after.map(UserId), PAGE)
                    .await?;
                Ok(users.into_iter().map(Candidate::User).collect())
            }
            RuleKind::Device => {
                let after = after.map(Into::into);
                let records = session
                    .list_devices(&DeviceFilter::default(), &Scope::all(), after, PAGE)
                    .await?;
                let devices = records.into_iter().map(|record| record.device).collect();
                self.device_candidates(session, devices).await
            }
        }
    }

    /// How many are in a full page of [`Self::candidates`].
    pub(super) const fn candidates_in_page() -> usize {
        PAGE as usize
    }

    async fn move_all(
        &self,
        session: &mut Session,
        group: &GroupWithRule,
        joining: &[Member],
        leaving: &[Member],
    ) -> Result<(), EngineError> {
        let loses_people = leaving
            .iter()
            .any(|member| matches!(member, Member::User(_) | Member::Group(_)));
        let somebody = if loses_people {
            Some(Somebody::before(session).await?)
        } else {
            None
        };
        for member in joining {
            session.insert_member(group.group, *member).await?;
        }
        for member in leaving {
            session.delete_member(group.group, member.id()).await?;
        }
        for member in joining.iter().chain(leaving) {
            self.membership_changed(session, *member).await?;
        }
        if let Some(somebody) = somebody {
            somebody.require_still(session).await?;
        }
        for (activity, moved) in [("addMember", joining), ("removeMember", leaving)] {
            if moved.is_empty() {
                continue;
            }
            let ids: Vec<Value> = moved.iter().map(|member| json!(member.id())).collect();
            let what = json!({ "members": ids, "membershipRule": true });
            let change = Change::action(activity, "group", group.group, &group.name, what);
            self.audit(session, &Actor::system(), change).await?;
        }
        Ok(())
    }
}
