//! What was said of certificates near their end, and what became of saying it.

use mandate_model::Timestamp;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// Something that was said once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertRecord {
    /// Ordered by time.
    pub id: Uuid,
    /// What it is about and at which threshold; nothing is said twice of the same.
    pub subject: String,
    /// What is said, JSON.
    pub content: String,
    /// How often delivering it was tried.
    pub attempts: i64,
    /// When it is to be delivered next; none if nobody is to be told, or somebody was.
    pub due_at: Option<Timestamp>,
    /// What became of the last try.
    pub result: Option<String>,
    /// When it was said.
    pub created_at: Timestamp,
}

type Row = (Uuid, String, String, i64, Option<i64>, Option<String>, i64);

impl From<Row> for AlertRecord {
    fn from((id, subject, content, attempts, due_at, result, created_at): Row) -> Self {
        Self {
            id,
            subject,
            content,
            attempts,
            due_at: due_at.map(Timestamp),
            result,
            created_at: Timestamp(created_at),
        }
    }
}

const INSERT: &str = "
    INSERT INTO alert (id, subject, content, attempts, due_at, result, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (subject) DO NOTHING";
const DUE: &str = "
    SELECT id, subject, content, attempts, due_at, result, created_at
    FROM alert WHERE due_at <= $1 ORDER BY due_at, id LIMIT $2";
const LIST: &str = "
    SELECT id, subject, content, attempts, due_at, result, created_at
    FROM alert WHERE id > $1 ORDER BY id LIMIT $2";
const SETTLE: &str = "UPDATE alert SET attempts = $2, due_at = $3, result = $4 WHERE id = $1";
const TRIM: &str = "DELETE FROM alert WHERE due_at IS NULL AND created_at < $1";

impl Session {
    /// Notes something to be said; whether it had not been said before.
    pub async fn insert_alert(&mut self, record: &AlertRecord) -> Result<bool, StoreError> {
        let values = arguments![
            record.id,
            &record.subject,
            &record.content,
            record.attempts,
            record.due_at,
            record.result.clone(),
            record.created_at,
        ];
        Ok(self.execute(INSERT, values).await? == 1)
    }

    /// What is to be delivered by now, the longest waiting first.
    pub async fn due_alerts(
        &mut self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<AlertRecord>, StoreError> {
        let rows: Vec<Row> = self.all(DUE, arguments![now, i64::from(limit)]).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Everything that was said, oldest first, from the one after `after`.
    pub async fn list_alerts(
        &mut self,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<AlertRecord>, StoreError> {
        let values = arguments![after.unwrap_or(Uuid::nil()), i64::from(limit)];
        let rows: Vec<Row> = self.all(LIST, values).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Keeps what became of a try to deliver.
    pub async fn settle_alert(
        &mut self,
        id: Uuid,
        attempts: i64,
        due_at: Option<Timestamp>,
        result: &str,
    ) -> Result<(), StoreError> {
        self.execute(SETTLE, arguments![id, attempts, due_at, result])
            .await
            .map(drop)
    }

    /// Forgets what was said before a moment and is not to be delivered any more; how much.
    pub async fn trim_alerts(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        self.execute(TRIM, arguments![before]).await
    }
}
