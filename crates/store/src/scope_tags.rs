//! Scope tags, and which devices have which.

use std::collections::{BTreeMap, BTreeSet};

use mandate_model::{DeviceId, GroupId, Timestamp, UserId};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// The condition that a device `d` can be seen: everything can, or it has one of the tags (`Scope::text`), of which a device
/// without any has the default one. Channels of people have the tags of their device.
macro_rules! seen_device {
    ($all:literal, $tags:literal) => {
        concat!(
            "(",
            $all,
            " = 1 OR EXISTS (
                SELECT 1 FROM device_scope_tag t
                WHERE t.device_id = coalesce(d.parent_id, d.id) AND ",
            $tags,
            " LIKE '%,' || CAST(t.tag_id AS TEXT) || ',%')
             OR (",
            $tags,
            " LIKE '%,0,%' AND NOT EXISTS (
                SELECT 1 FROM device_scope_tag t WHERE t.device_id = coalesce(d.parent_id, d.id))))"
        )
    };
}
pub(crate) use seen_device;

/// The condition that something with a column of scope tags can be seen.
macro_rules! seen_by_tags {
    ($column:literal, $all:literal, $tags:literal) => {
        concat!(
            "(",
            $all,
            " = 1 OR EXISTS (
                SELECT 1 FROM scope_tag s
                WHERE ",
            $tags,
            " LIKE '%,' || CAST(s.id AS TEXT) || ',%'
                  AND ",
            $column,
            " LIKE '%\"' || CAST(s.id AS TEXT) || '\"%'))"
        )
    };
}
pub(crate) use seen_by_tags;

/// What somebody can see, by scope tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope(Option<BTreeSet<String>>);

impl Scope {
    /// Everything.
    pub const fn all() -> Self {
        Self(None)
    }

    /// What has one of these tags; everything if there is no such set.
    pub const fn new(tags: Option<BTreeSet<String>>) -> Self {
        Self(tags)
    }

    /// Whether there is no limit.
    pub const fn is_all(&self) -> bool {
        self.0.is_none()
    }

    /// Whether something with these tags can be seen.
    pub fn shows(&self, tags: &[String]) -> bool {
        self.0
            .as_ref()
            .is_none_or(|own| tags.iter().any(|tag| own.contains(tag)))
    }

    /// The tags with a comma before and after each, to be searched by SQL: `,0,12,`.
    pub(crate) fn text(&self) -> String {
        let tags = self.0.iter().flatten();
        tags.fold(",".to_owned(), |text, tag| text + tag + ",")
    }
}

/// A scope tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeTagRecord {
    /// Its number; 0 is built in.
    pub id: i64,
    /// Name for people, unique without regard to case.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

#[derive(FromRow)]
struct TagRow {
    id: i64,
    name: String,
    description: Option<String>,
    created_at: i64,
}

impl From<TagRow> for ScopeTagRecord {
    fn from(row: TagRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            description: row.description,
            created_at: Timestamp(row.created_at),
        }
    }
}

const NEXT: &str = "UPDATE counter SET value = value + 1 WHERE name = 'scope_tag' RETURNING value";
const FIND: &str = "SELECT id, name, description, created_at FROM scope_tag WHERE id = $1";
const LIST: &str = "
    SELECT id, name, description, created_at FROM scope_tag WHERE id > $1 ORDER BY id LIMIT $2";
const INSERT: &str = "
    INSERT INTO scope_tag (id, name, name_folded, description, created_at) VALUES ($1, $2, $3, $4, $5)";
const UPDATE: &str =
    "UPDATE scope_tag SET name = $2, name_folded = $3, description = $4 WHERE id = $1";
const DELETE: &str = "DELETE FROM scope_tag WHERE id = $1";
const TEAMS_OF: &str = "SELECT team_id FROM scope_tag_team WHERE tag_id = $1 ORDER BY team_id";
const ALL_TEAMS: &str = "SELECT tag_id, team_id FROM scope_tag_team";
const ADD_TEAM: &str = "INSERT INTO scope_tag_team (tag_id, team_id) VALUES ($1, $2)";
const DELETE_TEAMS: &str = "DELETE FROM scope_tag_team WHERE tag_id = $1";
const NAMING_GROUP: &str = "
    SELECT s.name FROM scope_tag s JOIN scope_tag_team t ON t.tag_id = s.id WHERE t.team_id = $1 ORDER BY s.name";
const OF_DEVICES: &str = "
    SELECT device_id, tag_id FROM device_scope_tag
    WHERE device_id >= $1 AND device_id <= $2 ORDER BY device_id, tag_id";
const OF_DEVICE: &str =
    "SELECT tag_id, automatic FROM device_scope_tag WHERE device_id = $1 ORDER BY tag_id";
const CLEAR_DEVICE: &str = "DELETE FROM device_scope_tag WHERE device_id = $1";
const TAG_DEVICE: &str =
    "INSERT INTO device_scope_tag (device_id, tag_id, automatic) VALUES ($1, $2, $3)";
const UNTAG_ALL_AUTOMATIC: &str = "DELETE FROM device_scope_tag WHERE automatic = 1";
// Downwards from the groups of all tags to devices, and to people and their devices.
const TAG_ALL_AUTOMATIC: &str = "
    WITH RECURSIVE inside (tag_id, id) AS (
        SELECT t.tag_id, m.member_id FROM scope_tag_team t JOIN team_member m ON m.team_id = t.team_id
        UNION
        SELECT i.tag_id, m.member_id FROM inside i JOIN team_member m ON m.team_id = i.id
    )
    INSERT INTO device_scope_tag (device_id, tag_id, automatic)
    SELECT d.id, i.tag_id, 1 FROM inside i JOIN device d ON d.id = i.id WHERE d.parent_id IS NULL
    UNION
    SELECT d.id, i.tag_id, 1 FROM inside i JOIN device d ON d.user_id = i.id WHERE d.parent_id IS NULL
    ON CONFLICT DO NOTHING";
// Upwards from one device and its user.
const TAGS_AROUND: &str = "
    WITH RECURSIVE around (id) AS (
        SELECT team_id FROM team_member WHERE member_id = $1 OR member_id = $2
        UNION
        SELECT m.team_id FROM team_member m JOIN around a ON m.member_id = a.id
    )
    SELECT DISTINCT tag_id FROM scope_tag_team WHERE team_id IN (SELECT id FROM around)";
const DEVICES_OF_USER: &str = "SELECT id FROM device WHERE user_id = $1 AND parent_id IS NULL";
const IS_AUTOMATIC: &str = "SELECT count(*) FROM scope_tag_team";
const HIDDEN: &str = concat!(
    "SELECT d.id FROM device d WHERE NOT ",
    seen_device!("$1", "$2")
);
// By the role of what names them: profiles, roles, assignments of roles (twice) and devices.
const USED_BY_PROFILES: &str = "
    SELECT display_name FROM profile WHERE deleted_at IS NULL AND scope_tags LIKE '%\"' || $1 || '\"%'
    ORDER BY display_name LIMIT 10";
const USED_BY_ROLES: &str = "
    SELECT name FROM role_definition WHERE scope_tags LIKE '%\"' || $1 || '\"%' ORDER BY name LIMIT 10";
const USED_BY_ASSIGNMENTS: &str = "
    SELECT name FROM role_assignment
    WHERE scope_tags LIKE '%\"' || $1 || '\"%' OR tags LIKE '%\"' || $1 || '\"%' ORDER BY name LIMIT 10";
const USED_BY_TEMPLATES: &str = "
    SELECT display_name FROM notification_template WHERE scope_tags LIKE '%\"' || $1 || '\"%'
    ORDER BY display_name LIMIT 10";
const DEVICES_BY_HAND: &str =
    "SELECT count(*) FROM device_scope_tag WHERE tag_id = $1 AND automatic = 0";
const UNTAG_AUTOMATIC: &str = "DELETE FROM device_scope_tag WHERE tag_id = $1 AND automatic = 1";

impl Session {
    /// A number for a new tag, given once.
    pub async fn next_scope_tag(&mut self) -> Result<i64, StoreError> {
        self.number(NEXT, &[]).await
    }

    /// A tag.
    pub async fn find_scope_tag(&mut self, id: i64) -> Result<Option<ScopeTagRecord>, StoreError> {
        Ok(self
            .one::<TagRow>(FIND, arguments![id])
            .await?
            .map(Into::into))
    }

    /// Tags by number, from the one after `after`.
    pub async fn list_scope_tags(
        &mut self,
        after: Option<i64>,
        limit: u32,
    ) -> Result<Vec<ScopeTagRecord>, StoreError> {
        let values = arguments![after.unwrap_or(-1), i64::from(limit)];
        let rows = self.all::<TagRow>(LIST, values).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Adds a tag; [`StoreError::Duplicate`] if there is one of that name.
    pub async fn insert_scope_tag(&mut self, tag: &ScopeTagRecord) -> Result<(), StoreError> {
        let values = arguments![
            tag.id,
            &tag.name,
            tag.name.to_lowercase(),
            tag.description.clone(),
            tag.created_at,
        ];
        self.execute(INSERT, values).await.map(drop)
    }

    /// Renames a tag; whether there was one.
    pub async fn update_scope_tag(&mut self, tag: &ScopeTagRecord) -> Result<bool, StoreError> {
        let values = arguments![
            tag.id,
            &tag.name,
            tag.name.to_lowercase(),
            tag.description.clone()
        ];
        Ok(self.execute(UPDATE, values).await? == 1)
    }

    /// Removes a tag and its groups; whether there was one. Devices must have lost it before.
    pub async fn delete_scope_tag(&mut self, id: i64) -> Result<bool, StoreError> {
        self.execute(DELETE_TEAMS, arguments![id]).await?;
        self.execute(UNTAG_AUTOMATIC, arguments![id]).await?;
        Ok(self.execute(DELETE, arguments![id]).await? == 1)
    }

    /// The groups whose devices get a tag by themselves.
    pub async fn groups_of_scope_tag(&mut self, id: i64) -> Result<Vec<GroupId>, StoreError> {
        let rows: Vec<(Uuid,)> = self.all(TEAMS_OF, arguments![id]).await?;
        Ok(rows.into_iter().map(|(id,)| GroupId(id)).collect())
    }

    /// All tags that come by themselves, with their groups.
    pub async fn automatic_scope_tags(&mut self) -> Result<Vec<(i64, GroupId)>, StoreError> {
        let rows: Vec<(i64, Uuid)> = self.all(ALL_TEAMS, &[]).await?;
        Ok(rows
            .into_iter()
            .map(|(tag, group)| (tag, GroupId(group)))
            .collect())
    }

    /// Replaces the groups whose devices get a tag by themselves.
    pub async fn set_groups_of_scope_tag(
        &mut self,
        id: i64,
        groups: &BTreeSet<GroupId>,
    ) -> Result<(), StoreError> {
        self.execute(DELETE_TEAMS, arguments![id]).await?;
        for group in groups {
            self.execute(ADD_TEAM, arguments![id, *group]).await?;
        }
        Ok(())
    }

    /// Names of the tags that a group brings.
    pub async fn scope_tags_naming(&mut self, group: GroupId) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(String,)> = self.all(NAMING_GROUP, arguments![group]).await?;
        Ok(rows.into_iter().map(|(name,)| name).collect())
    }

    /// What uses a tag: kind and name of a few, and of devices how many have it by hand.
    pub async fn uses_of_scope_tag(&mut self, id: i64) -> Result<Vec<String>, StoreError> {
        let mut uses = Vec::new();
        for (what, sql) in [
            ("profile", USED_BY_PROFILES),
            ("role", USED_BY_ROLES),
            ("role assignment", USED_BY_ASSIGNMENTS),
            ("notification template", USED_BY_TEMPLATES),
        ] {
            let rows: Vec<(String,)> = self.all(sql, arguments![id.to_string()]).await?;
            uses.extend(rows.into_iter().map(|(name,)| format!("{what} `{name}`")));
        }
        match self.number(DEVICES_BY_HAND, arguments![id]).await? {
            0 => {}
            1 => uses.push("1 device".to_owned()),
            number => uses.push(format!("{number} devices")),
        }
        Ok(uses)
    }

    /// The tags of the devices from one id to another. Devices without any are not there; they have the default tag.
    pub async fn scope_tags_of_devices(
        &mut self,
        first: DeviceId,
        last: DeviceId,
    ) -> Result<BTreeMap<DeviceId, Vec<String>>, StoreError> {
        let rows: Vec<(Uuid, i64)> = self.all(OF_DEVICES, arguments![first, last]).await?;
        let mut tags: BTreeMap<DeviceId, Vec<String>> = BTreeMap::new();
        for (device, tag) in rows {
            let of_device = tags.entry(DeviceId(device)).or_default();
            of_device.push(tag.to_string());
        }
        Ok(tags)
    }

    /// The tags of one device; never empty, because a device without any has the default tag.
    pub async fn scope_tags_of_device(
        &mut self,
        device: DeviceId,
    ) -> Result<Vec<String>, StoreError> {
        let tags = self.scope_tags_of_devices(device, device).await?;
        Ok(tags
            .into_values()
            .next()
            .unwrap_or_else(|| vec!["0".to_owned()]))
    }

    /// The tags that a device has by hand (`false`) and by its groups (`true`).
    pub async fn scope_tag_rows(
        &mut self,
        device: DeviceId,
    ) -> Result<BTreeMap<i64, bool>, StoreError> {
        let rows: Vec<(i64, i64)> = self.all(OF_DEVICE, arguments![device]).await?;
        Ok(rows
            .into_iter()
            .map(|(tag, automatic)| (tag, automatic == 1))
            .collect())
    }

    /// Replaces the tags of a device; `true` marks those that it has by its groups.
    pub async fn set_scope_tags_of_device(
        &mut self,
        device: DeviceId,
        tags: &BTreeMap<i64, bool>,
    ) -> Result<(), StoreError> {
        self.execute(CLEAR_DEVICE, arguments![device]).await?;
        for (tag, automatic) in tags {
            self.execute(TAG_DEVICE, arguments![device, *tag, *automatic])
                .await?;
        }
        Ok(())
    }

    /// Gives one device the tags of its groups and of its user's, and takes those that no group gives it any more.
    pub async fn retag_device(
        &mut self,
        device: DeviceId,
        user: Option<UserId>,
    ) -> Result<(), StoreError> {
        let rows: Vec<(i64,)> = self.all(TAGS_AROUND, arguments![device, user]).await?;
        let wanted: BTreeSet<i64> = rows.into_iter().map(|(tag,)| tag).collect();
        let before = self.scope_tag_rows(device).await?;
        let by_hand = before.iter().filter(|(_, automatic)| !**automatic);
        let mut after: BTreeMap<i64, bool> = by_hand.map(|(tag, _)| (*tag, false)).collect();
        for tag in wanted {
            after.entry(tag).or_insert(true);
        }
        if after == before {
            return Ok(());
        }
        self.set_scope_tags_of_device(device, &after).await
    }

    /// The same for all devices of a person.
    pub async fn retag_devices_of_user(&mut self, user: UserId) -> Result<(), StoreError> {
        if self.number(IS_AUTOMATIC, &[]).await? == 0 {
            return Ok(());
        }
        let rows: Vec<(Uuid,)> = self.all(DEVICES_OF_USER, arguments![user]).await?;
        for (device,) in rows {
            self.retag_device(DeviceId(device), Some(user)).await?;
        }
        Ok(())
    }

    /// The same for all devices, in a few statements however many there are.
    pub async fn retag_all_devices(&mut self) -> Result<(), StoreError> {
        self.execute(UNTAG_ALL_AUTOMATIC, &[]).await?;
        self.execute(TAG_ALL_AUTOMATIC, &[]).await.map(drop)
    }

    /// The devices that cannot be seen within a scope, for counts over all of them; nothing is read if all can.
    pub async fn devices_outside(
        &mut self,
        scope: &Scope,
    ) -> Result<BTreeSet<DeviceId>, StoreError> {
        if scope.is_all() {
            return Ok(BTreeSet::new());
        }
        let rows: Vec<(Uuid,)> = self
            .all(HIDDEN, arguments![scope.is_all(), scope.text()])
            .await?;
        Ok(rows.into_iter().map(|(id,)| DeviceId(id)).collect())
    }
}
