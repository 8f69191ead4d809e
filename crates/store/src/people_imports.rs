//! Files with people that administrators look at before they import them: at most one of each administrator.

use mandate_model::{Timestamp, UserId};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// A file that somebody brought and has not imported yet.
#[derive(Clone, PartialEq, Eq)]
pub struct PeopleImportRecord {
    /// Who brought it.
    pub user_id: UserId,
    /// Its id.
    pub id: Uuid,
    /// Its rows and how they are to be taken, as JSON.
    pub content: String,
    /// When it was brought.
    pub kept_at: Timestamp,
}

impl std::fmt::Debug for PeopleImportRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PeopleImportRecord")
            .field("id", &self.id)
            .field("octets", &self.content.len())
            .finish_non_exhaustive()
    }
}

#[derive(FromRow)]
struct ImportRow {
    user_id: Uuid,
    id: Uuid,
    content: String,
    kept_at: i64,
}

const KEEP: &str = "
    INSERT INTO people_import (user_id, id, content, kept_at)
    VALUES ($1, $2, $3, $4)
    ON CONFLICT (user_id) DO UPDATE
    SET id = excluded.id, content = excluded.content, kept_at = excluded.kept_at";
const FIND: &str = "
    SELECT user_id, id, content, kept_at
    FROM people_import WHERE user_id = $1 AND id = $2";
const DELETE: &str = "DELETE FROM people_import WHERE user_id = $1";
const DELETE_OLD: &str = "DELETE FROM people_import WHERE kept_at < $1";

impl Session {
    /// Keeps a file, in place of the one that the same administrator brought before.
    pub async fn keep_people_import(
        &mut self,
        record: &PeopleImportRecord,
    ) -> Result<(), StoreError> {
        let values = arguments![record.user_id, record.id, &record.content, record.kept_at];
        self.execute(KEEP, values).await.map(drop)
    }

    /// The file of this id that an administrator brought.
    pub async fn find_people_import(
        &mut self,
        user: UserId,
        id: Uuid,
    ) -> Result<Option<PeopleImportRecord>, StoreError> {
        let row: Option<ImportRow> = self.one(FIND, arguments![user, id]).await?;
        Ok(row.map(|row| PeopleImportRecord {
            user_id: UserId(row.user_id),
            id: row.id,
            content: row.content,
            kept_at: Timestamp(row.kept_at),
        }))
    }

    /// Deletes what an administrator brought.
    pub async fn delete_people_import(&mut self, user: UserId) -> Result<(), StoreError> {
        self.execute(DELETE, arguments![user]).await.map(drop)
    }

    /// Deletes what was brought before a time.
    pub async fn delete_people_imports_before(
        &mut self,
        time: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(DELETE_OLD, arguments![time]).await.map(drop)
    }
}
