//! Passwords, and since when what people are signed in to is good.

use mandate_model::{Timestamp, UserId};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// What is kept of a person who signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialRecord {
    /// The person.
    pub user_id: UserId,
    /// Argon2id in the PHC string format; none for those who sign in elsewhere.
    pub password_hash: Option<String>,
    /// When the password was set.
    pub password_at: Option<Timestamp>,
    /// Whether the next sign-in asks for another password.
    pub must_change: bool,
    /// Sessions and tokens from before are no longer good.
    pub valid_from: Timestamp,
    /// By which passkeys know the person: random, so that it tells nothing.
    pub handle: Uuid,
}

#[derive(FromRow)]
struct CredentialRow {
    user_id: Uuid,
    password_hash: Option<String>,
    password_at: Option<i64>,
    must_change: i64,
    valid_from: i64,
    handle: Uuid,
}

impl From<CredentialRow> for CredentialRecord {
    fn from(row: CredentialRow) -> Self {
        Self {
            user_id: UserId(row.user_id),
            password_hash: row.password_hash,
            password_at: row.password_at.map(Timestamp),
            must_change: row.must_change != 0,
            valid_from: Timestamp(row.valid_from),
            handle: row.handle,
        }
    }
}

const FIND: &str = "
    SELECT user_id, password_hash, password_at, must_change, valid_from, handle
    FROM credential WHERE user_id = $1";
const FIND_BY_HANDLE: &str = "
    SELECT user_id, password_hash, password_at, must_change, valid_from, handle
    FROM credential WHERE handle = $1";
// Whoever changes what the same person signs in with, or what came of it, waits here on PostgreSQL; on SQLite there is
// one writer anyway.
const CLAIM: &str = "
    INSERT INTO credential (user_id, password_hash, password_at, must_change, valid_from, handle)
    VALUES ($1, NULL, NULL, 0, 0, $2)
    ON CONFLICT (user_id) DO UPDATE SET handle = credential.handle
    RETURNING user_id, password_hash, password_at, must_change, valid_from, handle";
const LOCK: &str = "UPDATE credential SET handle = handle WHERE user_id = $1";
const SET_PASSWORD: &str = "
    UPDATE credential SET password_hash = $2, password_at = $3, must_change = $4 WHERE user_id = $1";
// Clocks of two servers differ a little: what has ended does not begin to count again.
const SET_VALID_FROM: &str =
    "UPDATE credential SET valid_from = $2 WHERE user_id = $1 AND valid_from < $2";
// Only if it is still the one that was verified: a new password is not to be lost to a slower request.
const REHASH: &str =
    "UPDATE credential SET password_hash = $3 WHERE user_id = $1 AND password_hash = $2";
const DELETE: &str = "DELETE FROM credential WHERE user_id = $1";
const FORGET_CODES: &str = "DELETE FROM authorization_code WHERE user_id = $1";
const FORGET_REFRESH: &str = "DELETE FROM refresh_token WHERE user_id = $1";
const FORGET_DEVICE_CODES: &str = "DELETE FROM device_code WHERE user_id = $1";
const HAS_DIRECTORY_ROLE: &str =
    "SELECT count(*) FROM directory_role_member WHERE principal_id = $1";
const HAS_ASSIGNED_ROLE: &str =
    "SELECT count(*) FROM role_assignment_team WHERE team_id = $1 AND kind = 'member'";

impl Session {
    /// What a person signs in with.
    pub async fn find_credential(
        &mut self,
        user: UserId,
    ) -> Result<Option<CredentialRecord>, StoreError> {
        let row = self.one::<CredentialRow>(FIND, arguments![user]).await?;
        Ok(row.map(Into::into))
    }

    /// The same, by what passkeys know the person by.
    pub async fn find_credential_by_handle(
        &mut self,
        handle: Uuid,
    ) -> Result<Option<CredentialRecord>, StoreError> {
        let row = self
            .one::<CredentialRow>(FIND_BY_HANDLE, arguments![handle])
            .await?;
        Ok(row.map(Into::into))
    }

    /// The same, an empty one with this handle if there was none. Nobody else changes it, or what the person is signed in
    /// to, until this transaction ends: what is read after it is what counts.
    pub async fn claim_credential(
        &mut self,
        user: UserId,
        handle: Uuid,
    ) -> Result<CredentialRecord, StoreError> {
        self.one::<CredentialRow>(CLAIM, arguments![user, handle])
            .await?
            .map(Into::into)
            .ok_or(StoreError::Unavailable(sqlx::Error::RowNotFound))
    }

    /// Claims what there is of it, as [`Self::claim_credential`] does; whoever was ever signed in has one.
    pub async fn lock_credential(&mut self, user: UserId) -> Result<(), StoreError> {
        if self.is_postgres() {
            self.execute(LOCK, arguments![user]).await?;
        }
        Ok(())
    }

    /// Sets the password of a claimed credential, by its hash, or removes it.
    pub async fn set_password(
        &mut self,
        user: UserId,
        password: Option<(&str, Timestamp)>,
        must_change: bool,
    ) -> Result<(), StoreError> {
        let (hash, at) = password.unzip();
        self.execute(SET_PASSWORD, arguments![user, hash, at, must_change])
            .await
            .map(drop)
    }

    /// Says since when sessions and tokens of a claimed credential are good.
    pub async fn set_valid_from(
        &mut self,
        user: UserId,
        from: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(SET_VALID_FROM, arguments![user, from])
            .await
            .map(drop)
    }

    /// Replaces the hash of a password by another of the same password; whether it was still there.
    pub async fn rehash_password(
        &mut self,
        user: UserId,
        before: &str,
        after: &str,
    ) -> Result<bool, StoreError> {
        Ok(self
            .execute(REHASH, arguments![user, before, after])
            .await?
            == 1)
    }

    /// Forgets what a person signs in with, factors not included.
    pub async fn delete_credential(&mut self, user: UserId) -> Result<(), StoreError> {
        self.execute(DELETE, arguments![user]).await.map(drop)
    }

    /// Forgets codes and refresh tokens of all clients that act for a person.
    pub async fn forget_grants_of_user(&mut self, user: UserId) -> Result<(), StoreError> {
        for sql in [FORGET_CODES, FORGET_REFRESH, FORGET_DEVICE_CODES] {
            self.execute(sql, arguments![user]).await?;
        }
        Ok(())
    }

    /// Whether a person has any role, by themselves or through a group.
    pub async fn has_any_role(&mut self, user: UserId) -> Result<bool, StoreError> {
        if self.number(HAS_DIRECTORY_ROLE, arguments![user]).await? > 0 {
            return Ok(true);
        }
        for group in self.groups_of(user.0, true).await? {
            if self.number(HAS_DIRECTORY_ROLE, arguments![group]).await? > 0
                || self.number(HAS_ASSIGNED_ROLE, arguments![group]).await? > 0
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
