//! What administrators wrote about devices.

use mandate_model::DeviceId;
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// What is written about one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemarkRecord {
    /// The device.
    pub device_id: DeviceId,
    /// What administrators call it.
    pub name: Option<String>,
    /// Free text.
    pub notes: Option<String>,
}

#[derive(FromRow)]
struct RemarkRow {
    device_id: Uuid,
    name: Option<String>,
    notes: Option<String>,
}

impl From<RemarkRow> for RemarkRecord {
    fn from(row: RemarkRow) -> Self {
        Self {
            device_id: DeviceId(row.device_id),
            name: row.name,
            notes: row.notes,
        }
    }
}

const LIST: &str = "
    SELECT device_id, name, notes FROM device_remark
    WHERE device_id >= $1 AND device_id <= $2 ORDER BY device_id";
const SET: &str = "
    INSERT INTO device_remark (device_id, name, notes) VALUES ($1, $2, $3)
    ON CONFLICT (device_id) DO UPDATE SET name = excluded.name, notes = excluded.notes";
const DELETE: &str = "DELETE FROM device_remark WHERE device_id = $1";

impl Session {
    /// What is written about the devices from one id to another, by id; most have nothing.
    pub async fn list_remarks(
        &mut self,
        first: DeviceId,
        last: DeviceId,
    ) -> Result<Vec<RemarkRecord>, StoreError> {
        Ok(self
            .all::<RemarkRow>(LIST, arguments![first, last])
            .await?
            .into_iter()
            .map(Into::into)
            .collect())
    }

    /// Replaces what is written about a device.
    pub async fn set_remark(&mut self, remark: &RemarkRecord) -> Result<(), StoreError> {
        let values = arguments![remark.device_id, remark.name.clone(), remark.notes.clone()];
        self.execute(SET, values).await.map(drop)
    }

    /// Forgets what is written about a device.
    pub async fn delete_remark(&mut self, device: DeviceId) -> Result<(), StoreError> {
        self.execute(DELETE, arguments![device]).await.map(drop)
    }
}
