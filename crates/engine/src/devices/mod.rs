//! Devices as administrators see them, and what they can do to them.

mod act;
mod categories;
mod change;
mod queue;
mod search;
mod settings;

pub use act::{LockOptions, WipeOptions};
pub use categories::DeviceCategoryChange;
pub use change::{DeviceChange, DeviceRemarks};
pub use queue::{Calls, DeviceQueue, PushResult, PushToken, QueueItem, QueueStage, QueueTask};
pub use search::{DeviceLine, DevicesFound};
pub use settings::ManagementSettings;

use mandate_model::{Device, DeviceId, Timestamp, User};
use mandate_store::{ActionRecord, DeviceFilter, HistoryRecord, Session};

use crate::access::scope::seen_device;
use crate::delivery::{ActionKind, ActionState};
use crate::{Action, Actor, Engine, EngineError, Page};

/// A device with its user.
#[derive(Debug, Clone, PartialEq)]
pub struct DeviceView {
    /// The device.
    pub device: Device,
    /// Its primary user.
    pub user: Option<User>,
    /// The device enrolment manager who enrolled it, if one did.
    pub manager: Option<User>,
    /// Its scope tags; never empty.
    pub scope_tags: Vec<String>,
}

/// Something that somebody asked for on a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionResult {
    /// Graph's name: `retire`, `wipe`, `remoteLock`, `syncDevice`.
    pub name: &'static str,
    /// Graph's word: `pending`, `active`, `done`, `failed`, `canceled`.
    pub state: &'static str,
    /// When it was asked for.
    pub started_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Why it failed.
    pub error: Option<String>,
}

impl Engine {
    /// Devices by id.
    pub async fn list_devices(
        &self,
        actor: &Actor,
        filter: DeviceFilter,
        page: Page<DeviceId>,
    ) -> Result<Vec<DeviceView>, EngineError> {
        let scope = actor.scope_for(Action::DevicesRead)?;
        let mut session = self.store().read().await?;
        let records = session
            .list_devices(&filter, &scope, page.after, page.limit)
            .await?;
        let (Some(first), Some(last)) = (records.first(), records.last()) else {
            return Ok(Vec::new());
        };
        let mut tags = session
            .scope_tags_of_devices(first.device.id, last.device.id)
            .await?;
        let mut views = Vec::with_capacity(records.len());
        for record in records {
            let tags = tags.remove(&record.device.id);
            let tags = tags.unwrap_or_else(|| vec!["0".to_owned()]);
            views.push(view(&mut session, record.device, tags).await?);
        }
        Ok(views)
    }

    /// A device by id.
    pub async fn find_device(
        &self,
        actor: &Actor,
        id: DeviceId,
    ) -> Result<Option<DeviceView>, EngineError> {
        actor.require(Action::DevicesRead)?;
        let mut session = self.store().read().await?;
        match seen_device(&mut session, actor, Action::DevicesRead, id).await {
            Ok((record, tags)) => Ok(Some(view(&mut session, record.device, tags).await?)),
            Err(EngineError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// How many devices can be seen.
    pub async fn count_devices(&self, actor: &Actor) -> Result<i64, EngineError> {
        let scope = actor.scope_for(Action::DevicesRead)?;
        let mut session = self.store().read().await?;
        Ok(session.count_seen_devices(&scope).await?)
    }

    /// What was asked for on a device, oldest first.
    pub async fn device_actions(
        &self,
        actor: &Actor,
        id: DeviceId,
    ) -> Result<Vec<ActionResult>, EngineError> {
        let mut session = self.store().read().await?;
        seen_device(&mut session, actor, Action::DevicesRead, id).await?;
        let actions = session.actions_of_device(id).await?;
        Ok(actions.into_iter().filter_map(result).collect())
    }

    /// What happened to a device, newest first.
    pub async fn device_history(
        &self,
        actor: &Actor,
        id: DeviceId,
        limit: u32,
    ) -> Result<Vec<HistoryRecord>, EngineError> {
        let mut session = self.store().read().await?;
        seen_device(&mut session, actor, Action::DevicesRead, id).await?;
        Ok(session.history_of_device(id, limit).await?)
    }
}

/// A device with the people that it names.
pub(crate) async fn view(
    session: &mut Session,
    device: Device,
    scope_tags: Vec<String>,
) -> Result<DeviceView, EngineError> {
    let user = match device.user_id {
        Some(id) => session.find_user(id).await?,
        None => None,
    };
    let manager = match device.manager_id {
        Some(id) => session.find_user(id).await?,
        None => None,
    };
    Ok(DeviceView {
        device,
        user,
        manager,
        scope_tags,
    })
}

/// Questions that the server asks for itself are nobody's business.
fn result(record: ActionRecord) -> Option<ActionResult> {
    let name = match ActionKind::parse(&record.kind)? {
        ActionKind::RemoveManagement => "retire",
        ActionKind::Erase => "wipe",
        ActionKind::Lock => "remoteLock",
        ActionKind::Synchronise => "syncDevice",
        _ => return None,
    };
    let state = match ActionState::parse(&record.state) {
        ActionState::Queued | ActionState::PutOff => "pending",
        ActionState::Sent => "active",
        ActionState::Done => "done",
        ActionState::Failed => "failed",
        ActionState::Expired => "canceled",
    };
    let (started_at, updated_at) = (record.created_at, record.updated_at);
    Some(ActionResult {
        name,
        state,
        started_at,
        updated_at,
        error: record.error,
    })
}
