//! Profiles, their versions, and whom they are for.

use std::collections::BTreeMap;

use mandate_model::{
    Assignment, AssignmentId, GroupId, Profile, ProfileId, Target, Timestamp, catalogue,
};
use serde::de::DeserializeOwned;
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::scope_tags::seen_by_tags;
use crate::{Scope, Session, StoreError};

#[derive(FromRow)]
pub(crate) struct ProfileRow {
    id: Uuid,
    kind: String,
    display_name: String,
    description: Option<String>,
    scope_tags: String,
    version: i64,
    settings: String,
    links: String,
    created_at: i64,
    modified_at: i64,
}

impl TryFrom<ProfileRow> for Profile {
    type Error = StoreError;

    fn try_from(row: ProfileRow) -> Result<Self, StoreError> {
        let inconsistent = |column, problem: String| StoreError::Inconsistent {
            table: "profile",
            column,
            id: row.id.to_string(),
            problem,
        };
        let kind = catalogue::kind(&row.kind)
            .ok_or_else(|| inconsistent("kind", format!("`{}` is no kind of profile", row.kind)))?;
        let references: BTreeMap<String, ProfileId> =
            read(&row.links).map_err(|problem| inconsistent("links", problem))?;
        Ok(Self {
            id: ProfileId(row.id),
            kind,
            scope_tags: read(&row.scope_tags)
                .map_err(|problem| inconsistent("scope_tags", problem))?,
            settings: read(&row.settings).map_err(|problem| inconsistent("settings", problem))?,
            references,
            display_name: row.display_name,
            description: row.description,
            version: row.version,
            created_at: Timestamp(row.created_at),
            modified_at: Timestamp(row.modified_at),
        })
    }
}

#[derive(FromRow)]
struct AssignmentRow {
    id: Uuid,
    profile_id: Uuid,
    kind: String,
    team_id: Option<Uuid>,
}

impl TryFrom<AssignmentRow> for Assignment {
    type Error = StoreError;

    fn try_from(row: AssignmentRow) -> Result<Self, StoreError> {
        let target = match (row.kind.as_str(), row.team_id) {
            ("allUsers", None) => Target::AllUsers,
            ("allDevices", None) => Target::AllDevices,
            ("group", Some(group)) => Target::Group(GroupId(group)),
            ("exclude", Some(group)) => Target::Exclude(GroupId(group)),
            (kind, _) => {
                return Err(StoreError::Inconsistent {
                    table: "assignment",
                    column: "kind",
                    id: row.id.to_string(),
                    problem: format!("`{kind}` is no kind of target, or its group is missing"),
                });
            }
        };
        Ok(Self {
            id: AssignmentId(row.id),
            profile_id: ProfileId(row.profile_id),
            target,
        })
    }
}

const fn stored(target: Target) -> (&'static str, Option<GroupId>) {
    match target {
        Target::AllUsers => ("allUsers", None),
        Target::AllDevices => ("allDevices", None),
        Target::Group(group) => ("group", Some(group)),
        Target::Exclude(group) => ("exclude", Some(group)),
    }
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

pub(crate) fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("maps with text keys always serialise")
}

const FIND: &str = "
    SELECT id, kind, display_name, description, scope_tags, version, settings, links, created_at, modified_at
    FROM profile WHERE id = $1 AND deleted_at IS NULL";
const LIST: &str = "
    SELECT id, kind, display_name, description, scope_tags, version, settings, links, created_at, modified_at
    FROM profile WHERE id > $1 AND deleted_at IS NULL ORDER BY id LIMIT $2";
const LIST_SEEN: &str = concat!(
    "
    SELECT p.id, p.kind, p.display_name, p.description, p.scope_tags, p.version, p.settings, p.links, p.created_at,
           p.modified_at
    FROM profile p WHERE p.id > $1 AND p.deleted_at IS NULL AND ",
    seen_by_tags!("p.scope_tags", "$3", "$4"),
    "
    ORDER BY p.id LIMIT $2"
);
const NAME: &str = "SELECT display_name FROM profile WHERE id = $1";
const INSERT: &str = "
    INSERT INTO profile
        (id, kind, display_name, description, scope_tags, version, settings, links, created_at, modified_at,
         changed_in, changed_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $10)";
// The version in the condition: of two writers at the same time one is told to look again.
const UPDATE: &str = "
    UPDATE profile SET
        display_name = $2, description = $3, scope_tags = $4, version = $5, settings = $6, links = $7,
        modified_at = $8
    WHERE id = $1 AND version = $5 - 1 AND deleted_at IS NULL";
const MARK_CHANGED: &str = "UPDATE profile SET changed_in = $2, changed_at = $3 WHERE id = $1";
const CHANGES: &str = "SELECT id, changed_in, changed_at FROM profile WHERE deleted_at IS NULL";
// A deletion is a version of its own, so that it has its place in the history.
const DELETE: &str = "
    UPDATE profile SET deleted_at = $2, version = version + 1 WHERE id = $1 AND deleted_at IS NULL";
const ASSIGNMENTS: &str = "
    SELECT a.id, a.profile_id, a.kind, a.team_id
    FROM assignment a JOIN profile p ON p.id = a.profile_id
    WHERE p.deleted_at IS NULL ORDER BY a.id";
const ASSIGNMENTS_OF: &str = "
    SELECT id, profile_id, kind, team_id FROM assignment WHERE profile_id = $1 ORDER BY id";
const UNASSIGN: &str = "DELETE FROM assignment WHERE profile_id = $1";
const ASSIGN: &str =
    "INSERT INTO assignment (id, profile_id, kind, team_id) VALUES ($1, $2, $3, $4)";

impl Session {
    /// A profile by id.
    pub async fn find_profile(&mut self, id: ProfileId) -> Result<Option<Profile>, StoreError> {
        self.one::<ProfileRow>(FIND, arguments![id])
            .await?
            .map(TryInto::try_into)
            .transpose()
    }

    /// The name of a profile, also of a deleted one that devices still have.
    pub async fn profile_name(&mut self, id: ProfileId) -> Result<Option<String>, StoreError> {
        let row: Option<(String,)> = self.one(NAME, arguments![id]).await?;
        Ok(row.map(|(name,)| name))
    }

    /// Profiles by id, from the one after `after`.
    pub async fn list_profiles(
        &mut self,
        after: Option<ProfileId>,
        limit: u32,
    ) -> Result<Vec<Profile>, StoreError> {
        let values = arguments![after.map_or(Uuid::nil(), |id| id.0), i64::from(limit)];
        self.all::<ProfileRow>(LIST, values)
            .await?
            .into_iter()
            .map(TryInto::try_into)
            .collect()
    }

    /// The same for those that can be seen.
    pub async fn list_seen_profiles(
        &mut self,
        scope: &Scope,
        after: Option<ProfileId>,
        limit: u32,
    ) -> Result<Vec<Profile>, StoreError> {
        let values = arguments![
            after.map_or(Uuid::nil(), |id| id.0),
            i64::from(limit),
            scope.is_all(),
            scope.text()
        ];
        self.all::<ProfileRow>(LIST_SEEN, values)
            .await?
            .into_iter()
            .map(TryInto::try_into)
            .collect()
    }

    /// Adds a profile.
    pub async fn insert_profile(&mut self, profile: &Profile) -> Result<(), StoreError> {
        let values = arguments![
            profile.id,
            profile.kind.type_name,
            &profile.display_name,
            profile.description.clone(),
            json(&profile.scope_tags),
            profile.version,
            json(&profile.settings),
            json(&profile.references),
            profile.created_at,
            profile.modified_at,
        ];
        self.execute(INSERT, values).await.map(drop)
    }

    /// Replaces a profile by its next version; whether the version before was still the newest.
    pub async fn update_profile(&mut self, profile: &Profile) -> Result<bool, StoreError> {
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
        Ok(self.execute(UPDATE, values).await? == 1)
    }

    /// Notes the intent in which a profile, or whom it is for, changed.
    pub async fn mark_profile_changed(
        &mut self,
        id: ProfileId,
        intent: i64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(MARK_CHANGED, arguments![id, intent, now])
            .await
            .map(drop)
    }

    /// In which intent, and when, each profile last changed.
    pub async fn profile_changes(
        &mut self,
    ) -> Result<Vec<(ProfileId, i64, Timestamp)>, StoreError> {
        let rows: Vec<(Uuid, i64, i64)> = self.all(CHANGES, &[]).await?;
        Ok(rows
            .into_iter()
            .map(|(id, number, at)| (ProfileId(id), number, Timestamp(at)))
            .collect())
    }

    /// Takes a profile out of sight; its row stays for devices that still have it. Whether it was there.
    pub async fn delete_profile(
        &mut self,
        id: ProfileId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(self.execute(DELETE, arguments![id, now]).await? == 1)
    }

    /// All assignments of all profiles.
    pub async fn list_assignments(&mut self) -> Result<Vec<Assignment>, StoreError> {
        self.all::<AssignmentRow>(ASSIGNMENTS, &[])
            .await?
            .into_iter()
            .map(TryInto::try_into)
            .collect()
    }

    /// The assignments of one profile.
    pub async fn assignments_of(&mut self, id: ProfileId) -> Result<Vec<Assignment>, StoreError> {
        self.all::<AssignmentRow>(ASSIGNMENTS_OF, arguments![id])
            .await?
            .into_iter()
            .map(TryInto::try_into)
            .collect()
    }

    /// Replaces the assignments of one profile.
    pub async fn replace_assignments(
        &mut self,
        id: ProfileId,
        all: &[Assignment],
    ) -> Result<(), StoreError> {
        self.execute(UNASSIGN, arguments![id]).await?;
        for assignment in all {
            let (kind, group) = stored(assignment.target);
            self.execute(ASSIGN, arguments![assignment.id, id, kind, group])
                .await?;
        }
        Ok(())
    }
}
