//! What an administrator says about a device.

use mandate_model::{Device, DeviceId, Ownership, UserId};
use serde_json::json;

use crate::audit::Change;
use crate::delivery::Visit;
use crate::{Actor, Engine, EngineError, Permission};

/// A change to a device; what is absent stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeviceChange {
    /// Whose it is.
    pub ownership: Option<Ownership>,
    /// Primary user; `Some(None)` takes it away.
    pub user: Option<Option<UserId>>,
}

impl Engine {
    /// Changes what is known of a device. A new primary user gets what is his, and the old one's things go.
    pub async fn update_device(
        &self,
        actor: &Actor,
        id: DeviceId,
        change: DeviceChange,
    ) -> Result<Device, EngineError> {
        actor.require(Permission::DevicesReadWrite)?;
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
        let name = device.display_name();
        let changes = json!({ "userId": device.user_id, "ownership": device.ownership });
        let change = Change {
            activity: "update",
            kind: "device",
            id: id.to_string(),
            name: &name,
            changes,
        };
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(device)
    }
}
