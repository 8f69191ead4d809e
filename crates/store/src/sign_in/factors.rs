//! Second factors: one-time codes, passkeys, recovery codes.

use mandate_model::{Timestamp, UserId};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// The secret of an app that shows one-time codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotpRecord {
    /// Whose.
    pub user_id: UserId,
    /// The secret, sealed.
    pub sealed: Vec<u8>,
    /// The newest time step whose code was taken.
    pub last_step: i64,
    /// When the person showed that the app has it; none while it is being set up.
    pub confirmed_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A passkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyRecord {
    /// Its id here.
    pub id: Uuid,
    /// Whose.
    pub user_id: UserId,
    /// Its id at the authenticator.
    pub credential_id: Vec<u8>,
    /// What the person calls it.
    pub name: String,
    /// Public key and counter, as JSON.
    pub content: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last used.
    pub used_at: Option<Timestamp>,
}

#[derive(FromRow)]
struct TotpRow {
    user_id: Uuid,
    sealed: Vec<u8>,
    last_step: i64,
    confirmed_at: Option<i64>,
    created_at: i64,
}

#[derive(FromRow)]
struct PasskeyRow {
    id: Uuid,
    user_id: Uuid,
    credential_id: Vec<u8>,
    name: String,
    content: String,
    created_at: i64,
    used_at: Option<i64>,
}

impl From<TotpRow> for TotpRecord {
    fn from(row: TotpRow) -> Self {
        Self {
            user_id: UserId(row.user_id),
            sealed: row.sealed,
            last_step: row.last_step,
            confirmed_at: row.confirmed_at.map(Timestamp),
            created_at: Timestamp(row.created_at),
        }
    }
}

impl From<PasskeyRow> for PasskeyRecord {
    fn from(row: PasskeyRow) -> Self {
        Self {
            id: row.id,
            user_id: UserId(row.user_id),
            credential_id: row.credential_id,
            name: row.name,
            content: row.content,
            created_at: Timestamp(row.created_at),
            used_at: row.used_at.map(Timestamp),
        }
    }
}

const FIND_TOTP: &str = "
    SELECT user_id, sealed, last_step, confirmed_at, created_at
    FROM credential_totp WHERE user_id = $1";
const PUT_TOTP: &str = "
    INSERT INTO credential_totp (user_id, sealed, last_step, confirmed_at, created_at)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (user_id) DO UPDATE SET
        sealed = excluded.sealed, last_step = excluded.last_step,
        confirmed_at = excluded.confirmed_at, created_at = excluded.created_at";
// The condition takes each code once, even when two requests bring it at the same time.
const USE_TOTP: &str =
    "UPDATE credential_totp SET last_step = $2 WHERE user_id = $1 AND last_step < $2";
const DELETE_TOTP: &str = "DELETE FROM credential_totp WHERE user_id = $1";

const LIST_PASSKEYS: &str = "
    SELECT id, user_id, credential_id, name, content, created_at, used_at
    FROM credential_passkey WHERE user_id = $1 ORDER BY id";
const FIND_PASSKEY: &str = "
    SELECT id, user_id, credential_id, name, content, created_at, used_at
    FROM credential_passkey WHERE credential_id = $1";
const INSERT_PASSKEY: &str = "
    INSERT INTO credential_passkey (id, user_id, credential_id, name, content, created_at, used_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const USE_PASSKEY: &str = "UPDATE credential_passkey SET content = $2, used_at = $3 WHERE id = $1";
const NAME_PASSKEY: &str = "UPDATE credential_passkey SET name = $3 WHERE user_id = $1 AND id = $2";
const DELETE_PASSKEY: &str = "DELETE FROM credential_passkey WHERE user_id = $1 AND id = $2";
const DELETE_PASSKEYS: &str = "DELETE FROM credential_passkey WHERE user_id = $1";

const INSERT_CODE: &str =
    "INSERT INTO credential_recovery_code (user_id, hash, used_at) VALUES ($1, $2, NULL)";
const USE_CODE: &str = "
    UPDATE credential_recovery_code SET used_at = $3
    WHERE user_id = $1 AND hash = $2 AND used_at IS NULL";
const COUNT_CODES: &str =
    "SELECT count(*) FROM credential_recovery_code WHERE user_id = $1 AND used_at IS NULL";
const DELETE_CODES: &str = "DELETE FROM credential_recovery_code WHERE user_id = $1";

impl Session {
    /// The secret of a person's one-time codes.
    pub async fn find_totp(&mut self, user: UserId) -> Result<Option<TotpRecord>, StoreError> {
        let row = self.one::<TotpRow>(FIND_TOTP, arguments![user]).await?;
        Ok(row.map(Into::into))
    }

    /// Writes it; each person has one at most.
    pub async fn put_totp(&mut self, record: &TotpRecord) -> Result<(), StoreError> {
        let values = arguments![
            record.user_id,
            record.sealed.clone(),
            record.last_step,
            record.confirmed_at,
            record.created_at
        ];
        self.execute(PUT_TOTP, values).await.map(drop)
    }

    /// Takes the code of a time step; false if it, or a later one, was taken before.
    pub async fn use_totp(&mut self, user: UserId, step: i64) -> Result<bool, StoreError> {
        Ok(self.execute(USE_TOTP, arguments![user, step]).await? == 1)
    }

    /// Forgets it; whether there was one.
    pub async fn delete_totp(&mut self, user: UserId) -> Result<bool, StoreError> {
        Ok(self.execute(DELETE_TOTP, arguments![user]).await? == 1)
    }

    /// A person's passkeys, the oldest first.
    pub async fn list_passkeys(&mut self, user: UserId) -> Result<Vec<PasskeyRecord>, StoreError> {
        let rows = self
            .all::<PasskeyRow>(LIST_PASSKEYS, arguments![user])
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// A passkey by its id at the authenticator.
    pub async fn find_passkey(
        &mut self,
        credential_id: &[u8],
    ) -> Result<Option<PasskeyRecord>, StoreError> {
        let row = self
            .one::<PasskeyRow>(FIND_PASSKEY, arguments![credential_id])
            .await?;
        Ok(row.map(Into::into))
    }

    /// Adds one.
    pub async fn insert_passkey(&mut self, record: &PasskeyRecord) -> Result<(), StoreError> {
        let values = arguments![
            record.id,
            record.user_id,
            record.credential_id.clone(),
            &record.name,
            &record.content,
            record.created_at,
            record.used_at
        ];
        self.execute(INSERT_PASSKEY, values).await.map(drop)
    }

    /// Notes that it was used, with its new counter.
    pub async fn use_passkey(
        &mut self,
        id: Uuid,
        content: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(USE_PASSKEY, arguments![id, content, now])
            .await
            .map(drop)
    }

    /// Calls it otherwise; whether the person has it.
    pub async fn name_passkey(
        &mut self,
        user: UserId,
        id: Uuid,
        name: &str,
    ) -> Result<bool, StoreError> {
        Ok(self
            .execute(NAME_PASSKEY, arguments![user, id, name])
            .await?
            == 1)
    }

    /// Forgets one; whether the person had it.
    pub async fn delete_passkey(&mut self, user: UserId, id: Uuid) -> Result<bool, StoreError> {
        Ok(self.execute(DELETE_PASSKEY, arguments![user, id]).await? == 1)
    }

    /// Forgets all of a person's second factors.
    pub async fn delete_factors(&mut self, user: UserId) -> Result<(), StoreError> {
        for sql in [DELETE_TOTP, DELETE_PASSKEYS, DELETE_CODES] {
            self.execute(sql, arguments![user]).await?;
        }
        Ok(())
    }

    /// Replaces a person's recovery codes, by their hashes.
    pub async fn replace_recovery_codes(
        &mut self,
        user: UserId,
        hashes: &[[u8; 32]],
    ) -> Result<(), StoreError> {
        self.execute(DELETE_CODES, arguments![user]).await?;
        for hash in hashes {
            self.execute(INSERT_CODE, arguments![user, hash]).await?;
        }
        Ok(())
    }

    /// Takes a recovery code; false if there is none such, or it was taken before.
    pub async fn use_recovery_code(
        &mut self,
        user: UserId,
        hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(self.execute(USE_CODE, arguments![user, hash, now]).await? == 1)
    }

    /// How many recovery codes a person has left.
    pub async fn count_recovery_codes(&mut self, user: UserId) -> Result<i64, StoreError> {
        self.number(COUNT_CODES, arguments![user]).await
    }
}
