//! People who sign in at a device that is being set up.

use mandate_model::{Timestamp, UserId};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// Somebody at a device, until it has its profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitRecord {
    /// Id.
    pub id: Uuid,
    /// SHA-256 of what the web view, or the device, holds.
    pub token_hash: Vec<u8>,
    /// `automated`, `byod` or `adde`.
    pub purpose: String,
    /// The profile of automated enrolment.
    pub ade_profile_id: Option<Uuid>,
    /// The device, where it has proved its serial number.
    pub serial_number: Option<String>,
    /// Who has signed in.
    pub user_id: Option<UserId>,
    /// Not after this.
    pub expires_at: Timestamp,
    /// When it began.
    pub created_at: Timestamp,
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    token_hash: Vec<u8>,
    purpose: String,
    ade_profile_id: Option<Uuid>,
    serial_number: Option<String>,
    user_id: Option<Uuid>,
    expires_at: i64,
    created_at: i64,
}

const FIND: &str = "
    SELECT id, token_hash, purpose, ade_profile_id, serial_number, user_id, expires_at, created_at
    FROM enrolment_visit WHERE token_hash = $1";
const INSERT: &str = "
    INSERT INTO enrolment_visit
        (id, token_hash, purpose, ade_profile_id, serial_number, user_id, expires_at, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const BIND: &str = "UPDATE enrolment_visit SET user_id = $2 WHERE id = $1";
const DELETE: &str = "DELETE FROM enrolment_visit WHERE id = $1";
const DELETE_OLD: &str = "DELETE FROM enrolment_visit WHERE expires_at <= $1";

impl Session {
    /// A visit by the SHA-256 of its token, whether it is over or not.
    pub async fn find_visit(
        &mut self,
        token_hash: &[u8; 32],
    ) -> Result<Option<VisitRecord>, StoreError> {
        let row = self.one::<Row>(FIND, arguments![token_hash]).await?;
        Ok(row.map(|row| VisitRecord {
            id: row.id,
            token_hash: row.token_hash,
            purpose: row.purpose,
            ade_profile_id: row.ade_profile_id,
            serial_number: row.serial_number,
            user_id: row.user_id.map(UserId),
            expires_at: Timestamp(row.expires_at),
            created_at: Timestamp(row.created_at),
        }))
    }

    /// Adds a visit.
    pub async fn insert_visit(&mut self, visit: &VisitRecord) -> Result<(), StoreError> {
        let values = arguments![
            visit.id,
            visit.token_hash.clone(),
            &visit.purpose,
            visit.ade_profile_id,
            visit.serial_number.clone(),
            visit.user_id,
            visit.expires_at,
            visit.created_at,
        ];
        self.execute(INSERT, values).await.map(drop)
    }

    /// Notes who has signed in.
    pub async fn bind_visit(&mut self, id: Uuid, user: UserId) -> Result<(), StoreError> {
        self.execute(BIND, arguments![id, user]).await.map(drop)
    }

    /// Ends a visit; `false` if it has ended already.
    pub async fn delete_visit(&mut self, id: Uuid) -> Result<bool, StoreError> {
        Ok(self.execute(DELETE, arguments![id]).await? == 1)
    }

    /// Forgets visits whose time is over.
    pub async fn delete_old_visits(&mut self, now: Timestamp) -> Result<(), StoreError> {
        self.execute(DELETE_OLD, arguments![now]).await.map(drop)
    }
}
