//! What profiles said in earlier versions, and profiles that were deleted.

use mandate_model::{Profile, ProfileId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::profiles::{ProfileRow, json};
use crate::{Session, StoreError};

/// What a profile said in one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileVersionRecord {
    /// The profile.
    pub profile_id: ProfileId,
    /// Its version.
    pub version: i64,
    /// Everything it said, as JSON.
    pub content: String,
    /// Who made the version.
    pub actor: String,
    /// When.
    pub created_at: Timestamp,
}

#[derive(FromRow)]
struct VersionRow {
    profile_id: Uuid,
    version: i64,
    content: String,
    actor: String,
    created_at: i64,
}

impl From<VersionRow> for ProfileVersionRecord {
    fn from(row: VersionRow) -> Self {
        Self {
            profile_id: ProfileId(row.profile_id),
            version: row.version,
            content: row.content,
            actor: row.actor,
            created_at: Timestamp(row.created_at),
        }
    }
}

const INSERT: &str = "
    INSERT INTO profile_version (profile_id, version, content, actor, created_at) VALUES ($1, $2, $3, $4, $5)";
const FIND: &str = "
    SELECT profile_id, version, content, actor, created_at
    FROM profile_version WHERE profile_id = $1 AND version = $2";
const LIST: &str = "
    SELECT profile_id, version, content, actor, created_at
    FROM profile_version WHERE profile_id = $1 AND version < $2 ORDER BY version DESC LIMIT $3";
const FIND_DELETED: &str = "
    SELECT id, kind, display_name, description, scope_tags, version, settings, links, created_at, modified_at
    FROM profile WHERE id = $1 AND deleted_at IS NOT NULL";
const LIST_DELETED: &str = "
    SELECT id, kind, display_name, description, scope_tags, version, settings, links, created_at, modified_at
    FROM profile WHERE id > $1 AND deleted_at IS NOT NULL ORDER BY id LIMIT $2";
// The version in the condition: of two who bring it back at the same time one is told to look again.
const RESTORE: &str = "
    UPDATE profile SET
        display_name = $2, description = $3, scope_tags = $4, version = $5, settings = $6, links = $7,
        modified_at = $8, deleted_at = NULL
    WHERE id = $1 AND version = $5 - 1 AND deleted_at IS NOT NULL";

impl Session {
    /// Keeps what a version said.
    pub async fn insert_profile_version(
        &mut self,
        record: &ProfileVersionRecord,
    ) -> Result<(), StoreError> {
        let values = arguments![
            record.profile_id,
            record.version,
            &record.content,
            &record.actor,
            record.created_at,
        ];
        self.execute(INSERT, values).await.map(drop)
    }

    /// One version of a profile, also of a deleted one.
    pub async fn find_profile_version(
        &mut self,
        id: ProfileId,
        version: i64,
    ) -> Result<Option<ProfileVersionRecord>, StoreError> {
        let row: Option<VersionRow> = self.one(FIND, arguments![id, version]).await?;
        Ok(row.map(Into::into))
    }

    /// Versions of a profile, the newest first, from the one before `before`.
    pub async fn list_profile_versions(
        &mut self,
        id: ProfileId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<ProfileVersionRecord>, StoreError> {
        let values = arguments![id, before.unwrap_or(i64::MAX), i64::from(limit)];
        let rows: Vec<VersionRow> = self.all(LIST, values).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// A deleted profile by id.
    pub async fn find_deleted_profile(
        &mut self,
        id: ProfileId,
    ) -> Result<Option<Profile>, StoreError> {
        self.one::<ProfileRow>(FIND_DELETED, arguments![id])
            .await?
            .map(TryInto::try_into)
            .transpose()
    }

    /// Deleted profiles by id, from the one after `after`.
    pub async fn list_deleted_profiles(
        &mut self,
        after: Option<ProfileId>,
        limit: u32,
    ) -> Result<Vec<Profile>, StoreError> {
        let values = arguments![after.map_or(Uuid::nil(), |id| id.0), i64::from(limit)];
        self.all::<ProfileRow>(LIST_DELETED, values)
            .await?
            .into_iter()
            .map(TryInto::try_into)
            .collect()
    }

    /// Brings a deleted profile back as its next version; whether the version before was still the newest and deleted.
    pub async fn restore_profile(&mut self, profile: &Profile) -> Result<bool, StoreError> {
        let values = arguments![
            profile.id,
            &profile.display_name,
            profile.description.clone(),
            json(&profile.scope_tags),
            profile.version,
            json(&profile.settings),
            json(&profile.references),
            profile.modified_at,
        ];
        Ok(self.execute(RESTORE, values).await? == 1)
    }
}
