//! Roles, scope tags and directory roles.

use serde_json::{Value, json};

use super::Scope::{Beyond, Done, Free, Given, Listed, Seen, Tagged, Whole};
use super::{Row, delete, described, fresh, get, patch, post};
use crate::access::world::{Place, READER, World, target};

/// Nobody gives what they lack, and the role that is given allows all that only looks.
const READS: &str = "DeviceConfigurations_Read DeviceConfigurations_ViewReports ManagedDevices_Read \
    ManagedDevices_ViewReports CertificateTemplates_Read CertificateAuthorities_Read CertificateConnector_Read \
    ImportedCertificates_Read Notifications_Read Organization_Read EnrollmentLinks_Read DeviceEnrollmentManagers_Read \
    CorporateDeviceIdentifiers_Read TermsAndConditions_Read Users_Read \
    Groups_Read Intune_Roles_Read DirectoryRoles_Read Audit_Read Applications_Read SignIn_Read DirectoryRoles_Assign";

pub(super) const ROWS: &[Row] = &[
    get("deviceManagement/roleDefinitions", "", "Intune_Roles_Read", Listed("role")),
    post("deviceManagement/roleDefinitions", "", "Intune_Roles_Create", Tagged).body(|world, place| {
        json!({"displayName": "Made", "roleScopeTagIds": [world.by_tag(place).tag]})
    }),
    get("deviceManagement/roleDefinitions/{id}", "role", "Intune_Roles_Read", Seen),
    patch("deviceManagement/roleDefinitions/{id}", "role", "Intune_Roles_Update", Seen).body(described),
    delete("deviceManagement/roleDefinitions/{id}", "role", "Intune_Roles_Delete", Seen),
    get("deviceManagement/roleDefinitions/{id}/roleAssignments", "role", "Intune_Roles_Read", Seen),
    post("deviceManagement/roleDefinitions/{id}/roleAssignments", "role", "Intune_Roles_Assign", Seen)
        .body(|world, _| json!({"displayName": "Made", "members": [world.nowhere]})),
    get("deviceManagement/roleAssignments", "", "Intune_Roles_Read", Listed("roleassignment")),
    post("deviceManagement/roleAssignments", "", "Intune_Roles_Read Intune_Roles_Assign", Given).body(given),
    get("deviceManagement/roleAssignments/{id}", "roleassignment", "Intune_Roles_Read", Seen),
    patch("deviceManagement/roleAssignments/{id}", "roleassignment", "Intune_Roles_Assign", Done).body(described),
    delete("deviceManagement/roleAssignments/{id}", "roleassignment", "Intune_Roles_Assign", Done),
    get("deviceManagement/roleAssignments/{id}/roleDefinition", "roleassignment", "Intune_Roles_Read", Seen),
    get("deviceManagement/roleAssignments/{id}/roleScopeTags", "roleassignment", "Intune_Roles_Read", Seen),
    post(
        "deviceManagement/roleAssignments/{id}/roleScopeTags/$ref",
        "roleassignment",
        "Intune_Roles_Read Intune_Roles_Assign",
        Done,
    )
    .body(|world, place| json!({"@odata.id": format!("deviceManagement/roleScopeTags('{}')", world.by_tag(place).tag)})),
    delete(
        "deviceManagement/roleAssignments/{id}/roleScopeTags/{tag}/$ref",
        "roleassignment tag",
        "Intune_Roles_Read Intune_Roles_Assign",
        Beyond,
    ),
    get("deviceManagement/roleScopeTags", "", "Intune_Roles_Read", Listed("tag")),
    post("deviceManagement/roleScopeTags", "", "Intune_Roles_Create", Whole)
        .body(|_, _| json!({"displayName": fresh()})),
    post("deviceManagement/roleScopeTags/getRoleScopeTagsById", "", "Intune_Roles_Read", Listed("tag"))
        .body(|world, _| json!({"roleScopeTagIds": [world.north.tag, world.south.tag]})),
    get("deviceManagement/roleScopeTags/hasCustomRoleScopeTag", "", "Intune_Roles_Read", Free),
    get("deviceManagement/roleScopeTags/{id}", "tag", "Intune_Roles_Read", Seen),
    patch("deviceManagement/roleScopeTags/{id}", "newtag", "Intune_Roles_Update", Whole).body(described),
    delete("deviceManagement/roleScopeTags/{id}", "newtag", "Intune_Roles_Delete", Whole),
    get("deviceManagement/roleScopeTags/{id}/assignments", "tag", "Intune_Roles_Read", Seen),
    post("deviceManagement/roleScopeTags/{id}/assign", "newtag", "Intune_Roles_Update", Whole)
        .body(|world, _| json!({"assignments": [target(&world.nowhere)]})),
    get("deviceManagement/resourceOperations", "", "Intune_Roles_Read", Free),
    get("deviceManagement/resourceOperations/{id}", "operation", "Intune_Roles_Read", Free),
    get("directoryRoles", "", "DirectoryRoles_Read", Free),
    get("directoryRoles/{id}", "directoryrole", "DirectoryRoles_Read", Free),
    get("directoryRoles/{id}/members", "directoryrole", "DirectoryRoles_Read", Free),
    post("directoryRoles/{id}/members/$ref", "directoryrole", READS, Whole)
        .body(|world, place| {
            json!({"@odata.id": format!("https://h/v1.0/users/{}", world.by_group(place).other_user)})
        })
        .fine(&[400]),
    delete("directoryRoles/{id}/members/$ref", "directoryrole", READS, Whole)
        .query(|world, _| format!("?@id=https://h/v1.0/users/{}", world.nowhere))
        .fine(&[404]),
    delete("directoryRoles/{id}/members/{member}/$ref", "directoryrole reader", READS, Whole),
    get("directoryRoleTemplates", "", "DirectoryRoles_Read", Free),
    get("directoryRoleTemplates/{id}", "directoryrole", "DirectoryRoles_Read", Free),
    get("roleManagement/directory/roleDefinitions", "", "DirectoryRoles_Read", Free),
    get("roleManagement/directory/roleDefinitions/{id}", "directoryrole", "DirectoryRoles_Read", Free),
    get("roleManagement/directory/roleAssignments", "", "DirectoryRoles_Read", Free),
    post("roleManagement/directory/roleAssignments", "", READS, Whole)
        .body(|world, place| {
            json!({"principalId": world.by_group(place).user, "roleDefinitionId": READER, "directoryScopeId": "/"})
        })
        .fine(&[400]),
    get("roleManagement/directory/roleAssignments/{id}", "unified", "DirectoryRoles_Read", Free),
    get("roleManagement/directory/roleAssignments/{id}/principal", "unified", "DirectoryRoles_Read", Free),
    get("roleManagement/directory/roleAssignments/{id}/roleDefinition", "unified", "DirectoryRoles_Read", Free),
    delete("roleManagement/directory/roleAssignments/{id}", "unified", READS, Whole),
];

fn given(world: &World, place: Place) -> Value {
    json!({
        "displayName": "Given", "members": [world.nowhere],
        "resourceScopes": [world.by_group(place).group],
        "roleDefinition@odata.bind": format!("deviceManagement/roleDefinitions('{}')", world.role),
        "roleScopeTags@odata.bind": [format!("deviceManagement/roleScopeTags('{}')", world.by_tag(place).tag)],
    })
}
