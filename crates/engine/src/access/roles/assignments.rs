//! Role assignments: who has a role, and where.

use std::collections::BTreeSet;

use mandate_model::{GroupId, Timestamp};
use mandate_store::{RoleAssignmentRecord, Session};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::escalation::require_grant;
use super::super::resolve::{actions_of, grant};
use super::super::tagging::{check_known, tags_for_new, tags_for_update};
use super::check_texts;
use super::definitions::{find, require_other};
use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError, Page};

/// For which people and devices a role is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ScopeType {
    /// Those in the scope groups.
    #[default]
    ResourceScope,
    /// All devices.
    AllDevices,
    /// All people.
    AllLicensedUsers,
    /// All of both.
    AllDevicesAndLicensedUsers,
}

impl ScopeType {
    const ALL: [Self; 4] = [
        Self::ResourceScope,
        Self::AllDevices,
        Self::AllLicensedUsers,
        Self::AllDevicesAndLicensedUsers,
    ];

    /// Graph's word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ResourceScope => "resourceScope",
            Self::AllDevices => "allDevices",
            Self::AllLicensedUsers => "allLicensedUsers",
            Self::AllDevicesAndLicensedUsers => "allDevicesAndLicensedUsers",
        }
    }

    /// Reads Graph's word, in any letter case; an unknown one is the narrowest.
    pub fn parse(name: &str) -> Self {
        Self::of_name(name).unwrap_or_default()
    }

    /// Reads Graph's word, in any letter case.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|one| one.name().eq_ignore_ascii_case(name.trim()))
    }

    /// Whether it is for all people.
    pub const fn has_all_users(self) -> bool {
        matches!(
            self,
            Self::AllLicensedUsers | Self::AllDevicesAndLicensedUsers
        )
    }

    /// Whether it is for all devices.
    pub const fn has_all_devices(self) -> bool {
        matches!(self, Self::AllDevices | Self::AllDevicesAndLicensedUsers)
    }
}

/// Who has a role, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleAssignment {
    /// Its id.
    pub id: Uuid,
    /// The role.
    pub role_id: Uuid,
    /// Name for people.
    pub display_name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Groups whose people have the role (`members`).
    pub members: Vec<GroupId>,
    /// For which people and devices.
    pub scope_type: ScopeType,
    /// Groups that they may work on (`resourceScopes`).
    pub scopes: Vec<GroupId>,
    /// Tags of the objects that they see (`roleScopeTags`); never empty.
    pub tags: Vec<String>,
    /// Tags by which the assignment itself is seen (`roleScopeTagIds`).
    pub scope_tags: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub modified_at: Timestamp,
}

/// A role assignment to be made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewRoleAssignment {
    /// The role.
    pub role_id: Uuid,
    /// Name for people.
    pub display_name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Groups whose people have the role.
    pub members: Vec<GroupId>,
    /// For which people and devices.
    pub scope_type: ScopeType,
    /// Groups that they may work on.
    pub scopes: Vec<GroupId>,
    /// Tags of the objects that they see; none stands for the default tag.
    pub tags: Vec<String>,
    /// Tags of the assignment itself; those of who makes it if absent.
    pub scope_tags: Option<Vec<String>>,
}

/// A change to a role assignment; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleAssignmentChange {
    /// New name.
    pub display_name: Option<String>,
    /// New description; `Some(None)` removes it.
    pub description: Option<Option<String>>,
    /// Groups whose people have the role instead.
    pub members: Option<Vec<GroupId>>,
    /// For which people and devices instead.
    pub scope_type: Option<ScopeType>,
    /// Groups that they may work on instead.
    pub scopes: Option<Vec<GroupId>>,
    /// Tags of the objects that they see instead.
    pub tags: Option<Vec<String>>,
    /// New tags of the assignment itself.
    pub scope_tags: Option<Vec<String>>,
}

const WHAT: &str = "role assignment";

impl Engine {
    /// Role assignments, of one role or of all, by id.
    pub async fn list_role_assignments(
        &self,
        actor: &Actor,
        role: Option<Uuid>,
        page: Page<Uuid>,
    ) -> Result<Vec<RoleAssignment>, EngineError> {
        let scope = actor.scope_for(Action::RolesRead)?;
        let mut session = self.store().read().await?;
        let records = session
            .list_role_assignments(role, &scope, page.after, page.limit)
            .await?;
        Ok(records.into_iter().map(of_record).collect())
    }

    /// A role assignment by id.
    pub async fn find_role_assignment(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<Option<RoleAssignment>, EngineError> {
        actor.require(Action::RolesRead)?;
        let found = self.store().read().await?.find_role_assignment(id).await?;
        let seen = found.filter(|found| actor.reaches(Action::RolesRead, &found.scope_tags));
        Ok(seen.map(of_record))
    }

    /// Gives a role to the people of groups. Refused to those who lack any of what it gives.
    pub async fn create_role_assignment(
        &self,
        actor: &Actor,
        new: NewRoleAssignment,
    ) -> Result<RoleAssignment, EngineError> {
        actor.require(Action::RolesAssign)?;
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        let role = find(&mut session, new.role_id)
            .await?
            .filter(|role| role.built_in || actor.reaches(Action::RolesAssign, &role.scope_tags));
        let role = role.ok_or_else(|| EngineError::not_found("role definition", new.role_id))?;
        let now = self.now();
        let record = RoleAssignmentRecord {
            id: self.chance().id(now),
            role_id: role.id,
            name: new.display_name.trim().to_owned(),
            description: new.description,
            scope_type: new.scope_type.name().to_owned(),
            tags: filled(new.tags),
            scope_tags: tags_for_new(&mut session, actor, Action::RolesAssign, new.scope_tags)
                .await?,
            members: sorted(new.members),
            scopes: sorted(new.scopes),
            created_at: now,
            modified_at: now,
        };
        check(&mut session, &record).await?;
        require_grant(&mut session, actor, &grant(&record, role.actions)).await?;
        session.insert_role_assignment(&record).await?;
        let change = Change::create("roleAssignment", record.id, &record.name, said(&record));
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(of_record(record))
    }

    /// Changes a role assignment. Refused for those who have it themselves, and for those who lack anything that it gives,
    /// before or after.
    pub async fn update_role_assignment(
        &self,
        actor: &Actor,
        id: Uuid,
        change: RoleAssignmentChange,
    ) -> Result<RoleAssignment, EngineError> {
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        let before = changeable(&mut session, actor, id).await?;
        let mut record = before.clone();
        if let Some(name) = change.display_name {
            name.trim().clone_into(&mut record.name);
        }
        if let Some(description) = change.description {
            record.description = description;
        }
        if let Some(members) = change.members {
            record.members = sorted(members);
        }
        if let Some(scope_type) = change.scope_type {
            scope_type.name().clone_into(&mut record.scope_type);
        }
        if let Some(scopes) = change.scopes {
            record.scopes = sorted(scopes);
        }
        if let Some(tags) = change.tags {
            record.tags = filled(tags);
        }
        record.scope_tags = tags_for_update(
            &mut session,
            actor,
            Action::RolesAssign,
            &before.scope_tags,
            change.scope_tags,
        )
        .await?;
        if record == before {
            return Ok(of_record(before));
        }
        check(&mut session, &record).await?;
        let actions = actions_of(&mut session, record.role_id).await?;
        require_grant(&mut session, actor, &grant(&record, actions)).await?;
        record.modified_at = self.now();
        session.update_role_assignment(&record).await?;
        let change = Change::update(
            "roleAssignment",
            id,
            &record.name,
            &said(&before),
            &said(&record),
        );
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(of_record(record))
    }

    /// Takes a role from the people of an assignment.
    pub async fn delete_role_assignment(&self, actor: &Actor, id: Uuid) -> Result<(), EngineError> {
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        let record = changeable(&mut session, actor, id).await?;
        session.delete_role_assignment(id).await?;
        let change = Change::delete("roleAssignment", id, &record.name, said(&record));
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }
}

/// An assignment that the actor can change.
async fn changeable(
    session: &mut Session,
    actor: &Actor,
    id: Uuid,
) -> Result<RoleAssignmentRecord, EngineError> {
    actor.require(Action::RolesAssign)?;
    let record = session
        .find_role_assignment(id)
        .await?
        .ok_or_else(|| EngineError::not_found(WHAT, id))?;
    actor.require_among(
        (Action::RolesRead, Action::RolesAssign),
        &record.scope_tags,
        WHAT,
        id,
    )?;
    require_other(session, actor, Action::RolesAssign, |held| held.id == id).await?;
    let actions = actions_of(session, record.role_id).await?;
    require_grant(session, actor, &grant(&record, actions)).await?;
    Ok(record)
}

/// Names, tags and groups that are there, and somebody who has the role.
async fn check(session: &mut Session, record: &RoleAssignmentRecord) -> Result<(), EngineError> {
    check_texts(
        "displayName",
        &record.name,
        128,
        record.description.as_deref(),
    )?;
    check_known(session, "roleScopeTags", &record.tags).await?;
    for (property, groups) in [
        ("members", &record.members),
        ("resourceScopes", &record.scopes),
    ] {
        for group in groups {
            if session.find_group(*group).await?.is_none() {
                let value = group.to_string();
                return Err(EngineError::invalid(
                    property,
                    "must name existing groups",
                    Some(&value),
                ));
            }
        }
    }
    Ok(())
}

fn filled(mut tags: Vec<String>) -> Vec<String> {
    if tags.is_empty() {
        tags.push("0".to_owned());
    }
    tags.sort();
    tags.dedup();
    tags
}

fn sorted(groups: Vec<GroupId>) -> Vec<GroupId> {
    let groups: BTreeSet<GroupId> = groups.into_iter().collect();
    groups.into_iter().collect()
}

fn of_record(record: RoleAssignmentRecord) -> RoleAssignment {
    RoleAssignment {
        id: record.id,
        role_id: record.role_id,
        display_name: record.name,
        description: record.description,
        members: record.members,
        scope_type: ScopeType::parse(&record.scope_type),
        scopes: record.scopes,
        tags: record.tags,
        scope_tags: record.scope_tags,
        created_at: record.created_at,
        modified_at: record.modified_at,
    }
}

fn said(record: &RoleAssignmentRecord) -> Value {
    json!({
        "displayName": record.name,
        "description": record.description,
        "roleDefinition": record.role_id,
        "members": record.members,
        "scopeType": record.scope_type,
        "resourceScopes": record.scopes,
        "roleScopeTags": record.tags,
        "roleScopeTagIds": record.scope_tags,
    })
}
