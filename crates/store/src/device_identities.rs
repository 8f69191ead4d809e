//! Serial numbers and IMEIs of devices that belong to the organisation.

use mandate_model::{DeviceId, DeviceIdentityId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// An identifier of a device that belongs to the organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceIdentityRecord {
    /// Id.
    pub id: DeviceIdentityId,
    /// `serialNumber` or `imei`.
    pub kind: String,
    /// As it was imported.
    pub identifier: String,
    /// What is compared; one row for each of a kind.
    pub folded: String,
    /// What the device runs, in Graph's word.
    pub platform: String,
    /// What administrators wrote about it.
    pub description: Option<String>,
    /// The device that enrolled with it last.
    pub device_id: Option<DeviceId>,
    /// When it did.
    pub contacted_at: Option<Timestamp>,
    /// When it was imported.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub modified_at: Timestamp,
    /// How that device stands now, in the store's word; only read.
    pub device_state: Option<String>,
}

#[derive(FromRow)]
struct IdentityRow {
    id: Uuid,
    kind: String,
    identifier: String,
    folded: String,
    platform: String,
    description: Option<String>,
    device_id: Option<Uuid>,
    contacted_at: Option<i64>,
    created_at: i64,
    modified_at: i64,
    device_state: Option<String>,
}

impl From<IdentityRow> for DeviceIdentityRecord {
    fn from(row: IdentityRow) -> Self {
        Self {
            id: DeviceIdentityId(row.id),
            kind: row.kind,
            identifier: row.identifier,
            folded: row.folded,
            platform: row.platform,
            description: row.description,
            device_id: row.device_id.map(DeviceId),
            contacted_at: row.contacted_at.map(Timestamp),
            created_at: Timestamp(row.created_at),
            modified_at: Timestamp(row.modified_at),
            device_state: row.device_state,
        }
    }
}

const FIND: &str = "
    SELECT i.id, i.kind, i.identifier, i.folded, i.platform, i.description, i.device_id, i.contacted_at,
        i.created_at, i.modified_at, d.state AS device_state
    FROM device_identity i LEFT JOIN device d ON d.id = i.device_id
    WHERE i.id = $1";
const FIND_BY_FOLDED: &str = "
    SELECT i.id, i.kind, i.identifier, i.folded, i.platform, i.description, i.device_id, i.contacted_at,
        i.created_at, i.modified_at, d.state AS device_state
    FROM device_identity i LEFT JOIN device d ON d.id = i.device_id
    WHERE i.kind = $1 AND i.folded = $2";
const LIST: &str = "
    SELECT i.id, i.kind, i.identifier, i.folded, i.platform, i.description, i.device_id, i.contacted_at,
        i.created_at, i.modified_at, d.state AS device_state
    FROM device_identity i LEFT JOIN device d ON d.id = i.device_id
    WHERE i.id > $1 AND ($2 = '' OR i.folded LIKE $2 ESCAPE '!')
    ORDER BY i.id LIMIT $3";
const COUNT: &str = "SELECT count(*) FROM device_identity";
const SET: &str = "
    INSERT INTO device_identity
        (id, kind, identifier, folded, platform, description, device_id, contacted_at, created_at, modified_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (kind, folded) DO UPDATE SET
        identifier = excluded.identifier, platform = excluded.platform, description = excluded.description,
        modified_at = excluded.modified_at";
const MEET: &str = "UPDATE device_identity SET device_id = $2, contacted_at = $3 WHERE id = $1";
const DELETE: &str = "DELETE FROM device_identity WHERE id = $1";

impl Session {
    /// An identifier by id.
    pub async fn find_device_identity(
        &mut self,
        id: DeviceIdentityId,
    ) -> Result<Option<DeviceIdentityRecord>, StoreError> {
        let row: Option<IdentityRow> = self.one(FIND, arguments![id]).await?;
        Ok(row.map(Into::into))
    }

    /// An identifier by its kind and what is compared of it.
    pub async fn find_device_identity_by(
        &mut self,
        kind: &str,
        folded: &str,
    ) -> Result<Option<DeviceIdentityRecord>, StoreError> {
        let row: Option<IdentityRow> = self.one(FIND_BY_FOLDED, arguments![kind, folded]).await?;
        Ok(row.map(Into::into))
    }

    /// Identifiers by id, from the one after `after`; those that contain `part` (in the form that is compared) if it is not
    /// empty.
    pub async fn list_device_identities(
        &mut self,
        part: &str,
        after: Option<DeviceIdentityId>,
        limit: u32,
    ) -> Result<Vec<DeviceIdentityRecord>, StoreError> {
        let pattern = if part.is_empty() {
            String::new()
        } else {
            crate::devices::contains(part)
        };
        let values = arguments![
            after.map_or(Uuid::nil(), |id| id.0),
            pattern,
            i64::from(limit)
        ];
        let rows: Vec<IdentityRow> = self.all(LIST, values).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// How many there are.
    pub async fn count_device_identities(&mut self) -> Result<i64, StoreError> {
        self.number(COUNT, &[]).await
    }

    /// Adds an identifier, or replaces platform and description of the one that is the same.
    pub async fn set_device_identity(
        &mut self,
        record: &DeviceIdentityRecord,
    ) -> Result<(), StoreError> {
        let values = arguments![
            record.id,
            &record.kind,
            &record.identifier,
            &record.folded,
            &record.platform,
            record.description.clone(),
            record.device_id,
            record.contacted_at,
            record.created_at,
            record.modified_at,
        ];
        self.execute(SET, values).await.map(drop)
    }

    /// Notes that a device enrols that an identifier is for.
    pub async fn meet_device_identity(
        &mut self,
        id: DeviceIdentityId,
        device: DeviceId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(MEET, arguments![id, device, at])
            .await
            .map(drop)
    }

    /// Removes an identifier; whether there was one.
    pub async fn delete_device_identity(
        &mut self,
        id: DeviceIdentityId,
    ) -> Result<bool, StoreError> {
        Ok(self.execute(DELETE, arguments![id]).await? == 1)
    }
}
