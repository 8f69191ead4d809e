//! Directory roles as Graph shows them.

use mandate_engine::DirectoryRole;
use mandate_model::Member;
use serde_json::json;

use super::{ROLES, TEMPLATES};
use crate::entity::Entity;

/// The entity of a role. All roles are activated, so that each is there under its template's id.
pub(super) fn role_entity(role: DirectoryRole) -> Entity {
    let id = role.id();
    let body = json!({
        "id": id,
        "deletedDateTime": null,
        "displayName": role.name(),
        "description": role.description(),
        "roleTemplateId": id,
    });
    Entity::from_json("directoryRole", format!("{ROLES}('{id}')"), body)
}

/// The entity of a role's template.
pub(super) fn template_entity(role: DirectoryRole) -> Entity {
    let id = role.id();
    let body = json!({
        "id": id,
        "deletedDateTime": null,
        "displayName": role.name(),
        "description": role.description(),
    });
    Entity::from_json(
        "directoryRoleTemplate",
        format!("{TEMPLATES}('{id}')"),
        body,
    )
}

/// The entity of a role in the newer form.
pub(super) fn definition_entity(role: DirectoryRole) -> Entity {
    let id = role.id();
    let actions: Vec<&str> = role
        .actions()
        .into_iter()
        .map(mandate_engine::Action::name)
        .collect();
    let body = json!({
        "id": id,
        "displayName": role.name(),
        "description": role.description(),
        "isBuiltIn": true,
        "isEnabled": true,
        "isPrivileged": role != DirectoryRole::GlobalReader,
        "resourceScopes": ["/"],
        "rolePermissions": [{
            "allowedResourceActions": actions,
            "excludedResourceActions": [],
            "condition": null,
        }],
        "templateId": id,
        "version": "1",
    });
    let path = format!("roleManagement/directory/roleDefinitions('{id}')");
    Entity::from_json("unifiedRoleDefinition", path, body)
}

/// The entity of somebody's having a role, whose id is made of both.
pub(super) fn assignment_entity(role: DirectoryRole, member: Member) -> Entity {
    let id = format!("{}_{}", role.id(), member.id());
    let body = json!({
        "id": id,
        "principalId": member.id(),
        "roleDefinitionId": role.id(),
        "directoryScopeId": "/",
        "appScopeId": null,
        "condition": null,
    });
    let path = format!("roleManagement/directory/roleAssignments('{id}')");
    Entity::from_json("unifiedRoleAssignment", path, body)
}
