//! How many devices people may have enrolled, and who may enrol many.

use std::collections::{BTreeMap, BTreeSet};

use mandate_model::{DeviceId, EnrolmentLimitId, GroupId, Timestamp, UserId};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// A limit of devices per person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolmentLimitRecord {
    /// Id; zeros for the limit of everybody.
    pub id: EnrolmentLimitId,
    /// Name for people.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Of several that mean a person, the one with the lowest number counts; 0 is the limit of everybody, which counts last.
    pub priority: i64,
    /// How many devices.
    pub devices: i64,
    /// Grows by one with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub modified_at: Timestamp,
    /// For whose people it is.
    pub groups: BTreeSet<GroupId>,
}

/// Somebody who enrols many devices for others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnrolmentManagerRecord {
    /// The person.
    pub user_id: UserId,
    /// Since when.
    pub created_at: Timestamp,
}

#[derive(FromRow)]
struct LimitRow {
    id: Uuid,
    name: String,
    description: Option<String>,
    priority: i64,
    devices: i64,
    version: i64,
    created_at: i64,
    modified_at: i64,
}

impl LimitRow {
    fn with(self, groups: BTreeSet<GroupId>) -> EnrolmentLimitRecord {
        EnrolmentLimitRecord {
            id: EnrolmentLimitId(self.id),
            name: self.name,
            description: self.description,
            priority: self.priority,
            devices: self.devices,
            version: self.version,
            created_at: Timestamp(self.created_at),
            modified_at: Timestamp(self.modified_at),
            groups,
        }
    }
}

const LIST: &str = "
    SELECT id, name, description, priority, devices, version, created_at, modified_at
    FROM enrolment_limit ORDER BY priority, id";
const TEAMS: &str = "SELECT limit_id, team_id FROM enrolment_limit_team";
const SET: &str = "
    INSERT INTO enrolment_limit (id, name, description, priority, devices, version, created_at, modified_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (id) DO UPDATE SET
        name = excluded.name, description = excluded.description, priority = excluded.priority,
        devices = excluded.devices, version = excluded.version, modified_at = excluded.modified_at";
const CLEAR_TEAMS: &str = "DELETE FROM enrolment_limit_team WHERE limit_id = $1";
const ADD_TEAM: &str = "INSERT INTO enrolment_limit_team (limit_id, team_id) VALUES ($1, $2)";
const DELETE: &str = "DELETE FROM enrolment_limit WHERE id = $1";
const NAMING_GROUP: &str = "
    SELECT l.name FROM enrolment_limit l JOIN enrolment_limit_team t ON t.limit_id = l.id
    WHERE t.team_id = $1 ORDER BY l.name";
const IS_MANAGER: &str = "SELECT count(*) FROM enrolment_manager WHERE user_id = $1";
const COUNT_MANAGERS: &str = "SELECT count(*) FROM enrolment_manager";
const LIST_MANAGERS: &str = "
    SELECT user_id, created_at FROM enrolment_manager WHERE user_id > $1 ORDER BY user_id LIMIT $2";
const ADD_MANAGER: &str = "
    INSERT INTO enrolment_manager (user_id, created_at) VALUES ($1, $2) ON CONFLICT DO NOTHING";
const DELETE_MANAGER: &str = "DELETE FROM enrolment_manager WHERE user_id = $1";
// A device counts for its user, or if it has none for the manager who enrolled it. What has begun to enrol counts for a
// while, so that many cannot begin at once.
const COUNT_DEVICES: &str = "
    SELECT count(*) FROM device
    WHERE (user_id = $1 OR (manager_id = $1 AND user_id IS NULL)) AND parent_id IS NULL AND id <> $2
      AND (state = 'enrolled' OR (state = 'enrolling' AND enrolled_at > $3))";
/// Names the lock of all limits among the advisory locks of a PostgreSQL database: `limits` in ASCII.
const LOCK_OF_LIMITS: i64 = 0x6c_69_6d_69_74_73;
const LOCK: &str = "SELECT pg_advisory_xact_lock($1)";

impl Session {
    /// All limits with their groups, by priority; that of everybody first, if it was ever changed.
    pub async fn list_enrolment_limits(&mut self) -> Result<Vec<EnrolmentLimitRecord>, StoreError> {
        let limits: Vec<LimitRow> = self.all(LIST, &[]).await?;
        if limits.is_empty() {
            return Ok(Vec::new());
        }
        let mut groups: BTreeMap<Uuid, BTreeSet<GroupId>> = BTreeMap::new();
        let rows: Vec<(Uuid, Uuid)> = self.all(TEAMS, &[]).await?;
        for (limit, team) in rows {
            groups.entry(limit).or_default().insert(GroupId(team));
        }
        let with_groups = |row: LimitRow| {
            let own = groups.remove(&row.id).unwrap_or_default();
            row.with(own)
        };
        Ok(limits.into_iter().map(with_groups).collect())
    }

    /// Has those who change limits take turns: each looks at the priorities of all.
    pub async fn hold_enrolment_limits(&mut self) -> Result<(), StoreError> {
        if self.is_postgres() {
            self.execute(LOCK, arguments![LOCK_OF_LIMITS]).await?;
        }
        Ok(())
    }

    /// Adds or replaces a limit, without its groups.
    pub async fn set_enrolment_limit(
        &mut self,
        limit: &EnrolmentLimitRecord,
    ) -> Result<(), StoreError> {
        let values = arguments![
            limit.id,
            &limit.name,
            limit.description.clone(),
            limit.priority,
            limit.devices,
            limit.version,
            limit.created_at,
            limit.modified_at,
        ];
        self.execute(SET, values).await.map(drop)
    }

    /// Replaces the groups of a limit.
    pub async fn set_groups_of_enrolment_limit(
        &mut self,
        id: EnrolmentLimitId,
        groups: &BTreeSet<GroupId>,
    ) -> Result<(), StoreError> {
        self.execute(CLEAR_TEAMS, arguments![id]).await?;
        for group in groups {
            self.execute(ADD_TEAM, arguments![id, *group]).await?;
        }
        Ok(())
    }

    /// Removes a limit; whether there was one.
    pub async fn delete_enrolment_limit(
        &mut self,
        id: EnrolmentLimitId,
    ) -> Result<bool, StoreError> {
        self.execute(CLEAR_TEAMS, arguments![id]).await?;
        Ok(self.execute(DELETE, arguments![id]).await? == 1)
    }

    /// Names of the limits for people of a group.
    pub async fn enrolment_limits_naming(
        &mut self,
        group: GroupId,
    ) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(String,)> = self.all(NAMING_GROUP, arguments![group]).await?;
        Ok(rows.into_iter().map(|(name,)| name).collect())
    }

    /// Whether a person may enrol many devices for others.
    pub async fn is_enrolment_manager(&mut self, user: UserId) -> Result<bool, StoreError> {
        Ok(self.number(IS_MANAGER, arguments![user]).await? == 1)
    }

    /// How many such people there are.
    pub async fn count_enrolment_managers(&mut self) -> Result<i64, StoreError> {
        self.number(COUNT_MANAGERS, &[]).await
    }

    /// Such people by id, from the one after `after`.
    pub async fn list_enrolment_managers(
        &mut self,
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Vec<EnrolmentManagerRecord>, StoreError> {
        let values = arguments![after.map_or(Uuid::nil(), |id| id.0), i64::from(limit)];
        let rows: Vec<(Uuid, i64)> = self.all(LIST_MANAGERS, values).await?;
        let record = |(user, at)| EnrolmentManagerRecord {
            user_id: UserId(user),
            created_at: Timestamp(at),
        };
        Ok(rows.into_iter().map(record).collect())
    }

    /// Makes a person one of them; whether that is new.
    pub async fn insert_enrolment_manager(
        &mut self,
        manager: EnrolmentManagerRecord,
    ) -> Result<bool, StoreError> {
        let values = arguments![manager.user_id, manager.created_at];
        Ok(self.execute(ADD_MANAGER, values).await? == 1)
    }

    /// Makes a person none of them any more; whether they were.
    pub async fn delete_enrolment_manager(&mut self, user: UserId) -> Result<bool, StoreError> {
        Ok(self.execute(DELETE_MANAGER, arguments![user]).await? == 1)
    }

    /// Has enrolments of one person take turns until the end of the transaction. Whoever holds a device as well begins with
    /// the device.
    pub async fn hold_enrolments_of(&mut self, user: UserId) -> Result<(), StoreError> {
        if self.is_postgres() {
            let (_, key) = user.0.as_u64_pair();
            self.execute(LOCK, arguments![key.cast_signed()]).await?;
        }
        Ok(())
    }

    /// How many devices a person has enrolled now, but for one. What began to enrol after `begun_after` counts as well.
    pub async fn count_devices_enrolled_for(
        &mut self,
        user: UserId,
        but: Option<DeviceId>,
        begun_after: Timestamp,
    ) -> Result<i64, StoreError> {
        let but = but.map_or(Uuid::nil(), |id| id.0);
        self.number(COUNT_DEVICES, arguments![user, but, begun_after])
            .await
    }
}
