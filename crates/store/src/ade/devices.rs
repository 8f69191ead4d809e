//! Devices that Apple, or somebody here, says are the organisation's.

use mandate_model::Timestamp;
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// Who says that a device is the organisation's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdeSource {
    /// Apple.
    Apple,
    /// Somebody here, who imported its serial number.
    Import,
}

impl AdeSource {
    const fn word(self) -> &'static str {
        match self {
            Self::Apple => "apple",
            Self::Import => "import",
        }
    }
}

/// A device of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdeDeviceRecord {
    /// The token that it belongs to.
    pub token_id: Uuid,
    /// Serial number, in upper case.
    pub serial: String,
    /// Who says so.
    pub source: AdeSource,
    /// `ios`, `macos` or, for what cannot be managed here, Apple's word.
    pub platform: String,
    /// What Apple says of it, JSON.
    pub facts: String,
    /// Whether Apple says that it is not the organisation's any more.
    pub is_deleted: bool,
    /// The full fetch that last showed it.
    pub fetch: i64,
    /// The profile that it is to have.
    pub profile_id: Option<Uuid>,
    /// Since when.
    pub requested_at: Option<Timestamp>,
    /// Apple's id of the profile that it has there.
    pub assigned: Option<String>,
    /// Apple's word for why it has not taken the assignment; empty if it has.
    pub problem: String,
    /// When to try again.
    pub retry_at: Option<Timestamp>,
    /// When somebody asked for it to be given up.
    pub release_at: Option<Timestamp>,
    /// When the device last asked for its profile.
    pub contacted_at: Option<Timestamp>,
    /// When Apple first told of it.
    pub added_at: Timestamp,
    /// Whether a device of this serial number is enrolled; read, never written.
    pub is_enrolled: bool,
}

impl AdeDeviceRecord {
    /// Whether somebody here brought it, and Apple knows nothing of it.
    pub fn is_imported(&self) -> bool {
        self.source == AdeSource::Import
    }
}

/// Which devices of a token are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AdeFilter {
    /// Part of the serial number, in upper case; empty for all.
    pub serial: String,
}

#[derive(FromRow)]
struct Row {
    token_id: Uuid,
    serial: String,
    source: String,
    platform: String,
    facts: String,
    is_deleted: i64,
    fetch_number: i64,
    profile_id: Option<Uuid>,
    requested_at: Option<i64>,
    assigned: Option<String>,
    problem: String,
    retry_at: Option<i64>,
    release_at: Option<i64>,
    contacted_at: Option<i64>,
    added_at: i64,
    enrolled: i64,
}

impl From<Row> for AdeDeviceRecord {
    fn from(row: Row) -> Self {
        Self {
            token_id: row.token_id,
            serial: row.serial,
            source: if row.source == AdeSource::Import.word() {
                AdeSource::Import
            } else {
                AdeSource::Apple
            },
            platform: row.platform,
            facts: row.facts,
            is_deleted: row.is_deleted != 0,
            fetch: row.fetch_number,
            profile_id: row.profile_id,
            requested_at: row.requested_at.map(Timestamp),
            assigned: row.assigned,
            problem: row.problem,
            retry_at: row.retry_at.map(Timestamp),
            release_at: row.release_at.map(Timestamp),
            contacted_at: row.contacted_at.map(Timestamp),
            added_at: Timestamp(row.added_at),
            is_enrolled: row.enrolled > 0,
        }
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT token_id, serial, source, platform, facts, is_deleted, fetch_number, profile_id, requested_at, assigned,
                 problem, retry_at, release_at, contacted_at, added_at,
                 (SELECT count(*) FROM device
                  WHERE serial_folded = lower(ade_device.serial) AND parent_id IS NULL AND state = 'enrolled') AS enrolled
             FROM ade_device ",
            $rest
        )
    };
}

const FIND: &str = select!("WHERE token_id = $1 AND serial = $2");
const WITH_SERIAL: &str =
    select!("WHERE serial = $1 AND is_deleted = 0 ORDER BY added_at DESC, token_id LIMIT 1");
const LIST: &str = select!(
    "WHERE token_id = $1 AND serial > $2 AND serial LIKE $3 ESCAPE '!' ORDER BY serial LIMIT $4"
);
const COUNT: &str =
    "SELECT count(*) FROM ade_device WHERE token_id = $1 AND is_deleted = 0 AND source = 'apple'";
const COUNT_KNOWN: &str = "SELECT count(*) FROM ade_device WHERE token_id = $1 AND is_deleted = 0";
const TO_ASSIGN: &str = "
    SELECT d.serial, p.id, p.apple_id FROM ade_device d JOIN ade_profile p ON p.id = d.profile_id
    WHERE d.token_id = $1 AND d.is_deleted = 0 AND d.source = 'apple' AND p.apple_id IS NOT NULL
        AND (d.assigned IS NULL OR d.assigned <> p.apple_id) AND (d.retry_at IS NULL OR d.retry_at <= $2)
    ORDER BY p.id, d.serial LIMIT $3";
const TO_UNASSIGN: &str = "
    SELECT serial FROM ade_device
    WHERE token_id = $1 AND is_deleted = 0 AND source = 'apple' AND profile_id IS NULL AND requested_at IS NOT NULL
        AND assigned IS NOT NULL
        AND (retry_at IS NULL OR retry_at <= $2)
    ORDER BY serial LIMIT $3";
const TO_RELEASE: &str = "
    SELECT serial FROM ade_device
    WHERE token_id = $1 AND is_deleted = 0 AND source = 'apple' AND release_at > $2
        AND (retry_at IS NULL OR retry_at <= $3)
    ORDER BY serial LIMIT $4";
const RELEASE: &str = "
    UPDATE ade_device SET release_at = $3, problem = '', retry_at = NULL
    WHERE token_id = $1 AND serial = $2 AND is_deleted = 0 AND source = 'apple'";
const RELEASED: &str = "
    UPDATE ade_device SET is_deleted = 1, profile_id = NULL, requested_at = NULL, assigned = NULL, problem = '',
        retry_at = NULL, release_at = NULL
    WHERE token_id = $1 AND serial = $2";
const REFUSED: &str =
    "UPDATE ade_device SET problem = $3, retry_at = $4 WHERE token_id = $1 AND serial = $2";
const FORGET: &str =
    "DELETE FROM ade_device WHERE token_id = $1 AND serial = $2 AND source = 'import'";
const NEXT_RETRY: &str = "SELECT COALESCE(min(retry_at), 0) FROM ade_device WHERE token_id = $1 AND is_deleted = 0 AND retry_at > $2";
const PUT: &str = "
    INSERT INTO ade_device
        (token_id, serial, source, platform, facts, is_deleted, fetch_number, profile_id, requested_at, assigned, problem,
         retry_at, release_at, contacted_at, added_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
    ON CONFLICT (token_id, serial) DO UPDATE SET
        source = excluded.source,
        release_at = CASE WHEN excluded.is_deleted = 1 THEN NULL ELSE ade_device.release_at END,
        platform = excluded.platform, facts = excluded.facts, is_deleted = excluded.is_deleted, fetch_number = excluded.fetch_number,
        assigned = excluded.assigned,
        profile_id = CASE WHEN excluded.is_deleted = 1 THEN NULL ELSE ade_device.profile_id END,
        requested_at = CASE WHEN excluded.is_deleted = 1 THEN NULL ELSE ade_device.requested_at END";
const DELETE_UNSEEN: &str = "
    UPDATE ade_device SET is_deleted = 1, profile_id = NULL, requested_at = NULL, assigned = NULL
    WHERE token_id = $1 AND fetch_number < $2 AND is_deleted = 0 AND source = 'apple'";
const REQUEST: &str = "
    UPDATE ade_device SET profile_id = $3, requested_at = $4, problem = '', retry_at = NULL
    WHERE token_id = $1 AND serial = $2 AND is_deleted = 0";
const REQUEST_FOR_REST: &str = "
    UPDATE ade_device SET profile_id = $3, requested_at = $4, problem = '', retry_at = NULL
    WHERE token_id = $1 AND platform = $2 AND is_deleted = 0 AND profile_id IS NULL AND requested_at IS NULL";
const OUTCOME: &str = "
    UPDATE ade_device SET assigned = $3, problem = $4, retry_at = $5 WHERE token_id = $1 AND serial = $2";
const CONTACT: &str = "UPDATE ade_device SET contacted_at = $3 WHERE token_id = $1 AND serial = $2";

impl Session {
    /// A device of a token by its serial number.
    pub async fn find_ade_device(
        &mut self,
        token: Uuid,
        serial: &str,
    ) -> Result<Option<AdeDeviceRecord>, StoreError> {
        Ok(self
            .one::<Row>(FIND, arguments![token, serial])
            .await?
            .map(Into::into))
    }

    /// The device of a serial number, of whichever token that has it now.
    pub async fn find_ade_device_by_serial(
        &mut self,
        serial: &str,
    ) -> Result<Option<AdeDeviceRecord>, StoreError> {
        Ok(self
            .one::<Row>(WITH_SERIAL, arguments![serial])
            .await?
            .map(Into::into))
    }

    /// Devices of a token by serial number, from the one after `after`; also those that are not the organisation's any more.
    pub async fn list_ade_devices(
        &mut self,
        token: Uuid,
        filter: &AdeFilter,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<AdeDeviceRecord>, StoreError> {
        let escaped: String = filter
            .serial
            .chars()
            .flat_map(|c| match c {
                '%' | '_' | '!' => vec!['!', c],
                _ => vec![c],
            })
            .collect();
        let pattern = format!("%{escaped}%");
        let values = arguments![token, after.unwrap_or_default(), &pattern, i64::from(limit)];
        Ok(self
            .all::<Row>(LIST, values)
            .await?
            .into_iter()
            .map(Into::into)
            .collect())
    }

    /// How many devices of a token are kept, whoever says that they are the organisation's.
    pub async fn count_known_ade_devices(&mut self, token: Uuid) -> Result<i64, StoreError> {
        self.number(COUNT_KNOWN, arguments![token]).await
    }

    /// How many devices of a token are the organisation's, as Apple says.
    pub async fn count_ade_devices(&mut self, token: Uuid) -> Result<i64, StoreError> {
        self.number(COUNT, arguments![token]).await
    }

    /// Devices whose profile Apple has yet to be told: serial number, profile, and Apple's id of that.
    pub async fn ade_devices_to_assign(
        &mut self,
        token: Uuid,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(String, Uuid, String)>, StoreError> {
        self.all(TO_ASSIGN, arguments![token, now, i64::from(limit)])
            .await
    }

    /// Devices from which Apple has yet to take their profile.
    pub async fn ade_devices_to_unassign(
        &mut self,
        token: Uuid,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(String,)> = self
            .all(TO_UNASSIGN, arguments![token, now, i64::from(limit)])
            .await?;
        Ok(rows.into_iter().map(|(serial,)| serial).collect())
    }

    /// Devices that were asked to be given up after `since`, and that Apple has yet to be told of.
    pub async fn ade_devices_to_release(
        &mut self,
        token: Uuid,
        (since, now): (Timestamp, Timestamp),
        limit: u32,
    ) -> Result<Vec<String>, StoreError> {
        let values = arguments![token, since, now, i64::from(limit)];
        let rows: Vec<(String,)> = self.all(TO_RELEASE, values).await?;
        Ok(rows.into_iter().map(|(serial,)| serial).collect())
    }

    /// Asks for a device to be given up; `false` if the token has none of that serial number from Apple.
    pub async fn request_ade_release(
        &mut self,
        token: Uuid,
        serial: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(self
            .execute(RELEASE, arguments![token, serial, now])
            .await?
            == 1)
    }

    /// Notes that a device is the organisation's no more.
    pub async fn note_ade_release(&mut self, token: Uuid, serial: &str) -> Result<(), StoreError> {
        self.execute(RELEASED, arguments![token, serial])
            .await
            .map(drop)
    }

    /// Notes Apple's word for why it did not do something for a device, and when to try again.
    pub async fn note_ade_refusal(
        &mut self,
        token: Uuid,
        serial: &str,
        (problem, retry_at): (&str, Timestamp),
    ) -> Result<(), StoreError> {
        self.execute(REFUSED, arguments![token, serial, problem, retry_at])
            .await
            .map(drop)
    }

    /// Takes an imported device off the list; `false` if the token has none of that serial number.
    pub async fn delete_imported_ade_device(
        &mut self,
        token: Uuid,
        serial: &str,
    ) -> Result<bool, StoreError> {
        Ok(self.execute(FORGET, arguments![token, serial]).await? == 1)
    }

    /// When the next assignment is to be tried again, if one is.
    pub async fn next_ade_retry(
        &mut self,
        token: Uuid,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let at = self.number(NEXT_RETRY, arguments![token, now]).await?;
        Ok((at > 0).then_some(Timestamp(at)))
    }

    /// Adds a device, or writes what Apple says of one that is known; which profile it is to have stays, unless it is gone.
    pub async fn put_ade_device(&mut self, device: &AdeDeviceRecord) -> Result<(), StoreError> {
        let values = arguments![
            device.token_id,
            &device.serial,
            device.source.word(),
            &device.platform,
            &device.facts,
            device.is_deleted,
            device.fetch,
            device.profile_id,
            device.requested_at,
            device.assigned.clone(),
            &device.problem,
            device.retry_at,
            device.release_at,
            device.contacted_at,
            device.added_at,
        ];
        self.execute(PUT, values).await.map(drop)
    }

    /// Marks what a full fetch did not show as not the organisation's any more; how many.
    pub async fn delete_unseen_ade_devices(
        &mut self,
        token: Uuid,
        fetch: i64,
    ) -> Result<u64, StoreError> {
        self.execute(DELETE_UNSEEN, arguments![token, fetch]).await
    }

    /// Says which profile a device is to have; `false` if the token has no such device.
    pub async fn request_ade_profile(
        &mut self,
        token: Uuid,
        serial: &str,
        profile: Option<Uuid>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(self
            .execute(REQUEST, arguments![token, serial, profile, now])
            .await?
            == 1)
    }

    /// Gives a profile to all devices of a platform of which nobody has said which they are to have.
    pub async fn request_ade_default(
        &mut self,
        token: Uuid,
        platform: &str,
        profile: Uuid,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.execute(REQUEST_FOR_REST, arguments![token, platform, profile, now])
            .await
    }

    /// Notes what Apple said to an assignment.
    pub async fn note_ade_assignment(
        &mut self,
        token: Uuid,
        serial: &str,
        assigned: Option<&str>,
        (problem, retry_at): (&str, Option<Timestamp>),
    ) -> Result<(), StoreError> {
        let values = arguments![
            token,
            serial,
            assigned.map(str::to_owned),
            problem,
            retry_at
        ];
        self.execute(OUTCOME, values).await.map(drop)
    }

    /// Notes that a device asked for its profile.
    pub async fn note_ade_contact(
        &mut self,
        token: Uuid,
        serial: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(CONTACT, arguments![token, serial, now])
            .await
            .map(drop)
    }
}
