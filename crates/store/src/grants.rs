//! What was granted to clients for people: codes, refresh tokens, device codes; and whether somebody's tokens still count.

use mandate_model::{AppId, Timestamp, UserId};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// Whether tokens of a person still count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Tokens from before are no longer good.
    pub valid_from: Option<Timestamp>,
    /// Whether the session behind the token lasts, or what a client got by it does: a session that merely was not used
    /// any more leaves refresh tokens behind, one that was ended does not. True where the token names none.
    pub session_lasts: bool,
}

/// An authorisation code (RFC 6749 §4.1.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeRecord {
    /// SHA-256 of the code.
    pub hash: Vec<u8>,
    /// The client that it is for.
    pub app: AppId,
    /// The person who it stands for.
    pub user: UserId,
    /// The session in which they were signed in.
    pub session: Uuid,
    /// What is got by it, and by what is got by that, belongs together.
    pub family: Uuid,
    /// What was asked for, as JSON.
    pub content: String,
    /// When it was used.
    pub used_at: Option<Timestamp>,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// A refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshRecord {
    /// SHA-256 of the token.
    pub hash: Vec<u8>,
    /// Tokens that followed one another.
    pub family: Uuid,
    /// The client that it is for.
    pub app: AppId,
    /// The person who it stands for.
    pub user: UserId,
    /// The session that it began in.
    pub session: Option<Uuid>,
    /// What was granted, as JSON.
    pub content: String,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
    /// When it ends.
    pub expires_at: Timestamp,
}

#[derive(FromRow)]
struct CodeRow {
    hash: Vec<u8>,
    app_id: Uuid,
    user_id: Uuid,
    session_id: Uuid,
    family_id: Uuid,
    content: String,
    used_at: Option<i64>,
    expires_at: i64,
}

#[derive(FromRow)]
struct RefreshRow {
    hash: Vec<u8>,
    family_id: Uuid,
    app_id: Uuid,
    user_id: Uuid,
    session_id: Option<Uuid>,
    content: String,
    issued_at: i64,
    used_at: Option<i64>,
    expires_at: i64,
}

impl From<CodeRow> for CodeRecord {
    fn from(row: CodeRow) -> Self {
        Self {
            hash: row.hash,
            app: AppId(row.app_id),
            user: UserId(row.user_id),
            session: row.session_id,
            family: row.family_id,
            content: row.content,
            used_at: row.used_at.map(Timestamp),
            expires_at: Timestamp(row.expires_at),
        }
    }
}

impl From<RefreshRow> for RefreshRecord {
    fn from(row: RefreshRow) -> Self {
        Self {
            hash: row.hash,
            family: row.family_id,
            app: AppId(row.app_id),
            user: UserId(row.user_id),
            session: row.session_id,
            content: row.content,
            issued_at: Timestamp(row.issued_at),
            used_at: row.used_at.map(Timestamp),
            expires_at: Timestamp(row.expires_at),
        }
    }
}

const STANDING: &str = "
    SELECT (SELECT valid_from FROM credential WHERE user_id = $1),
        (SELECT count(*) FROM sign_in_session WHERE id = $2 AND user_id = $1 AND ends_at > $3)
        + (SELECT count(*) FROM refresh_token WHERE session_id = $2 AND user_id = $1 AND expires_at > $3)";
const SIGN_IN: &str =
    "SELECT methods, authenticated_at, issued_at FROM sign_in_session WHERE id = $1";
const INSERT_CODE: &str = "
    INSERT INTO authorization_code
        (hash, app_id, user_id, session_id, family_id, content, used_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, NULL, $7)";
const FIND_CODE: &str = "
    SELECT hash, app_id, user_id, session_id, family_id, content, used_at, expires_at
    FROM authorization_code WHERE hash = $1 AND app_id = $2";
const USE_CODE: &str = "
    UPDATE authorization_code SET used_at = $2 WHERE hash = $1 AND used_at IS NULL";
const INSERT_REFRESH: &str = "
    INSERT INTO refresh_token
        (hash, family_id, app_id, user_id, session_id, content, issued_at, used_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, $8)";
const FIND_REFRESH: &str = "
    SELECT hash, family_id, app_id, user_id, session_id, content, issued_at, used_at, expires_at
    FROM refresh_token WHERE hash = $1 AND app_id = $2";
const USE_REFRESH: &str = "
    UPDATE refresh_token SET used_at = $2, content = $3 WHERE hash = $1 AND used_at IS NULL";
const END_FAMILY: &str = "DELETE FROM refresh_token WHERE family_id = $1";
const USE_ASSERTION: &str = "
    INSERT INTO app_assertion (app_id, hash, origin, expires_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (app_id, hash) DO NOTHING";
const FIND_ASSERTION: &str = "SELECT origin FROM app_assertion WHERE app_id = $1 AND hash = $2";
const TIDY: [&str; 4] = [
    "DELETE FROM authorization_code WHERE expires_at <= $1",
    "DELETE FROM refresh_token WHERE expires_at <= $1",
    "DELETE FROM device_code WHERE expires_at <= $1",
    "DELETE FROM app_assertion WHERE expires_at <= $1",
];

impl Session {
    /// How a person and the session of their token stand.
    pub async fn standing(
        &mut self,
        user: UserId,
        session: Option<Uuid>,
        now: Timestamp,
    ) -> Result<Standing, StoreError> {
        let row: Option<(Option<i64>, i64)> =
            self.one(STANDING, arguments![user, session, now]).await?;
        let (valid_from, sessions) = row.unwrap_or_default();
        Ok(Standing {
            valid_from: valid_from.map(Timestamp),
            session_lasts: session.is_none() || sessions > 0,
        })
    }

    /// How and when somebody proved who they are, and since when they have the cookie, by the id of the session that is
    /// there still.
    pub async fn find_sign_in(
        &mut self,
        session: Uuid,
    ) -> Result<Option<(String, [Timestamp; 2])>, StoreError> {
        let row: Option<(String, i64, i64)> = self.one(SIGN_IN, arguments![session]).await?;
        Ok(row.map(|(methods, at, issued)| (methods, [Timestamp(at), Timestamp(issued)])))
    }

    /// Keeps a new code.
    pub async fn insert_code(&mut self, code: &CodeRecord) -> Result<(), StoreError> {
        let values = arguments![
            code.hash.clone(),
            code.app,
            code.user,
            code.session,
            code.family,
            &code.content,
            code.expires_at
        ];
        self.execute(INSERT_CODE, values).await.map(drop)
    }

    /// A code of a client, used or not.
    pub async fn find_code(
        &mut self,
        hash: &[u8; 32],
        app: AppId,
    ) -> Result<Option<CodeRecord>, StoreError> {
        let row = self.one::<CodeRow>(FIND_CODE, arguments![hash, app]).await;
        Ok(row?.map(Into::into))
    }

    /// Uses a code; whether nobody did before.
    pub async fn use_code(&mut self, hash: &[u8; 32], now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.execute(USE_CODE, arguments![hash, now]).await? == 1)
    }

    /// Keeps a new refresh token.
    pub async fn insert_refresh_token(&mut self, token: &RefreshRecord) -> Result<(), StoreError> {
        let values = arguments![
            token.hash.clone(),
            token.family,
            token.app,
            token.user,
            token.session,
            &token.content,
            token.issued_at,
            token.expires_at
        ];
        self.execute(INSERT_REFRESH, values).await.map(drop)
    }

    /// A refresh token of a client, used or not.
    pub async fn find_refresh_token(
        &mut self,
        hash: &[u8; 32],
        app: AppId,
    ) -> Result<Option<RefreshRecord>, StoreError> {
        let values = arguments![hash, app];
        let row = self.one::<RefreshRow>(FIND_REFRESH, values).await?;
        Ok(row.map(Into::into))
    }

    /// Uses a refresh token, and notes what is needed to give the same answer again; whether nobody did before.
    pub async fn use_refresh_token(
        &mut self,
        hash: &[u8],
        content: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let values = arguments![hash, now, content];
        Ok(self.execute(USE_REFRESH, values).await? == 1)
    }

    /// Ends all refresh tokens that followed one another; with the credential of their person claimed, none is missed.
    pub async fn end_refresh_family(&mut self, family: Uuid) -> Result<(), StoreError> {
        self.execute(END_FAMILY, arguments![family]).await.map(drop)
    }

    /// Notes that an assertion of a client was used; where it came from the first time, if it was used before.
    pub async fn use_assertion(
        &mut self,
        app: AppId,
        hash: &[u8; 32],
        origin: &str,
        expires_at: Timestamp,
    ) -> Result<Option<String>, StoreError> {
        let values = arguments![app, hash, origin, expires_at];
        if self.execute(USE_ASSERTION, values).await? == 1 {
            return Ok(None);
        }
        let row: Option<(String,)> = self.one(FIND_ASSERTION, arguments![app, hash]).await?;
        Ok(row.map(|(origin,)| origin))
    }

    /// Forgets what has expired.
    pub async fn delete_expired_grants(&mut self, now: Timestamp) -> Result<(), StoreError> {
        for statement in TIDY {
            self.execute(statement, arguments![now]).await?;
        }
        Ok(())
    }
}
