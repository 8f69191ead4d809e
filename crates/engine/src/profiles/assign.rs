//! Saying whom a profile is for.

use std::collections::BTreeSet;

use mandate_model::{Assignment, AssignmentId, ProfileId, Target};
use mandate_store::WakeScope;
use serde_json::json;

use super::audited;
use crate::{Action, Actor, Engine, EngineError};

impl Engine {
    /// Whom a profile is for.
    pub async fn list_assignments(
        &self,
        actor: &Actor,
        id: ProfileId,
    ) -> Result<Vec<Assignment>, EngineError> {
        actor.require(Action::ProfilesRead)?;
        let mut session = self.store().read().await?;
        if session.find_profile(id).await?.is_none() {
            return Err(EngineError::not_found("profile", id));
        }
        Ok(session.assignments_of(id).await?)
    }

    /// Replaces whom a profile is for. Writes a few rows however many devices there are; the devices follow by
    /// themselves.
    pub async fn assign_profile(
        &self,
        actor: &Actor,
        id: ProfileId,
        targets: Vec<Target>,
    ) -> Result<Vec<Assignment>, EngineError> {
        actor.require(Action::ProfilesAssign)?;
        let targets: BTreeSet<Target> = targets.into_iter().collect();
        let mut session = self.store().write().await?;
        let profile = session
            .find_profile(id)
            .await?
            .ok_or_else(|| EngineError::not_found("profile", id))?;
        for target in &targets {
            if let Target::Group(group) | Target::Exclude(group) = target
                && session.find_group(*group).await?.is_none()
            {
                let value = group.to_string();
                return Err(EngineError::invalid(
                    "assignments",
                    "must name existing groups",
                    Some(&value),
                ));
            }
        }
        let before = session.assignments_of(id).await?;
        if before
            .iter()
            .map(|assignment| assignment.target)
            .collect::<BTreeSet<_>>()
            == targets
        {
            return Ok(before);
        }
        let now = self.now();
        let after: Vec<Assignment> = targets
            .into_iter()
            .map(|target| Assignment {
                id: AssignmentId(self.chance().id(now)),
                profile_id: id,
                target,
            })
            .collect();
        session.replace_assignments(id, &after).await?;
        let intent = session.raise_intent().await?;
        session.mark_profile_changed(id, intent, now).await?;
        self.wake_later(&mut session, WakeScope::Profile, id.0, intent)
            .await?;
        let targets = |all: &[Assignment]| {
            all.iter()
                .map(|assignment| json!(assignment.target))
                .collect::<Vec<_>>()
        };
        let changes = json!({ "before": targets(&before), "after": targets(&after) });
        self.audit(&mut session, actor, audited("assign", &profile, changes))
            .await?;
        session.commit().await?;
        Ok(after)
    }
}
