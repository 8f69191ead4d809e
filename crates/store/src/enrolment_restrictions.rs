//! Which devices may be enrolled.

use std::collections::{BTreeMap, BTreeSet};

use mandate_model::{EnrolmentRestrictionId, GroupId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// A rule about which devices may be enrolled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolmentRestrictionRecord {
    /// Id; zeros for the one of everybody.
    pub id: EnrolmentRestrictionId,
    /// Name for people.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// For which platform, in the engine's word; `all` for the one of everybody.
    pub platform: String,
    /// Of several of one platform that mean a person, the one with the lowest number counts; 0 is the one of everybody, which
    /// counts last.
    pub priority: i64,
    /// A rule per platform: JSON, carried.
    pub rules: String,
    /// Grows by one with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub modified_at: Timestamp,
    /// For whose people it is.
    pub groups: BTreeSet<GroupId>,
}

#[derive(FromRow)]
struct RestrictionRow {
    id: Uuid,
    name: String,
    description: Option<String>,
    platform: String,
    priority: i64,
    rules: String,
    version: i64,
    created_at: i64,
    modified_at: i64,
}

impl RestrictionRow {
    fn with(self, groups: BTreeSet<GroupId>) -> EnrolmentRestrictionRecord {
        EnrolmentRestrictionRecord {
            id: EnrolmentRestrictionId(self.id),
            name: self.name,
            description: self.description,
            platform: self.platform,
            priority: self.priority,
            rules: self.rules,
            version: self.version,
            created_at: Timestamp(self.created_at),
            modified_at: Timestamp(self.modified_at),
            groups,
        }
    }
}

const LIST: &str = "
    SELECT id, name, description, platform, priority, rules, version, created_at, modified_at
    FROM enrolment_restriction ORDER BY priority, id";
const TEAMS: &str = "SELECT restriction_id, team_id FROM enrolment_restriction_team";
const SET: &str = "
    INSERT INTO enrolment_restriction
        (id, name, description, platform, priority, rules, version, created_at, modified_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (id) DO UPDATE SET
        name = excluded.name, description = excluded.description, priority = excluded.priority,
        rules = excluded.rules, version = excluded.version, modified_at = excluded.modified_at";
const CLEAR_TEAMS: &str = "DELETE FROM enrolment_restriction_team WHERE restriction_id = $1";
const ADD_TEAM: &str =
    "INSERT INTO enrolment_restriction_team (restriction_id, team_id) VALUES ($1, $2)";
const DELETE: &str = "DELETE FROM enrolment_restriction WHERE id = $1";
const NAMING_GROUP: &str = "
    SELECT r.name FROM enrolment_restriction r
    JOIN enrolment_restriction_team t ON t.restriction_id = r.id
    WHERE t.team_id = $1 ORDER BY r.name";

impl Session {
    /// All restrictions with their groups, by priority; that of everybody first, if it was ever changed.
    pub async fn list_enrolment_restrictions(
        &mut self,
    ) -> Result<Vec<EnrolmentRestrictionRecord>, StoreError> {
        let rows: Vec<RestrictionRow> = self.all(LIST, &[]).await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let mut groups: BTreeMap<Uuid, BTreeSet<GroupId>> = BTreeMap::new();
        let teams: Vec<(Uuid, Uuid)> = self.all(TEAMS, &[]).await?;
        for (restriction, team) in teams {
            groups.entry(restriction).or_default().insert(GroupId(team));
        }
        let with_groups = |row: RestrictionRow| {
            let own = groups.remove(&row.id).unwrap_or_default();
            row.with(own)
        };
        Ok(rows.into_iter().map(with_groups).collect())
    }

    /// Adds or replaces a restriction, without its groups; its platform stays.
    pub async fn set_enrolment_restriction(
        &mut self,
        restriction: &EnrolmentRestrictionRecord,
    ) -> Result<(), StoreError> {
        let values = arguments![
            restriction.id,
            &restriction.name,
            restriction.description.clone(),
            &restriction.platform,
            restriction.priority,
            &restriction.rules,
            restriction.version,
            restriction.created_at,
            restriction.modified_at,
        ];
        self.execute(SET, values).await.map(drop)
    }

    /// Replaces the groups of a restriction.
    pub async fn set_groups_of_enrolment_restriction(
        &mut self,
        id: EnrolmentRestrictionId,
        groups: &BTreeSet<GroupId>,
    ) -> Result<(), StoreError> {
        self.execute(CLEAR_TEAMS, arguments![id]).await?;
        for group in groups {
            self.execute(ADD_TEAM, arguments![id, *group]).await?;
        }
        Ok(())
    }

    /// Removes a restriction; whether there was one.
    pub async fn delete_enrolment_restriction(
        &mut self,
        id: EnrolmentRestrictionId,
    ) -> Result<bool, StoreError> {
        self.execute(CLEAR_TEAMS, arguments![id]).await?;
        Ok(self.execute(DELETE, arguments![id]).await? == 1)
    }

    /// Names of the restrictions for people of a group.
    pub async fn enrolment_restrictions_naming(
        &mut self,
        group: GroupId,
    ) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(String,)> = self.all(NAMING_GROUP, arguments![group]).await?;
        Ok(rows.into_iter().map(|(name,)| name).collect())
    }
}
