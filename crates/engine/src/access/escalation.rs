//! Nobody gives what they lack.

use std::collections::{BTreeMap, BTreeSet};

use mandate_model::{GroupId, Member};
use mandate_store::Session;

use super::resolve::powers_of;
use super::scope::{out_of_scope, surroundings};
use super::{Action, Actor, DirectoryRole, Grant, Lacking, Powers, Reach, Who};
use crate::{Engine, EngineError};

impl Engine {
    /// Refuses unless the actor has everything that a person's roles give, or those of a group give its people: whoever sets
    /// a password, or says who is in a group, could use them. Whoever has no role is nobody's concern.
    pub(crate) async fn require_power_over(
        &self,
        session: &mut Session,
        actor: &Actor,
        whom: Member,
    ) -> Result<(), EngineError> {
        if let Member::Device(_) = whom {
            return Ok(());
        }
        let directory = session.directory_roles_held_by(whom.id()).await?;
        if !directory.is_empty() {
            actor.require(Action::DirectoryRolesAssign)?;
        }
        let theirs = powers_of(session, whom.id()).await?;
        if let Powers::Granted(grants) = &theirs {
            if grants.is_empty() {
                return Ok(());
            }
            if directory.is_empty() {
                actor.require(Action::RolesAssign)?;
            }
        }
        require_powers(session, actor, &theirs).await
    }
}

/// Refuses unless the actor has all of these powers.
pub(super) async fn require_powers(
    session: &mut Session,
    actor: &Actor,
    powers: &Powers,
) -> Result<(), EngineError> {
    match powers {
        Powers::Everything => {
            let everything = Grant {
                actions: DirectoryRole::GlobalAdministrator.actions(),
                tags: None,
                people: Reach::All,
            };
            require_grant(session, actor, &everything).await
        }
        Powers::Granted(grants) => {
            for grant in grants {
                require_grant(session, actor, grant).await?;
            }
            Ok(())
        }
    }
}

/// Refuses unless the actor has all that a grant gives.
pub(super) async fn require_grant(
    session: &mut Session,
    actor: &Actor,
    grant: &Grant,
) -> Result<(), EngineError> {
    require_actions(actor, &grant.actions)?;
    let Powers::Granted(own) = actor.powers() else {
        return Ok(());
    };
    let around = surroundings(session, grant).await?;
    match first_beyond(own, grant, &around) {
        Some(action) => Err(out_of_scope(action)),
        None => Ok(()),
    }
}

/// Refuses unless the actor may do all of these, be it only within a scope. For a person their roles count, not what the token
/// of the client carries: that is about the client. A client of its own has nothing but what its token carries.
pub(super) fn require_actions(
    actor: &Actor,
    actions: &BTreeSet<Action>,
) -> Result<(), EngineError> {
    for action in actions {
        match (actor.powers(), actor.who()) {
            (Powers::Everything, Who::App { .. }) => actor.require(*action)?,
            (Powers::Everything, Who::System | Who::Person { .. }) => {}
            (Powers::Granted(own), _) => {
                if !own.iter().any(|grant| grant.actions.contains(action)) {
                    return Err(EngineError::NotAllowed {
                        action: *action,
                        lacking: Lacking::Role,
                    });
                }
            }
        }
    }
    Ok(())
}

/// One part of where a grant holds. A grant is within others if each of its parts is, for each action and tag.
enum Part {
    Everybody,
    Nobody,
    AllUsers,
    AllDevices,
    Group(GroupId),
}

fn parts(reach: &Reach) -> Vec<Part> {
    let Reach::Some {
        all_users,
        all_devices,
        groups,
    } = reach
    else {
        return vec![Part::Everybody];
    };
    let mut parts = vec![Part::Nobody];
    parts.extend(all_users.then_some(Part::AllUsers));
    parts.extend(all_devices.then_some(Part::AllDevices));
    parts.extend(groups.iter().copied().map(Part::Group));
    parts
}

/// The first action that a grant gives somewhere where none of `own` gives it.
pub(super) fn first_beyond(
    own: &[Grant],
    grant: &Grant,
    around: &BTreeMap<GroupId, BTreeSet<GroupId>>,
) -> Option<Action> {
    let tags: Vec<Option<&String>> = match &grant.tags {
        None => vec![None],
        Some(tags) => tags.iter().map(Some).collect(),
    };
    let parts = parts(&grant.people);
    let gives = |own: &Grant, action: Action, tag: Option<&String>, part: &Part| {
        let tagged = match (&own.tags, tag) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(own), Some(tag)) => own.contains(tag),
        };
        let reached = match part {
            Part::Everybody => own.people == Reach::All,
            Part::Nobody => true,
            Part::AllUsers => own.people.has_all_users(),
            Part::AllDevices => own.people.has_all_devices(),
            Part::Group(group) => around
                .get(group)
                .is_some_and(|around| own.people.has_group(around)),
        };
        own.actions.contains(&action) && tagged && reached
    };
    let beyond = |action: &Action| {
        tags.iter().any(|tag| {
            parts
                .iter()
                .any(|part| !own.iter().any(|own| gives(own, *action, *tag, part)))
        })
    };
    grant.actions.iter().copied().find(beyond)
}
