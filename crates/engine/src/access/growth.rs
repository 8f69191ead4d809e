//! No change of memberships, users or tags may give those who make it power over what they had none over.

use std::collections::{BTreeMap, BTreeSet};

use mandate_model::{Device, DeviceId, GroupId, Member, UserId};
use mandate_store::{DeviceFilter, Scope, Session};

use super::scope::{around, out_of_scope};
use super::{Action, Actor, Grant, Powers};
use crate::EngineError;

/// Devices of one person that are looked at.
const MOST: u32 = 1000;

/// What an actor may do with something: by its tags, and by its tags and groups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Held {
    by_tags: BTreeSet<Action>,
    by_groups: BTreeSet<Action>,
}

impl Held {
    /// The first action that came since `before`.
    fn first_beyond(&self, before: &Self) -> Option<Action> {
        let by_tags = self.by_tags.difference(&before.by_tags);
        let by_groups = self.by_groups.difference(&before.by_groups);
        by_tags.chain(by_groups).next().copied()
    }
}

/// What an actor may do with a person and with devices, before a change that concerns these; nothing for those who may do
/// everything.
#[derive(Debug, Clone, Default)]
pub(crate) struct Before {
    devices: BTreeMap<DeviceId, Held>,
    people: BTreeMap<UserId, Held>,
}

impl Before {
    /// The devices that are looked at.
    pub(crate) fn devices(&self) -> Vec<DeviceId> {
        self.devices.keys().copied().collect()
    }

    /// Looks at what a change is about to concern: a device, or a person with their devices.
    pub(crate) async fn look(
        session: &mut Session,
        actor: &Actor,
        concerned: Member,
    ) -> Result<Self, EngineError> {
        let mut before = Self::default();
        let grants = match actor.powers() {
            Powers::Everything => &[][..],
            Powers::Granted(grants) => grants,
        };
        match concerned {
            Member::Device(id) => {
                if let Some(record) = session.find_device(id).await? {
                    let held = of_device(session, grants, &record.device).await?;
                    before.devices.insert(id, held);
                }
            }
            Member::User(user) => {
                before
                    .people
                    .insert(user, of_person(session, grants, user).await?);
                let filter = DeviceFilter {
                    user: Some(user),
                    ..DeviceFilter::default()
                };
                for record in session
                    .list_devices(&filter, &Scope::all(), None, MOST)
                    .await?
                {
                    let held = of_device(session, grants, &record.device).await?;
                    before.devices.insert(record.device.id, held);
                }
            }
            Member::Group(_) => {}
        }
        Ok(before)
    }

    /// Refuses the change, which has been made in this transaction, if the actor may do more now.
    pub(crate) async fn require_no_more(
        self,
        session: &mut Session,
        actor: &Actor,
    ) -> Result<(), EngineError> {
        let Powers::Granted(grants) = actor.powers() else {
            return Ok(());
        };
        for (id, before) in &self.devices {
            let Some(record) = session.find_device(*id).await? else {
                continue;
            };
            let after = of_device(session, grants, &record.device).await?;
            if let Some(action) = after.first_beyond(before) {
                return Err(out_of_scope(action));
            }
        }
        for (user, before) in &self.people {
            let after = of_person(session, grants, *user).await?;
            if let Some(action) = after.first_beyond(before) {
                return Err(out_of_scope(action));
            }
        }
        Ok(())
    }
}

/// Refuses to put a group into another, if it would come into the actor's scope with all that is in it, or get scope tags.
pub(crate) async fn require_nesting(
    session: &mut Session,
    actor: &Actor,
    inner: GroupId,
    outer: GroupId,
) -> Result<(), EngineError> {
    let action = Action::GroupsUpdate;
    require_no_tags(session, actor, action, outer).await?;
    let Powers::Granted(grants) = actor.powers() else {
        return Ok(());
    };
    let (outer, inner) = (around(session, outer).await?, around(session, inner).await?);
    let comes_into =
        |grant: &Grant| grant.people.has_group(&outer) && !grant.people.has_group(&inner);
    if grants.iter().any(comes_into) {
        return Err(out_of_scope(action));
    }
    Ok(())
}

/// Refuses to take a group away, or out of another, or to put one in, if that one brings scope tags: all devices in it would
/// change them at once, and without any they would have the default one.
pub(crate) async fn require_no_tags(
    session: &mut Session,
    actor: &Actor,
    action: Action,
    group: GroupId,
) -> Result<(), EngineError> {
    if actor.require_everywhere(action).is_ok() {
        return Ok(());
    }
    let tags = session.automatic_scope_tags().await?;
    let around = around(session, group).await?;
    if tags.iter().any(|(_, group)| around.contains(group)) {
        return Err(out_of_scope(action));
    }
    Ok(())
}

async fn of_device(
    session: &mut Session,
    grants: &[Grant],
    device: &Device,
) -> Result<Held, EngineError> {
    let tags = session.scope_tags_of_device(device.id).await?;
    let own = session.groups_of(device.id.0, true).await?;
    let of_user = match device.user_id {
        Some(user) => Some(session.groups_of(user.0, true).await?),
        None => None,
    };
    let mut held = Held::default();
    for grant in grants.iter().filter(|grant| grant.covers(&tags)) {
        held.by_tags.extend(&grant.actions);
        let reach = &grant.people;
        if reach.has_device(&own)
            || of_user
                .as_ref()
                .is_some_and(|groups| reach.has_user(groups))
        {
            held.by_groups.extend(&grant.actions);
        }
    }
    Ok(held)
}

async fn of_person(
    session: &mut Session,
    grants: &[Grant],
    user: UserId,
) -> Result<Held, EngineError> {
    let groups = session.groups_of(user.0, true).await?;
    let mut held = Held::default();
    for grant in grants.iter().filter(|grant| grant.people.has_user(&groups)) {
        held.by_groups.extend(&grant.actions);
    }
    Ok(held)
}
