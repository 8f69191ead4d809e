//! Devices: who they are, and when they want attention.

macro_rules! device_columns {
    () => {
        "d.id, d.platform, d.enrolment_type, d.enrolment_id, d.state, d.user_id, d.manager_id, d.ownership, d.facts, d.enrolled_at,
         d.last_seen_at, d.reconciled_in, d.stale_at, d.inventory_at, d.attention_at, d.wake_at, d.wake_attempts, d.topic, d.push_token,
         d.push_magic, d.push_state, d.push_token_at, d.unlock_token, d.identity, d.identity_until,
         d.identity_renew_at, d.identity_changed, d.identity_ticket, d.parent_id, d.channel_user,
         d.channel_short_name, d.channel_long_name"
    };
}

mod channels;
mod of_user;
mod rows;
mod search;

pub use channels::{ChannelProfileRecord, ChannelRecord};
pub(crate) use search::contains;
pub use search::{AfterDevice, DeviceSearch, DeviceWorry, FoundDevice};

use rows::{DeviceRow, SeenRow};
pub(crate) use rows::{TargetRow, spelt};

use mandate_model::{Device, DeviceId, DeviceState, OsVersion, Platform, Timestamp, UserId};
use uuid::Uuid;

use crate::db::{Connection, arguments};
use crate::scope_tags::seen_device;
use crate::{Scope, Session, StoreError};

/// A device with what only delivery needs to know of it.
#[derive(Debug, Clone, PartialEq)]
pub struct DeviceRecord {
    /// The device.
    pub device: Device,
    /// Intent that it was last reconciled with; 0 asks for it to be done again.
    pub reconciled_in: i64,
    /// When something that concerns this device alone last changed.
    pub stale_at: Timestamp,
    /// When its profile list was last read.
    pub inventory_at: Option<Timestamp>,
    /// Earliest moment at which a check-in has something to do.
    pub attention_at: Option<Timestamp>,
    /// When to wake it next.
    pub wake_at: Option<Timestamp>,
    /// How often it was woken in vain.
    pub wake_attempts: i64,
    /// Push topic it was enrolled with.
    pub topic: String,
    /// Push token, raw bytes.
    pub push_token: Option<Vec<u8>>,
    /// Push magic.
    pub push_magic: Option<String>,
    /// `none`, `ok` or `dead`.
    pub push_state: String,
    /// When the token came.
    pub push_token_at: Timestamp,
    /// Sealed unlock token.
    pub unlock_token: Option<Vec<u8>>,
    /// SHA-256 of its newest identity certificate.
    pub identity: Vec<u8>,
    /// When that certificate expires.
    pub identity_until: Timestamp,
    /// When that certificate is to be renewed.
    pub identity_renew_at: Timestamp,
    /// Whether the identity before it is still good, because the new one has not been seen to work.
    pub identity_changed: bool,
    /// The downloaded enrolment profile that it came with.
    pub identity_ticket: Uuid,
    /// What makes it the channel of a person on a device and no device.
    pub channel: Option<ChannelRecord>,
}

/// What a check-in looks at first, by the certificate that signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The newest intent.
    pub intent: i64,
    /// Ticket that the certificate was issued for.
    pub ticket_id: Option<Uuid>,
    /// When the certificate expires.
    pub not_after: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// Its device, once that has authenticated.
    pub device: Option<SeenDevice>,
    /// The channel that was asked for, if the device has it.
    pub channel: Option<SeenChannel>,
}

/// The channel of a person, as far as an idle one needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenChannel {
    /// The channel.
    pub id: DeviceId,
    /// Where it stands.
    pub state: DeviceState,
    /// Intent that it was last reconciled with.
    pub reconciled_in: i64,
    /// Earliest moment at which there is something to do.
    pub attention_at: Option<Timestamp>,
}

/// The device of a check-in, as far as an idle one needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenDevice {
    /// The device.
    pub id: DeviceId,
    /// Its protocol id.
    pub enrolment_id: String,
    /// Where it stands.
    pub state: DeviceState,
    /// Intent that it was last reconciled with.
    pub reconciled_in: i64,
    /// Earliest moment at which there is something to do.
    pub attention_at: Option<Timestamp>,
    /// When it would be woken next.
    pub wake_at: Option<Timestamp>,
}

/// A device as targeting sees it: small, because reports look at all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetDevice {
    /// The device.
    pub id: DeviceId,
    /// Its user.
    pub user_id: Option<UserId>,
    /// The device enrolment manager who enrolled it.
    pub manager_id: Option<UserId>,
    /// What it runs.
    pub platform: Platform,
    /// Where it stands.
    pub state: DeviceState,
    /// Version of its operating system.
    pub os_version: Option<OsVersion>,
    /// Intent that it was last reconciled with; 0 if something has changed for it since.
    pub reconciled_in: i64,
    /// When something that concerns this device alone last changed.
    pub stale_at: Timestamp,
    /// When its profile list was last read.
    pub inventory_at: Option<Timestamp>,
    /// When it last spoke with us.
    pub last_seen_at: Timestamp,
}

/// Which devices; every condition that is there must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeviceFilter {
    /// Name, without regard to case.
    pub name: Option<String>,
    /// Beginning of the name, without regard to case.
    pub name_prefix: Option<String>,
    /// Serial number, without regard to case.
    pub serial_number: Option<String>,
    /// Primary user.
    pub user: Option<UserId>,
}

const SEEN: &str = "
    SELECT n.value AS intent, c.ticket_id, c.not_after, c.revoked_at,
           d.id AS device_id, d.enrolment_id, d.state, d.reconciled_in, d.attention_at, d.wake_at
    FROM certificate c
    JOIN counter n ON n.name = 'intent'
    LEFT JOIN device d ON d.id = c.device_id
    WHERE c.sha256 = $1 AND c.purpose = 'identity'";
// The same with the channel of a person: one query as well.
const SEEN_ON_CHANNEL: &str = "
    SELECT n.value AS intent, c.ticket_id, c.not_after, c.revoked_at,
           d.id AS device_id, d.enrolment_id, d.state, d.reconciled_in, d.attention_at, d.wake_at,
           u.id AS channel_id, u.state AS channel_state, u.reconciled_in AS channel_reconciled_in,
           u.attention_at AS channel_attention_at
    FROM certificate c
    JOIN counter n ON n.name = 'intent'
    LEFT JOIN device d ON d.id = c.device_id
    LEFT JOIN device u ON u.enrolment_id = $2 AND u.parent_id = d.id
    WHERE c.sha256 = $1 AND c.purpose = 'identity'";
const FIND: &str = concat!(
    "SELECT ",
    device_columns!(),
    " FROM device d WHERE d.id = $1 AND d.parent_id IS NULL"
);
const FIND_ANY: &str = concat!(
    "SELECT ",
    device_columns!(),
    " FROM device d WHERE d.id = $1"
);
const FIND_FOR_UPDATE: &str = concat!(
    "SELECT ",
    device_columns!(),
    " FROM device d WHERE d.id = $1 FOR UPDATE"
);
const FIND_BY_ENROLMENT: &str = concat!(
    "SELECT ",
    device_columns!(),
    " FROM device d WHERE d.enrolment_id = $1"
);
const LIST: &str = concat!(
    "SELECT ",
    device_columns!(),
    " FROM device d
    WHERE d.id > $1 AND d.state <> 'enrolling' AND d.parent_id IS NULL
      AND (CAST($2 AS TEXT) IS NULL OR d.name_folded = $2)
      AND (CAST($3 AS TEXT) IS NULL OR substr(d.name_folded, 1, length($3)) = $3)
      AND (CAST($4 AS TEXT) IS NULL OR d.serial_folded = $4)
      AND ($6 = 0 OR d.user_id = $5)
      AND ",
    seen_device!("$8", "$9"),
    "
    ORDER BY d.id LIMIT $7"
);
const TARGETS: &str = "
    SELECT id, user_id, manager_id, platform, state, os_version, reconciled_in, stale_at, inventory_at, last_seen_at
    FROM device
    WHERE id > $1 AND state = 'enrolled' AND parent_id IS NULL
    ORDER BY id LIMIT $2";
const DUE: &str = concat!(
    "SELECT ",
    device_columns!(),
    " FROM device d WHERE d.wake_at <= $1 AND d.push_state = 'ok' ORDER BY d.wake_at LIMIT $2"
);
const INSERT: &str = "
    INSERT INTO device
        (id, platform, enrolment_type, enrolment_id, state, user_id, ownership, facts, name_folded, serial_folded,
         os_version, enrolled_at, last_seen_at, reconciled_in, attention_at, wake_at, wake_attempts, topic, push_token,
         push_magic, push_state, push_token_at, unlock_token, identity, identity_until, identity_ticket, stale_at,
         inventory_at, identity_renew_at, identity_changed, parent_id, channel_user, channel_short_name,
         channel_long_name, manager_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
            $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35)";
const UPDATE: &str = "
    UPDATE device SET
        platform = $2, enrolment_type = $3, enrolment_id = $4, state = $5, user_id = $6, ownership = $7, facts = $8,
        name_folded = $9, serial_folded = $10, os_version = $11, enrolled_at = $12, last_seen_at = $13,
        reconciled_in = $14, attention_at = $15, wake_at = $16, wake_attempts = $17, topic = $18, push_token = $19,
        push_magic = $20, push_state = $21, push_token_at = $22, unlock_token = $23, identity = $24,
        identity_until = $25, identity_ticket = $26, stale_at = $27, inventory_at = $28, identity_renew_at = $29,
        identity_changed = $30, parent_id = $31, channel_user = $32, channel_short_name = $33, channel_long_name = $34,
        manager_id = $35
    WHERE id = $1";
// The session's own columns: what changes at a check-in that had something to do.
const UPDATE_SESSION: &str = "
    UPDATE device SET
        last_seen_at = $2, reconciled_in = $3, attention_at = $4, wake_at = $5, wake_attempts = $6, inventory_at = $7
    WHERE id = $1";
// Only if nobody has asked for the device to be woken, or heard from it, since the push was begun.
const SET_WAKE: &str =
    "UPDATE device SET wake_at = $2, wake_attempts = $3 WHERE id = $1 AND wake_at = $4";
const WAKE_NOW: &str = "
    UPDATE device SET wake_at = $2, wake_attempts = 0, attention_at = $2
    WHERE id = $1 AND (wake_at IS NULL OR wake_at > $2 OR attention_at IS NULL OR attention_at > $2)";
// The channels of people on a device after the device: whoever holds both begins with the device.
const MARK_STALE: [&str; 2] = [
    "UPDATE device SET reconciled_in = 0, stale_at = $2, attention_at = $2, wake_at = $2, wake_attempts = 0
     WHERE id = $1",
    "UPDATE device SET reconciled_in = 0, stale_at = $2, attention_at = $2, wake_at = $2, wake_attempts = 0
     WHERE parent_id = $1",
];
const MARK_STALE_OF_USER: [&str; 2] = [
    "UPDATE device SET reconciled_in = 0, stale_at = $2, attention_at = $2, wake_at = $2, wake_attempts = 0
     WHERE (user_id = $1 OR (manager_id = $1 AND user_id IS NULL)) AND parent_id IS NULL",
    "UPDATE device SET reconciled_in = 0, stale_at = $2, attention_at = $2, wake_at = $2, wake_attempts = 0
     WHERE user_id = $1 AND parent_id IS NOT NULL",
];
const NOTE_PUSH: &str = "UPDATE device SET pushed_at = $2, push_result = $3 WHERE id = $1";
const LAST_PUSH: &str = "SELECT pushed_at, push_result FROM device WHERE id = $1";
// Only the token that was pushed to: a newer one may have come meanwhile.
const SET_PUSH_DEAD: &str = "
    UPDATE device SET push_state = 'dead', wake_at = NULL WHERE id = $1 AND push_token_at = $2";
const DELETE: &str = "DELETE FROM device WHERE id = $1";
const COUNT: &str = "SELECT count(*) FROM device WHERE state <> 'enrolling' AND parent_id IS NULL";
/// Devices that are managed, or about to be since `$1`, or about to leave.
macro_rules! managed {
    () => {
        "parent_id IS NULL
           AND (state IN ('enrolled', 'retiring', 'wiping') OR (state = 'enrolling' AND enrolled_at > $1))"
    };
}
pub(crate) use managed;

const COUNT_MANAGED: &str = concat!("SELECT count(*) FROM device WHERE ", managed!());
const COUNT_SEEN: &str = concat!(
    "SELECT count(*) FROM device d WHERE d.state <> 'enrolling' AND d.parent_id IS NULL AND ",
    seen_device!("$1", "$2")
);
const SEEN_AT: &str = "
    UPDATE device SET last_seen_at = $2, wake_at = attention_at, wake_attempts = 0
    WHERE id = $1 AND last_seen_at < $2";
// One statement for many rows: over a network each statement costs a round trip. Who is being served at this moment is
// passed over, since that notes the same: waiting for many at once, somebody would wait for us.
const SEEN_AT_POSTGRES: &str = "
    WITH free AS (SELECT id FROM device WHERE id = ANY($1::uuid[]) FOR UPDATE SKIP LOCKED)
    UPDATE device d SET last_seen_at = v.at, wake_at = d.attention_at, wake_attempts = 0
    FROM (SELECT unnest($1::uuid[]) AS id, unnest($2::bigint[]) AS at) v, free
    WHERE d.id = v.id AND d.id = free.id AND d.last_seen_at < v.at";

impl Session {
    /// What a check-in needs first, by the SHA-256 of the certificate that signed it.
    pub async fn find_seen(&mut self, certificate: &[u8; 32]) -> Result<Option<Seen>, StoreError> {
        self.one::<SeenRow>(SEEN, arguments![certificate])
            .await?
            .map(TryInto::try_into)
            .transpose()
    }

    /// The same with the channel of a person by its protocol id, if the device of the certificate has it.
    pub async fn find_seen_on_channel(
        &mut self,
        certificate: &[u8; 32],
        enrolment_id: &str,
    ) -> Result<Option<Seen>, StoreError> {
        self.one::<SeenRow>(SEEN_ON_CHANNEL, arguments![certificate, enrolment_id])
            .await?
            .map(TryInto::try_into)
            .transpose()
    }

    /// A device by id; the channel of a person is none.
    pub async fn find_device(&mut self, id: DeviceId) -> Result<Option<DeviceRecord>, StoreError> {
        self.one::<DeviceRow>(FIND, arguments![id])
            .await?
            .map(TryInto::try_into)
            .transpose()
    }

    /// A device, or the channel of a person on one, by id, held until the end of the transaction so that two of its
    /// requests take turns. Who holds both holds the device first.
    pub async fn hold_device(&mut self, id: DeviceId) -> Result<Option<DeviceRecord>, StoreError> {
        // SQLite has one writer, which this transaction is already.
        let sql = self.either(FIND_ANY, FIND_FOR_UPDATE);
        self.one::<DeviceRow>(sql, arguments![id])
            .await?
            .map(TryInto::try_into)
            .transpose()
    }

    /// A device by its protocol id.
    pub async fn find_device_by_enrolment(
        &mut self,
        enrolment_id: &str,
    ) -> Result<Option<DeviceRecord>, StoreError> {
        self.one::<DeviceRow>(FIND_BY_ENROLMENT, arguments![enrolment_id])
            .await?
            .map(TryInto::try_into)
            .transpose()
    }

    /// Devices that can be seen, by id, from the one after `after`.
    pub async fn list_devices(
        &mut self,
        filter: &DeviceFilter,
        scope: &Scope,
        after: Option<DeviceId>,
        limit: u32,
    ) -> Result<Vec<DeviceRecord>, StoreError> {
        let folded = |text: &Option<String>| text.as_ref().map(|text| text.to_lowercase());
        let values = arguments![
            after.map_or(Uuid::nil(), |id| id.0),
            folded(&filter.name),
            folded(&filter.name_prefix),
            folded(&filter.serial_number),
            filter.user,
            filter.user.is_some(),
            i64::from(limit),
            scope.is_all(),
            scope.text(),
        ];
        self.all::<DeviceRow>(LIST, values)
            .await?
            .into_iter()
            .map(TryInto::try_into)
            .collect()
    }

    /// Enrolled devices as targeting sees them, by id, from the one after `after`.
    pub async fn list_target_devices(
        &mut self,
        after: Option<DeviceId>,
        limit: u32,
    ) -> Result<Vec<TargetDevice>, StoreError> {
        let values = arguments![after.map_or(Uuid::nil(), |id| id.0), i64::from(limit)];
        self.all::<TargetRow>(TARGETS, values)
            .await?
            .into_iter()
            .map(TryInto::try_into)
            .collect()
    }

    /// Devices that are to be woken by now, the longest due first.
    pub async fn list_due_devices(
        &mut self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<DeviceRecord>, StoreError> {
        self.all::<DeviceRow>(DUE, arguments![now, i64::from(limit)])
            .await?
            .into_iter()
            .map(TryInto::try_into)
            .collect()
    }

    /// Adds a device.
    pub async fn insert_device(&mut self, record: &DeviceRecord) -> Result<(), StoreError> {
        self.write_device(INSERT, record).await.map(drop)
    }

    /// Replaces a device's record; whether there was one.
    pub async fn update_device(&mut self, record: &DeviceRecord) -> Result<bool, StoreError> {
        Ok(self.write_device(UPDATE, record).await? == 1)
    }

    async fn write_device(
        &mut self,
        sql: &'static str,
        record: &DeviceRecord,
    ) -> Result<u64, StoreError> {
        let device = &record.device;
        let facts =
            serde_json::to_string(&device.facts).expect("facts are plain texts and switches");
        let values = arguments![
            device.id,
            spelt(device.platform),
            spelt(device.enrolment_type),
            &device.enrolment_id,
            spelt(device.state),
            device.user_id,
            spelt(device.ownership),
            facts,
            device.display_name().to_lowercase(),
            device
                .facts
                .serial_number
                .as_ref()
                .map(|serial| serial.to_lowercase()),
            device.facts.os_version.clone(),
            device.enrolled_at,
            device.last_seen_at,
            record.reconciled_in,
            record.attention_at,
            record.wake_at,
            record.wake_attempts,
            &record.topic,
            record.push_token.clone(),
            record.push_magic.clone(),
            &record.push_state,
            record.push_token_at,
            record.unlock_token.clone(),
            record.identity.clone(),
            record.identity_until,
            record.identity_ticket,
            record.stale_at,
            record.inventory_at,
            record.identity_renew_at,
            record.identity_changed,
            record.channel.as_ref().map(|channel| channel.parent),
            record.channel.as_ref().map(|channel| channel.user.clone()),
            record
                .channel
                .as_ref()
                .and_then(|channel| channel.short_name.clone()),
            record
                .channel
                .as_ref()
                .and_then(|channel| channel.long_name.clone()),
            device.manager_id,
        ];
        self.execute(sql, values).await
    }

    /// Writes only what a session changes.
    pub async fn update_device_session(&mut self, record: &DeviceRecord) -> Result<(), StoreError> {
        let values = arguments![
            record.device.id,
            record.device.last_seen_at,
            record.reconciled_in,
            record.attention_at,
            record.wake_at,
            record.wake_attempts,
            record.inventory_at,
        ];
        self.execute(UPDATE_SESSION, values).await.map(drop)
    }

    /// Sets when a device is woken next, unless that has changed since `read`.
    pub async fn set_wake(
        &mut self,
        id: DeviceId,
        wake_at: Option<Timestamp>,
        attempts: i64,
        read: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.execute(SET_WAKE, arguments![id, wake_at, attempts, read])
            .await
            .map(drop)
    }

    /// Notes that something has changed for one device alone; it is woken.
    pub async fn mark_stale(&mut self, id: DeviceId, now: Timestamp) -> Result<(), StoreError> {
        for sql in MARK_STALE {
            self.execute(sql, arguments![id, now]).await?;
        }
        Ok(())
    }

    /// Notes that something has changed for the devices of one person, and those without a user that the person enrolled
    /// as a manager; they are woken.
    pub async fn mark_stale_of_user(
        &mut self,
        user: UserId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for sql in MARK_STALE_OF_USER {
            self.execute(sql, arguments![user, now]).await?;
        }
        Ok(())
    }

    /// Has a device woken at `now` unless it is due already.
    pub async fn wake_device(&mut self, id: DeviceId, now: Timestamp) -> Result<(), StoreError> {
        self.execute(WAKE_NOW, arguments![id, now]).await.map(drop)
    }

    /// Notes a push to a device, or to the channel of a person, and what became of it, in the engine's word.
    pub async fn note_push(
        &mut self,
        id: DeviceId,
        at: Timestamp,
        result: &str,
    ) -> Result<(), StoreError> {
        self.execute(NOTE_PUSH, arguments![id, at, result])
            .await
            .map(drop)
    }

    /// The last push to a device, or to the channel of a person, and what became of it.
    pub async fn last_push(
        &mut self,
        id: DeviceId,
    ) -> Result<Option<(Timestamp, String)>, StoreError> {
        let row: Option<(Option<i64>, Option<String>)> =
            self.one(LAST_PUSH, arguments![id]).await?;
        Ok(row.and_then(|(at, result)| Some((Timestamp(at?), result?))))
    }

    /// Stops pushing to the token that came at `token_at`.
    pub async fn set_push_dead(
        &mut self,
        id: DeviceId,
        token_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(SET_PUSH_DEAD, arguments![id, token_at])
            .await
            .map(drop)
    }

    /// Removes a device that has no rows of its own left, and the channels of people on it.
    pub async fn delete_device(&mut self, id: DeviceId) -> Result<bool, StoreError> {
        self.delete_channels_of_device(id).await?;
        self.delete_sightings_of_device(id).await?;
        self.delete_migrated(id).await?;
        Ok(self.execute(DELETE, arguments![id]).await? == 1)
    }

    /// How many devices there are.
    pub async fn count_devices(&mut self) -> Result<i64, StoreError> {
        self.number(COUNT, &[]).await
    }

    /// How many devices are managed, or about to be since `begun_after`, or about to leave.
    pub async fn count_managed_devices(
        &mut self,
        begun_after: Timestamp,
    ) -> Result<i64, StoreError> {
        self.number(COUNT_MANAGED, arguments![begun_after]).await
    }

    /// How many devices can be seen.
    pub async fn count_seen_devices(&mut self, scope: &Scope) -> Result<i64, StoreError> {
        if scope.is_all() {
            return self.count_devices().await;
        }
        let values = arguments![scope.is_all(), scope.text()];
        self.number(COUNT_SEEN, values).await
    }

    /// Notes that devices were seen, and that they need no waking before their next attention.
    pub async fn touch_devices(
        &mut self,
        seen: &[(DeviceId, Timestamp)],
    ) -> Result<(), StoreError> {
        if let Connection::Postgres(connection) = self.connection() {
            let (ids, times): (Vec<Uuid>, Vec<i64>) =
                seen.iter().map(|(id, at)| (id.0, at.0)).unzip();
            sqlx::query(SEEN_AT_POSTGRES)
                .bind(ids)
                .bind(times)
                .execute(connection)
                .await?;
            return Ok(());
        }
        for (id, at) in seen {
            self.execute(SEEN_AT, arguments![*id, *at]).await?;
        }
        Ok(())
    }
}
