//! Roles: their definitions, who has them and where, and who has directory roles.

use mandate_model::{GroupId, Member, Timestamp, UserId};
use serde::de::DeserializeOwned;
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::scope_tags::{Scope, seen_by_tags};
use crate::{Session, StoreError};

/// A role that administrators made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleRecord {
    /// Its id.
    pub id: Uuid,
    /// Name for people.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Names of the actions that it allows.
    pub actions: Vec<String>,
    /// Names that were no actions when they were written. They are kept, and allow nothing whatever they come to mean.
    pub other_actions: Vec<String>,
    /// Scope tags by which it is seen.
    pub scope_tags: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub modified_at: Timestamp,
}

/// Who has a role, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleAssignmentRecord {
    /// Its id.
    pub id: Uuid,
    /// The role.
    pub role_id: Uuid,
    /// Name for people.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Graph's word: `resourceScope`, `allDevices`…
    pub scope_type: String,
    /// Tags of what the role is for.
    pub tags: Vec<String>,
    /// Tags by which the assignment itself is seen.
    pub scope_tags: Vec<String>,
    /// Groups whose people have the role.
    pub members: Vec<GroupId>,
    /// Groups that they may work on.
    pub scopes: Vec<GroupId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub modified_at: Timestamp,
}

/// Somebody who has a directory role: a person, or a group whose people have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DirectoryRoleMember {
    /// Template id of the role.
    pub role_id: Uuid,
    /// Who has it.
    pub member: Member,
    /// Since when.
    pub created_at: Timestamp,
}

#[derive(FromRow)]
struct RoleRow {
    id: Uuid,
    name: String,
    description: Option<String>,
    actions: String,
    other_actions: String,
    scope_tags: String,
    created_at: i64,
    modified_at: i64,
}

impl TryFrom<RoleRow> for RoleRecord {
    type Error = StoreError;

    fn try_from(row: RoleRow) -> Result<Self, StoreError> {
        let of = ("role_definition", row.id);
        Ok(Self {
            id: row.id,
            name: row.name,
            description: row.description,
            actions: read(&row.actions, of, "actions")?,
            other_actions: read(&row.other_actions, of, "other_actions")?,
            scope_tags: read(&row.scope_tags, of, "scope_tags")?,
            created_at: Timestamp(row.created_at),
            modified_at: Timestamp(row.modified_at),
        })
    }
}

#[derive(FromRow)]
struct AssignmentRow {
    id: Uuid,
    role_id: Uuid,
    name: String,
    description: Option<String>,
    scope_type: String,
    tags: String,
    scope_tags: String,
    created_at: i64,
    modified_at: i64,
}

impl AssignmentRow {
    fn with_groups(
        self,
        members: Vec<GroupId>,
        scopes: Vec<GroupId>,
    ) -> Result<RoleAssignmentRecord, StoreError> {
        let of = ("role_assignment", self.id);
        Ok(RoleAssignmentRecord {
            id: self.id,
            role_id: self.role_id,
            name: self.name,
            description: self.description,
            scope_type: self.scope_type,
            tags: read(&self.tags, of, "tags")?,
            scope_tags: read(&self.scope_tags, of, "scope_tags")?,
            members,
            scopes,
            created_at: Timestamp(self.created_at),
            modified_at: Timestamp(self.modified_at),
        })
    }
}

#[derive(FromRow)]
struct DirectoryRow {
    role_id: Uuid,
    principal_id: Uuid,
    kind: String,
    created_at: i64,
}

impl TryFrom<DirectoryRow> for DirectoryRoleMember {
    type Error = StoreError;

    fn try_from(row: DirectoryRow) -> Result<Self, StoreError> {
        let member = match row.kind.as_str() {
            "user" => Member::User(UserId(row.principal_id)),
            "group" => Member::Group(GroupId(row.principal_id)),
            other => {
                return Err(StoreError::Inconsistent {
                    table: "directory_role_member",
                    column: "kind",
                    id: row.principal_id.to_string(),
                    problem: format!("`{other}` has no directory roles"),
                });
            }
        };
        Ok(Self {
            role_id: row.role_id,
            member,
            created_at: Timestamp(row.created_at),
        })
    }
}

fn read<T: DeserializeOwned>(
    text: &str,
    (table, id): (&'static str, Uuid),
    column: &'static str,
) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Inconsistent {
        table,
        column,
        id: id.to_string(),
        problem: error.to_string(),
    })
}

fn json(texts: &[String]) -> String {
    serde_json::Value::from(texts).to_string()
}

const FIND_ROLE: &str = "
    SELECT id, name, description, actions, other_actions, scope_tags, created_at, modified_at
    FROM role_definition WHERE id = $1";
const LIST_ROLES: &str = concat!(
    "
    SELECT r.id, r.name, r.description, r.actions, r.other_actions, r.scope_tags, r.created_at, r.modified_at
    FROM role_definition r
    WHERE r.id > $1 AND ",
    seen_by_tags!("r.scope_tags", "$2", "$3"),
    "
    ORDER BY r.id LIMIT $4"
);
const INSERT_ROLE: &str = "
    INSERT INTO role_definition (id, name, description, actions, other_actions, scope_tags, created_at, modified_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const UPDATE_ROLE: &str = "
    UPDATE role_definition SET
        name = $2, description = $3, actions = $4, other_actions = $5, scope_tags = $6, modified_at = $7
    WHERE id = $1";
const DELETE_ROLE: &str = "DELETE FROM role_definition WHERE id = $1";

const FIND_ASSIGNMENT: &str = "
    SELECT id, role_id, name, description, scope_type, tags, scope_tags, created_at, modified_at
    FROM role_assignment WHERE id = $1";
const LIST_ASSIGNMENTS: &str = concat!(
    "
    SELECT a.id, a.role_id, a.name, a.description, a.scope_type, a.tags, a.scope_tags, a.created_at, a.modified_at
    FROM role_assignment a
    WHERE a.id > $1 AND ($5 = 0 OR a.role_id = $6) AND ",
    seen_by_tags!("a.scope_tags", "$2", "$3"),
    "
    ORDER BY a.id LIMIT $4"
);
// Those that an object has: a person, or a group and what is around it.
const ASSIGNMENTS_OF: &str = "
    WITH RECURSIVE around (id) AS (
        SELECT team_id FROM team_member WHERE member_id = $1
        UNION
        SELECT m.team_id FROM team_member m JOIN around a ON m.member_id = a.id
    )
    SELECT DISTINCT a.id, a.role_id, a.name, a.description, a.scope_type, a.tags, a.scope_tags, a.created_at,
           a.modified_at
    FROM role_assignment a
    JOIN role_assignment_team t ON t.assignment_id = a.id AND t.kind = 'member'
    WHERE t.team_id = $1 OR t.team_id IN (SELECT id FROM around)
    ORDER BY a.id";
const INSERT_ASSIGNMENT: &str = "
    INSERT INTO role_assignment
        (id, role_id, name, description, scope_type, tags, scope_tags, created_at, modified_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const UPDATE_ASSIGNMENT: &str = "
    UPDATE role_assignment SET
        name = $2, description = $3, scope_type = $4, tags = $5, scope_tags = $6, modified_at = $7
    WHERE id = $1";
const DELETE_ASSIGNMENT: &str = "DELETE FROM role_assignment WHERE id = $1";
const TEAMS_OF: &str = "
    SELECT kind, team_id FROM role_assignment_team WHERE assignment_id = $1 ORDER BY kind, team_id";
const ADD_TEAM: &str =
    "INSERT INTO role_assignment_team (assignment_id, kind, team_id) VALUES ($1, $2, $3)";
const DELETE_TEAMS: &str = "DELETE FROM role_assignment_team WHERE assignment_id = $1";
const NAMING_GROUP: &str = "
    SELECT DISTINCT a.name FROM role_assignment a JOIN role_assignment_team t ON t.assignment_id = a.id
    WHERE t.team_id = $1 ORDER BY a.name";

const DIRECTORY_ROLES_OF: &str = "
    WITH RECURSIVE around (id) AS (
        SELECT team_id FROM team_member WHERE member_id = $1
        UNION
        SELECT m.team_id FROM team_member m JOIN around a ON m.member_id = a.id
    )
    SELECT DISTINCT d.role_id FROM directory_role_member d
    WHERE d.principal_id = $1 OR d.principal_id IN (SELECT id FROM around) ORDER BY d.role_id";
const DIRECTORY_MEMBERS: &str = "
    SELECT role_id, principal_id, kind, created_at FROM directory_role_member
    WHERE role_id = $1 AND principal_id > $2 ORDER BY principal_id LIMIT $3";
const ADD_DIRECTORY_MEMBER: &str = "
    INSERT INTO directory_role_member (role_id, principal_id, kind, created_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT DO NOTHING";
const DELETE_DIRECTORY_MEMBER: &str =
    "DELETE FROM directory_role_member WHERE role_id = $1 AND principal_id = $2";
const DELETE_DIRECTORY_MEMBERSHIPS: &str =
    "DELETE FROM directory_role_member WHERE principal_id = $1";

impl Session {
    /// A role that administrators made.
    pub async fn find_role(&mut self, id: Uuid) -> Result<Option<RoleRecord>, StoreError> {
        self.one::<RoleRow>(FIND_ROLE, arguments![id])
            .await?
            .map(TryInto::try_into)
            .transpose()
    }

    /// Roles that administrators made and that can be seen, by id, from the one after `after`.
    pub async fn list_roles(
        &mut self,
        scope: &Scope,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<RoleRecord>, StoreError> {
        let values = arguments![
            after.unwrap_or_default(),
            scope.is_all(),
            scope.text(),
            i64::from(limit)
        ];
        self.all::<RoleRow>(LIST_ROLES, values)
            .await?
            .into_iter()
            .map(TryInto::try_into)
            .collect()
    }

    /// Adds a role.
    pub async fn insert_role(&mut self, role: &RoleRecord) -> Result<(), StoreError> {
        let values = arguments![
            role.id,
            &role.name,
            role.description.clone(),
            json(&role.actions),
            json(&role.other_actions),
            json(&role.scope_tags),
            role.created_at,
            role.modified_at,
        ];
        self.execute(INSERT_ROLE, values).await.map(drop)
    }

    /// Replaces a role; whether there was one.
    pub async fn update_role(&mut self, role: &RoleRecord) -> Result<bool, StoreError> {
        let values = arguments![
            role.id,
            &role.name,
            role.description.clone(),
            json(&role.actions),
            json(&role.other_actions),
            json(&role.scope_tags),
            role.modified_at,
        ];
        Ok(self.execute(UPDATE_ROLE, values).await? == 1)
    }

    /// Removes a role; whether there was one.
    pub async fn delete_role(&mut self, id: Uuid) -> Result<bool, StoreError> {
        Ok(self.execute(DELETE_ROLE, arguments![id]).await? == 1)
    }

    /// A role assignment.
    pub async fn find_role_assignment(
        &mut self,
        id: Uuid,
    ) -> Result<Option<RoleAssignmentRecord>, StoreError> {
        let found = self
            .one::<AssignmentRow>(FIND_ASSIGNMENT, arguments![id])
            .await?;
        match found {
            Some(row) => Ok(Some(self.completed(row).await?)),
            None => Ok(None),
        }
    }

    /// Role assignments that can be seen, of one role or of all, by id, from the one after `after`.
    pub async fn list_role_assignments(
        &mut self,
        role: Option<Uuid>,
        scope: &Scope,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<RoleAssignmentRecord>, StoreError> {
        let values = arguments![
            after.unwrap_or_default(),
            scope.is_all(),
            scope.text(),
            i64::from(limit),
            role.is_some(),
            role,
        ];
        let rows = self.all::<AssignmentRow>(LIST_ASSIGNMENTS, values).await?;
        self.all_completed(rows).await
    }

    /// The role assignments that a person has, or that a group gives its people: its own and those of groups around it.
    pub async fn role_assignments_held_by(
        &mut self,
        principal: Uuid,
    ) -> Result<Vec<RoleAssignmentRecord>, StoreError> {
        let rows = self
            .all::<AssignmentRow>(ASSIGNMENTS_OF, arguments![principal])
            .await?;
        self.all_completed(rows).await
    }

    /// Adds a role assignment.
    pub async fn insert_role_assignment(
        &mut self,
        assignment: &RoleAssignmentRecord,
    ) -> Result<(), StoreError> {
        let values = arguments![
            assignment.id,
            assignment.role_id,
            &assignment.name,
            assignment.description.clone(),
            &assignment.scope_type,
            json(&assignment.tags),
            json(&assignment.scope_tags),
            assignment.created_at,
            assignment.modified_at,
        ];
        self.execute(INSERT_ASSIGNMENT, values).await?;
        self.insert_teams(assignment).await
    }

    /// Replaces a role assignment, but not whose role it is of; whether there was one.
    pub async fn update_role_assignment(
        &mut self,
        assignment: &RoleAssignmentRecord,
    ) -> Result<bool, StoreError> {
        let values = arguments![
            assignment.id,
            &assignment.name,
            assignment.description.clone(),
            &assignment.scope_type,
            json(&assignment.tags),
            json(&assignment.scope_tags),
            assignment.modified_at,
        ];
        if self.execute(UPDATE_ASSIGNMENT, values).await? != 1 {
            return Ok(false);
        }
        self.execute(DELETE_TEAMS, arguments![assignment.id])
            .await?;
        self.insert_teams(assignment).await?;
        Ok(true)
    }

    /// Removes a role assignment; whether there was one.
    pub async fn delete_role_assignment(&mut self, id: Uuid) -> Result<bool, StoreError> {
        self.execute(DELETE_TEAMS, arguments![id]).await?;
        Ok(self.execute(DELETE_ASSIGNMENT, arguments![id]).await? == 1)
    }

    /// Names of the role assignments that name a group, as member or as scope.
    pub async fn role_assignments_naming(
        &mut self,
        group: GroupId,
    ) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(String,)> = self.all(NAMING_GROUP, arguments![group]).await?;
        Ok(rows.into_iter().map(|(name,)| name).collect())
    }

    /// Template ids of the directory roles that a person has, or that a group gives its people.
    pub async fn directory_roles_held_by(
        &mut self,
        principal: Uuid,
    ) -> Result<Vec<Uuid>, StoreError> {
        let rows: Vec<(Uuid,)> = self.all(DIRECTORY_ROLES_OF, arguments![principal]).await?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    /// Who was given a directory role, by id, from the one after `after`.
    pub async fn list_directory_role_members(
        &mut self,
        role: Uuid,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<DirectoryRoleMember>, StoreError> {
        let values = arguments![role, after.unwrap_or_default(), i64::from(limit)];
        self.all::<DirectoryRow>(DIRECTORY_MEMBERS, values)
            .await?
            .into_iter()
            .map(TryInto::try_into)
            .collect()
    }

    /// Gives a directory role; whether it was not there yet.
    pub async fn insert_directory_role_member(
        &mut self,
        member: &DirectoryRoleMember,
    ) -> Result<bool, StoreError> {
        let kind = match member.member {
            Member::User(_) => "user",
            Member::Group(_) => "group",
            Member::Device(_) => "device",
        };
        let values = arguments![member.role_id, member.member.id(), kind, member.created_at];
        Ok(self.execute(ADD_DIRECTORY_MEMBER, values).await? == 1)
    }

    /// Takes a directory role; whether it was there.
    pub async fn delete_directory_role_member(
        &mut self,
        role: Uuid,
        principal: Uuid,
    ) -> Result<bool, StoreError> {
        let values = arguments![role, principal];
        Ok(self.execute(DELETE_DIRECTORY_MEMBER, values).await? == 1)
    }

    /// Takes all directory roles from somebody.
    pub async fn delete_directory_role_memberships(
        &mut self,
        principal: Uuid,
    ) -> Result<(), StoreError> {
        self.execute(DELETE_DIRECTORY_MEMBERSHIPS, arguments![principal])
            .await
            .map(drop)
    }

    async fn insert_teams(&mut self, assignment: &RoleAssignmentRecord) -> Result<(), StoreError> {
        let members = assignment.members.iter().map(|group| ("member", *group));
        let scopes = assignment.scopes.iter().map(|group| ("scope", *group));
        for (kind, group) in members.chain(scopes) {
            self.execute(ADD_TEAM, arguments![assignment.id, kind, group])
                .await?;
        }
        Ok(())
    }

    async fn all_completed(
        &mut self,
        rows: Vec<AssignmentRow>,
    ) -> Result<Vec<RoleAssignmentRecord>, StoreError> {
        let mut all = Vec::with_capacity(rows.len());
        for row in rows {
            all.push(self.completed(row).await?);
        }
        Ok(all)
    }

    async fn completed(&mut self, row: AssignmentRow) -> Result<RoleAssignmentRecord, StoreError> {
        let teams: Vec<(String, Uuid)> = self.all(TEAMS_OF, arguments![row.id]).await?;
        let of_kind = |wanted: &str| {
            let found = teams.iter().filter(|(kind, _)| kind == wanted);
            found.map(|(_, id)| GroupId(*id)).collect()
        };
        row.with_groups(of_kind("member"), of_kind("scope"))
    }
}
