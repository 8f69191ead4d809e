//! Changes of intent whose devices are still to be woken.

use mandate_model::{DeviceId, Timestamp};
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// Whom a change concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WakeScope {
    /// Devices that a profile reaches or that still have it.
    Profile,
    /// Devices of a group's members, nested ones too.
    Group,
}

impl WakeScope {
    const fn name(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Group => "group",
        }
    }
}

/// A change whose devices are still to be woken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WakeUpRecord {
    /// Id; ordered by time.
    pub id: Uuid,
    /// Kind of thing that changed.
    pub scope: WakeScope,
    /// The thing.
    pub scope_id: Uuid,
    /// Number of the intent that it made: devices that were reconciled with it or a later one know already.
    pub intent: i64,
    /// Last device that was looked at.
    pub after_device: Option<DeviceId>,
    /// When the change was made.
    pub created_at: Timestamp,
}

const LIST: &str = "
    SELECT id, scope, scope_id, after_device, created_at, intent FROM wake_up ORDER BY id LIMIT $1";
const INSERT: &str = "
    INSERT INTO wake_up (id, scope, scope_id, after_device, created_at, intent) VALUES ($1, $2, $3, $4, $5, $6)";
const TAKE_IN: &str = "
    UPDATE wake_up SET intent = $3 WHERE scope = $1 AND scope_id = $2 AND after_device IS NULL";
const ADVANCE: &str = "UPDATE wake_up SET after_device = $2 WHERE id = $1";
const DELETE: &str = "DELETE FROM wake_up WHERE id = $1";

impl Session {
    /// The oldest changes that are waiting.
    pub async fn list_wake_ups(&mut self, limit: u32) -> Result<Vec<WakeUpRecord>, StoreError> {
        let rows: Vec<(Uuid, String, Uuid, Option<Uuid>, i64, i64)> =
            self.all(LIST, arguments![i64::from(limit)]).await?;
        rows.into_iter()
            .map(|(id, scope, scope_id, after, created_at, intent)| {
                let scope = match scope.as_str() {
                    "profile" => WakeScope::Profile,
                    "group" => WakeScope::Group,
                    other => {
                        return Err(StoreError::Inconsistent {
                            table: "wake_up",
                            column: "scope",
                            id: id.to_string(),
                            problem: format!("`{other}` is no scope"),
                        });
                    }
                };
                let after_device = after.map(DeviceId);
                Ok(WakeUpRecord {
                    id,
                    scope,
                    scope_id,
                    intent,
                    after_device,
                    created_at: Timestamp(created_at),
                })
            })
            .collect()
    }

    /// Notes a change; one that is waiting untouched takes it in.
    pub async fn insert_wake_up(&mut self, record: &WakeUpRecord) -> Result<(), StoreError> {
        let scope = record.scope.name();
        if self
            .execute(TAKE_IN, arguments![scope, record.scope_id, record.intent])
            .await?
            > 0
        {
            return Ok(());
        }
        let values = arguments![
            record.id,
            scope,
            record.scope_id,
            record.after_device,
            record.created_at,
            record.intent
        ];
        self.execute(INSERT, values).await.map(drop)
    }

    /// Notes how far a change has come.
    pub async fn advance_wake_up(&mut self, id: Uuid, after: DeviceId) -> Result<(), StoreError> {
        self.execute(ADVANCE, arguments![id, after]).await.map(drop)
    }

    /// Removes a change whose devices have all been looked at.
    pub async fn delete_wake_up(&mut self, id: Uuid) -> Result<(), StoreError> {
        self.execute(DELETE, arguments![id]).await.map(drop)
    }
}
