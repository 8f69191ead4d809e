//! Roles and their assignments as Graph shows them.

use mandate_engine::{RoleAssignment, RoleDefinition};
use serde_json::json;

use super::permissions::permissions_json;
use super::{ASSIGNMENTS, DEFINITIONS};
use crate::entity::Entity;

/// The entity of a role.
pub(super) fn definition_entity(role: &RoleDefinition) -> Entity {
    let mut actions: Vec<String> = role
        .actions
        .iter()
        .map(|action| action.name().to_owned())
        .collect();
    actions.extend(role.other_actions.iter().cloned());
    let body = json!({
        "id": role.id,
        "displayName": role.display_name,
        "description": role.description,
        "isBuiltIn": role.built_in,
        "isBuiltInRoleDefinition": role.built_in,
        "permissions": permissions_json(&actions),
        "rolePermissions": permissions_json(&actions),
        "roleScopeTagIds": role.scope_tags,
    });
    Entity::from_json(
        "deviceAndAppManagementRoleDefinition",
        format!("{DEFINITIONS}('{}')", role.id),
        body,
    )
}

/// The entity of an assignment. `scopeMembers` and `resourceScopes` are two names of one list.
pub(super) fn assignment_entity(assignment: &RoleAssignment) -> Entity {
    let body = json!({
        "id": assignment.id,
        "displayName": assignment.display_name,
        "description": assignment.description,
        "members": assignment.members,
        "resourceScopes": assignment.scopes,
        "scopeMembers": assignment.scopes,
        "scopeType": assignment.scope_type.name(),
        "roleScopeTagIds": assignment.scope_tags,
    });
    Entity::from_json(
        "deviceAndAppManagementRoleAssignment",
        format!("{ASSIGNMENTS}('{}')", assignment.id),
        body,
    )
}
