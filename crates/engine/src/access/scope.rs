//! Where somebody may do something: scope tags, people, devices, groups.

use std::collections::{BTreeMap, BTreeSet};

use mandate_model::{Device, DeviceId, GroupId, UserId};
use mandate_store::{DeviceRecord, Scope, Session};

use super::{Action, Actor, Grant, Lacking, Powers, Reach};
use crate::EngineError;

/// What somebody or something belongs to: groups, directly or through other groups.
type Groups = BTreeSet<GroupId>;

impl Actor {
    /// What can be seen of lists. Refuses if the actor may not do this at all.
    pub(crate) fn scope_for(&self, action: Action) -> Result<Scope, EngineError> {
        Ok(Scope::new(self.tags_for(action)?))
    }

    /// What a report shows to those who may see it: such things as they see otherwise by `seeing`, or if they see none
    /// otherwise, such as the role is for that lets them see the report.
    pub(crate) fn scope_among(&self, seeing: Action, report: Action) -> Result<Scope, EngineError> {
        self.require(report)?;
        let tags = |action| -> Option<Scope> {
            let grants = self.grants_for(action)?;
            let tags: Option<Vec<&BTreeSet<String>>> =
                grants.iter().map(|grant| grant.tags.as_ref()).collect();
            let Some(tags) = tags else {
                return Some(Scope::all());
            };
            let tags = tags.into_iter().flatten().cloned().collect();
            Some(Scope::new(Some(tags)))
        };
        let sees = self
            .grants_for(seeing)
            .is_some_and(|grants| !grants.is_empty());
        let action = if sees { seeing } else { report };
        Ok(tags(action).unwrap_or_else(Scope::all))
    }

    /// Refuses those of whom no role allows something, whatever the token of their client carries.
    pub(crate) fn require_role(&self, action: Action) -> Result<(), EngineError> {
        match self.grants_for(action) {
            Some(grants) if grants.is_empty() => Err(EngineError::NotAllowed {
                action,
                lacking: Lacking::Role,
            }),
            _ => Ok(()),
        }
    }

    /// The devices that lists of members show: those that the actor sees, whatever the token of their client carries.
    pub(crate) fn scope_of_members(&self) -> Scope {
        let Some(grants) = self.grants_for(Action::DevicesRead) else {
            return Scope::all();
        };
        let tags: Option<Vec<_>> = grants.iter().map(|grant| grant.tags.as_ref()).collect();
        Scope::new(tags.map(|tags| tags.into_iter().flatten().cloned().collect()))
    }

    /// Refuses unless the actor may do this without any limit of scope: for what the whole instance has once.
    pub(crate) fn require_everywhere(&self, action: Action) -> Result<(), EngineError> {
        self.require(action)?;
        let everywhere = |grant: &Grant| grant.actions.contains(&action) && grant.is_everywhere();
        match self.powers() {
            Powers::Everything => Ok(()),
            Powers::Granted(grants) if grants.iter().any(everywhere) => Ok(()),
            Powers::Granted(_) => Err(EngineError::NotAllowed {
                action,
                lacking: Lacking::Scope,
            }),
        }
    }

    /// Refuses to show what the actor cannot see: as if it were not there.
    pub(crate) fn require_seen(
        &self,
        action: Action,
        tags: &[String],
        what: &'static str,
        id: impl std::fmt::Display,
    ) -> Result<(), EngineError> {
        self.require(action)?;
        if self.reaches(action, tags) {
            return Ok(());
        }
        Err(EngineError::not_found(what, id))
    }

    /// Refuses to do something with what the actor can see, but may not do this with; what they cannot see is not there.
    pub(crate) fn require_among(
        &self,
        (seeing, action): (Action, Action),
        tags: &[String],
        what: &'static str,
        id: impl std::fmt::Display,
    ) -> Result<(), EngineError> {
        self.require(action)?;
        if self.reaches(action, tags) {
            return Ok(());
        }
        self.require_seen(seeing, tags, what, id).map_err(|error| {
            // Whoever may see none of them at all learns as little.
            match error {
                EngineError::NotAllowed { .. } => EngineError::NotAllowed {
                    action,
                    lacking: Lacking::Scope,
                },
                other => other,
            }
        })?;
        Err(out_of_scope(action))
    }

    /// The grants that allow something; none for those who may do everything.
    pub(crate) fn grants_for(&self, action: Action) -> Option<Vec<&Grant>> {
        match self.powers() {
            Powers::Everything => None,
            Powers::Granted(grants) => Some(
                grants
                    .iter()
                    .filter(|grant| grant.actions.contains(&action))
                    .collect(),
            ),
        }
    }
}

impl Reach {
    /// Whether a person in these groups is within.
    pub(crate) fn has_user(&self, groups: &Groups) -> bool {
        match self {
            Self::All => true,
            Self::Some {
                all_users,
                groups: own,
                ..
            } => *all_users || !own.is_disjoint(groups),
        }
    }

    /// Whether a device in these groups is within.
    pub(crate) fn has_device(&self, groups: &Groups) -> bool {
        match self {
            Self::All => true,
            Self::Some {
                all_devices,
                groups: own,
                ..
            } => *all_devices || !own.is_disjoint(groups),
        }
    }

    /// Whether a group is within, with all that is in it; `around` are the group and those it is in.
    pub(crate) fn has_group(&self, around: &Groups) -> bool {
        match self {
            Self::All => true,
            Self::Some {
                all_users,
                all_devices,
                groups: own,
            } => (*all_users && *all_devices) || !own.is_disjoint(around),
        }
    }

    /// Whether all people are within.
    pub(crate) fn has_all_users(&self) -> bool {
        matches!(
            self,
            Self::All
                | Self::Some {
                    all_users: true,
                    ..
                }
        )
    }

    /// Whether all devices are within.
    pub(crate) fn has_all_devices(&self) -> bool {
        matches!(
            self,
            Self::All
                | Self::Some {
                    all_devices: true,
                    ..
                }
        )
    }
}

/// A group and those around it.
pub(crate) async fn around(session: &mut Session, group: GroupId) -> Result<Groups, EngineError> {
    let mut groups = session.groups_of(group.0, true).await?;
    groups.insert(group);
    Ok(groups)
}

/// The tags of one device.
pub(crate) async fn tags_of_device(
    session: &mut Session,
    id: DeviceId,
) -> Result<Vec<String>, EngineError> {
    Ok(session.scope_tags_of_device(id).await?)
}

/// Whether a device, or the device that a person's channel is on, is within a scope.
pub(crate) async fn shows_device(
    session: &mut Session,
    scope: &Scope,
    id: DeviceId,
) -> Result<bool, EngineError> {
    if scope.is_all() {
        return Ok(true);
    }
    match session.find_device_of(id).await? {
        Some(record) => Ok(scope.shows(&tags_of_device(session, record.device.id).await?)),
        None => Ok(false),
    }
}

/// A device that the actor can see, with its tags.
pub(crate) async fn seen_device(
    session: &mut Session,
    actor: &Actor,
    action: Action,
    id: DeviceId,
) -> Result<(DeviceRecord, Vec<String>), EngineError> {
    actor.require(action)?;
    let record = session
        .find_device(id)
        .await?
        .ok_or_else(|| EngineError::not_found("device", id))?;
    let tags = tags_of_device(session, id).await?;
    actor.require_seen(action, &tags, "device", id)?;
    Ok((record, tags))
}

/// Refuses unless the actor may do this with a device: it is among what they see by its tags, and it or its user is within
/// their scope groups, by one and the same assignment.
pub(crate) async fn require_device(
    session: &mut Session,
    actor: &Actor,
    action: Action,
    device: &Device,
) -> Result<(), EngineError> {
    actor.require(action)?;
    let Some(grants) = actor.grants_for(action) else {
        return Ok(());
    };
    let tags = tags_of_device(session, device.id).await?;
    actor.require_among((Action::DevicesRead, action), &tags, "device", device.id)?;
    let covering = grants.into_iter().filter(|grant| grant.covers(&tags));
    let reaches: Vec<&Reach> = covering.map(|grant| &grant.people).collect();
    if reaches_device(session, &reaches, device).await? {
        return Ok(());
    }
    Err(out_of_scope(action))
}

async fn reaches_device(
    session: &mut Session,
    reaches: &[&Reach],
    device: &Device,
) -> Result<bool, EngineError> {
    if reaches.iter().any(|reach| reach.has_all_devices()) {
        return Ok(true);
    }
    let own = session.groups_of(device.id.0, true).await?;
    if reaches.iter().any(|reach| reach.has_device(&own)) {
        return Ok(true);
    }
    let Some(user) = device.user_id else {
        return Ok(false);
    };
    let groups = session.groups_of(user.0, true).await?;
    Ok(reaches.iter().any(|reach| reach.has_user(&groups)))
}

/// Refuses unless the actor may do this for a person: somebody within their scope groups.
pub(crate) async fn require_person(
    session: &mut Session,
    actor: &Actor,
    action: Action,
    user: UserId,
) -> Result<(), EngineError> {
    actor.require(action)?;
    let Some(grants) = actor.grants_for(action) else {
        return Ok(());
    };
    if grants.iter().any(|grant| grant.people.has_all_users()) {
        return Ok(());
    }
    let groups = session.groups_of(user.0, true).await?;
    if grants.iter().any(|grant| grant.people.has_user(&groups)) {
        return Ok(());
    }
    Err(out_of_scope(action))
}

/// Refuses to make people or groups unless the actor's scope has all people, or all people and devices: what is new is in no
/// group yet.
pub(crate) fn require_newcomer(actor: &Actor, action: Action) -> Result<(), EngineError> {
    actor.require(action)?;
    let Some(grants) = actor.grants_for(action) else {
        return Ok(());
    };
    let has_all = |grant: &&Grant| match action {
        Action::GroupsUpdate => grant.people.has_all_users() && grant.people.has_all_devices(),
        _ => grant.people.has_all_users(),
    };
    if grants.iter().any(has_all) {
        return Ok(());
    }
    Err(out_of_scope(action))
}

/// Refuses unless the actor may do this with a group: one of their scope groups or one inside of them.
pub(crate) async fn require_group(
    session: &mut Session,
    actor: &Actor,
    action: Action,
    group: GroupId,
) -> Result<(), EngineError> {
    actor.require(action)?;
    let Some(grants) = actor.grants_for(action) else {
        return Ok(());
    };
    let groups = around(session, group).await?;
    if grants.iter().any(|grant| grant.people.has_group(&groups)) {
        return Ok(());
    }
    Err(out_of_scope(action))
}

/// The people within an actor's scope for an action; `None` stands for all.
pub(crate) async fn people_within(
    session: &mut Session,
    actor: &Actor,
    action: Action,
) -> Result<Option<BTreeSet<UserId>>, EngineError> {
    let Some(grants) = actor.grants_for(action) else {
        return Ok(None);
    };
    let mut groups = BTreeSet::new();
    for grant in grants {
        match &grant.people {
            Reach::All
            | Reach::Some {
                all_users: true, ..
            } => return Ok(None),
            Reach::Some { groups: own, .. } => groups.extend(own),
        }
    }
    let mut people = BTreeSet::new();
    for group in groups {
        for member in session
            .list_members(group, true, &Scope::all(), None, u32::MAX)
            .await?
        {
            if let mandate_model::Member::User(user) = member {
                people.insert(user);
            }
        }
    }
    Ok(Some(people))
}

/// The people whose imported certificates reports show: those of whom the actor sees them otherwise, or if they see none
/// otherwise, those whom the role is for that lets them see reports; `None` stands for all.
pub(crate) async fn people_reached(
    session: &mut Session,
    actor: &Actor,
) -> Result<Option<BTreeSet<UserId>>, EngineError> {
    let sees = actor
        .grants_for(Action::ImportsRead)
        .is_some_and(|grants| !grants.is_empty());
    let action = if sees {
        Action::ImportsRead
    } else {
        Action::ProfilesViewReports
    };
    people_within(session, actor, action).await
}

/// The error for what can be seen, but not be done here.
pub(crate) fn out_of_scope(action: Action) -> EngineError {
    EngineError::NotAllowed {
        action,
        lacking: Lacking::Scope,
    }
}

/// The groups of a grant with those around each: what lies within whose scope.
pub(crate) async fn surroundings(
    session: &mut Session,
    grant: &Grant,
) -> Result<BTreeMap<GroupId, Groups>, EngineError> {
    let mut all = BTreeMap::new();
    if let Reach::Some { groups, .. } = &grant.people {
        for group in groups {
            all.insert(*group, around(session, *group).await?);
        }
    }
    Ok(all)
}
