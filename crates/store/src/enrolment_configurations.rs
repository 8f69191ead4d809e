//! What counts when devices are enrolled: limits of devices per person, and restrictions. Both have a place in an order, and
//! are for the people of groups.

use std::collections::{BTreeMap, BTreeSet};

use mandate_model::{EnrolmentConfigurationId, GroupId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// A sort of enrolment configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnrolmentConfigurationKind {
    /// How many devices people may have.
    Limit,
    /// Which devices may be enrolled.
    Restriction,
}

impl EnrolmentConfigurationKind {
    const fn word(self) -> &'static str {
        match self {
            Self::Limit => "limit",
            Self::Restriction => "restriction",
        }
    }

    fn parse(word: &str) -> Result<Self, StoreError> {
        let known = [Self::Limit, Self::Restriction];
        known
            .into_iter()
            .find(|kind| kind.word() == word)
            .ok_or_else(|| StoreError::Inconsistent {
                table: "enrolment_configuration",
                column: "kind",
                id: word.to_owned(),
                problem: "is no sort of enrolment configuration".to_owned(),
            })
    }
}

/// An enrolment configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolmentConfigurationRecord {
    /// Of which sort.
    pub kind: EnrolmentConfigurationKind,
    /// Id among those of its sort; zeros for the one of everybody.
    pub id: EnrolmentConfigurationId,
    /// Name for people.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// For which platform, in the engine's word; all of them if absent.
    pub platform: Option<String>,
    /// Of several of one sort and platform that mean a person, the one with the lowest number counts; 0 is the one of
    /// everybody, which counts last.
    pub priority: i64,
    /// What it says: JSON, carried.
    pub content: String,
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
struct ConfigurationRow {
    id: Uuid,
    name: String,
    description: Option<String>,
    platform: Option<String>,
    priority: i64,
    content: String,
    version: i64,
    created_at: i64,
    modified_at: i64,
}

impl ConfigurationRow {
    fn with(
        self,
        kind: EnrolmentConfigurationKind,
        groups: BTreeSet<GroupId>,
    ) -> EnrolmentConfigurationRecord {
        EnrolmentConfigurationRecord {
            kind,
            id: EnrolmentConfigurationId(self.id),
            name: self.name,
            description: self.description,
            platform: self.platform,
            priority: self.priority,
            content: self.content,
            version: self.version,
            created_at: Timestamp(self.created_at),
            modified_at: Timestamp(self.modified_at),
            groups,
        }
    }
}

const LIST: &str = "
    SELECT id, name, description, platform, priority, content, version, created_at, modified_at
    FROM enrolment_configuration WHERE kind = $1 ORDER BY priority, id";
const TEAMS: &str =
    "SELECT configuration_id, team_id FROM enrolment_configuration_team WHERE kind = $1";
const SET: &str = "
    INSERT INTO enrolment_configuration
        (kind, id, name, description, platform, priority, content, version, created_at, modified_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (kind, id) DO UPDATE SET
        name = excluded.name, description = excluded.description, priority = excluded.priority,
        content = excluded.content, version = excluded.version, modified_at = excluded.modified_at";
const CLEAR_TEAMS: &str =
    "DELETE FROM enrolment_configuration_team WHERE kind = $1 AND configuration_id = $2";
const ADD_TEAM: &str = "
    INSERT INTO enrolment_configuration_team (kind, configuration_id, team_id) VALUES ($1, $2, $3)";
const DELETE: &str = "DELETE FROM enrolment_configuration WHERE kind = $1 AND id = $2";
const NAMING_GROUP: &str = "
    SELECT c.kind, c.name FROM enrolment_configuration c
    JOIN enrolment_configuration_team t ON t.kind = c.kind AND t.configuration_id = c.id
    WHERE t.team_id = $1 ORDER BY c.kind, c.name";
/// Names the lock of what counts for enrolment among the advisory locks of a PostgreSQL database: `limits` in ASCII.
const LOCK_OF_RULES: i64 = 0x6c_69_6d_69_74_73;

impl Session {
    /// All of a sort with their groups, by priority; that of everybody first, if it was ever changed.
    pub async fn list_enrolment_configurations(
        &mut self,
        kind: EnrolmentConfigurationKind,
    ) -> Result<Vec<EnrolmentConfigurationRecord>, StoreError> {
        let rows: Vec<ConfigurationRow> = self.all(LIST, arguments![kind.word()]).await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let mut groups: BTreeMap<Uuid, BTreeSet<GroupId>> = BTreeMap::new();
        let teams: Vec<(Uuid, Uuid)> = self.all(TEAMS, arguments![kind.word()]).await?;
        for (configuration, team) in teams {
            groups
                .entry(configuration)
                .or_default()
                .insert(GroupId(team));
        }
        let with_groups = |row: ConfigurationRow| {
            let own = groups.remove(&row.id).unwrap_or_default();
            row.with(kind, own)
        };
        Ok(rows.into_iter().map(with_groups).collect())
    }

    /// Has those who change what counts for enrolment take turns: each looks at what there is of all.
    pub async fn hold_enrolment_rules(&mut self) -> Result<(), StoreError> {
        self.take_turn(LOCK_OF_RULES).await
    }

    /// Adds or replaces a configuration, without its groups; its platform stays.
    pub async fn set_enrolment_configuration(
        &mut self,
        one: &EnrolmentConfigurationRecord,
    ) -> Result<(), StoreError> {
        let values = arguments![
            one.kind.word(),
            one.id,
            &one.name,
            one.description.clone(),
            one.platform.clone(),
            one.priority,
            &one.content,
            one.version,
            one.created_at,
            one.modified_at,
        ];
        self.execute(SET, values).await.map(drop)
    }

    /// Replaces the groups of a configuration.
    pub async fn set_groups_of_enrolment_configuration(
        &mut self,
        kind: EnrolmentConfigurationKind,
        id: EnrolmentConfigurationId,
        groups: &BTreeSet<GroupId>,
    ) -> Result<(), StoreError> {
        self.execute(CLEAR_TEAMS, arguments![kind.word(), id])
            .await?;
        for group in groups {
            self.execute(ADD_TEAM, arguments![kind.word(), id, *group])
                .await?;
        }
        Ok(())
    }

    /// Removes a configuration; whether there was one.
    pub async fn delete_enrolment_configuration(
        &mut self,
        kind: EnrolmentConfigurationKind,
        id: EnrolmentConfigurationId,
    ) -> Result<bool, StoreError> {
        self.execute(CLEAR_TEAMS, arguments![kind.word(), id])
            .await?;
        Ok(self.execute(DELETE, arguments![kind.word(), id]).await? == 1)
    }

    /// Sorts and names of the configurations for people of a group.
    pub async fn enrolment_configurations_naming(
        &mut self,
        group: GroupId,
    ) -> Result<Vec<(EnrolmentConfigurationKind, String)>, StoreError> {
        let rows: Vec<(String, String)> = self.all(NAMING_GROUP, arguments![group]).await?;
        rows.into_iter()
            .map(|(kind, name)| Ok((EnrolmentConfigurationKind::parse(&kind)?, name)))
            .collect()
    }
}
