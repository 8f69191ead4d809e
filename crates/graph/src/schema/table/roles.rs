//! Roles and scope tags, of management and of the directory.

use super::{Row, row};

pub(super) const TYPES: &[Row] = &[
    row(
        "roleDefinition",
        "entity",
        "description:String displayName:String isBuiltIn:Boolean! isBuiltInRoleDefinition:Boolean!~ \
         permissions:rolePermission[]~ rolePermissions:rolePermission[] roleScopeTagIds:String[]~",
    )
    .navigations("roleAssignments:roleAssignment[]*"),
    row("deviceAndAppManagementRoleDefinition", "roleDefinition", ""),
    row(
        "roleAssignment",
        "entity",
        "description:String displayName:String resourceScopes:String[] scopeMembers:String[]~ \
         scopeType:roleAssignmentScopeType!~",
    )
    .navigations("roleDefinition:roleDefinition"),
    row(
        "deviceAndAppManagementRoleAssignment",
        "roleAssignment",
        "members:String[] roleScopeTagIds:String[]~",
    )
    .navigations("roleScopeTags:roleScopeTag[]~"),
    row("roleScopeTag", "entity", "description:String displayName:String isBuiltIn:Boolean!")
        .navigations("assignments:roleScopeTagAutoAssignment[]*")
        .actions("assign"),
    row("roleScopeTagAutoAssignment", "entity", "target:deviceAndAppManagementAssignmentTarget"),
    row(
        "resourceOperation",
        "entity",
        "actionName:String description:String enabledForScopeValidation:Boolean!~ resource:String~ \
         resourceName:String",
    ),
    row("directoryRole", "directoryObject", "description:String displayName:String roleTemplateId:String")
        .navigations("members:directoryObject[]"),
    row("directoryRoleTemplate", "directoryObject", "description:String displayName:String"),
    row("roleManagement", "entity", "").navigations("directory:rbacApplication*"),
    row("rbacApplication", "entity", "")
        .navigations("roleDefinitions:unifiedRoleDefinition[]* roleAssignments:unifiedRoleAssignment[]*"),
    row(
        "unifiedRoleDefinition",
        "entity",
        "description:String displayName:String isBuiltIn:Boolean isEnabled:Boolean isPrivileged:Boolean~ \
         resourceScopes:String[]! rolePermissions:unifiedRolePermission[]! templateId:String version:String",
    ),
    row(
        "unifiedRoleAssignment",
        "entity",
        "appScopeId:String condition:String directoryScopeId:String principalId:String roleDefinitionId:String",
    )
    .navigations("principal:directoryObject roleDefinition:unifiedRoleDefinition"),
    row("roleScopeTagInfo", "", "displayName:String roleScopeTagId:String"),
    row("rolePermission", "", "actions:String[]~ resourceActions:resourceAction[]"),
    row("resourceAction", "", "allowedResourceActions:String[] notAllowedResourceActions:String[]"),
    row("unifiedRolePermission", "", "allowedResourceActions:String[]! condition:String excludedResourceActions:String[]!"),
    row("deviceAndAppManagementAssignedRoleDetails", "", "roleAssignmentIds:String[] roleDefinitionIds:String[]"),
];
