//! What an administrator says about a device.

use mandate_model::{Device, DeviceId, Member, Ownership, UserId};
use mandate_store::{RemarkRecord, Session};
use serde_json::{Value, json};

use crate::access::growth::Before;
use crate::access::scope::{require_device, require_person};
use crate::access::tagging::{number, require_no_more, tags_for_update};
use crate::audit::Change;
use crate::delivery::Visit;
use crate::{Action, Actor, Engine, EngineError};

/// Characters of a name that administrators give, and of their notes. Graph names no limits; these are ours.
const NAME_LIMIT: usize = 256;
const NOTES_LIMIT: usize = 4096;

/// A change to a device; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeviceChange {
    /// Whose it is.
    pub ownership: Option<Ownership>,
    /// Primary user; `Some(None)` takes it away.
    pub user: Option<Option<UserId>>,
    /// What administrators call it; `Some(None)` gives it back the name that it says itself.
    pub name: Option<Option<String>>,
    /// Notes; `Some(None)` takes them away.
    pub notes: Option<Option<String>>,
    /// Scope tags given by hand; those that come from groups stay.
    pub scope_tags: Option<Vec<String>>,
}

impl DeviceChange {
    /// What has to be allowed for it.
    fn actions(&self) -> impl Iterator<Item = Action> {
        let is_more = self.ownership.is_some()
            || self.name.is_some()
            || self.notes.is_some()
            || self.scope_tags.is_some()
            || self.user.is_none();
        let of_user = self.user.map(|_| Action::DevicesSetPrimaryUser);
        of_user
            .into_iter()
            .chain(is_more.then_some(Action::DevicesUpdate))
    }
}

/// What administrators wrote about a device.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeviceRemarks {
    /// What they call it.
    pub name: Option<String>,
    /// Notes.
    pub notes: Option<String>,
}

impl Engine {
    /// What is written about the devices from one id to another, with their ids in order; most have nothing.
    pub async fn device_remarks(
        &self,
        actor: &Actor,
        first: DeviceId,
        last: DeviceId,
    ) -> Result<Vec<(DeviceId, DeviceRemarks)>, EngineError> {
        let scope = actor.scope_for(Action::DevicesRead)?;
        let mut session = self.store().read().await?;
        let mut found = session.list_remarks(first, last).await?;
        if !scope.is_all() {
            let tags = session.scope_tags_of_devices(first, last).await?;
            let default = ["0".to_owned()];
            let of = |id| tags.get(&id).map_or(default.as_slice(), Vec::as_slice);
            found.retain(|remark| scope.shows(of(remark.device_id)));
        }
        let remarks = |record: RemarkRecord| {
            let RemarkRecord {
                device_id,
                name,
                notes,
            } = record;
            (device_id, DeviceRemarks { name, notes })
        };
        Ok(found.into_iter().map(remarks).collect())
    }

    /// Changes what is known of a device. A new primary user gets what is his, and the old one's things go.
    pub async fn update_device(
        &self,
        actor: &Actor,
        id: DeviceId,
        change: DeviceChange,
    ) -> Result<Device, EngineError> {
        for action in change.actions() {
            actor.require(action)?;
        }
        check("managedDeviceName", change.name.as_ref(), NAME_LIMIT)?;
        check("notes", change.notes.as_ref(), NOTES_LIMIT)?;
        if change.user.is_none() && change.ownership.is_none() {
            return self.remark(actor, id, change).await;
        }
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        let mut visit = Visit::begin_within(self, session, id).await?;
        let old = visit.record.device.clone();
        require_change(&mut visit.session, actor, &old, &change).await?;
        if let Some(Some(user)) = change.user {
            if visit.session.find_user(user).await?.is_none() {
                return Err(EngineError::not_found("user", user));
            }
            // Whoever holds the device gets what is this person's.
            let action = Action::DevicesSetPrimaryUser;
            require_person(&mut visit.session, actor, action, user).await?;
        }
        let before = Before::look(&mut visit.session, actor, Member::Device(id)).await?;
        let device = &mut visit.record.device;
        device.ownership = change.ownership.unwrap_or(device.ownership);
        device.user_id = change.user.unwrap_or(device.user_id);
        let device = device.clone();
        visit.device_changed();
        visit.forget_reconciliation();
        if change.user.is_some() {
            visit
                .session
                .set_user_of_channels(id, device.user_id, self.now())
                .await?;
        }
        let mut session = visit.end_and_wake().await?;
        self.follow_rules(&mut session, actor, Member::Device(id))
            .await?;
        if change.user.is_some() {
            session.retag_device(id, device.user_id).await?;
        }
        before.require_no_more(&mut session, actor).await?;
        let remarks = write_remarks(&mut session, id, &change).await?;
        let tags = write_tags(&mut session, actor, id, change.scope_tags).await?;
        self.conclude_change(session, actor, [&old, &device], remarks, tags)
            .await?;
        Ok(device)
    }

    /// The same for what only people read: the device is neither woken nor looked at again.
    async fn remark(
        &self,
        actor: &Actor,
        id: DeviceId,
        change: DeviceChange,
    ) -> Result<Device, EngineError> {
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        let device = session
            .find_device(id)
            .await?
            .ok_or_else(|| EngineError::not_found("device", id))?
            .device;
        require_change(&mut session, actor, &device, &change).await?;
        let remarks = write_remarks(&mut session, id, &change).await?;
        let tags = write_tags(&mut session, actor, id, change.scope_tags).await?;
        self.conclude_change(session, actor, [&device, &device], remarks, tags)
            .await?;
        Ok(device)
    }

    /// Calls a device otherwise, within a transaction in which that is permitted; none gives it back its own name. In
    /// characters, a name has at most [`NAME_LIMIT`].
    pub(crate) async fn rename(
        &self,
        mut session: Session,
        actor: &Actor,
        device: &Device,
        name: Option<String>,
    ) -> Result<(), EngineError> {
        let change = DeviceChange {
            name: Some(name),
            ..DeviceChange::default()
        };
        check("managedDeviceName", change.name.as_ref(), NAME_LIMIT)?;
        let remarks = write_remarks(&mut session, device.id, &change).await?;
        self.conclude_change(session, actor, [device, device], remarks, None)
            .await
    }

    async fn conclude_change(
        &self,
        mut session: Session,
        actor: &Actor,
        [before, after]: [&Device; 2],
        remarks: [DeviceRemarks; 2],
        tags: Option<[Vec<String>; 2]>,
    ) -> Result<(), EngineError> {
        let name = after.display_name();
        let [old, new] = remarks;
        let (mut old, mut new) = (properties(before, &old), properties(after, &new));
        if let Some([before, after]) = tags {
            old["roleScopeTagIds"] = json!(before);
            new["roleScopeTagIds"] = json!(after);
        }
        let change = Change::update("device", after.id, &name, &old, &new);
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }
}

/// What the audit says of a device, in Graph's words.
fn properties(device: &Device, remarks: &DeviceRemarks) -> Value {
    json!({
        "userId": device.user_id,
        "managedDeviceOwnerType": device.ownership,
        "managedDeviceName": remarks.name,
        "notes": remarks.notes,
    })
}

/// Refuses what the actor may not do with a device.
async fn require_change(
    session: &mut Session,
    actor: &Actor,
    device: &Device,
    change: &DeviceChange,
) -> Result<(), EngineError> {
    for action in change.actions() {
        require_device(session, actor, action, device).await?;
    }
    Ok(())
}

/// Gives a device other tags by hand, if any are given; what they were and are.
async fn write_tags(
    session: &mut Session,
    actor: &Actor,
    id: DeviceId,
    given: Option<Vec<String>>,
) -> Result<Option<[Vec<String>; 2]>, EngineError> {
    let before = session.scope_tags_of_device(id).await?;
    let action = Action::DevicesUpdate;
    if given.is_none() {
        return Ok(None);
    }
    let wanted = tags_for_update(session, actor, action, &before, given).await?;
    if wanted == before {
        return Ok(None);
    }
    let mut rows = session.scope_tag_rows(id).await?;
    rows.retain(|_, automatic| *automatic);
    for tag in wanted.iter().filter_map(|tag| number(tag)) {
        rows.entry(tag).or_insert(false);
    }
    session.set_scope_tags_of_device(id, &rows).await?;
    let after = session.scope_tags_of_device(id).await?;
    require_no_more(actor, &before, &after)?;
    Ok(Some([before, after]))
}

/// Writes name and notes where a change speaks of them; what they were and are. An empty text is none.
async fn write_remarks(
    session: &mut Session,
    id: DeviceId,
    change: &DeviceChange,
) -> Result<[DeviceRemarks; 2], EngineError> {
    if change.name.is_none() && change.notes.is_none() {
        return Ok([DeviceRemarks::default(), DeviceRemarks::default()]);
    }
    let before = session.list_remarks(id, id).await?.into_iter().next();
    let before = before.map_or_else(DeviceRemarks::default, |before| DeviceRemarks {
        name: before.name,
        notes: before.notes,
    });
    let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let after = DeviceRemarks {
        name: filled(change.name.clone().unwrap_or_else(|| before.name.clone())),
        notes: filled(change.notes.clone().unwrap_or_else(|| before.notes.clone())),
    };
    if after == DeviceRemarks::default() {
        session.delete_remark(id).await?;
    } else if after != before {
        let remark = RemarkRecord {
            device_id: id,
            name: after.name.clone(),
            notes: after.notes.clone(),
        };
        session.set_remark(&remark).await?;
    }
    Ok([before, after])
}

fn check(property: &str, text: Option<&Option<String>>, limit: usize) -> Result<(), EngineError> {
    let text = text.and_then(Option::as_ref);
    if text.is_some_and(|text| text.chars().count() > limit) {
        let rule = format!("must have at most {limit} characters");
        return Err(EngineError::invalid(property, &rule, None));
    }
    Ok(())
}
