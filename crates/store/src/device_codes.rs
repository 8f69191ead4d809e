//! Device codes (RFC 8628): what a client waits for while somebody signs in elsewhere.

use mandate_model::{AppId, Timestamp, UserId};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// A device code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceCodeRecord {
    /// SHA-256 of the device code.
    pub hash: Vec<u8>,
    /// What people type, without separators.
    pub user_code: String,
    /// The client that waits.
    pub app: AppId,
    /// What was asked for, as JSON.
    pub content: String,
    /// `pending`, `approved` or `denied`.
    pub state: String,
    /// Who approved it.
    pub user: Option<UserId>,
    /// The session in which they were signed in.
    pub session: Option<Uuid>,
    /// When the client last asked.
    pub polled_at: Option<Timestamp>,
    /// Seconds between two questions.
    pub interval_seconds: i64,
    /// When it ends.
    pub expires_at: Timestamp,
}

#[derive(FromRow)]
struct DeviceCodeRow {
    hash: Vec<u8>,
    user_code: String,
    app_id: Uuid,
    content: String,
    state: String,
    user_id: Option<Uuid>,
    session_id: Option<Uuid>,
    polled_at: Option<i64>,
    interval_seconds: i64,
    expires_at: i64,
}

impl From<DeviceCodeRow> for DeviceCodeRecord {
    fn from(row: DeviceCodeRow) -> Self {
        Self {
            hash: row.hash,
            user_code: row.user_code,
            app: AppId(row.app_id),
            content: row.content,
            state: row.state,
            user: row.user_id.map(UserId),
            session: row.session_id,
            polled_at: row.polled_at.map(Timestamp),
            interval_seconds: row.interval_seconds,
            expires_at: Timestamp(row.expires_at),
        }
    }
}

const INSERT: &str = "
    INSERT INTO device_code
        (hash, user_code, app_id, content, state, user_id, session_id, polled_at, interval_seconds, expires_at)
    VALUES ($1, $2, $3, $4, 'pending', NULL, NULL, NULL, $5, $6)
    ON CONFLICT DO NOTHING";
const FIND: &str = "
    SELECT hash, user_code, app_id, content, state, user_id, session_id, polled_at, interval_seconds, expires_at
    FROM device_code WHERE hash = $1 AND app_id = $2";
const FIND_BY_USER_CODE: &str = "
    SELECT hash, user_code, app_id, content, state, user_id, session_id, polled_at, interval_seconds, expires_at
    FROM device_code WHERE user_code = $1 AND state = 'pending' AND expires_at > $2";
const DECIDE: &str = "
    UPDATE device_code SET state = $2, user_id = $3, session_id = $4
    WHERE hash = $1 AND state = 'pending' AND expires_at > $5";
const POLL: &str = "UPDATE device_code SET polled_at = $2, interval_seconds = $3 WHERE hash = $1";
const TAKE: &str = "DELETE FROM device_code WHERE hash = $1 AND state = $2";

impl Session {
    /// Keeps a new device code; whether its user code was free.
    pub async fn insert_device_code(
        &mut self,
        code: &DeviceCodeRecord,
    ) -> Result<bool, StoreError> {
        let values = arguments![
            code.hash.clone(),
            &code.user_code,
            code.app,
            &code.content,
            code.interval_seconds,
            code.expires_at
        ];
        Ok(self.execute(INSERT, values).await? == 1)
    }

    /// A device code of a client.
    pub async fn find_device_code(
        &mut self,
        hash: &[u8; 32],
        app: AppId,
    ) -> Result<Option<DeviceCodeRecord>, StoreError> {
        let row = self.one::<DeviceCodeRow>(FIND, arguments![hash, app]).await;
        Ok(row?.map(Into::into))
    }

    /// A device code that waits, by what people type.
    pub async fn find_waiting_device_code(
        &mut self,
        user_code: &str,
        now: Timestamp,
    ) -> Result<Option<DeviceCodeRecord>, StoreError> {
        let values = arguments![user_code, now];
        let row = self.one::<DeviceCodeRow>(FIND_BY_USER_CODE, values).await;
        Ok(row?.map(Into::into))
    }

    /// Approves or denies; whether it still waited for that.
    pub async fn decide_device_code(
        &mut self,
        hash: &[u8],
        state: &str,
        user: UserId,
        session: Uuid,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let values = arguments![hash, state, user, session, now];
        Ok(self.execute(DECIDE, values).await? == 1)
    }

    /// Notes that the client asked.
    pub async fn poll_device_code(
        &mut self,
        hash: &[u8],
        now: Timestamp,
        interval_seconds: i64,
    ) -> Result<(), StoreError> {
        let values = arguments![hash, now, interval_seconds];
        self.execute(POLL, values).await.map(drop)
    }

    /// Takes a code that was decided in this way; whether nobody did before.
    pub async fn take_device_code(&mut self, hash: &[u8], state: &str) -> Result<bool, StoreError> {
        Ok(self.execute(TAKE, arguments![hash, state]).await? == 1)
    }
}
