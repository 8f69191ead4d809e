//! What people are signed in to with a browser.

use mandate_model::{Timestamp, UserId};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// A browser in which somebody is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInSessionRecord {
    /// Its id, which may be shown.
    pub id: Uuid,
    /// SHA-256 of the value of its cookie.
    pub hash: [u8; 32],
    /// Who.
    pub user_id: UserId,
    /// How they proved who they are, parted by blanks (RFC 8176).
    pub methods: String,
    /// At which provider, if not here.
    pub provider: Option<String>,
    /// From which network address.
    pub address: Option<String>,
    /// With which program, in its own words.
    pub agent: String,
    /// When they proved it.
    pub authenticated_at: Timestamp,
    /// When its cookie was given out: later, if they have got another one since.
    pub issued_at: Timestamp,
    /// When it was last used; to the minute.
    pub seen_at: Timestamp,
    /// Not after this.
    pub ends_at: Timestamp,
}

#[derive(FromRow)]
struct SessionRow {
    id: Uuid,
    hash: Vec<u8>,
    user_id: Uuid,
    methods: String,
    provider: Option<String>,
    address: Option<String>,
    agent: String,
    authenticated_at: i64,
    issued_at: i64,
    seen_at: i64,
    ends_at: i64,
}

impl TryFrom<SessionRow> for SignInSessionRecord {
    type Error = StoreError;

    fn try_from(row: SessionRow) -> Result<Self, StoreError> {
        let hash = row.hash.try_into().map_err(|_| StoreError::Inconsistent {
            table: "sign_in_session",
            column: "hash",
            id: row.id.to_string(),
            problem: "it has not 32 octets".to_owned(),
        })?;
        Ok(Self {
            id: row.id,
            hash,
            user_id: UserId(row.user_id),
            methods: row.methods,
            provider: row.provider,
            address: row.address,
            agent: row.agent,
            authenticated_at: Timestamp(row.authenticated_at),
            issued_at: Timestamp(row.issued_at),
            seen_at: Timestamp(row.seen_at),
            ends_at: Timestamp(row.ends_at),
        })
    }
}

const FIND: &str = "
    SELECT id, hash, user_id, methods, provider, address, agent, authenticated_at, issued_at, seen_at,
        ends_at
    FROM sign_in_session WHERE hash = $1";
const LIST: &str = "
    SELECT id, hash, user_id, methods, provider, address, agent, authenticated_at, issued_at, seen_at,
        ends_at
    FROM sign_in_session WHERE user_id = $1 AND ends_at > $2 AND seen_at > $3
    ORDER BY id DESC LIMIT 100";
const INSERT: &str = "
    INSERT INTO sign_in_session
        (id, hash, user_id, methods, provider, address, agent, authenticated_at, issued_at, seen_at,
         ends_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const SEE: &str = "UPDATE sign_in_session SET seen_at = $2 WHERE id = $1 AND seen_at < $2";
const DELETE: &str = "DELETE FROM sign_in_session WHERE user_id = $1 AND id = $2";
const FORGET: &str = "DELETE FROM sign_in_session WHERE id = $1";
const DELETE_OF_USER: &str = "DELETE FROM sign_in_session WHERE user_id = $1";
const FORGET_REFRESH: &str = "DELETE FROM refresh_token WHERE session_id = $1";
const FORGET_DEVICE_CODES: &str = "DELETE FROM device_code WHERE session_id = $1";
const FORGET_CODES: &str = "DELETE FROM authorization_code WHERE session_id = $1";
const TIDY: &str = "DELETE FROM sign_in_session WHERE ends_at <= $1 OR seen_at <= $2";

impl Session {
    /// A session by the hash of its cookie, whether it has ended or not.
    pub async fn find_sign_in_session(
        &mut self,
        hash: &[u8; 32],
    ) -> Result<Option<SignInSessionRecord>, StoreError> {
        self.one::<SessionRow>(FIND, arguments![hash])
            .await?
            .map(TryInto::try_into)
            .transpose()
    }

    /// A person's sessions that have not ended and were used after `seen_after`, the newest first.
    pub async fn list_sign_in_sessions(
        &mut self,
        user: UserId,
        now: Timestamp,
        seen_after: Timestamp,
    ) -> Result<Vec<SignInSessionRecord>, StoreError> {
        self.all::<SessionRow>(LIST, arguments![user, now, seen_after])
            .await?
            .into_iter()
            .map(TryInto::try_into)
            .collect()
    }

    /// Adds one.
    pub async fn insert_sign_in_session(
        &mut self,
        record: &SignInSessionRecord,
    ) -> Result<(), StoreError> {
        let values = arguments![
            record.id,
            &record.hash,
            record.user_id,
            &record.methods,
            record.provider.as_ref(),
            record.address.as_ref(),
            &record.agent,
            record.authenticated_at,
            record.issued_at,
            record.seen_at,
            record.ends_at
        ];
        self.execute(INSERT, values).await.map(drop)
    }

    /// Notes that one is in use.
    pub async fn see_sign_in_session(
        &mut self,
        id: Uuid,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(SEE, arguments![id, now]).await.map(drop)
    }

    /// Ends one of a person's sessions with what clients got by it; whether there was one.
    pub async fn delete_sign_in_session(
        &mut self,
        user: UserId,
        id: Uuid,
    ) -> Result<bool, StoreError> {
        // Whoever is just getting something by it has got it then, and it is seen below.
        self.lock_credential(user).await?;
        let existed = self.execute(DELETE, arguments![user, id]).await? > 0;
        if existed {
            for sql in [FORGET_DEVICE_CODES, FORGET_CODES, FORGET_REFRESH] {
                self.execute(sql, arguments![id]).await?;
            }
        }
        Ok(existed)
    }

    /// Forgets one whose id goes on under another cookie.
    pub async fn forget_sign_in_session(&mut self, id: Uuid) -> Result<(), StoreError> {
        self.execute(FORGET, arguments![id]).await.map(drop)
    }

    /// Ends all sessions of a person; how many there were.
    pub async fn delete_sign_in_sessions(&mut self, user: UserId) -> Result<u64, StoreError> {
        self.execute(DELETE_OF_USER, arguments![user]).await
    }

    /// Forgets sessions that have ended, or were not used after `seen_after`.
    pub async fn delete_old_sign_in_sessions(
        &mut self,
        now: Timestamp,
        seen_after: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(TIDY, arguments![now, seen_after])
            .await
            .map(drop)
    }
}
