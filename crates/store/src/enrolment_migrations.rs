//! Coming from another server: where from, which enrolments, and how far each has come.

use mandate_model::{DeviceFacts, DeviceId, Timestamp, UserId};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// A move from another server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationRecord {
    /// Id.
    pub id: Uuid,
    /// Name; unique without regard to case.
    pub name: String,
    /// `nanoMDM` or `microMDM`.
    pub kind: String,
    /// What administrators wrote about it.
    pub note: String,
    /// `open`, `moved` or `closed`.
    pub state: String,
    /// When devices were first sent here.
    pub moved_at: Option<Timestamp>,
    /// Certificates (PEM) of those who issued the identities there.
    pub authorities: String,
    /// `ServerURL` of the enrolment profile there.
    pub server_url: String,
    /// `CheckInURL` of it, if it has one.
    pub check_in_url: Option<String>,
    /// `PayloadIdentifier` of it; learned from each device if absent.
    pub profile_identifier: Option<String>,
    /// `AccessRights` of it.
    pub access_rights: i64,
    /// Whether it promises channels for people.
    pub user_channels: bool,
    /// SHA-256 of the key with which enrolments are sent in.
    pub key_hash: Option<Vec<u8>>,
    /// Until when that is good.
    pub key_until: Option<Timestamp>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub modified_at: Timestamp,
}

/// An enrolment of another server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigratedRecord {
    /// The device.
    pub device_id: DeviceId,
    /// Where it comes from.
    pub migration_id: Uuid,
    /// What its renewal is bound to.
    pub ticket_id: Uuid,
    /// `ServerURL` of the enrolment profile that it has.
    pub server_url: String,
    /// `CheckInURL` of it, if it has one.
    pub check_in_url: Option<String>,
    /// `PayloadIdentifier` of it, once known.
    pub profile_identifier: Option<String>,
    /// `AccessRights` of it.
    pub access_rights: i64,
    /// Whether it promises channels for people.
    pub user_channels: bool,
    /// SHA-256 of the identity that it came with first.
    pub certificate: Option<Vec<u8>>,
    /// When it did.
    pub seen_at: Option<Timestamp>,
    /// When it first spoke with an identity of this server's own.
    pub renewed_at: Option<Timestamp>,
    /// Why it, or somebody in its name, was turned away last; empty if nobody was.
    pub problem: String,
    /// When that was.
    pub problem_at: Option<Timestamp>,
    /// Profiles of others that its list named last, as JSON.
    pub foreign_profiles: String,
    /// When it was imported.
    pub imported_at: Timestamp,
}

/// The same with its device, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigratedDevice {
    /// The enrolment.
    pub enrolment: MigratedRecord,
    /// How far it is: `incomplete`, `imported`, `missing`, `failed`, `seen`, `renewed`, `ended` or `enrolledAnew`.
    pub progress: String,
    /// Why its identity could not be replaced, as the device put it.
    pub renewal_error: Option<String>,
    /// The protocol's id.
    pub enrolment_id: String,
    /// What the device runs, in the model's spelling.
    pub platform: String,
    /// Whole device, or a managed part of it, in the model's spelling.
    pub enrolment_type: String,
    /// Its primary user.
    pub user_id: Option<UserId>,
    /// What it said about itself.
    pub facts: DeviceFacts,
}

/// How many enrolments of a migration are so far.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct MigrationCount {
    /// As in [`MigratedDevice::progress`].
    pub progress: String,
    /// How many.
    pub count: i64,
}

#[derive(FromRow)]
struct MigrationRow {
    id: Uuid,
    name: String,
    kind: String,
    note: String,
    state: String,
    moved_at: Option<i64>,
    authorities: String,
    server_url: String,
    check_in_url: Option<String>,
    profile_identifier: Option<String>,
    access_rights: i64,
    user_channels: i64,
    key_hash: Option<Vec<u8>>,
    key_until: Option<i64>,
    created_at: i64,
    modified_at: i64,
}

impl From<MigrationRow> for MigrationRecord {
    fn from(row: MigrationRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            kind: row.kind,
            note: row.note,
            state: row.state,
            moved_at: row.moved_at.map(Timestamp),
            authorities: row.authorities,
            server_url: row.server_url,
            check_in_url: row.check_in_url,
            profile_identifier: row.profile_identifier,
            access_rights: row.access_rights,
            user_channels: row.user_channels != 0,
            key_hash: row.key_hash,
            key_until: row.key_until.map(Timestamp),
            created_at: Timestamp(row.created_at),
            modified_at: Timestamp(row.modified_at),
        }
    }
}

#[derive(FromRow)]
struct MigratedRow {
    device_id: Uuid,
    migration_id: Uuid,
    ticket_id: Uuid,
    server_url: String,
    check_in_url: Option<String>,
    profile_identifier: Option<String>,
    access_rights: i64,
    user_channels: i64,
    certificate: Option<Vec<u8>>,
    seen_at: Option<i64>,
    renewed_at: Option<i64>,
    problem: String,
    problem_at: Option<i64>,
    foreign_profiles: String,
    imported_at: i64,
}

impl From<MigratedRow> for MigratedRecord {
    fn from(row: MigratedRow) -> Self {
        Self {
            device_id: DeviceId(row.device_id),
            migration_id: row.migration_id,
            ticket_id: row.ticket_id,
            server_url: row.server_url,
            check_in_url: row.check_in_url,
            profile_identifier: row.profile_identifier,
            access_rights: row.access_rights,
            user_channels: row.user_channels != 0,
            certificate: row.certificate,
            seen_at: row.seen_at.map(Timestamp),
            renewed_at: row.renewed_at.map(Timestamp),
            problem: row.problem,
            problem_at: row.problem_at.map(Timestamp),
            foreign_profiles: row.foreign_profiles,
            imported_at: Timestamp(row.imported_at),
        }
    }
}

#[derive(FromRow)]
struct MigratedDeviceRow {
    #[sqlx(flatten)]
    enrolment: MigratedRow,
    progress: String,
    renewal_error: Option<String>,
    enrolment_id: String,
    platform: String,
    enrolment_type: String,
    user_id: Option<Uuid>,
    facts: String,
}

impl TryFrom<MigratedDeviceRow> for MigratedDevice {
    type Error = StoreError;

    fn try_from(row: MigratedDeviceRow) -> Result<Self, StoreError> {
        let enrolment: MigratedRecord = row.enrolment.into();
        let facts = serde_json::from_str(&row.facts).map_err(|error| StoreError::Inconsistent {
            table: "device",
            column: "facts",
            id: enrolment.device_id.to_string(),
            problem: error.to_string(),
        })?;
        Ok(Self {
            enrolment,
            progress: row.progress,
            renewal_error: row.renewal_error,
            enrolment_id: row.enrolment_id,
            platform: row.platform,
            enrolment_type: row.enrolment_type,
            user_id: row.user_id.map(UserId),
            facts,
        })
    }
}

macro_rules! migration_columns {
    () => {
        "id, name, kind, note, state, moved_at, authorities, server_url, check_in_url, profile_identifier, access_rights,
         user_channels, key_hash, key_until, created_at, modified_at"
    };
}

macro_rules! migrated_columns {
    () => {
        "e.device_id, e.migration_id, e.ticket_id, e.server_url, e.check_in_url, e.profile_identifier, e.access_rights,
         e.user_channels, e.certificate, e.seen_at, e.renewed_at, e.problem, e.problem_at, e.foreign_profiles, e.imported_at"
    };
}

// How far an enrolment is; $2 is the moment before which devices must have been sent here to count as missing.
macro_rules! progress {
    () => {
        "CASE
            WHEN d.identity_ticket <> e.ticket_id THEN 'enrolledAnew'
            WHEN d.state = 'enrolling' THEN 'incomplete'
            WHEN d.state = 'imported' AND e.problem <> '' THEN 'failed'
            WHEN d.state = 'imported' AND m.moved_at <= $2 THEN 'missing'
            WHEN d.state = 'imported' THEN 'imported'
            WHEN d.state NOT IN ('enrolled', 'retiring', 'wiping') THEN 'ended'
            WHEN e.renewed_at IS NOT NULL THEN 'renewed'
            WHEN EXISTS (
                SELECT 1 FROM device_action a
                WHERE a.device_id = d.id AND a.kind = 'renewIdentity' AND a.error IS NOT NULL
            ) THEN 'failed'
            ELSE 'seen'
        END"
    };
}

const FIND: &str = concat!(
    "SELECT ",
    migration_columns!(),
    " FROM migration WHERE id = $1"
);
const HOLD_POSTGRES: &str = concat!(
    "SELECT ",
    migration_columns!(),
    " FROM migration WHERE id = $1 FOR UPDATE"
);
const FIND_BY_KEY: &str = concat!(
    "SELECT ",
    migration_columns!(),
    " FROM migration WHERE key_hash = $1"
);
const LIST: &str = concat!(
    "SELECT ",
    migration_columns!(),
    " FROM migration ORDER BY id"
);
const INSERT: &str = "
    INSERT INTO migration
        (id, name, kind, note, state, moved_at, authorities, server_url, check_in_url, profile_identifier, access_rights,
         user_channels, key_hash, key_until, created_at, modified_at, name_folded)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
const UPDATE: &str = "
    UPDATE migration SET
        name = $2, kind = $3, note = $4, state = $5, moved_at = $6, authorities = $7, server_url = $8, check_in_url = $9,
        profile_identifier = $10, access_rights = $11, user_channels = $12, key_hash = $13, key_until = $14,
        created_at = $15, modified_at = $16, name_folded = $17
    WHERE id = $1";
const DELETE: &str = "DELETE FROM migration WHERE id = $1";
const DELETE_PEOPLE: &str = "DELETE FROM migration_person WHERE migration_id = $1";
const COUNT_ENROLMENTS: &str = "SELECT count(*) FROM migrated_enrolment WHERE migration_id = $1";
// What was said of the profile counts for all that have not proved another one by replacing it.
const CORRECT: &str = "
    UPDATE migrated_enrolment SET server_url = $2, check_in_url = $3, access_rights = $4, user_channels = $5,
        profile_identifier = coalesce($6, profile_identifier)
    WHERE migration_id = $1 AND renewed_at IS NULL";
const FIND_MIGRATED: &str = concat!(
    "SELECT ",
    migrated_columns!(),
    " FROM migrated_enrolment e WHERE e.device_id = $1"
);
const LIST_MIGRATED: &str = concat!(
    "SELECT ",
    migrated_columns!(),
    ", ",
    progress!(),
    " AS progress,
        (SELECT max(a.error) FROM device_action a
         WHERE a.device_id = d.id AND a.kind = 'renewIdentity' AND e.renewed_at IS NULL) AS renewal_error,
        d.enrolment_id, d.platform, d.enrolment_type, d.user_id, d.facts
    FROM migrated_enrolment e
    JOIN migration m ON m.id = e.migration_id
    JOIN device d ON d.id = e.device_id
    WHERE e.migration_id = $1 AND e.device_id > $3 AND ($4 = '' OR ",
    progress!(),
    " = $4)
    ORDER BY e.device_id LIMIT $5"
);
const COUNTS: &str = concat!(
    "SELECT progress, count(*) AS count FROM (SELECT ",
    progress!(),
    " AS progress
        FROM migrated_enrolment e
        JOIN migration m ON m.id = e.migration_id
        JOIN device d ON d.id = e.device_id
        WHERE e.migration_id = $1) AS enrolments
    GROUP BY progress"
);
const SET_MIGRATED: &str = "
    INSERT INTO migrated_enrolment
        (device_id, migration_id, ticket_id, server_url, check_in_url, profile_identifier, access_rights, user_channels,
         certificate, seen_at, renewed_at, problem, problem_at, foreign_profiles, imported_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
    ON CONFLICT (device_id) DO UPDATE SET
        migration_id = excluded.migration_id, ticket_id = excluded.ticket_id, server_url = excluded.server_url,
        check_in_url = excluded.check_in_url, profile_identifier = excluded.profile_identifier,
        access_rights = excluded.access_rights, user_channels = excluded.user_channels,
        certificate = excluded.certificate, seen_at = excluded.seen_at, renewed_at = excluded.renewed_at,
        problem = excluded.problem, problem_at = excluded.problem_at, foreign_profiles = excluded.foreign_profiles,
        imported_at = excluded.imported_at";
const NOTE_RENEWED: &str = "
    UPDATE migrated_enrolment SET renewed_at = $2, problem = '', problem_at = NULL
    WHERE device_id = $1 AND renewed_at IS NULL AND certificate IS NOT NULL AND certificate <> $3";
const NOTE_PROFILE: &str = "
    UPDATE migrated_enrolment SET profile_identifier = $2
    WHERE device_id = $1 AND (profile_identifier IS NULL OR (renewed_at IS NULL AND profile_identifier <> $2))";
const NOTE_FOREIGN: &str = "
    UPDATE migrated_enrolment SET foreign_profiles = $2 WHERE device_id = $1 AND foreign_profiles <> $2";
const DELETE_MIGRATED: &str = "DELETE FROM migrated_enrolment WHERE device_id = $1";
const SET_PERSON: &str = "
    INSERT INTO migration_person (migration_id, serial_folded, user_id) VALUES ($1, $2, $3)
    ON CONFLICT (migration_id, serial_folded) DO UPDATE SET user_id = excluded.user_id";
const FIND_PERSON: &str =
    "SELECT user_id FROM migration_person WHERE migration_id = $1 AND serial_folded = $2";
const COUNT_PEOPLE: &str = "SELECT count(*) FROM migration_person WHERE migration_id = $1";
const MIGRATED_BY_SERIAL: &str = "
    SELECT e.device_id FROM migrated_enrolment e JOIN device d ON d.id = e.device_id
    WHERE e.migration_id = $1 AND d.serial_folded = $2 ORDER BY e.device_id";
const WAKE_IMPORTED: &str = "
    UPDATE device SET wake_at = $2, wake_attempts = 0
    WHERE state = 'imported' AND push_state = 'ok'
      AND id IN (SELECT device_id FROM migrated_enrolment WHERE migration_id = $1)";

impl Session {
    /// A migration by id.
    pub async fn find_migration(
        &mut self,
        id: Uuid,
    ) -> Result<Option<MigrationRecord>, StoreError> {
        let row = self.one::<MigrationRow>(FIND, arguments![id]).await?;
        Ok(row.map(Into::into))
    }

    /// The same, held until the end of the transaction.
    pub async fn hold_migration(
        &mut self,
        id: Uuid,
    ) -> Result<Option<MigrationRecord>, StoreError> {
        // SQLite has one writer, which this transaction is already.
        let sql = self.either(FIND, HOLD_POSTGRES);
        let row = self.one::<MigrationRow>(sql, arguments![id]).await?;
        Ok(row.map(Into::into))
    }

    /// The migration whose key has this SHA-256.
    pub async fn find_migration_by_key(
        &mut self,
        key_hash: &[u8; 32],
    ) -> Result<Option<MigrationRecord>, StoreError> {
        let row = self
            .one::<MigrationRow>(FIND_BY_KEY, arguments![key_hash])
            .await?;
        Ok(row.map(Into::into))
    }

    /// All migrations in the order of their making; there are few.
    pub async fn list_migrations(&mut self) -> Result<Vec<MigrationRecord>, StoreError> {
        let rows: Vec<MigrationRow> = self.all(LIST, &[]).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Adds a migration; [`StoreError::Duplicate`] if there is one of this name.
    pub async fn insert_migration(&mut self, record: &MigrationRecord) -> Result<(), StoreError> {
        self.write_migration(INSERT, record).await.map(drop)
    }

    /// Replaces a migration's record; whether there was one. [`StoreError::Duplicate`] if another one has this name.
    pub async fn update_migration(&mut self, record: &MigrationRecord) -> Result<bool, StoreError> {
        Ok(self.write_migration(UPDATE, record).await? == 1)
    }

    async fn write_migration(
        &mut self,
        sql: &'static str,
        record: &MigrationRecord,
    ) -> Result<u64, StoreError> {
        let values = arguments![
            record.id,
            &record.name,
            &record.kind,
            &record.note,
            &record.state,
            record.moved_at,
            &record.authorities,
            &record.server_url,
            record.check_in_url.clone(),
            record.profile_identifier.clone(),
            record.access_rights,
            record.user_channels,
            record.key_hash.clone(),
            record.key_until,
            record.created_at,
            record.modified_at,
            record.name.to_lowercase(),
        ];
        self.execute(sql, values).await
    }

    /// Removes a migration that nothing was imported by; whether there was one.
    pub async fn delete_migration(&mut self, id: Uuid) -> Result<bool, StoreError> {
        self.execute(DELETE_PEOPLE, arguments![id]).await?;
        Ok(self.execute(DELETE, arguments![id]).await? == 1)
    }

    /// How many enrolments came by a migration.
    pub async fn count_migrated(&mut self, migration: Uuid) -> Result<i64, StoreError> {
        self.number(COUNT_ENROLMENTS, arguments![migration]).await
    }

    /// Gives what a migration says of the enrolment profile to all of its enrolments that have not replaced theirs.
    pub async fn correct_migrated(&mut self, record: &MigrationRecord) -> Result<(), StoreError> {
        let values = arguments![
            record.id,
            &record.server_url,
            record.check_in_url.clone(),
            record.access_rights,
            record.user_channels,
            record.profile_identifier.clone(),
        ];
        self.execute(CORRECT, values).await.map(drop)
    }

    /// The enrolment of another server that a device comes from.
    pub async fn find_migrated(
        &mut self,
        device: DeviceId,
    ) -> Result<Option<MigratedRecord>, StoreError> {
        let row = self
            .one::<MigratedRow>(FIND_MIGRATED, arguments![device])
            .await?;
        Ok(row.map(Into::into))
    }

    /// Enrolments of a migration by device, from the one after `after`; those that are so far, unless `progress` is empty.
    /// Who has not come counts as missing if devices were sent here by `sent_by`.
    pub async fn list_migrated(
        &mut self,
        migration: Uuid,
        sent_by: Timestamp,
        progress: &str,
        (after, limit): (Option<DeviceId>, u32),
    ) -> Result<Vec<MigratedDevice>, StoreError> {
        let values = arguments![
            migration,
            sent_by,
            after.map_or(Uuid::nil(), |id| id.0),
            progress,
            i64::from(limit),
        ];
        let rows: Vec<MigratedDeviceRow> = self.all(LIST_MIGRATED, values).await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// How many enrolments of a migration are how far.
    pub async fn count_migrated_by_progress(
        &mut self,
        migration: Uuid,
        sent_by: Timestamp,
    ) -> Result<Vec<MigrationCount>, StoreError> {
        self.all(COUNTS, arguments![migration, sent_by]).await
    }

    /// Writes an enrolment of another server.
    pub async fn set_migrated(&mut self, record: &MigratedRecord) -> Result<(), StoreError> {
        let values = arguments![
            record.device_id,
            record.migration_id,
            record.ticket_id,
            &record.server_url,
            record.check_in_url.clone(),
            record.profile_identifier.clone(),
            record.access_rights,
            record.user_channels,
            record.certificate.clone(),
            record.seen_at,
            record.renewed_at,
            &record.problem,
            record.problem_at,
            &record.foreign_profiles,
            record.imported_at,
        ];
        self.execute(SET_MIGRATED, values).await.map(drop)
    }

    /// Notes that a device spoke with another identity than the one that it came with.
    pub async fn note_migrated_renewed(
        &mut self,
        device: DeviceId,
        now: Timestamp,
        identity: &[u8; 32],
    ) -> Result<(), StoreError> {
        let values = arguments![device, now, identity];
        self.execute(NOTE_RENEWED, values).await.map(drop)
    }

    /// Notes what a device calls its enrolment profile, if it comes from another server.
    pub async fn note_migrated_profile(
        &mut self,
        device: DeviceId,
        identifier: &str,
    ) -> Result<(), StoreError> {
        let values = arguments![device, identifier];
        self.execute(NOTE_PROFILE, values).await.map(drop)
    }

    /// Notes which profiles of others a device has (JSON), if it comes from another server.
    pub async fn note_foreign_profiles(
        &mut self,
        device: DeviceId,
        profiles: &str,
    ) -> Result<(), StoreError> {
        let values = arguments![device, profiles];
        self.execute(NOTE_FOREIGN, values).await.map(drop)
    }

    /// Forgets that a device comes from another server.
    pub(crate) async fn delete_migrated(&mut self, device: DeviceId) -> Result<(), StoreError> {
        self.execute(DELETE_MIGRATED, arguments![device])
            .await
            .map(drop)
    }

    /// Says whose device the one with a serial number (lower case) is to be.
    pub async fn set_migration_person(
        &mut self,
        migration: Uuid,
        serial_folded: &str,
        user: UserId,
    ) -> Result<(), StoreError> {
        self.execute(SET_PERSON, arguments![migration, serial_folded, user])
            .await
            .map(drop)
    }

    /// Whose device the one with a serial number (lower case) is to be.
    pub async fn find_migration_person(
        &mut self,
        migration: Uuid,
        serial_folded: &str,
    ) -> Result<Option<UserId>, StoreError> {
        let row: Option<(Uuid,)> = self
            .one(FIND_PERSON, arguments![migration, serial_folded])
            .await?;
        Ok(row.map(|(id,)| UserId(id)))
    }

    /// For how many serial numbers somebody was named.
    pub async fn count_migration_people(&mut self, migration: Uuid) -> Result<i64, StoreError> {
        self.number(COUNT_PEOPLE, arguments![migration]).await
    }

    /// Devices of a migration with a serial number (lower case).
    pub async fn migrated_of_serial(
        &mut self,
        migration: Uuid,
        serial_folded: &str,
    ) -> Result<Vec<DeviceId>, StoreError> {
        let values = arguments![migration, serial_folded];
        let rows: Vec<(Uuid,)> = self.all(MIGRATED_BY_SERIAL, values).await?;
        Ok(rows.into_iter().map(|(id,)| DeviceId(id)).collect())
    }

    /// Has all devices of a migration woken that have not come yet; how many.
    pub async fn wake_imported(
        &mut self,
        migration: Uuid,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.execute(WAKE_IMPORTED, arguments![migration, now])
            .await
    }
}
