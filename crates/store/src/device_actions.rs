//! Commands for a device that are not about a profile: queries, lock, wipe, retirement.

use mandate_model::{DeviceId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// One action on one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionRecord {
    /// Id; also the id of the command on the wire.
    pub id: Uuid,
    /// The device.
    pub device_id: DeviceId,
    /// What is to be done; the engine's word.
    pub kind: String,
    /// How far it is; the engine's word.
    pub state: String,
    /// What the command carries, as JSON.
    pub parameters: String,
    /// Who asked.
    pub requested_by: String,
    /// Why it failed.
    pub error: Option<String>,
    /// How often it was sent.
    pub attempts: i64,
    /// Not before this.
    pub due_at: Option<Timestamp>,
    /// Not after this.
    pub expires_at: Option<Timestamp>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

#[derive(FromRow)]
struct ActionRow {
    id: Uuid,
    device_id: Uuid,
    kind: String,
    state: String,
    parameters: String,
    requested_by: String,
    error: Option<String>,
    attempts: i64,
    due_at: Option<i64>,
    expires_at: Option<i64>,
    created_at: i64,
    updated_at: i64,
}

impl From<ActionRow> for ActionRecord {
    fn from(row: ActionRow) -> Self {
        Self {
            id: row.id,
            device_id: DeviceId(row.device_id),
            kind: row.kind,
            state: row.state,
            parameters: row.parameters,
            requested_by: row.requested_by,
            error: row.error,
            attempts: row.attempts,
            due_at: row.due_at.map(Timestamp),
            expires_at: row.expires_at.map(Timestamp),
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
        }
    }
}

const OF_DEVICE: &str = "
    SELECT id, device_id, kind, state, parameters, requested_by, error, attempts, due_at, expires_at, created_at,
           updated_at
    FROM device_action WHERE device_id = $1 ORDER BY id";
const INSERT: &str = "
    INSERT INTO device_action
        (id, device_id, kind, state, parameters, requested_by, error, attempts, due_at, expires_at, created_at,
         updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
const UPDATE: &str = "
    UPDATE device_action SET
        state = $2, parameters = $3, error = $4, attempts = $5, due_at = $6, expires_at = $7, updated_at = $8
    WHERE id = $1";
const EXPIRED: &str = "
    SELECT DISTINCT device_id FROM device_action
    WHERE expires_at <= $1 AND state IN ('queued', 'sent', 'putOff')";
const DELETE: &str = "DELETE FROM device_action WHERE id = $1";
const DELETE_ALL: &str = "DELETE FROM device_action WHERE device_id = $1";

impl Session {
    /// The actions of a device, oldest first.
    pub async fn actions_of_device(
        &mut self,
        id: DeviceId,
    ) -> Result<Vec<ActionRecord>, StoreError> {
        Ok(self
            .all::<ActionRow>(OF_DEVICE, arguments![id])
            .await?
            .into_iter()
            .map(Into::into)
            .collect())
    }

    /// Devices that have open actions whose time is over.
    pub async fn devices_with_expired_actions(
        &mut self,
        now: Timestamp,
    ) -> Result<Vec<DeviceId>, StoreError> {
        let rows: Vec<(Uuid,)> = self.all(EXPIRED, arguments![now]).await?;
        Ok(rows.into_iter().map(|(id,)| DeviceId(id)).collect())
    }

    /// Adds an action.
    pub async fn insert_action(&mut self, action: &ActionRecord) -> Result<(), StoreError> {
        let values = arguments![
            action.id,
            action.device_id,
            &action.kind,
            &action.state,
            &action.parameters,
            &action.requested_by,
            action.error.clone(),
            action.attempts,
            action.due_at,
            action.expires_at,
            action.created_at,
            action.updated_at,
        ];
        self.execute(INSERT, values).await.map(drop)
    }

    /// Writes how far an action is.
    pub async fn update_action(&mut self, action: &ActionRecord) -> Result<(), StoreError> {
        let values = arguments![
            action.id,
            &action.state,
            &action.parameters,
            action.error.clone(),
            action.attempts,
            action.due_at,
            action.expires_at,
            action.updated_at,
        ];
        self.execute(UPDATE, values).await.map(drop)
    }

    /// Removes an action that nobody asks about any more.
    pub async fn delete_action(&mut self, id: Uuid) -> Result<(), StoreError> {
        self.execute(DELETE, arguments![id]).await.map(drop)
    }

    /// Removes all actions of a device.
    pub async fn delete_actions_of_device(&mut self, id: DeviceId) -> Result<(), StoreError> {
        self.execute(DELETE_ALL, arguments![id]).await.map(drop)
    }
}
