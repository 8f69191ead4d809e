//! Profiles of automated enrolment.

use mandate_model::Timestamp;
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// What devices are to do at their activation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdeProfileRecord {
    /// Id.
    pub id: Uuid,
    /// The token that it belongs to.
    pub token_id: Uuid,
    /// `ios` or `macos`.
    pub platform: String,
    /// Name.
    pub name: String,
    /// Description.
    pub description: String,
    /// Properties as JSON, in Graph's spelling.
    pub settings: String,
    /// Grows with each change.
    pub version: i64,
    /// The version that Apple has; 0 for none.
    pub defined_version: i64,
    /// Its id at Apple.
    pub apple_id: Option<String>,
    /// Why Apple did not take it; empty if it did.
    pub problem: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub modified_at: Timestamp,
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    token_id: Uuid,
    platform: String,
    name: String,
    description: String,
    settings: String,
    version: i64,
    defined_version: i64,
    apple_id: Option<String>,
    problem: String,
    created_at: i64,
    modified_at: i64,
}

impl From<Row> for AdeProfileRecord {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            token_id: row.token_id,
            platform: row.platform,
            name: row.name,
            description: row.description,
            settings: row.settings,
            version: row.version,
            defined_version: row.defined_version,
            apple_id: row.apple_id,
            problem: row.problem,
            created_at: Timestamp(row.created_at),
            modified_at: Timestamp(row.modified_at),
        }
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, token_id, platform, name, description, settings, version, defined_version, apple_id, problem,
                 created_at, modified_at
             FROM ade_profile ",
            $rest
        )
    };
}

const FIND: &str = select!("WHERE id = $1");
const LIST: &str = select!("WHERE token_id = $1 AND id > $2 ORDER BY id LIMIT $3");
const UNDEFINED: &str =
    select!("WHERE token_id = $1 AND defined_version < version AND id > $2 ORDER BY id LIMIT 1");
const COUNT: &str = "SELECT count(*) FROM ade_profile WHERE token_id = $1";
const INSERT: &str = "
    INSERT INTO ade_profile
        (id, token_id, platform, name, description, settings, version, defined_version, apple_id, problem, created_at,
         modified_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
const UPDATE: &str = "
    UPDATE ade_profile SET name = $2, description = $3, settings = $4, version = version + 1, modified_at = $5
    WHERE id = $1 AND version = $6";
const DEFINED: &str = "
    UPDATE ade_profile SET defined_version = $2, apple_id = $3, problem = $4 WHERE id = $1";
const UNDEFINE: &str =
    "UPDATE ade_profile SET defined_version = 0, apple_id = NULL, problem = '' WHERE token_id = $1";
const DELETE: &str = "DELETE FROM ade_profile WHERE id = $1";
const COUNT_DEVICES: &str =
    "SELECT count(*) FROM ade_device WHERE profile_id = $1 AND is_deleted = 0";

impl Session {
    /// A profile of automated enrolment.
    pub async fn find_ade_profile(
        &mut self,
        id: Uuid,
    ) -> Result<Option<AdeProfileRecord>, StoreError> {
        Ok(self.one::<Row>(FIND, arguments![id]).await?.map(Into::into))
    }

    /// Profiles of a token by id, from the one after `after`.
    pub async fn list_ade_profiles(
        &mut self,
        token: Uuid,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<AdeProfileRecord>, StoreError> {
        let values = arguments![token, after.unwrap_or_else(Uuid::nil), i64::from(limit)];
        Ok(self
            .all::<Row>(LIST, values)
            .await?
            .into_iter()
            .map(Into::into)
            .collect())
    }

    /// The next profile of a token, by id, that Apple does not have as it is now.
    pub async fn undefined_ade_profile(
        &mut self,
        token: Uuid,
        after: Option<Uuid>,
    ) -> Result<Option<AdeProfileRecord>, StoreError> {
        let values = arguments![token, after.unwrap_or_else(Uuid::nil)];
        Ok(self.one::<Row>(UNDEFINED, values).await?.map(Into::into))
    }

    /// How many profiles a token has.
    pub async fn count_ade_profiles(&mut self, token: Uuid) -> Result<i64, StoreError> {
        self.number(COUNT, arguments![token]).await
    }

    /// How many devices are to have a profile.
    pub async fn count_ade_devices_with(&mut self, profile: Uuid) -> Result<i64, StoreError> {
        self.number(COUNT_DEVICES, arguments![profile]).await
    }

    /// Adds a profile.
    pub async fn insert_ade_profile(
        &mut self,
        profile: &AdeProfileRecord,
    ) -> Result<(), StoreError> {
        let values = arguments![
            profile.id,
            profile.token_id,
            &profile.platform,
            &profile.name,
            &profile.description,
            &profile.settings,
            profile.version,
            profile.defined_version,
            profile.apple_id.clone(),
            &profile.problem,
            profile.created_at,
            profile.modified_at,
        ];
        self.execute(INSERT, values).await.map(drop)
    }

    /// Changes a profile that is still of the version that was read; its version grows.
    pub async fn update_ade_profile(
        &mut self,
        profile: &AdeProfileRecord,
    ) -> Result<bool, StoreError> {
        let values = arguments![
            profile.id,
            &profile.name,
            &profile.description,
            &profile.settings,
            profile.modified_at,
            profile.version,
        ];
        Ok(self.execute(UPDATE, values).await? == 1)
    }

    /// Notes what became of a profile at Apple.
    pub async fn note_ade_definition(
        &mut self,
        id: Uuid,
        version: i64,
        apple_id: Option<&str>,
        problem: &str,
    ) -> Result<(), StoreError> {
        let values = arguments![id, version, apple_id.map(str::to_owned), problem];
        self.execute(DEFINED, values).await.map(drop)
    }

    /// Forgets what Apple has of the profiles of a token: it is another server there.
    pub async fn undefine_ade_profiles(&mut self, token: Uuid) -> Result<(), StoreError> {
        self.execute(UNDEFINE, arguments![token]).await.map(drop)
    }

    /// Removes a profile.
    pub async fn delete_ade_profile(&mut self, id: Uuid) -> Result<bool, StoreError> {
        Ok(self.execute(DELETE, arguments![id]).await? == 1)
    }
}
