//! Channels of people on Macs: rows of their own that belong to a device's, with the same marks, queue and lists.

use mandate_model::{DeviceId, ProfileId, Timestamp, UserId};
use sqlx::FromRow;
use uuid::Uuid;

use super::DeviceRecord;
use super::rows::DeviceRow;
use crate::db::arguments;
use crate::device_profiles::{DeviceProfileRecord, DeviceProfileRow, ProfileCounts, word};
use crate::{Session, StoreError};

/// What makes a row the channel of a person on a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelRecord {
    /// The device.
    pub parent: DeviceId,
    /// The person's id on that device (`UserID`, or `EnrollmentUserID` in user enrolment).
    pub user: String,
    /// The person's short name there, as last told.
    pub short_name: Option<String>,
    /// The person's name for people, as last told.
    pub long_name: Option<String>,
}

/// A profile on the channel of a person, and how far that channel is.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelProfileRecord {
    /// The device that the channel belongs to.
    pub parent: DeviceId,
    /// The row; its device is the channel.
    pub row: DeviceProfileRecord,
    /// Intent that the channel was last reconciled with.
    pub reconciled_in: i64,
    /// When the channel's profile list was last read.
    pub inventory_at: Option<Timestamp>,
}

#[derive(FromRow)]
struct ChannelProfileRow {
    parent_id: Uuid,
    channel_reconciled_in: i64,
    channel_inventory_at: Option<i64>,
    #[sqlx(flatten)]
    row: DeviceProfileRow,
}

impl TryFrom<ChannelProfileRow> for ChannelProfileRecord {
    type Error = StoreError;

    fn try_from(row: ChannelProfileRow) -> Result<Self, StoreError> {
        Ok(Self {
            parent: DeviceId(row.parent_id),
            reconciled_in: row.channel_reconciled_in,
            inventory_at: row.channel_inventory_at.map(Timestamp),
            row: row.row.try_into()?,
        })
    }
}

macro_rules! channel_profiles {
    ($rest:literal) => {
        concat!(
            "SELECT d.parent_id, d.reconciled_in AS channel_reconciled_in, d.inventory_at AS channel_inventory_at,
                    p.device_id, p.profile_id, p.wanted, p.phase, p.reason, p.because, p.since, p.deadline_at, p.version,
                    p.identifier, p.wanted_uuid, p.wanted_hash, p.present_uuid, p.present_hash, p.seen_at, p.command_id,
                    p.attempts, p.due_at, p.renew_at, p.detail, p.sent_at
             FROM device d JOIN device_profile p ON p.device_id = d.id ",
            $rest
        )
    };
}

const OF_DEVICE: &str = concat!(
    "SELECT ",
    device_columns!(),
    " FROM device d WHERE d.parent_id = $1 ORDER BY d.id"
);
const DEVICE_OF: &str = concat!(
    "SELECT ",
    device_columns!(),
    " FROM device d
    WHERE d.parent_id IS NULL AND (d.id = $1 OR d.id = (SELECT c.parent_id FROM device c WHERE c.id = $1))"
);
const PROFILES_OF_DEVICE: &str =
    channel_profiles!("WHERE d.parent_id = $1 ORDER BY p.profile_id, d.id");
const PROFILES_BETWEEN: &str = channel_profiles!(
    "WHERE d.parent_id > $2 AND d.parent_id <= $3 AND p.profile_id = $1 ORDER BY d.parent_id, d.id"
);
const COUNTS: &str = "
    SELECT d.parent_id, p.wanted, p.state, p.deadline_at, p.version, d.reconciled_in
    FROM device d JOIN device_profile p ON p.device_id = d.id
    WHERE d.parent_id IS NOT NULL AND p.profile_id = $1 ORDER BY d.parent_id, d.id";
// Whoever else may have been on the device keeps nothing: another person's is removed over this person's channel.
const SET_USER: &str = "
    UPDATE device SET user_id = $2, reconciled_in = 0, stale_at = $3, attention_at = $3, wake_at = $3, wake_attempts = 0
    WHERE parent_id = $1";
const LOOK_AGAIN: &str = "
    UPDATE device SET inventory_at = NULL, attention_at = $2, wake_at = $2, wake_attempts = 0
    WHERE parent_id = $1 AND state = 'enrolled'";
const TRY_AGAIN: &str = "
    UPDATE device_profile SET due_at = NULL, attempts = 0
    WHERE due_at IS NOT NULL AND device_id IN (SELECT id FROM device WHERE parent_id = $1)";
// Those that a profile is for, and those that have it; but for those that have been here since.
const WAKE: &str = "
    UPDATE device SET wake_at = $3, wake_attempts = 0, attention_at = $3
    WHERE parent_id = $1 AND state = 'enrolled' AND reconciled_in < $5
      AND (wake_at IS NULL OR wake_at > $3 OR attention_at IS NULL OR attention_at > $3)
      AND ($4 <> 0 OR EXISTS (
          SELECT 1 FROM device_profile p WHERE p.device_id = device.id AND p.profile_id = $2))";
const DELETE_SIGHTINGS: &str = "
    DELETE FROM certificate_sighting WHERE device_id IN (SELECT id FROM device WHERE parent_id = $1)";
const DELETE_PROFILES: &str = "
    DELETE FROM device_profile WHERE device_id IN (SELECT id FROM device WHERE parent_id = $1)";
const DELETE_ACTIONS: &str = "
    DELETE FROM device_action WHERE device_id IN (SELECT id FROM device WHERE parent_id = $1)";
const DELETE: &str = "DELETE FROM device WHERE parent_id = $1";

impl Session {
    /// The channels of people on a device, the oldest first, those that have ended among them.
    pub async fn channels_of_device(
        &mut self,
        device: DeviceId,
    ) -> Result<Vec<DeviceRecord>, StoreError> {
        self.all::<DeviceRow>(OF_DEVICE, arguments![device])
            .await?
            .into_iter()
            .map(TryInto::try_into)
            .collect()
    }

    /// A device by its own id or that of the channel of a person on it.
    pub async fn find_device_of(
        &mut self,
        id: DeviceId,
    ) -> Result<Option<DeviceRecord>, StoreError> {
        self.one::<DeviceRow>(DEVICE_OF, arguments![id])
            .await?
            .map(TryInto::try_into)
            .transpose()
    }

    /// What people on a device should have or still have over channels of their own.
    pub async fn channel_profiles_of_device(
        &mut self,
        device: DeviceId,
    ) -> Result<Vec<ChannelProfileRecord>, StoreError> {
        self.all::<ChannelProfileRow>(PROFILES_OF_DEVICE, arguments![device])
            .await?
            .into_iter()
            .map(TryInto::try_into)
            .collect()
    }

    /// One profile on the channels of people, for devices after one and up to another.
    pub async fn channel_profiles_between(
        &mut self,
        profile: ProfileId,
        after: Option<DeviceId>,
        last: DeviceId,
    ) -> Result<Vec<ChannelProfileRecord>, StoreError> {
        let after = after.map_or(Uuid::nil(), |id| id.0);
        self.all::<ChannelProfileRow>(PROFILES_BETWEEN, arguments![profile, after, last])
            .await?
            .into_iter()
            .map(TryInto::try_into)
            .collect()
    }

    /// States of one profile on all channels of people, by device, with the intent that each channel was last reconciled
    /// with.
    pub async fn channel_profile_counts(
        &mut self,
        profile: ProfileId,
    ) -> Result<Vec<(ProfileCounts, i64)>, StoreError> {
        let rows: Vec<(Uuid, i64, String, Option<i64>, i64, i64)> =
            self.all(COUNTS, arguments![profile]).await?;
        rows.into_iter()
            .map(
                |(device, wanted, state, deadline_at, version, reconciled_in)| {
                    let counts = ProfileCounts {
                        device_id: DeviceId(device),
                        wanted: wanted != 0,
                        state: word("state", device, &state)?,
                        deadline_at: deadline_at.map(Timestamp),
                        version,
                    };
                    Ok((counts, reconciled_in))
                },
            )
            .collect()
    }

    /// Gives the channels of a device the device's new user; they are looked at again and woken.
    pub async fn set_user_of_channels(
        &mut self,
        device: DeviceId,
        user: Option<UserId>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(SET_USER, arguments![device, user, now])
            .await
            .map(drop)
    }

    /// Has the channels of a device woken, their lists read again, and what failed tried again.
    pub async fn look_at_channels_again(
        &mut self,
        device: DeviceId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(LOOK_AGAIN, arguments![device, now]).await?;
        self.execute(TRY_AGAIN, arguments![device]).await.map(drop)
    }

    /// Has the channels of a device woken that have a profile, or all, unless they know an intent already.
    pub async fn wake_channels(
        &mut self,
        device: DeviceId,
        profile: Option<ProfileId>,
        intent: i64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let id = profile.map_or(Uuid::nil(), |id| id.0);
        let all = profile.is_none();
        self.execute(WAKE, arguments![device, id, now, all, intent])
            .await
            .map(drop)
    }

    /// Removes the channels of a device that is about to be removed.
    pub(super) async fn delete_channels_of_device(
        &mut self,
        device: DeviceId,
    ) -> Result<(), StoreError> {
        for sql in [DELETE_SIGHTINGS, DELETE_PROFILES, DELETE_ACTIONS, DELETE] {
            self.execute(sql, arguments![device]).await?;
        }
        Ok(())
    }
}
