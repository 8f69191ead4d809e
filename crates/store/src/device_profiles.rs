//! What each device should have of each profile, and what it has: one row per pair, never a growing log.

use mandate_model::{Because, DeviceId, ProfileId, Reason, State, Timestamp};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::devices::spelt;
use crate::overview::cause;
use crate::{MailStanding, Session, StoreError};

/// What is to be done next for a profile on a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Phase {
    /// Nothing: as it should be, or nothing can be made for this device.
    Settled,
    /// To be sent.
    Install,
    /// Sent; no answer yet.
    Installing,
    /// The device said it is busy; to be sent again in its next session.
    InstallLater,
    /// Answered; the inventory decides.
    Verify,
    /// To be removed.
    Remove,
    /// Removal sent; no answer yet.
    Removing,
    /// The device said it is busy; removal is sent again in its next session.
    RemoveLater,
    /// Removal answered; the inventory decides.
    VerifyGone,
}

/// One profile on one device.
#[derive(Debug, Clone, PartialEq)]
pub struct DeviceProfileRecord {
    /// The device.
    pub device_id: DeviceId,
    /// The profile; it may have been deleted meanwhile.
    pub profile_id: ProfileId,
    /// Whether intent wants it there; if not, the row lives until its absence is seen.
    pub wanted: bool,
    /// What is next.
    pub phase: Phase,
    /// Why it stands as it stands.
    pub reason: Reason,
    /// Why it is wanted, or not.
    pub because: Because,
    /// Since when the reason holds.
    pub since: Timestamp,
    /// When a pending state turns into an error.
    pub deadline_at: Option<Timestamp>,
    /// Version of the profile that was last compiled.
    pub version: i64,
    /// `PayloadIdentifier`, by which the device knows it.
    pub identifier: String,
    /// `PayloadUUID` of the wanted content.
    pub wanted_uuid: Option<Uuid>,
    /// Hash of the wanted content.
    pub wanted_hash: Option<Vec<u8>>,
    /// `PayloadUUID` last seen in the inventory.
    pub present_uuid: Option<Uuid>,
    /// Hash of the content last seen in the inventory.
    pub present_hash: Option<Vec<u8>>,
    /// When the inventory last said something new about it.
    pub seen_at: Option<Timestamp>,
    /// When something was sent that no inventory has shown or denied yet.
    pub sent_at: Option<Timestamp>,
    /// Command on its way.
    pub command_id: Option<Uuid>,
    /// How often the present content was tried.
    pub attempts: i64,
    /// Not before this.
    pub due_at: Option<Timestamp>,
    /// When a certificate in it is to be renewed.
    pub renew_at: Option<Timestamp>,
    /// What the engine keeps beside: skipped settings, renewal rounds, accounts.
    pub detail: Map<String, Value>,
}

/// What a report over all devices needs of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileCounts {
    /// The device.
    pub device_id: DeviceId,
    /// Whether intent wants it there.
    pub wanted: bool,
    /// State that was derived last.
    pub state: State,
    /// When a pending state turns into an error.
    pub deadline_at: Option<Timestamp>,
    /// Version that was last compiled.
    pub version: i64,
}

#[derive(FromRow)]
pub(crate) struct DeviceProfileRow {
    device_id: Uuid,
    profile_id: Uuid,
    wanted: i64,
    phase: String,
    reason: String,
    because: String,
    since: i64,
    deadline_at: Option<i64>,
    version: i64,
    identifier: String,
    wanted_uuid: Option<Uuid>,
    wanted_hash: Option<Vec<u8>>,
    present_uuid: Option<Uuid>,
    present_hash: Option<Vec<u8>>,
    seen_at: Option<i64>,
    sent_at: Option<i64>,
    command_id: Option<Uuid>,
    attempts: i64,
    due_at: Option<i64>,
    renew_at: Option<i64>,
    detail: String,
}

fn read<T: DeserializeOwned>(
    column: &'static str,
    device: Uuid,
    text: &str,
) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Inconsistent {
        table: "device_profile",
        column,
        id: device.to_string(),
        problem: error.to_string(),
    })
}

pub(crate) fn word<T: DeserializeOwned>(
    column: &'static str,
    device: Uuid,
    text: &str,
) -> Result<T, StoreError> {
    serde_json::from_value(Value::String(text.to_owned())).map_err(|error| {
        StoreError::Inconsistent {
            table: "device_profile",
            column,
            id: device.to_string(),
            problem: error.to_string(),
        }
    })
}

impl TryFrom<DeviceProfileRow> for DeviceProfileRecord {
    type Error = StoreError;

    fn try_from(row: DeviceProfileRow) -> Result<Self, StoreError> {
        let device = row.device_id;
        Ok(Self {
            device_id: DeviceId(device),
            profile_id: ProfileId(row.profile_id),
            wanted: row.wanted != 0,
            phase: word("phase", device, &row.phase)?,
            reason: read("reason", device, &row.reason)?,
            because: read("because", device, &row.because)?,
            since: Timestamp(row.since),
            deadline_at: row.deadline_at.map(Timestamp),
            version: row.version,
            identifier: row.identifier,
            wanted_uuid: row.wanted_uuid,
            wanted_hash: row.wanted_hash,
            present_uuid: row.present_uuid,
            present_hash: row.present_hash,
            seen_at: row.seen_at.map(Timestamp),
            sent_at: row.sent_at.map(Timestamp),
            command_id: row.command_id,
            attempts: row.attempts,
            due_at: row.due_at.map(Timestamp),
            renew_at: row.renew_at.map(Timestamp),
            detail: read("detail", device, &row.detail)?,
        })
    }
}

macro_rules! columns {
    () => {
        "device_id, profile_id, wanted, phase, reason, because, since, deadline_at, version, identifier, wanted_uuid,
         wanted_hash, present_uuid, present_hash, seen_at, command_id, attempts, due_at, renew_at, detail, sent_at"
    };
}

const OF_DEVICE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM device_profile WHERE device_id = $1 ORDER BY profile_id"
);
// What people have over channels of their own is another list.
const OF_PROFILE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM device_profile WHERE profile_id = $1 AND device_id > $2
      AND EXISTS (SELECT 1 FROM device d WHERE d.id = device_id AND d.parent_id IS NULL)
    ORDER BY device_id LIMIT $3"
);
const COUNTS: &str = "
    SELECT device_id, wanted, state, deadline_at, version FROM device_profile WHERE profile_id = $1";
const UPSERT: &str = "
    INSERT INTO device_profile
        (device_id, profile_id, wanted, phase, state, reason, because, since, deadline_at, version, identifier,
         wanted_uuid, wanted_hash, present_uuid, present_hash, seen_at, command_id, attempts, due_at, renew_at, detail,
         sent_at, cause)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)
    ON CONFLICT (device_id, profile_id) DO UPDATE SET
        wanted = excluded.wanted, phase = excluded.phase, state = excluded.state, reason = excluded.reason,
        because = excluded.because, since = excluded.since, deadline_at = excluded.deadline_at,
        version = excluded.version, identifier = excluded.identifier, wanted_uuid = excluded.wanted_uuid,
        wanted_hash = excluded.wanted_hash, present_uuid = excluded.present_uuid,
        present_hash = excluded.present_hash, seen_at = excluded.seen_at, command_id = excluded.command_id,
        attempts = excluded.attempts, due_at = excluded.due_at, renew_at = excluded.renew_at,
        detail = excluded.detail, sent_at = excluded.sent_at, cause = excluded.cause";
// The earliest of several certificates counts.
const SET_RENEWAL: &str = "
    UPDATE device_profile SET renew_at = $3
    WHERE device_id = $1 AND profile_id = $2 AND (renew_at IS NULL OR renew_at > $3)";
// What carries a slot names it in what is kept beside.
const RENEW_NOW: &str = "
    UPDATE device_profile SET renew_at = $4
    WHERE device_id = $1 AND renew_at > $4 AND (profile_id = $2 OR ($3 <> '' AND detail LIKE '%' || $3 || '%'))";
const DELETE: &str = "DELETE FROM device_profile WHERE device_id = $1 AND profile_id = $2";
const DELETE_ALL: &str = "DELETE FROM device_profile WHERE device_id = $1";
const SET_MAIL: &str = "UPDATE device SET mail = $2 WHERE id = $1 AND mail <> $2";
const LEFT: &str = "SELECT count(*) FROM device_profile WHERE profile_id = $1";

impl Session {
    /// Everything that one device should have or still has.
    pub async fn profiles_of_device(
        &mut self,
        id: DeviceId,
    ) -> Result<Vec<DeviceProfileRecord>, StoreError> {
        self.all::<DeviceProfileRow>(OF_DEVICE, arguments![id])
            .await?
            .into_iter()
            .map(TryInto::try_into)
            .collect()
    }

    /// One profile on its devices over their own channels, by device, from the one after `after`.
    pub async fn devices_of_profile(
        &mut self,
        id: ProfileId,
        after: Option<DeviceId>,
        limit: u32,
    ) -> Result<Vec<DeviceProfileRecord>, StoreError> {
        let values = arguments![id, after.map_or(Uuid::nil(), |id| id.0), i64::from(limit)];
        self.all::<DeviceProfileRow>(OF_PROFILE, values)
            .await?
            .into_iter()
            .map(TryInto::try_into)
            .collect()
    }

    /// States of one profile on all its devices.
    pub async fn profile_counts(
        &mut self,
        id: ProfileId,
    ) -> Result<Vec<ProfileCounts>, StoreError> {
        let rows: Vec<(Uuid, i64, String, Option<i64>, i64)> =
            self.all(COUNTS, arguments![id]).await?;
        rows.into_iter()
            .map(|(device, wanted, state, deadline_at, version)| {
                Ok(ProfileCounts {
                    device_id: DeviceId(device),
                    wanted: wanted != 0,
                    state: word("state", device, &state)?,
                    deadline_at: deadline_at.map(Timestamp),
                    version,
                })
            })
            .collect()
    }

    /// How many devices have a row for a profile.
    pub async fn count_devices_of_profile(&mut self, id: ProfileId) -> Result<i64, StoreError> {
        self.number(LEFT, arguments![id]).await
    }

    /// Writes a row, new or not.
    pub async fn upsert_device_profile(
        &mut self,
        record: &DeviceProfileRecord,
    ) -> Result<(), StoreError> {
        let json = |value: Result<String, serde_json::Error>| {
            value.expect("maps with text keys always serialise")
        };
        let values = arguments![
            record.device_id,
            record.profile_id,
            record.wanted,
            spelt(record.phase),
            spelt(record.reason.state()),
            json(serde_json::to_string(&record.reason)),
            json(serde_json::to_string(&record.because)),
            record.since,
            record.deadline_at,
            record.version,
            &record.identifier,
            record.wanted_uuid,
            record.wanted_hash.clone(),
            record.present_uuid,
            record.present_hash.clone(),
            record.seen_at,
            record.command_id,
            record.attempts,
            record.due_at,
            record.renew_at,
            json(serde_json::to_string(&record.detail)),
            record.sent_at,
            cause(&record.reason),
        ];
        self.execute(UPSERT, values).await.map(drop)
    }

    /// Notes when a certificate of a profile on a device is to be renewed.
    pub async fn set_renewal(
        &mut self,
        device: DeviceId,
        profile: ProfileId,
        renew_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(SET_RENEWAL, arguments![device, profile, renew_at])
            .await
            .map(drop)
    }

    /// Has the certificates of a device renewed at once in the document of one profile and in all that carry a slot.
    pub async fn renew_now(
        &mut self,
        (device, profile): (DeviceId, Option<ProfileId>),
        slot: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(RENEW_NOW, arguments![device, profile, slot, now])
            .await
            .map(drop)
    }

    /// Removes the row of a profile whose absence was seen.
    pub async fn delete_device_profile(
        &mut self,
        device: DeviceId,
        profile: ProfileId,
    ) -> Result<(), StoreError> {
        self.execute(DELETE, arguments![device, profile])
            .await
            .map(drop)
    }

    /// Removes all rows of a device that is no longer managed.
    pub async fn delete_profiles_of_device(&mut self, device: DeviceId) -> Result<(), StoreError> {
        self.execute(DELETE_ALL, arguments![device]).await?;
        self.set_mail(device, MailStanding::None).await
    }

    /// Notes how mail stands on a device, or for a person over a channel of their own.
    pub async fn set_mail(
        &mut self,
        device: DeviceId,
        standing: MailStanding,
    ) -> Result<(), StoreError> {
        self.execute(SET_MAIL, arguments![device, standing.number()])
            .await
            .map(drop)
    }
}
