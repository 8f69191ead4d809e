//! What an administrator says about a device.

use mandate_model::{Device, DeviceId, Ownership, UserId};
use mandate_store::{RemarkRecord, Session};
use serde_json::json;

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
        actor.require(Action::DevicesRead)?;
        let found = self.store().read().await?.list_remarks(first, last).await?;
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
        actor.require(Action::DevicesUpdate)?;
        check("managedDeviceName", change.name.as_ref(), NAME_LIMIT)?;
        check("notes", change.notes.as_ref(), NOTES_LIMIT)?;
        if change.user.is_none() && change.ownership.is_none() {
            return self.remark(actor, id, change).await;
        }
        let mut visit = Visit::begin(self, id).await?;
        if let Some(Some(user)) = change.user
            && visit.session.find_user(user).await?.is_none()
        {
            return Err(EngineError::not_found("user", user));
        }
        let device = &mut visit.record.device;
        device.ownership = change.ownership.unwrap_or(device.ownership);
        device.user_id = change.user.unwrap_or(device.user_id);
        let device = device.clone();
        visit.device_changed();
        visit.forget_reconciliation();
        let mut session = visit.end_and_wake().await?;
        write_remarks(&mut session, id, &change).await?;
        let changes = json!({
            "userId": device.user_id,
            "ownership": device.ownership,
            "managedDeviceName": change.name.flatten(),
            "notes": change.notes.is_some(),
        });
        self.conclude_change(session, actor, &device, changes)
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
        let device = session
            .find_device(id)
            .await?
            .ok_or_else(|| EngineError::not_found("device", id))?
            .device;
        write_remarks(&mut session, id, &change).await?;
        let changes = json!({
            "managedDeviceName": change.name.flatten(),
            "notes": change.notes.is_some(),
        });
        self.conclude_change(session, actor, &device, changes)
            .await?;
        Ok(device)
    }

    async fn conclude_change(
        &self,
        mut session: Session,
        actor: &Actor,
        device: &Device,
        changes: serde_json::Value,
    ) -> Result<(), EngineError> {
        let name = device.display_name();
        let change = Change {
            activity: "update",
            kind: "device",
            id: device.id.to_string(),
            name: &name,
            changes,
        };
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }
}

/// Writes name and notes where a change speaks of them. An empty text is none.
async fn write_remarks(
    session: &mut Session,
    id: DeviceId,
    change: &DeviceChange,
) -> Result<(), EngineError> {
    if change.name.is_none() && change.notes.is_none() {
        return Ok(());
    }
    let before = session.list_remarks(id, id).await?.into_iter().next();
    let (name, notes) = before.map_or((None, None), |before| (before.name, before.notes));
    let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let remark = RemarkRecord {
        device_id: id,
        name: filled(change.name.clone().unwrap_or(name)),
        notes: filled(change.notes.clone().unwrap_or(notes)),
    };
    if remark.name.is_none() && remark.notes.is_none() {
        return Ok(session.delete_remark(id).await?);
    }
    Ok(session.set_remark(&remark).await?)
}

fn check(property: &str, text: Option<&Option<String>>, limit: usize) -> Result<(), EngineError> {
    let text = text.and_then(Option::as_ref);
    if text.is_some_and(|text| text.chars().count() > limit) {
        let rule = format!("must have at most {limit} characters");
        return Err(EngineError::invalid(property, &rule, None));
    }
    Ok(())
}
