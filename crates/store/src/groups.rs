//! Groups and who is in them.

use std::collections::BTreeSet;

use mandate_model::{DeviceId, Group, GroupId, GroupRule, Member, ProfileId, Timestamp, UserId};
use serde_json::{Map, Value, json};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::devices::contains;
use crate::scope_tags::seen_device;
use crate::{AfterName, Scope, Session, StoreError};

/// Which groups; every condition that is there must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupFilter {
    /// Display name, without regard to case.
    pub name: Option<String>,
    /// Beginning of the display name, without regard to case.
    pub name_prefix: Option<String>,
}

#[derive(FromRow)]
struct GroupRow {
    id: Uuid,
    display_name: String,
    attributes: String,
    rule: Option<String>,
    rule_paused: i64,
    created_at: i64,
}

impl TryFrom<GroupRow> for Group {
    type Error = StoreError;

    fn try_from(row: GroupRow) -> Result<Self, StoreError> {
        let mut attributes: Map<String, Value> =
            serde_json::from_str(&row.attributes).map_err(|error| StoreError::Inconsistent {
                table: "team",
                column: "attributes",
                id: row.id.to_string(),
                problem: error.to_string(),
            })?;
        let mut text = |name: &str| match attributes.remove(name) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        Ok(Self {
            id: GroupId(row.id),
            display_name: row.display_name,
            description: text("description"),
            mail_nickname: text("mailNickname"),
            rule: row.rule.map(|text| GroupRule {
                text,
                is_paused: row.rule_paused != 0,
            }),
            created_at: Timestamp(row.created_at),
            other: attributes,
        })
    }
}

fn attributes(group: &Group) -> String {
    let mut map = group.other.clone();
    for (name, value) in [
        ("description", &group.description),
        ("mailNickname", &group.mail_nickname),
    ] {
        match value {
            Some(text) => map.insert(name.to_owned(), json!(text)),
            None => map.remove(name),
        };
    }
    Value::Object(map).to_string()
}

fn is_paused(group: &Group) -> bool {
    group.rule.as_ref().is_some_and(|rule| rule.is_paused)
}

#[derive(FromRow)]
pub(crate) struct MemberRow {
    member_id: Uuid,
    kind: String,
}

impl TryFrom<MemberRow> for Member {
    type Error = StoreError;

    fn try_from(row: MemberRow) -> Result<Self, StoreError> {
        match row.kind.as_str() {
            "user" => Ok(Self::User(UserId(row.member_id))),
            "device" => Ok(Self::Device(DeviceId(row.member_id))),
            "group" => Ok(Self::Group(GroupId(row.member_id))),
            other => Err(StoreError::Inconsistent {
                table: "team_member",
                column: "kind",
                id: row.member_id.to_string(),
                problem: format!("`{other}` is no kind of member"),
            }),
        }
    }
}

pub(crate) const fn kind(member: Member) -> &'static str {
    match member {
        Member::User(_) => "user",
        Member::Device(_) => "device",
        Member::Group(_) => "group",
    }
}

/// The condition that a member `i` with this id can be shown: only devices have scope tags.
macro_rules! seen_member {
    ($id:literal) => {
        concat!(
            "($4 = 1 OR i.kind <> 'device' OR EXISTS (SELECT 1 FROM device d WHERE d.id = ",
            $id,
            " AND ",
            seen_device!("$4", "$5"),
            "))"
        )
    };
}

const FIND: &str =
    "SELECT id, display_name, attributes, rule, rule_paused, created_at FROM team WHERE id = $1";
const LIST: &str = "
    SELECT id, display_name, attributes, rule, rule_paused, created_at
    FROM team
    WHERE id > $1
      AND (CAST($2 AS TEXT) IS NULL OR display_name_folded = $2)
      AND (CAST($3 AS TEXT) IS NULL OR substr(display_name_folded, 1, length($3)) = $3)
    ORDER BY id LIMIT $4";
const SEARCH: &str = "
    SELECT id, display_name, attributes, rule, rule_paused, created_at
    FROM team
    WHERE (display_name_folded, id) > ($1, $2)
      AND (CAST($3 AS TEXT) IS NULL OR display_name_folded LIKE $3 ESCAPE '!')
    ORDER BY display_name_folded, id LIMIT $4";
const NAMES: &str = "SELECT id, display_name FROM team";
const INSERT: &str = "
    INSERT INTO team (id, display_name, display_name_folded, attributes, rule, rule_paused, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const UPDATE: &str = "
    UPDATE team SET display_name = $2, display_name_folded = $3, attributes = $4, rule = $5, rule_paused = $6
    WHERE id = $1";
const DELETE: &str = "DELETE FROM team WHERE id = $1";
const DELETE_MEMBERS: &str = "DELETE FROM team_member WHERE team_id = $1";
const DELETE_MEMBERSHIPS: &str = "DELETE FROM team_member WHERE member_id = $1";
const MEMBERS: &str = concat!(
    "
    SELECT i.member_id, i.kind FROM team_member i
    WHERE i.team_id = $1 AND i.member_id > $2 AND ",
    seen_member!("i.member_id"),
    "
    ORDER BY i.member_id LIMIT $3"
);
// `UNION` and not `UNION ALL`: groups may contain one another in a ring.
const ALL_MEMBERS: &str = concat!(
    "
    WITH RECURSIVE inside (id, kind) AS (
        SELECT member_id, kind FROM team_member WHERE team_id = $1
        UNION
        SELECT m.member_id, m.kind FROM team_member m JOIN inside i ON m.team_id = i.id AND i.kind = 'group'
    )
    SELECT i.id AS member_id, i.kind FROM inside i WHERE i.id > $2 AND ",
    seen_member!("i.id"),
    "
    ORDER BY i.id LIMIT $3"
);
const GROUPS_OF: &str = "
    WITH RECURSIVE around (id) AS (
        SELECT team_id FROM team_member WHERE member_id = $1
        UNION
        SELECT m.team_id FROM team_member m JOIN around a ON m.member_id = a.id
    )
    SELECT id FROM around";
const DIRECT_GROUPS_OF: &str = "SELECT team_id AS id FROM team_member WHERE member_id = $1";
const MEMBERSHIPS: &str = "SELECT team_id, member_id, kind FROM team_member";
const MEMBER: &str =
    "SELECT member_id, kind FROM team_member WHERE team_id = $1 AND member_id = $2";
const ADD: &str = "
    INSERT INTO team_member (team_id, member_id, kind) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
const REMOVE: &str = "DELETE FROM team_member WHERE team_id = $1 AND member_id = $2";
const OWNERS: &str = "
    SELECT owner_id FROM team_owner WHERE team_id = $1 AND owner_id > $2 ORDER BY owner_id LIMIT $3";
const ADD_OWNER: &str = "
    INSERT INTO team_owner (team_id, owner_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
const REMOVE_OWNER: &str = "DELETE FROM team_owner WHERE team_id = $1 AND owner_id = $2";
const DELETE_OWNERS: &str = "DELETE FROM team_owner WHERE team_id = $1";
const DELETE_OWNERSHIPS: &str = "DELETE FROM team_owner WHERE owner_id = $1";
const ASSIGNED_TO: &str = "
    SELECT DISTINCT p.id, p.display_name
    FROM assignment a JOIN profile p ON p.id = a.profile_id
    WHERE a.team_id = $1 AND p.deleted_at IS NULL";
const COUNT: &str = "SELECT count(*) FROM team";

impl Session {
    /// A group by id.
    pub async fn find_group(&mut self, id: GroupId) -> Result<Option<Group>, StoreError> {
        self.one::<GroupRow>(FIND, arguments![id])
            .await?
            .map(TryInto::try_into)
            .transpose()
    }

    /// Groups by id, from the one after `after`.
    pub async fn list_groups(
        &mut self,
        filter: &GroupFilter,
        after: Option<GroupId>,
        limit: u32,
    ) -> Result<Vec<Group>, StoreError> {
        let folded = |text: &Option<String>| text.as_ref().map(|text| text.to_lowercase());
        let values = arguments![
            after.map_or(Uuid::nil(), |id| id.0),
            folded(&filter.name),
            folded(&filter.name_prefix),
            i64::from(limit),
        ];
        self.all::<GroupRow>(LIST, values)
            .await?
            .into_iter()
            .map(TryInto::try_into)
            .collect()
    }

    /// Ids and names of all groups.
    pub async fn group_names(&mut self) -> Result<Vec<(GroupId, String)>, StoreError> {
        let rows: Vec<(Uuid, String)> = self.all(NAMES, &[]).await?;
        Ok(rows
            .into_iter()
            .map(|(id, name)| (GroupId(id), name))
            .collect())
    }

    /// Groups in the order of their names, after one of them. `text` is a part of a name, without regard to case.
    pub async fn search_groups(
        &mut self,
        text: Option<&str>,
        after: Option<&AfterName<GroupId>>,
        limit: u32,
    ) -> Result<Vec<Group>, StoreError> {
        let values = arguments![
            after.map_or_else(String::new, |after| after.name.to_lowercase()),
            after.map_or(Uuid::nil(), |after| after.id.0),
            text.map(contains),
            i64::from(limit),
        ];
        self.all::<GroupRow>(SEARCH, values)
            .await?
            .into_iter()
            .map(TryInto::try_into)
            .collect()
    }

    /// Adds a group.
    pub async fn insert_group(&mut self, group: &Group) -> Result<(), StoreError> {
        let values = arguments![
            group.id,
            &group.display_name,
            group.display_name.to_lowercase(),
            attributes(group),
            group.rule.as_ref().map(|rule| rule.text.clone()),
            is_paused(group),
            group.created_at,
        ];
        self.execute(INSERT, values).await.map(drop)
    }

    /// Replaces a group's record; whether there was one.
    pub async fn update_group(&mut self, group: &Group) -> Result<bool, StoreError> {
        let values = arguments![
            group.id,
            &group.display_name,
            group.display_name.to_lowercase(),
            attributes(group),
            group.rule.as_ref().map(|rule| rule.text.clone()),
            is_paused(group),
        ];
        Ok(self.execute(UPDATE, values).await? == 1)
    }

    /// Removes a group and its memberships; whether there was one.
    pub async fn delete_group(&mut self, id: GroupId) -> Result<bool, StoreError> {
        self.execute(DELETE_MEMBERS, arguments![id]).await?;
        self.execute(DELETE_MEMBERSHIPS, arguments![id]).await?;
        self.execute(DELETE_OWNERS, arguments![id]).await?;
        self.delete_rule_run(id).await?;
        Ok(self.execute(DELETE, arguments![id]).await? == 1)
    }

    /// Members by id, from the one after `after`; with `transitive` also those of nested groups. Devices are only there if
    /// they can be seen.
    pub async fn list_members(
        &mut self,
        id: GroupId,
        transitive: bool,
        scope: &Scope,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<Member>, StoreError> {
        let sql = if transitive { ALL_MEMBERS } else { MEMBERS };
        let values = arguments![
            id,
            after.unwrap_or_default(),
            i64::from(limit),
            scope.is_all(),
            scope.text()
        ];
        self.all::<MemberRow>(sql, values)
            .await?
            .into_iter()
            .map(TryInto::try_into)
            .collect()
    }

    /// Ids of the groups that contain an object, directly or through other groups.
    pub async fn groups_of(
        &mut self,
        member: Uuid,
        transitive: bool,
    ) -> Result<BTreeSet<GroupId>, StoreError> {
        let sql = if transitive {
            GROUPS_OF
        } else {
            DIRECT_GROUPS_OF
        };
        let rows: Vec<(Uuid,)> = self.all(sql, arguments![member]).await?;
        Ok(rows.into_iter().map(|(id,)| GroupId(id)).collect())
    }

    /// Every direct membership: group and member.
    pub async fn memberships(&mut self) -> Result<Vec<(GroupId, Member)>, StoreError> {
        let rows: Vec<(Uuid, Uuid, String)> = self.all(MEMBERSHIPS, &[]).await?;
        rows.into_iter()
            .map(|(group, member_id, kind)| {
                Ok((
                    GroupId(group),
                    Member::try_from(MemberRow { member_id, kind })?,
                ))
            })
            .collect()
    }

    /// A direct member of a group.
    pub async fn find_member(
        &mut self,
        id: GroupId,
        member: Uuid,
    ) -> Result<Option<Member>, StoreError> {
        self.one::<MemberRow>(MEMBER, arguments![id, member])
            .await?
            .map(TryInto::try_into)
            .transpose()
    }

    /// Adds a member; whether it was not there yet.
    pub async fn insert_member(&mut self, id: GroupId, member: Member) -> Result<bool, StoreError> {
        Ok(self
            .execute(ADD, arguments![id, member.id(), kind(member)])
            .await?
            == 1)
    }

    /// Removes a member; whether it was there.
    pub async fn delete_member(&mut self, id: GroupId, member: Uuid) -> Result<bool, StoreError> {
        Ok(self.execute(REMOVE, arguments![id, member]).await? == 1)
    }

    /// Takes an object out of all groups that contain it directly.
    pub async fn delete_memberships(&mut self, member: Uuid) -> Result<(), StoreError> {
        self.execute(DELETE_MEMBERSHIPS, arguments![member])
            .await
            .map(drop)
    }

    /// Owners by id, from the one after `after`.
    pub async fn list_owners(
        &mut self,
        id: GroupId,
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Vec<UserId>, StoreError> {
        let after = after.map_or(Uuid::nil(), |after| after.0);
        let rows: Vec<(Uuid,)> = self
            .all(OWNERS, arguments![id, after, i64::from(limit)])
            .await?;
        Ok(rows.into_iter().map(|(id,)| UserId(id)).collect())
    }

    /// Adds an owner; whether it was not one yet.
    pub async fn insert_owner(&mut self, id: GroupId, owner: UserId) -> Result<bool, StoreError> {
        Ok(self.execute(ADD_OWNER, arguments![id, owner]).await? == 1)
    }

    /// Removes an owner; whether it was one.
    pub async fn delete_owner(&mut self, id: GroupId, owner: UserId) -> Result<bool, StoreError> {
        Ok(self.execute(REMOVE_OWNER, arguments![id, owner]).await? == 1)
    }

    /// Takes all groups from an owner.
    pub async fn delete_ownerships(&mut self, owner: UserId) -> Result<(), StoreError> {
        self.execute(DELETE_OWNERSHIPS, arguments![owner])
            .await
            .map(drop)
    }

    /// Profiles whose assignments name a group.
    pub async fn profiles_assigned_to(
        &mut self,
        id: GroupId,
    ) -> Result<Vec<(ProfileId, String)>, StoreError> {
        let rows: Vec<(Uuid, String)> = self.all(ASSIGNED_TO, arguments![id]).await?;
        Ok(rows
            .into_iter()
            .map(|(id, name)| (ProfileId(id), name))
            .collect())
    }

    /// How many groups there are.
    pub async fn count_groups(&mut self) -> Result<i64, StoreError> {
        self.number(COUNT, &[]).await
    }
}
