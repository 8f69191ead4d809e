//! Role definitions: which actions a role allows.

use std::collections::BTreeSet;

use mandate_model::Timestamp;
use mandate_store::{RoleRecord, Scope, Session};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::escalation::{require_actions, require_grant};
use super::super::resolve::grant;
use super::super::tagging::{tags_for_new, tags_for_update};
use super::{BuiltIn, check_texts};
use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError, Page, Powers};

/// A role: a set of actions under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleDefinition {
    /// Its id; for built-in roles the same everywhere.
    pub id: Uuid,
    /// Name for people.
    pub display_name: String,
    /// What it is for.
    pub description: Option<String>,
    /// What it allows.
    pub actions: BTreeSet<Action>,
    /// Names that were no actions here when they were written, and are none now. They are kept for other tools, and allow
    /// nothing: a later version that knows one allows it only once somebody who has it writes the role anew.
    pub other_actions: Vec<String>,
    /// Whether it is part of the program and cannot be changed.
    pub built_in: bool,
    /// Scope tags by which it is seen; built-in roles are seen by everybody who sees roles.
    pub scope_tags: Vec<String>,
    /// When it was made; absent for built-in roles.
    pub created_at: Option<Timestamp>,
    /// When it was last changed; absent for built-in roles.
    pub modified_at: Option<Timestamp>,
}

/// A role to be made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewRole {
    /// Name for people.
    pub display_name: String,
    /// What it is for.
    pub description: Option<String>,
    /// What it allows.
    pub actions: BTreeSet<Action>,
    /// Names of actions that do not exist here, to be kept.
    pub other_actions: Vec<String>,
    /// Scope tags; those of who makes it if absent.
    pub scope_tags: Option<Vec<String>>,
}

/// A change to a role; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleChange {
    /// New name.
    pub display_name: Option<String>,
    /// New description; `Some(None)` removes it.
    pub description: Option<Option<String>>,
    /// What it allows instead.
    pub actions: Option<BTreeSet<Action>>,
    /// Names of actions that do not exist here, to be kept instead.
    pub other_actions: Option<Vec<String>>,
    /// New scope tags.
    pub scope_tags: Option<Vec<String>>,
}

impl Engine {
    /// Roles: the built-in ones first, then those of administrators by id. `after` may name either.
    pub async fn list_role_definitions(
        &self,
        actor: &Actor,
        page: Page<Uuid>,
    ) -> Result<Vec<RoleDefinition>, EngineError> {
        let scope = actor.scope_for(Action::RolesRead)?;
        let mut built_in = BuiltIn::ALL.to_vec();
        let mut after = page.after;
        if let Some(position) = built_in.iter().position(|role| Some(role.id) == after) {
            built_in.drain(..=position);
            after = None;
        } else if after.is_some() {
            built_in.clear();
        }
        let limit = page.limit as usize;
        let mut roles: Vec<_> = built_in.into_iter().take(limit).map(of_built_in).collect();
        let rest = u32::try_from(limit - roles.len()).unwrap_or(u32::MAX);
        if rest > 0 {
            let mut session = self.store().read().await?;
            let made = session.list_roles(&scope, after, rest).await?;
            roles.extend(made.into_iter().map(of_record));
        }
        Ok(roles)
    }

    /// A role by id.
    pub async fn find_role_definition(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<Option<RoleDefinition>, EngineError> {
        actor.require(Action::RolesRead)?;
        let mut session = self.store().read().await?;
        let found = find(&mut session, id).await?;
        Ok(
            found
                .filter(|role| role.built_in || actor.reaches(Action::RolesRead, &role.scope_tags)),
        )
    }

    /// Makes a role. Refused if it allows what who makes it lacks.
    pub async fn create_role_definition(
        &self,
        actor: &Actor,
        new: NewRole,
    ) -> Result<RoleDefinition, EngineError> {
        actor.require(Action::RolesCreate)?;
        check_texts(
            "displayName",
            &new.display_name,
            128,
            new.description.as_deref(),
        )?;
        require_actions(actor, &new.actions)?;
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        let now = self.now();
        let record = RoleRecord {
            id: self.chance().id(now),
            name: new.display_name.trim().to_owned(),
            description: new.description,
            actions: names(&new.actions),
            other_actions: others(&new.other_actions),
            scope_tags: tags_for_new(&mut session, actor, Action::RolesCreate, new.scope_tags)
                .await?,
            created_at: now,
            modified_at: now,
        };
        session.insert_role(&record).await?;
        let change = Change::create("roleDefinition", record.id, &record.name, said(&record));
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(of_record(record))
    }

    /// Changes a role for all who have it. Refused for those who have it themselves, and for those who lack anything that it
    /// gives anybody, before or after.
    pub async fn update_role_definition(
        &self,
        actor: &Actor,
        id: Uuid,
        change: RoleChange,
    ) -> Result<RoleDefinition, EngineError> {
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        let before = changeable(&mut session, actor, Action::RolesUpdate, id).await?;
        let mut record = before.clone();
        if let Some(name) = change.display_name {
            name.trim().clone_into(&mut record.name);
        }
        if let Some(description) = change.description {
            record.description = description;
        }
        if let Some(actions) = change.actions {
            record.actions = names(&actions);
        }
        if let Some(other) = change.other_actions {
            record.other_actions = others(&other);
        }
        check_texts(
            "displayName",
            &record.name,
            128,
            record.description.as_deref(),
        )?;
        record.scope_tags = tags_for_update(
            &mut session,
            actor,
            Action::RolesUpdate,
            &before.scope_tags,
            change.scope_tags,
        )
        .await?;
        if record == before {
            return Ok(of_record(before));
        }
        record.modified_at = self.now();
        require_role(&mut session, actor, &record).await?;
        session.update_role(&record).await?;
        let change = Change::update(
            "roleDefinition",
            id,
            &record.name,
            &said(&before),
            &said(&record),
        );
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(of_record(record))
    }

    /// Deletes a role. Refused while it is assigned to anybody.
    pub async fn delete_role_definition(&self, actor: &Actor, id: Uuid) -> Result<(), EngineError> {
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        let record = changeable(&mut session, actor, Action::RolesDelete, id).await?;
        let all = Scope::all();
        let assignments = session
            .list_role_assignments(Some(id), &all, None, 10)
            .await?;
        if !assignments.is_empty() {
            let by = assignments
                .into_iter()
                .map(|assignment| format!("role assignment `{}`", assignment.name))
                .collect();
            return Err(EngineError::InUse {
                what: "role",
                name: record.name,
                by,
            });
        }
        session.delete_role(id).await?;
        let change = Change::delete("roleDefinition", id, &record.name, said(&record));
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }

    /// All actions that a role can allow.
    pub fn resource_actions(&self) -> &'static [Action] {
        &Action::ALL
    }

    /// What the actor may do on objects with a scope tag, or anywhere if none is named, by roles and token.
    pub fn effective_actions(&self, actor: &Actor, scope: Option<&str>) -> Vec<Action> {
        let tags = scope.map(|tag| vec![tag.to_owned()]);
        let may = |action: &Action| match &tags {
            Some(tags) => actor.reaches(*action, tags),
            None => actor.may(*action),
        };
        Action::ALL.into_iter().filter(may).collect()
    }
}

/// A role by id, built in or not, whoever asks.
pub(super) async fn find(
    session: &mut Session,
    id: Uuid,
) -> Result<Option<RoleDefinition>, EngineError> {
    if let Some(built_in) = BuiltIn::of_id(id) {
        return Ok(Some(of_built_in(built_in)));
    }
    Ok(session.find_role(id).await?.map(of_record))
}

/// Refuses those who have a role themselves to change it, unless they may do everything anyway.
pub(super) async fn require_other(
    session: &mut Session,
    actor: &Actor,
    action: Action,
    is_it: impl Fn(&mandate_store::RoleAssignmentRecord) -> bool + Send,
) -> Result<(), EngineError> {
    let (Powers::Granted(_), Some(user)) = (actor.powers(), actor.user()) else {
        return Ok(());
    };
    let held = session.role_assignments_held_by(user.0).await?;
    if held.iter().any(is_it) {
        return Err(super::super::scope::out_of_scope(action));
    }
    Ok(())
}

/// A role that the actor can change.
async fn changeable(
    session: &mut Session,
    actor: &Actor,
    action: Action,
    id: Uuid,
) -> Result<RoleRecord, EngineError> {
    actor.require(action)?;
    if let Some(role) = BuiltIn::of_id(id) {
        let reason = format!("`{}` is built in and cannot be changed", role.name);
        return Err(EngineError::NotPossible { reason });
    }
    let what = "role definition";
    let record = session
        .find_role(id)
        .await?
        .ok_or_else(|| EngineError::not_found(what, id))?;
    actor.require_among((Action::RolesRead, action), &record.scope_tags, what, id)?;
    require_other(session, actor, action, |held| held.role_id == id).await?;
    require_role(session, actor, &record).await?;
    Ok(record)
}

/// Refuses unless the actor has all that a role gives anybody by any of its assignments, and its actions if it has none.
async fn require_role(
    session: &mut Session,
    actor: &Actor,
    role: &RoleRecord,
) -> Result<(), EngineError> {
    let actions: BTreeSet<Action> = role
        .actions
        .iter()
        .filter_map(|name| Action::parse(name))
        .collect();
    require_actions(actor, &actions)?;
    let all = Scope::all();
    for assignment in session
        .list_role_assignments(Some(role.id), &all, None, u32::MAX)
        .await?
    {
        require_grant(session, actor, &grant(&assignment, actions.clone())).await?;
    }
    Ok(())
}

fn of_built_in(role: BuiltIn) -> RoleDefinition {
    RoleDefinition {
        id: role.id,
        display_name: role.name.to_owned(),
        description: Some(role.description.to_owned()),
        actions: role.actions(),
        other_actions: Vec::new(),
        built_in: true,
        scope_tags: vec!["0".to_owned()],
        created_at: None,
        modified_at: None,
    }
}

fn of_record(record: RoleRecord) -> RoleDefinition {
    let known = record.actions.iter().filter_map(|name| Action::parse(name));
    RoleDefinition {
        id: record.id,
        display_name: record.name,
        description: record.description,
        actions: known.collect(),
        other_actions: others(&record.other_actions),
        built_in: false,
        scope_tags: record.scope_tags,
        created_at: Some(record.created_at),
        modified_at: Some(record.modified_at),
    }
}

fn names(actions: &BTreeSet<Action>) -> Vec<String> {
    let names = actions.iter().map(|action| action.name().to_owned());
    names.collect()
}

/// Names that are no actions, each once.
fn others(names: &[String]) -> Vec<String> {
    let mut others: Vec<String> = Vec::new();
    for name in names {
        if Action::parse(name).is_none() && !others.contains(name) {
            others.push(name.clone());
        }
    }
    others
}

fn said(record: &RoleRecord) -> Value {
    json!({
        "displayName": record.name,
        "description": record.description,
        "allowedResourceActions": record.actions,
        "otherResourceActions": record.other_actions,
        "roleScopeTagIds": record.scope_tags,
    })
}
