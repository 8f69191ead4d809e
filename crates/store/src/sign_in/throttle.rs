//! Wrong tries.

use mandate_model::Timestamp;
use sqlx::FromRow;

use crate::db::arguments;
use crate::{Session, StoreError};

/// Wrong tries of one account, or from one network address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ThrottleRecord {
    /// How many.
    pub tries: i64,
    /// No further one is taken until then.
    pub blocked_until: Timestamp,
    /// When the last one was.
    pub updated_at: Timestamp,
}

#[derive(FromRow)]
struct ThrottleRow {
    tries: i64,
    blocked_until: i64,
    updated_at: i64,
}

// Whoever tries at the same time waits here on PostgreSQL; on SQLite there is one writer anyway.
const TOUCH: &str = "
    INSERT INTO throttle (subject, tries, blocked_until, updated_at) VALUES ($1, 0, 0, $2)
    ON CONFLICT (subject) DO UPDATE SET tries = throttle.tries
    RETURNING tries, blocked_until, updated_at";
const PUT: &str = "
    UPDATE throttle SET tries = $2, blocked_until = $3, updated_at = $4 WHERE subject = $1";
const DELETE: &str = "DELETE FROM throttle WHERE subject = $1";
const TIDY: &str = "DELETE FROM throttle WHERE updated_at <= $1";

impl Session {
    /// The wrong tries of a subject; nobody else changes them until this transaction ends.
    pub async fn claim_throttle(
        &mut self,
        subject: &str,
        now: Timestamp,
    ) -> Result<ThrottleRecord, StoreError> {
        let row = self
            .one::<ThrottleRow>(TOUCH, arguments![subject, now])
            .await?;
        Ok(
            row.map_or_else(ThrottleRecord::default, |row| ThrottleRecord {
                tries: row.tries,
                blocked_until: Timestamp(row.blocked_until),
                updated_at: Timestamp(row.updated_at),
            }),
        )
    }

    /// Writes the wrong tries of a subject that was claimed.
    pub async fn put_throttle(
        &mut self,
        subject: &str,
        record: ThrottleRecord,
    ) -> Result<(), StoreError> {
        let values = arguments![
            subject,
            record.tries,
            record.blocked_until,
            record.updated_at
        ];
        self.execute(PUT, values).await.map(drop)
    }

    /// Forgets the wrong tries of a subject.
    pub async fn delete_throttle(&mut self, subject: &str) -> Result<(), StoreError> {
        self.execute(DELETE, arguments![subject]).await.map(drop)
    }

    /// Forgets those that are older than `before`.
    pub async fn delete_old_throttles(&mut self, before: Timestamp) -> Result<(), StoreError> {
        self.execute(TIDY, arguments![before]).await.map(drop)
    }
}
