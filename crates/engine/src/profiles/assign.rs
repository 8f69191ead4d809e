//! Saying whom a profile is for.

use std::collections::BTreeSet;

use mandate_model::{Assignment, AssignmentId, Profile, ProfileId, Target};
use mandate_store::{Session, WakeScope};

use super::{noted, seen};
use crate::access::scope::{around, out_of_scope};
use crate::{Action, Actor, Engine, EngineError};

impl Engine {
    /// Whom a profile is for.
    pub async fn list_assignments(
        &self,
        actor: &Actor,
        id: ProfileId,
    ) -> Result<Vec<Assignment>, EngineError> {
        let mut session = self.store().read().await?;
        seen(&mut session, actor, Action::ProfilesRead, id).await?;
        Ok(session.assignments_of(id).await?)
    }

    /// Replaces whom a profile is for. Writes a few rows however many devices there are; the devices follow by
    /// themselves. Who works within a scope adds and takes away only targets of that scope; one that is not, and is there
    /// already, has to be named again.
    pub async fn assign_profile(
        &self,
        actor: &Actor,
        id: ProfileId,
        targets: Vec<Target>,
    ) -> Result<Vec<Assignment>, EngineError> {
        actor.require(Action::ProfilesAssign)?;
        let mut session = self.store().write().await?;
        let after = self.assign_within(&mut session, actor, id, targets).await?;
        session.commit().await?;
        Ok(after)
    }

    /// Replaces whom a profile is for within a transaction.
    pub(super) async fn assign_within(
        &self,
        session: &mut Session,
        actor: &Actor,
        id: ProfileId,
        targets: Vec<Target>,
    ) -> Result<Vec<Assignment>, EngineError> {
        let targets: BTreeSet<Target> = targets.into_iter().collect();
        actor.require(Action::ProfilesAssign)?;
        session.hold_access().await?;
        let profile = seen(session, actor, Action::ProfilesAssign, id).await?;
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
        let present: BTreeSet<Target> = before.iter().map(|assignment| assignment.target).collect();
        if present == targets {
            return Ok(before);
        }
        let moved: Vec<Target> = present.symmetric_difference(&targets).copied().collect();
        require_targets(session, actor, Action::ProfilesAssign, &profile, &moved).await?;
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
        self.wake_later(session, WakeScope::Profile, id.0, intent)
            .await?;
        let targets = |all: &[Assignment]| {
            all.iter()
                .map(|assignment| assignment.target)
                .collect::<Vec<_>>()
        };
        let change = noted::assigned(&profile, &targets(&before), &targets(&after));
        self.audit(session, actor, change).await?;
        Ok(after)
    }
}

/// Refuses unless all these targets of a profile are within the actor's scope, each by an assignment that is for the profile.
pub(super) async fn require_targets(
    session: &mut Session,
    actor: &Actor,
    action: Action,
    profile: &Profile,
    targets: &[Target],
) -> Result<(), EngineError> {
    let Some(grants) = actor.grants_for(action) else {
        return Ok(());
    };
    let covering = grants
        .into_iter()
        .filter(|grant| grant.covers(&profile.scope_tags));
    let reaches: Vec<_> = covering.map(|grant| &grant.people).collect();
    for target in targets {
        let is_within = match target {
            Target::AllUsers => reaches.iter().any(|reach| reach.has_all_users()),
            Target::AllDevices => reaches.iter().any(|reach| reach.has_all_devices()),
            Target::Group(group) | Target::Exclude(group) => {
                let around = around(session, *group).await?;
                reaches.iter().any(|reach| reach.has_group(&around))
            }
        };
        if !is_within {
            return Err(out_of_scope(action));
        }
    }
    Ok(())
}
