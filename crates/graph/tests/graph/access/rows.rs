//! The table: every end point, what it needs, and what a scope means for it.

use serde_json::{Value, json};

use super::world::{Place, READER, World, target};

/// What a scope means for an end point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// Nothing: the same for everybody who may.
    Free,
    /// Only for those whose role has no scope.
    Whole,
    /// What has none of one's tags is not there.
    Seen,
    /// The same, and what is there is within reach only where one's groups are.
    Done,
    /// Only for one's groups, and what and who is in them.
    Grouped,
    /// The new thing has tags, which must be one's own.
    Tagged,
    /// What is given may not go beyond what one has.
    Given,
    /// What would remain is for the default tag, which is not one's own.
    Beyond,
    /// A list, in which things of a kind are left out that have none of one's tags.
    Listed(&'static str),
}

/// One end point.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub(super) method: &'static str,
    /// As the router has it.
    pub(super) template: &'static str,
    /// What its keys are, in order.
    pub(super) keys: &'static str,
    /// Actions that are needed, all of them; `-` for none but a token, `*` for not even that.
    pub(super) needs: &'static str,
    pub(super) scope: Scope,
    pub(super) query: fn(&World, Place) -> String,
    pub(super) body: Option<fn(&World, Place) -> Value>,
    /// Statuses that mean as well that it was allowed: the request asks for what is not there, or for too much.
    pub(super) fine: &'static [u16],
}

impl Row {
    const fn body(mut self, body: fn(&World, Place) -> Value) -> Self {
        self.body = Some(body);
        self
    }

    const fn query(mut self, query: fn(&World, Place) -> String) -> Self {
        self.query = query;
        self
    }

    const fn fine(mut self, fine: &'static [u16]) -> Self {
        self.fine = fine;
        self
    }
}

const fn row(
    method: &'static str,
    template: &'static str,
    keys: &'static str,
    needs: &'static str,
    scope: Scope,
) -> Row {
    Row {
        method,
        template,
        keys,
        needs,
        scope,
        query: |_, _| String::new(),
        body: None,
        fine: &[],
    }
}

const fn get(template: &'static str, keys: &'static str, needs: &'static str, scope: Scope) -> Row {
    row("GET", template, keys, needs, scope)
}

const fn post(
    template: &'static str,
    keys: &'static str,
    needs: &'static str,
    scope: Scope,
) -> Row {
    row("POST", template, keys, needs, scope)
}

const fn patch(
    template: &'static str,
    keys: &'static str,
    needs: &'static str,
    scope: Scope,
) -> Row {
    row("PATCH", template, keys, needs, scope)
}

const fn delete(
    template: &'static str,
    keys: &'static str,
    needs: &'static str,
    scope: Scope,
) -> Row {
    row("DELETE", template, keys, needs, scope)
}

use Scope::{Beyond, Done, Free, Given, Grouped, Listed, Seen, Tagged, Whole};

fn nothing(_: &World, _: Place) -> Value {
    json!({})
}

fn described(_: &World, _: Place) -> Value {
    json!({"description": "changed"})
}

fn member(world: &World, place: Place) -> Value {
    let user = &world.by_group(place).other_user;
    json!({"@odata.id": format!("https://h/v1.0/users/{user}")})
}

fn assigned(world: &World, place: Place) -> Value {
    json!({"assignments": [target(&world.by_group(place).group)]})
}

fn one_assigned(world: &World, place: Place) -> Value {
    target(&world.by_group(place).group)
}

fn groups_asked(world: &World, place: Place) -> Value {
    json!({"groupIds": [world.by_group(place).group]})
}

fn people_asked(world: &World, place: Place) -> Value {
    json!({"ids": [world.by_group(place).user]})
}

fn mail(world: &World, place: Place) -> Value {
    let mut body = crate::house::mail_profile("Made");
    body["roleScopeTagIds"] = json!([world.by_tag(place).tag]);
    body
}

fn root(world: &World, _: Place) -> Value {
    json!({"@odata.id": format!("https://h/beta/deviceManagement/deviceConfigurations('{}')", world.root)})
}

fn given(world: &World, place: Place) -> Value {
    json!({
        "displayName": "Given", "members": [world.nowhere],
        "resourceScopes": [world.by_group(place).group],
        "roleDefinition@odata.bind": format!("deviceManagement/roleDefinitions('{}')", world.role),
        "roleScopeTags@odata.bind": [format!("deviceManagement/roleScopeTags('{}')", world.by_tag(place).tag)],
    })
}

/// Looking alone is what the role that is given allows.
const READS: &str = "DeviceConfigurations_Read DeviceConfigurations_ViewReports ManagedDevices_Read \
    ManagedDevices_ViewReports CertificateTemplates_Read CertificateAuthorities_Read CertificateConnector_Read \
    ImportedCertificates_Read Organization_Read EnrollmentLinks_Read Users_Read Groups_Read Intune_Roles_Read \
    DirectoryRoles_Read Audit_Read Applications_Read SignIn_Read DirectoryRoles_Assign";

const CONFIGURATIONS: &str = "deviceManagement/deviceConfigurations";

/// What has no keys and no scope: the root, the organisation, what is asked of oneself.
const ROOT: &[Row] = &[
    get("", "", "-", Free),
    get("$metadata", "", "*", Free),
    get("organization", "", "-", Free),
    get("organization/{id}", "tenant", "-", Free),
    get("domains", "", "-", Free),
    get("domains/{id}", "domain", "-", Free),
    get("subscribedSkus", "", "Users_Read", Free),
    get("subscribedSkus/{id}", "sku", "Users_Read", Free),
    get("deviceManagement", "", "-", Free),
    patch("deviceManagement", "", "Organization_Update", Whole)
        .body(|_, _| json!({"settings": {"secureByDefault": true}})),
    get("deviceManagement/deviceConfigurationDeviceStateSummaries", "", "DeviceConfigurations_ViewReports", Free),
    get("deviceManagement/getEffectivePermissions", "", "-", Free),
    get("deviceManagement/getAssignedRoleDetails", "", "-", Free),
    get("deviceManagement/scopedForResource(resource='ManagedDevices')", "", "-", Free),
    get("deviceManagement/androidManagedStoreAccountEnterpriseSettings", "", "-", Free),
    get("deviceManagement/applePushNotificationCertificate", "", "Organization_Read", Free),
    patch("deviceManagement/applePushNotificationCertificate", "", "Organization_Update", Whole)
        .body(|_, _| json!({"certificate": "none"}))
        .fine(&[400]),
    delete("deviceManagement/applePushNotificationCertificate", "", "Organization_Update", Whole).fine(&[404]),
    get(
        "deviceManagement/applePushNotificationCertificate/downloadApplePushNotificationCertificateSigningRequest",
        "",
        "Organization_Update",
        Whole,
    ),
    post(
        "deviceManagement/applePushNotificationCertificate/generateApplePushNotificationCertificateSigningRequest",
        "",
        "Organization_Update",
        Whole,
    )
    .body(nothing),
    get("deviceManagement/auditEvents", "", "Audit_Read", Free),
    get("deviceManagement/auditEvents/getAuditCategories", "", "Audit_Read", Free),
    get("deviceManagement/auditEvents/getAuditActivityTypes(category='Role')", "", "Audit_Read", Free),
    get("deviceManagement/auditEvents/{id}", "nothing", "Audit_Read", Free).fine(&[404]),
];

const PEOPLE: &[Row] = &[
    get("users", "", "Users_Read", Free),
    post("users", "", "Users_Update", Whole).body(|_, _| {
        let name = uuid::Uuid::new_v4().simple().to_string();
        json!({"accountEnabled": true, "displayName": name, "userPrincipalName": format!("{name}@example.com"),
               "mailNickname": name})
    }),
    get("users/{id}", "user", "Users_Read", Free),
    patch("users/{id}", "user", "Users_Read Users_Update", Grouped).body(|_, _| json!({"city": "Delft"})),
    delete("users/{id}", "user", "Users_Read Users_Update", Grouped),
    get("users/{id}/memberOf", "user", "Users_Read Groups_Read", Free),
    get("users/{id}/transitiveMemberOf", "user", "Users_Read Groups_Read", Free),
    get("users/{id}/managedDevices", "member", "Users_Read ManagedDevices_Read", Free),
    get("users/{id}/ownedDevices", "member", "Users_Read ManagedDevices_Read", Free),
    get("users/{id}/registeredDevices", "member", "Users_Read ManagedDevices_Read", Free),
    post("users/{id}/getMemberGroups", "user", "Users_Read Groups_Read", Free).body(nothing),
    post("users/{id}/getMemberObjects", "user", "Users_Read Groups_Read", Free).body(nothing),
    post("users/{id}/checkMemberGroups", "user", "Users_Read Groups_Read", Free).body(groups_asked),
    post("users/{id}/revokeSignInSessions", "user", "Users_Read Users_ResetCredentials", Grouped).body(nothing),
    post("users/{id}/changePassword", "user", "Users_Read", Free)
        .body(|_, _| json!({"currentPassword": "x", "newPassword": "y"}))
        .fine(&[400, 409]),
    get("users/{id}/photo", "user", "Users_Read", Free).fine(&[404]),
    get("users/{id}/photo/$value", "user", "Users_Read", Free).fine(&[404]),
    get("users/{id}/photos/{size}/$value", "user size", "-", Free).fine(&[404]),
    post("users/getByIds", "", "Users_Read", Free).body(people_asked),
    post("groups/getByIds", "", "Groups_Read", Free)
        .body(|world, place| json!({"ids": [world.by_group(place).group]})),
    post("directoryObjects/getByIds", "", "Users_Read", Free).body(people_asked),
    get("directoryObjects/{id}", "user", "Users_Read", Free),
    get("groups", "", "Groups_Read", Free),
    post("groups", "", "Groups_Update", Whole).body(|_, _| {
        json!({"displayName": "Made", "mailEnabled": false, "mailNickname": "made", "securityEnabled": true})
    }),
    get("groups/{id}", "group", "Groups_Read", Free),
    patch("groups/{id}", "group", "Groups_Update", Grouped).body(described),
    delete("groups/{id}", "group", "Groups_Update", Grouped),
    get("groups/{id}/members", "group", "Groups_Read Users_Read", Free),
    post("groups/{id}/members/$ref", "group", "Groups_Update Users_Read", Grouped).body(member),
    delete("groups/{id}/members/$ref", "group", "Groups_Update", Grouped)
        .query(|world, place| format!("?@id=https://h/v1.0/users/{}", world.by_group(place).user)),
    delete("groups/{id}/members/{member}/$ref", "group member", "Groups_Update", Grouped),
    get("groups/{id}/transitiveMembers", "group", "Groups_Read Users_Read", Free),
    get("groups/{id}/memberOf", "group", "Groups_Read", Free),
    get("groups/{id}/transitiveMemberOf", "group", "Groups_Read", Free),
    get("groups/{id}/owners", "owned", "Groups_Read", Free),
    post("groups/{id}/owners/$ref", "group", "Groups_Update Users_Read", Grouped).body(member),
    delete("groups/{id}/owners/$ref", "owned", "Groups_Update", Grouped)
        .query(|world, place| format!("?@id=https://h/v1.0/users/{}", world.by_group(place).user)),
    delete("groups/{id}/owners/{owner}/$ref", "owned owner", "Groups_Update", Grouped),
    post("groups/{id}/getMemberGroups", "group", "Groups_Read", Free).body(nothing),
    post("groups/{id}/getMemberObjects", "group", "Groups_Read", Free).body(nothing),
    post("groups/{id}/checkMemberGroups", "group", "Groups_Read", Free).body(groups_asked),
];

const DEVICES: &[Row] = &[
    get("devices", "", "ManagedDevices_Read", Listed("device")),
    get("devices/{id}", "device", "ManagedDevices_Read", Seen),
    get(
        "devices/{id}/memberOf",
        "device",
        "ManagedDevices_Read Groups_Read",
        Seen,
    ),
    get(
        "devices/{id}/transitiveMemberOf",
        "device",
        "ManagedDevices_Read Groups_Read",
        Seen,
    ),
    get(
        "devices/{id}/registeredOwners",
        "device",
        "ManagedDevices_Read",
        Seen,
    ),
    get(
        "devices/{id}/registeredUsers",
        "device",
        "ManagedDevices_Read",
        Seen,
    ),
    post(
        "devices/{id}/getMemberGroups",
        "device",
        "ManagedDevices_Read Groups_Read",
        Seen,
    )
    .body(nothing),
    post(
        "devices/{id}/getMemberObjects",
        "device",
        "ManagedDevices_Read Groups_Read",
        Seen,
    )
    .body(nothing),
    post(
        "devices/{id}/checkMemberGroups",
        "device",
        "ManagedDevices_Read Groups_Read",
        Seen,
    )
    .body(groups_asked),
    get(
        "deviceManagement/managedDevices",
        "",
        "ManagedDevices_Read",
        Listed("device"),
    ),
    get(
        "deviceManagement/managedDevices/{id}",
        "device",
        "ManagedDevices_Read",
        Seen,
    ),
    patch(
        "deviceManagement/managedDevices/{id}",
        "device",
        "ManagedDevices_Read ManagedDevices_Update",
        Done,
    )
    .body(|_, _| json!({"notes": "changed"})),
    delete(
        "deviceManagement/managedDevices/{id}",
        "device",
        "ManagedDevices_Delete",
        Done,
    ),
    post(
        "deviceManagement/managedDevices/{id}/syncDevice",
        "device",
        "RemoteTasks_SyncDevice",
        Done,
    ),
    post(
        "deviceManagement/managedDevices/{id}/retire",
        "device",
        "RemoteTasks_Retire",
        Done,
    ),
    post(
        "deviceManagement/managedDevices/{id}/wipe",
        "device",
        "RemoteTasks_Wipe",
        Done,
    )
    .body(nothing),
    post(
        "deviceManagement/managedDevices/{id}/remoteLock",
        "device",
        "RemoteTasks_RemoteLock",
        Done,
    ),
    get(
        "deviceManagement/managedDevices/{id}/deviceConfigurationStates",
        "device",
        "ManagedDevices_Read",
        Seen,
    ),
    get(
        "deviceManagement/managedDevices/{id}/deviceCompliancePolicyStates",
        "device",
        "ManagedDevices_Read",
        Seen,
    ),
    get(
        "deviceManagement/managedDevices/{id}/users",
        "device",
        "ManagedDevices_Read",
        Seen,
    ),
    post(
        "deviceManagement/managedDevices/{id}/users/$ref",
        "device",
        "ManagedDevices_SetPrimaryUser Users_Read",
        Done,
    )
    .body(member),
    row(
        "PUT",
        "deviceManagement/managedDevices/{id}/users/$ref",
        "device",
        "ManagedDevices_SetPrimaryUser Users_Read",
        Done,
    )
    .body(member),
    delete(
        "deviceManagement/managedDevices/{id}/users/$ref",
        "device",
        "ManagedDevices_SetPrimaryUser",
        Done,
    ),
    delete(
        "deviceManagement/managedDevices/{id}/users/{user}/$ref",
        "device member",
        "ManagedDevices_SetPrimaryUser",
        Done,
    ),
    get(
        "deviceManagement/managedDeviceOverview",
        "",
        "ManagedDevices_Read",
        Free,
    ),
];

const PROFILES: &[Row] = &[
    get(CONFIGURATIONS, "", "DeviceConfigurations_Read", Listed("profile")),
    post(CONFIGURATIONS, "", "DeviceConfigurations_Create", Tagged).body(mail),
    post(
        "deviceManagement/deviceConfigurations/getTargetedUsersAndDevices",
        "",
        "DeviceConfigurations_ViewReports",
        Free,
    )
    .body(|world, _| json!({"deviceConfigurationIds": [world.root]})),
    get("deviceManagement/deviceConfigurations/{id}", "profile", "DeviceConfigurations_Read", Seen),
    patch(
        "deviceManagement/deviceConfigurations/{id}",
        "profile",
        "DeviceConfigurations_Read DeviceConfigurations_Update",
        Seen,
    )
    .body(described),
    delete("deviceManagement/deviceConfigurations/{id}", "profile", "DeviceConfigurations_Delete", Seen),
    post("deviceManagement/deviceConfigurations/{id}/assign", "profile", "DeviceConfigurations_Assign", Done)
        .body(assigned),
    get("deviceManagement/deviceConfigurations/{id}/assignments", "profile", "DeviceConfigurations_Read", Seen),
    post(
        "deviceManagement/deviceConfigurations/{id}/assignments",
        "profile",
        "DeviceConfigurations_Read DeviceConfigurations_Assign",
        Done,
    )
    .body(one_assigned),
    get(
        "deviceManagement/deviceConfigurations/{id}/assignments/{assignment}",
        "assigned assignment",
        "DeviceConfigurations_Read",
        Seen,
    ),
    delete(
        "deviceManagement/deviceConfigurations/{id}/assignments/{assignment}",
        "assigned assignment",
        "DeviceConfigurations_Read DeviceConfigurations_Assign",
        Done,
    ),
    get("deviceManagement/deviceConfigurations/{id}/groupAssignments", "profile", "DeviceConfigurations_Read", Seen),
    post(
        "deviceManagement/deviceConfigurations/{id}/groupAssignments",
        "profile",
        "DeviceConfigurations_Read DeviceConfigurations_Assign",
        Done,
    )
    .body(|world, place| json!({"targetGroupId": world.by_group(place).group, "excludeGroup": false})),
    get("deviceManagement/deviceConfigurations/{id}/deviceStatuses", "profile", "DeviceConfigurations_Read DeviceConfigurations_ViewReports", Seen),
    get("deviceManagement/deviceConfigurations/{id}/userStatuses", "profile", "DeviceConfigurations_Read DeviceConfigurations_ViewReports", Seen),
    get(
        "deviceManagement/deviceConfigurations/{id}/deviceStatusOverview",
        "profile",
        "DeviceConfigurations_ViewReports",
        Seen,
    ),
    get(
        "deviceManagement/deviceConfigurations/{id}/userStatusOverview",
        "profile",
        "DeviceConfigurations_ViewReports",
        Seen,
    ),
    get(
        "deviceManagement/deviceConfigurations/{id}/deviceSettingStateSummaries",
        "profile",
        "DeviceConfigurations_ViewReports",
        Seen,
    ),
    get(
        "deviceManagement/deviceConfigurations/{id}/managedDeviceCertificateStates",
        "profile",
        "DeviceConfigurations_Read DeviceConfigurations_ViewReports",
        Seen,
    ),
    get(
        "deviceManagement/deviceConfigurations/{id}/{navigation}",
        "profile navigation",
        "DeviceConfigurations_Read",
        Seen,
    ),
    row(
        "PUT",
        "deviceManagement/deviceConfigurations/{id}/{navigation}/$ref",
        "profile navigation",
        "DeviceConfigurations_Read DeviceConfigurations_Update",
        Seen,
    )
    .body(root),
    delete(
        "deviceManagement/deviceConfigurations/{id}/{navigation}/$ref",
        "profile navigation",
        "DeviceConfigurations_Read DeviceConfigurations_Update",
        Seen,
    ),
    get("deviceManagement/userPfxCertificates", "", "ImportedCertificates_Read", Free),
    post("deviceManagement/userPfxCertificates", "", "ImportedCertificates_Create", Free)
        .body(|world, _| {
            json!({
                "userPrincipalName": "north-one@example.com", "thumbprint": "0".repeat(40),
                "intendedPurpose": "smimeEncryption", "keyName": world.north.tag, "providerName": "x",
                "paddingScheme": "oaepSha256", "encryptedPfxBlob": "AAAA", "encryptedPfxPassword": "AAAA",
                "startDateTime": "2026-01-01T00:00:00Z", "expirationDateTime": "2027-01-01T00:00:00Z",
            })
        })
        .fine(&[400]),
    get("deviceManagement/userPfxCertificates/{id}", "nopfx", "ImportedCertificates_Read", Free).fine(&[404]),
    patch("deviceManagement/userPfxCertificates/{id}", "nopfx", "ImportedCertificates_Update", Free)
        .body(|_, _| json!({"intendedPurpose": "smimeSigning"}))
        .fine(&[400, 404]),
    delete("deviceManagement/userPfxCertificates/{id}", "nopfx", "ImportedCertificates_Delete", Free).fine(&[404]),
    get("deviceManagement/ndesConnectors", "", "CertificateConnector_Read", Free),
    get("deviceManagement/certificateConnectorDetails", "", "CertificateConnector_Read", Free),
];

const ROLES: &[Row] = &[
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
        .body(|_, _| json!({"displayName": uuid::Uuid::new_v4()})),
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

/// `/mandate/v1`, in the router's form.
const OWN: &[Row] = &[
    get("/mandate/v1/auditDeliveries", "", "Audit_Read", Whole),
    get("/mandate/v1/identityProviders", "", "SignIn_Read", Whole),
    post(
        "/mandate/v1/identityProviders",
        "",
        "SignIn_Update DirectoryRoles_Assign",
        Whole,
    )
    .body(|_, _| json!({"name": "x"}))
    .fine(&[400]),
    get(
        "/mandate/v1/identityProviders/{name}",
        "nothing",
        "SignIn_Read",
        Free,
    )
    .fine(&[404]),
    patch(
        "/mandate/v1/identityProviders/{name}",
        "nothing",
        "SignIn_Update DirectoryRoles_Assign",
        Whole,
    )
    .body(nothing)
    .fine(&[404]),
    delete(
        "/mandate/v1/identityProviders/{name}",
        "nothing",
        "SignIn_Update DirectoryRoles_Assign",
        Whole,
    )
    .fine(&[404]),
    post(
        "/mandate/v1/identityProviders/{name}/test",
        "nothing",
        "SignIn_Update SignIn_Read",
        Free,
    )
    .body(nothing)
    .fine(&[404]),
    get(
        "/mandate/v1/enrollmentLinks",
        "",
        "EnrollmentLinks_Read",
        Whole,
    ),
    post(
        "/mandate/v1/enrollmentLinks",
        "",
        "EnrollmentLinks_Create",
        Whole,
    )
    .body(|_, _| json!({"platform": "ios"})),
    delete(
        "/mandate/v1/enrollmentLinks/{id}",
        "link",
        "EnrollmentLinks_Delete",
        Whole,
    ),
    get(
        "/mandate/v1/users/{id}/certificates",
        "member",
        "DeviceConfigurations_ViewReports ManagedDevices_Read",
        Free,
    ),
    get(
        "/mandate/v1/certificates/expiring",
        "",
        "DeviceConfigurations_ViewReports ManagedDevices_Read",
        Free,
    ),
    post(
        "/mandate/v1/plan",
        "",
        "DeviceConfigurations_ViewReports",
        Free,
    )
    .body(|world, _| json!({"profileId": world.root})),
    get(
        "/mandate/v1/profiles/{id}/versions",
        "profile",
        "DeviceConfigurations_Read",
        Seen,
    ),
    get(
        "/mandate/v1/profiles/{id}/versions/{version}",
        "profile version",
        "DeviceConfigurations_Read",
        Seen,
    ),
    get(
        "/mandate/v1/profiles/{id}/versions/{version}/differences",
        "profile version",
        "DeviceConfigurations_Read",
        Seen,
    )
    .query(|_, _| "?from=1".to_owned()),
    post(
        "/mandate/v1/profiles/{id}/versions/{version}/restore",
        "profile version",
        "DeviceConfigurations_Update",
        Seen,
    ),
    get(
        "/mandate/v1/deletedProfiles",
        "",
        "DeviceConfigurations_Read",
        Listed("deleted"),
    ),
    post(
        "/mandate/v1/deletedProfiles/{id}/restore",
        "deleted",
        "DeviceConfigurations_Create",
        Seen,
    ),
];

/// All rows about Graph.
pub(super) fn of_graph() -> Vec<Row> {
    [ROOT, PEOPLE, DEVICES, PROFILES, ROLES].concat()
}

/// All rows about what is outside of Graph and asks for a token.
pub(super) fn of_our_own() -> Vec<Row> {
    OWN.to_vec()
}
