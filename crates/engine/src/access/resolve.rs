//! What a person may do: looked up for each request, so that what is taken away counts at once.

use std::collections::BTreeSet;

use mandate_model::{AppId, User, UserId};
use mandate_store::{RoleAssignmentRecord, Session};
use uuid::Uuid;

use super::roles::{BuiltIn, ScopeType};
use super::{Action, Actor, DirectoryRole, Grant, Origin, Permission, Powers, Reach};
use crate::management_authority::lock_now;
use crate::{Engine, EngineError};

impl Engine {
    /// A person with what their roles allow now. `app` is the client that they use, `carried` what its token carries; none of
    /// both for our own pages. An account that may not be used has no powers.
    pub async fn person_actor(
        &self,
        user: &User,
        app: Option<(AppId, String)>,
        carried: Option<BTreeSet<Permission>>,
        origin: Origin,
    ) -> Result<Actor, EngineError> {
        let mut session = self.store().read().await?;
        let powers = powers_now(&mut session, user).await?;
        let lock = lock_now(&mut session).await?;
        drop(session);
        let actor = Actor::person(user.id, &user.user_principal_name, app, carried, powers);
        Ok(actor.from(origin).under(lock))
    }

    /// A person with what their roles allow now, within a session, as in a page of ours.
    pub(crate) async fn person_now(
        &self,
        session: &mut Session,
        user: &User,
    ) -> Result<Actor, EngineError> {
        let powers = powers_now(session, user).await?;
        let name = &user.user_principal_name;
        let lock = lock_now(session).await?;
        Ok(Actor::person(user.id, name, None, None, powers).under(lock))
    }

    /// Template ids of a person's directory roles, their own and those of their groups: a token's `wids`.
    pub async fn directory_roles_of(&self, user: UserId) -> Result<Vec<Uuid>, EngineError> {
        let mut session = self.store().read().await?;
        Ok(session.directory_roles_held_by(user.0).await?)
    }

    /// Whether a person has any role.
    pub async fn is_administrator(&self, user: UserId) -> Result<bool, EngineError> {
        let mut session = self.store().read().await?;
        let directory = session.directory_roles_held_by(user.0).await?;
        Ok(!directory.is_empty() || !session.role_assignments_held_by(user.0).await?.is_empty())
    }
}

/// What a person may do; nothing with an account that may not be used.
async fn powers_now(session: &mut Session, user: &User) -> Result<Powers, EngineError> {
    if user.account_enabled {
        powers_of(session, user.id.0).await
    } else {
        Ok(Powers::Granted(Vec::new()))
    }
}

/// What a person may do, or the people of a group by being in it.
pub(super) async fn powers_of(
    session: &mut Session,
    principal: Uuid,
) -> Result<Powers, EngineError> {
    let mut grants = Vec::new();
    for id in session.directory_roles_held_by(principal).await? {
        match DirectoryRole::of_id(id) {
            Some(DirectoryRole::GlobalAdministrator) => return Ok(Powers::Everything),
            Some(role) => grants.push(Grant {
                actions: role.actions(),
                tags: None,
                people: Reach::All,
            }),
            None => {}
        }
    }
    for assignment in session.role_assignments_held_by(principal).await? {
        let actions = actions_of(session, assignment.role_id).await?;
        grants.push(grant(&assignment, actions));
    }
    Ok(Powers::Granted(grants))
}

/// What a role allows; nothing if there is no such role.
pub(super) async fn actions_of(
    session: &mut Session,
    role: Uuid,
) -> Result<BTreeSet<Action>, EngineError> {
    if let Some(built_in) = BuiltIn::of_id(role) {
        return Ok(built_in.actions());
    }
    let record = session.find_role(role).await?;
    let names = record.map(|record| record.actions).unwrap_or_default();
    Ok(names
        .iter()
        .filter_map(|name| Action::parse(name))
        .collect())
}

/// What an assignment of a role that allows this gives.
pub(super) fn grant(assignment: &RoleAssignmentRecord, actions: BTreeSet<Action>) -> Grant {
    let scope = ScopeType::parse(&assignment.scope_type);
    let mut tags: BTreeSet<String> = assignment.tags.iter().cloned().collect();
    if tags.is_empty() {
        tags.insert("0".to_owned());
    }
    Grant {
        actions,
        tags: Some(tags),
        people: Reach::Some {
            all_users: scope.has_all_users(),
            all_devices: scope.has_all_devices(),
            groups: assignment.scopes.iter().copied().collect(),
        },
    }
}
