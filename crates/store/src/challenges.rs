//! SCEP challenges that were handed out.

use mandate_model::{DeviceId, ProfileId, Timestamp, UserId};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// A challenge that was handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChallengeRecord {
    /// Number inside the signed challenge.
    pub id: Uuid,
    /// `identity` or `profile`.
    pub purpose: String,
    /// Enrolment that it belongs to.
    pub ticket_id: Option<Uuid>,
    /// Device that it was made for.
    pub device_id: Option<DeviceId>,
    /// Profile that it stands in.
    pub profile_id: Option<ProfileId>,
    /// What may be asked for with it, as JSON.
    pub spec: String,
    /// How often it may still be used.
    pub uses_left: i64,
    /// SHA-256 of the certificate issued for it last.
    pub issued: Option<Vec<u8>>,
    /// Transaction that the certificate was issued in, so that a repeated request gets the same answer.
    pub transaction_id: Option<String>,
    /// Not after this.
    pub expires_at: Timestamp,
}

#[derive(FromRow)]
struct ChallengeRow {
    id: Uuid,
    purpose: String,
    ticket_id: Option<Uuid>,
    device_id: Option<Uuid>,
    profile_id: Option<Uuid>,
    spec: String,
    uses_left: i64,
    issued: Option<Vec<u8>>,
    transaction_id: Option<String>,
    expires_at: i64,
}

impl From<ChallengeRow> for ChallengeRecord {
    fn from(row: ChallengeRow) -> Self {
        Self {
            id: row.id,
            purpose: row.purpose,
            ticket_id: row.ticket_id,
            device_id: row.device_id.map(DeviceId),
            profile_id: row.profile_id.map(ProfileId),
            spec: row.spec,
            uses_left: row.uses_left,
            issued: row.issued,
            transaction_id: row.transaction_id,
            expires_at: Timestamp(row.expires_at),
        }
    }
}

const FIND: &str = "
    SELECT id, purpose, ticket_id, device_id, profile_id, spec, uses_left, issued, transaction_id, expires_at
    FROM challenge WHERE id = $1";
const INSERT: &str = "
    INSERT INTO challenge
        (id, purpose, ticket_id, device_id, profile_id, spec, uses_left, issued, transaction_id, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
// The condition makes the use single even when two requests come at once.
const USE: &str = "
    UPDATE challenge SET uses_left = uses_left - 1, issued = $2, transaction_id = $3
    WHERE id = $1 AND uses_left > 0";
const DELETE_OF_PROFILE: &str = "DELETE FROM challenge WHERE device_id = $1 AND profile_id = $2";
const DELETE_OF_DEVICE: &str = "DELETE FROM challenge WHERE device_id = $1";
// Used ones stay: whoever repeats a request is told by them what became of it.
const DELETE_OPEN_OF_USER: &str = "
    DELETE FROM challenge
    WHERE purpose = 'profile' AND uses_left > 0 AND device_id IN (SELECT id FROM device WHERE user_id = $1)";
const DELETE_EXPIRED: &str = "DELETE FROM challenge WHERE expires_at < $1";

impl Session {
    /// A challenge by its number.
    pub async fn find_challenge(
        &mut self,
        id: Uuid,
    ) -> Result<Option<ChallengeRecord>, StoreError> {
        Ok(self
            .one::<ChallengeRow>(FIND, arguments![id])
            .await?
            .map(Into::into))
    }

    /// Notes a challenge that is handed out.
    pub async fn insert_challenge(&mut self, record: &ChallengeRecord) -> Result<(), StoreError> {
        let values = arguments![
            record.id,
            &record.purpose,
            record.ticket_id,
            record.device_id,
            record.profile_id,
            &record.spec,
            record.uses_left,
            record.issued.clone(),
            record.transaction_id.clone(),
            record.expires_at,
        ];
        self.execute(INSERT, values).await.map(drop)
    }

    /// Uses a challenge up; whether there was a use left.
    pub async fn use_challenge(
        &mut self,
        id: Uuid,
        issued: &[u8],
        transaction: &str,
    ) -> Result<bool, StoreError> {
        Ok(self
            .execute(USE, arguments![id, issued, transaction])
            .await?
            == 1)
    }

    /// Withdraws the challenges that a device got for one profile.
    pub async fn delete_challenges_of_profile(
        &mut self,
        device: DeviceId,
        profile: ProfileId,
    ) -> Result<(), StoreError> {
        self.execute(DELETE_OF_PROFILE, arguments![device, profile])
            .await
            .map(drop)
    }

    /// Withdraws all challenges of a device.
    pub async fn delete_challenges_of_device(
        &mut self,
        device: DeviceId,
    ) -> Result<(), StoreError> {
        self.execute(DELETE_OF_DEVICE, arguments![device])
            .await
            .map(drop)
    }

    /// Withdraws the open challenges in profiles of the devices of a person; how many.
    pub async fn delete_open_challenges_of_user(
        &mut self,
        user: UserId,
    ) -> Result<u64, StoreError> {
        self.execute(DELETE_OPEN_OF_USER, arguments![user]).await
    }

    /// Forgets challenges that expired before `before`; how many.
    pub async fn delete_expired_challenges(
        &mut self,
        before: Timestamp,
    ) -> Result<u64, StoreError> {
        self.execute(DELETE_EXPIRED, arguments![before]).await
    }
}
