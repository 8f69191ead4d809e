//! Directories that people and groups come from, and who is reading which.

use mandate_model::Timestamp;
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// A directory. Its password is named after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryRecord {
    /// Its name, as in addresses.
    pub name: String,
    /// How it is asked, as JSON.
    pub settings: String,
    /// Up to where it was read, and what came of it, as JSON.
    pub progress: String,
    /// When it is read next.
    pub due_at: Timestamp,
    /// Until when somebody is reading it.
    pub held_until: Timestamp,
    /// When it was added.
    pub created_at: Timestamp,
}

#[derive(FromRow)]
struct DirectoryRow {
    name: String,
    settings: String,
    progress: String,
    due_at: i64,
    held_until: i64,
    created_at: i64,
}

impl From<DirectoryRow> for DirectoryRecord {
    fn from(row: DirectoryRow) -> Self {
        Self {
            name: row.name,
            settings: row.settings,
            progress: row.progress,
            due_at: Timestamp(row.due_at),
            held_until: Timestamp(row.held_until),
            created_at: Timestamp(row.created_at),
        }
    }
}

macro_rules! columns {
    () => {
        "name, settings, progress, due_at, held_until, created_at"
    };
}

const FIND: &str = concat!("SELECT ", columns!(), " FROM directory WHERE name = $1");
const LIST: &str = concat!("SELECT ", columns!(), " FROM directory ORDER BY name");
const DUE: &str = "
    SELECT name FROM directory WHERE due_at <= $1 AND held_until <= $1 ORDER BY due_at, name";
const INSERT: &str = "
    INSERT INTO directory (name, settings, progress, due_at, holder, held_until, created_at)
    VALUES ($1, $2, $3, $4, NULL, 0, $5)";
const UPDATE: &str = "UPDATE directory SET settings = $2 WHERE name = $1";
const MAKE_DUE: &str = "UPDATE directory SET due_at = $2 WHERE name = $1";
const PROGRESS: &str = "UPDATE directory SET progress = $2 WHERE name = $1";
const HOLD: &str = "
    UPDATE directory SET holder = $2, held_until = $4
    WHERE name = $1 AND (held_until <= $3 OR holder = $2)";
const RELEASE: &str = "
    UPDATE directory SET holder = NULL, held_until = 0, due_at = $3 WHERE name = $1 AND holder = $2";
const DELETE: &str = "DELETE FROM directory WHERE name = $1";

impl Session {
    /// A directory by its name.
    pub async fn find_directory(
        &mut self,
        name: &str,
    ) -> Result<Option<DirectoryRecord>, StoreError> {
        let row: Option<DirectoryRow> = self.one(FIND, arguments![name]).await?;
        Ok(row.map(Into::into))
    }

    /// All directories, by name.
    pub async fn list_directories(&mut self) -> Result<Vec<DirectoryRecord>, StoreError> {
        let rows: Vec<DirectoryRow> = self.all(LIST, &[]).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Names of the directories that are to be read and that nobody is reading.
    pub async fn due_directories(&mut self, now: Timestamp) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(String,)> = self.all(DUE, arguments![now]).await?;
        Ok(rows.into_iter().map(|(name,)| name).collect())
    }

    /// Adds a directory; [`StoreError::Duplicate`] if the name is taken.
    pub async fn insert_directory(&mut self, record: &DirectoryRecord) -> Result<(), StoreError> {
        let values = arguments![
            &record.name,
            &record.settings,
            &record.progress,
            record.due_at,
            record.created_at
        ];
        self.execute(INSERT, values).await.map(drop)
    }

    /// Replaces the settings of a directory; whether there is one.
    pub async fn update_directory(
        &mut self,
        name: &str,
        settings: &str,
    ) -> Result<bool, StoreError> {
        Ok(self.execute(UPDATE, arguments![name, settings]).await? == 1)
    }

    /// Says when a directory is read next; whether there is one.
    pub async fn make_directory_due(
        &mut self,
        name: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(self.execute(MAKE_DUE, arguments![name, at]).await? == 1)
    }

    /// Notes up to where a directory was read, and what came of it.
    pub async fn set_directory_progress(
        &mut self,
        name: &str,
        progress: &str,
    ) -> Result<bool, StoreError> {
        Ok(self.execute(PROGRESS, arguments![name, progress]).await? == 1)
    }

    /// Takes a directory for oneself until a moment, or keeps it for longer; whether nobody else has it.
    pub async fn hold_directory(
        &mut self,
        name: &str,
        holder: Uuid,
        (now, until): (Timestamp, Timestamp),
    ) -> Result<bool, StoreError> {
        let values = arguments![name, holder, now, until];
        Ok(self.execute(HOLD, values).await? == 1)
    }

    /// Lets others have a directory again, from when it is due; whether it was held.
    pub async fn release_directory(
        &mut self,
        name: &str,
        holder: Uuid,
        due_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let values = arguments![name, holder, due_at];
        Ok(self.execute(RELEASE, values).await? == 1)
    }

    /// Removes a directory; whether there was one.
    pub async fn delete_directory(&mut self, name: &str) -> Result<bool, StoreError> {
        Ok(self.execute(DELETE, arguments![name]).await? == 1)
    }
}
