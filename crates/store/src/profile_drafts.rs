//! Drafts: profiles that somebody is still filling in.

use mandate_model::{ProfileId, Timestamp, UserId};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// A draft of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileDraftRecord {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: UserId,
    /// Graph type of the profile, without namespace.
    pub kind: String,
    /// The profile that it is to change, and the version that was looked at; none for a new profile.
    pub based_on: Option<(ProfileId, i64)>,
    /// What was filled in, as JSON.
    pub content: String,
    /// When it was last kept.
    pub kept_at: Timestamp,
}

#[derive(FromRow)]
struct DraftRow {
    id: Uuid,
    user_id: Uuid,
    kind: String,
    profile_id: Option<Uuid>,
    version: Option<i64>,
    content: String,
    kept_at: i64,
}

impl From<DraftRow> for ProfileDraftRecord {
    fn from(row: DraftRow) -> Self {
        Self {
            id: row.id,
            user_id: UserId(row.user_id),
            kind: row.kind,
            based_on: row.profile_id.map(ProfileId).zip(row.version),
            content: row.content,
            kept_at: Timestamp(row.kept_at),
        }
    }
}

const KEEP: &str = "
    INSERT INTO profile_draft (id, user_id, kind, profile_id, version, content, kept_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (id) DO UPDATE SET content = excluded.content, kept_at = excluded.kept_at
    WHERE profile_draft.user_id = excluded.user_id";
const FIND: &str = "
    SELECT id, user_id, kind, profile_id, version, content, kept_at
    FROM profile_draft WHERE id = $1 AND user_id = $2";
const LIST: &str = "
    SELECT id, user_id, kind, profile_id, version, content, kept_at
    FROM profile_draft WHERE user_id = $1 ORDER BY kept_at DESC, id DESC";
const DELETE: &str = "DELETE FROM profile_draft WHERE id = $1 AND user_id = $2";
const DELETE_OF_USER: &str = "DELETE FROM profile_draft WHERE user_id = $1";
const DELETE_OLD: &str = "DELETE FROM profile_draft WHERE kept_at < $1";

impl Session {
    /// Keeps a draft, in place of the same person's draft of this id; whether it was kept.
    pub async fn keep_profile_draft(
        &mut self,
        draft: &ProfileDraftRecord,
    ) -> Result<bool, StoreError> {
        let values = arguments![
            draft.id,
            draft.user_id,
            &draft.kind,
            draft.based_on.map(|(profile, _)| profile),
            draft.based_on.map(|(_, version)| version),
            &draft.content,
            draft.kept_at,
        ];
        Ok(self.execute(KEEP, values).await? == 1)
    }

    /// A draft of a person.
    pub async fn find_profile_draft(
        &mut self,
        user: UserId,
        id: Uuid,
    ) -> Result<Option<ProfileDraftRecord>, StoreError> {
        let row: Option<DraftRow> = self.one(FIND, arguments![id, user]).await?;
        Ok(row.map(Into::into))
    }

    /// All drafts of a person, the newest first.
    pub async fn list_profile_drafts(
        &mut self,
        user: UserId,
    ) -> Result<Vec<ProfileDraftRecord>, StoreError> {
        let rows: Vec<DraftRow> = self.all(LIST, arguments![user]).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Deletes a draft of a person; whether there was one.
    pub async fn delete_profile_draft(
        &mut self,
        user: UserId,
        id: Uuid,
    ) -> Result<bool, StoreError> {
        Ok(self.execute(DELETE, arguments![id, user]).await? == 1)
    }

    /// Deletes all drafts of a person.
    pub async fn delete_profile_drafts_of_user(&mut self, user: UserId) -> Result<(), StoreError> {
        self.execute(DELETE_OF_USER, arguments![user])
            .await
            .map(drop)
    }

    /// Deletes drafts that were last kept before a time.
    pub async fn delete_profile_drafts_before(
        &mut self,
        time: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(DELETE_OLD, arguments![time]).await.map(drop)
    }
}
