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

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn group(number: u128) -> GroupId {
        GroupId(Uuid::from_u128(number))
    }

    fn grant(actions: &[Action], tags: Option<&[&str]>, people: Reach) -> Grant {
        Grant {
            actions: actions.iter().copied().collect(),
            tags: tags.map(|tags| tags.iter().map(|tag| (*tag).to_owned()).collect()),
            people,
        }
    }

    fn of(all_users: bool, all_devices: bool, groups: &[u128]) -> Reach {
        Reach::Some {
            all_users,
            all_devices,
            groups: groups.iter().copied().map(group).collect(),
        }
    }

    /// Group 2 is in group 1, and 3 is in none.
    fn around() -> BTreeMap<GroupId, BTreeSet<GroupId>> {
        BTreeMap::from([
            (group(1), BTreeSet::from([group(1)])),
            (group(2), BTreeSet::from([group(1), group(2)])),
            (group(3), BTreeSet::from([group(3)])),
        ])
    }

    #[test]
    fn a_grant_is_within_others_part_by_part() {
        use Action::{DevicesRead, DevicesSync};
        let both = [DevicesRead, DevicesSync];
        let own = [
            grant(&both, Some(&["1", "2"]), of(false, false, &[1])),
            grant(&[DevicesRead], Some(&["3"]), of(true, false, &[])),
        ];
        let table = [
            (grant(&both, Some(&["1"]), of(false, false, &[1])), None),
            // A group inside.
            (grant(&both, Some(&["2"]), of(false, false, &[2])), None),
            (
                grant(&[DevicesRead], Some(&["3"]), of(true, false, &[])),
                None,
            ),
            (grant(&[], None, Reach::All), None),
            // Another group, another tag, no limit, all devices.
            (
                grant(&both, Some(&["1"]), of(false, false, &[3])),
                Some(DevicesRead),
            ),
            (
                grant(&[DevicesSync], Some(&["1", "3"]), of(false, false, &[])),
                Some(DevicesSync),
            ),
            (
                grant(&both, None, of(false, false, &[1])),
                Some(DevicesRead),
            ),
            (
                grant(&both, Some(&["1"]), of(false, true, &[1])),
                Some(DevicesRead),
            ),
            (grant(&both, Some(&["1"]), Reach::All), Some(DevicesRead)),
            // What one allows for some people does not come to the tag of another.
            (
                grant(&[DevicesRead], Some(&["1"]), of(true, false, &[])),
                Some(DevicesRead),
            ),
            (
                grant(&[DevicesRead], Some(&["1", "3"]), of(false, false, &[1])),
                Some(DevicesRead),
            ),
        ];
        for (wanted, beyond) in table {
            assert_eq!(first_beyond(&own, &wanted, &around()), beyond, "{wanted:?}");
        }
    }

    #[test]
    fn all_people_and_all_devices_have_every_group() {
        let own = [grant(
            &[Action::DevicesRead],
            Some(&["0"]),
            of(true, true, &[]),
        )];
        let wanted = grant(&[Action::DevicesRead], Some(&["0"]), of(false, false, &[3]));
        assert_eq!(first_beyond(&own, &wanted, &around()), None);
        let everywhere = grant(&[Action::DevicesRead], Some(&["0"]), Reach::All);
        assert_eq!(
            first_beyond(&own, &everywhere, &around()),
            Some(Action::DevicesRead)
        );
    }
}
