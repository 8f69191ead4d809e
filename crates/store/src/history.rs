//! What happened to a device, for people. No check-in reads it.

use mandate_model::{DeviceId, Timestamp};
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRecord {
    /// Ordered by time.
    pub id: Uuid,
    /// The device.
    pub device_id: DeviceId,
    /// When.
    pub at: Timestamp,
    /// What, in the engine's words.
    pub event: String,
    /// More about it.
    pub detail: String,
}

const OF_DEVICE: &str = "
    SELECT id, device_id, at, event, detail FROM history WHERE device_id = $1 ORDER BY id DESC LIMIT $2";
const INSERT: &str =
    "INSERT INTO history (id, device_id, at, event, detail) VALUES ($1, $2, $3, $4, $5)";
// Ids begin with their time (UUID v7), so the key finds the old ones.
const TRIM: &str = "
    DELETE FROM history WHERE id IN (SELECT id FROM history WHERE id < $1 ORDER BY id LIMIT $2)";

impl Session {
    /// The newest events of a device, newest first.
    pub async fn history_of_device(
        &mut self,
        id: DeviceId,
        limit: u32,
    ) -> Result<Vec<HistoryRecord>, StoreError> {
        let rows: Vec<(Uuid, Uuid, i64, String, String)> = self
            .all(OF_DEVICE, arguments![id, i64::from(limit)])
            .await?;
        Ok(rows
            .into_iter()
            .map(|(id, device, at, event, detail)| HistoryRecord {
                id,
                device_id: DeviceId(device),
                at: Timestamp(at),
                event,
                detail,
            })
            .collect())
    }

    /// Notes an event.
    pub async fn insert_history(&mut self, record: &HistoryRecord) -> Result<(), StoreError> {
        let values = arguments![
            record.id,
            record.device_id,
            record.at,
            &record.event,
            &record.detail
        ];
        self.execute(INSERT, values).await.map(drop)
    }

    /// Forgets at most `limit` events before a moment, the oldest first; how many.
    pub async fn trim_history(&mut self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let milliseconds = u64::try_from(before.0 / 1000).unwrap_or_default();
        let first = uuid::Builder::from_unix_timestamp_millis(milliseconds, &[0; 10]).into_uuid();
        self.execute(TRIM, arguments![first, i64::from(limit)])
            .await
    }
}
