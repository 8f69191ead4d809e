//! What is published: which permission each action needs, and which actions each role has. Written out here on purpose,
//! so that a slip in the tables of the engine does not show in both.

/// Each action with the permission that a token needs for it.
pub(super) const ACTIONS: &[(&str, &str)] = &[
    (
        "Microsoft.Intune_DeviceConfigurations_Read",
        "DeviceManagementConfiguration.Read.All",
    ),
    (
        "Microsoft.Intune_DeviceConfigurations_Create",
        "DeviceManagementConfiguration.ReadWrite.All",
    ),
    (
        "Microsoft.Intune_DeviceConfigurations_Update",
        "DeviceManagementConfiguration.ReadWrite.All",
    ),
    (
        "Microsoft.Intune_DeviceConfigurations_Delete",
        "DeviceManagementConfiguration.ReadWrite.All",
    ),
    (
        "Microsoft.Intune_DeviceConfigurations_Assign",
        "DeviceManagementConfiguration.ReadWrite.All",
    ),
    (
        "Microsoft.Intune_DeviceConfigurations_ViewReports",
        "DeviceManagementConfiguration.Read.All",
    ),
    (
        "Microsoft.Intune_ManagedDevices_Read",
        "DeviceManagementManagedDevices.Read.All",
    ),
    (
        "Microsoft.Intune_ManagedDevices_Update",
        "DeviceManagementManagedDevices.ReadWrite.All",
    ),
    (
        "Microsoft.Intune_ManagedDevices_Delete",
        "DeviceManagementManagedDevices.ReadWrite.All",
    ),
    (
        "Microsoft.Intune_ManagedDevices_SetPrimaryUser",
        "DeviceManagementManagedDevices.ReadWrite.All",
    ),
    (
        "Microsoft.Intune_ManagedDevices_ViewReports",
        "DeviceManagementManagedDevices.Read.All",
    ),
    (
        "Microsoft.Intune_RemoteTasks_SyncDevice",
        "DeviceManagementManagedDevices.ReadWrite.All",
    ),
    (
        "Microsoft.Intune_RemoteTasks_RemoteLock",
        "DeviceManagementManagedDevices.PrivilegedOperations.All",
    ),
    (
        "Microsoft.Intune_RemoteTasks_Retire",
        "DeviceManagementManagedDevices.PrivilegedOperations.All",
    ),
    (
        "Microsoft.Intune_RemoteTasks_Wipe",
        "DeviceManagementManagedDevices.PrivilegedOperations.All",
    ),
    (
        "Mandate_Certificates_Revoke",
        "DeviceManagementManagedDevices.PrivilegedOperations.All",
    ),
    (
        "Mandate_CertificateTemplates_Read",
        "DeviceManagementConfiguration.Read.All",
    ),
    (
        "Mandate_CertificateTemplates_Update",
        "DeviceManagementConfiguration.ReadWrite.All",
    ),
    (
        "Mandate_CertificateAuthorities_Read",
        "DeviceManagementServiceConfig.Read.All",
    ),
    (
        "Mandate_CertificateAuthorities_Update",
        "DeviceManagementServiceConfig.ReadWrite.All",
    ),
    (
        "Microsoft.Intune_CertificateConnector_Read",
        "DeviceManagementConfiguration.Read.All",
    ),
    (
        "Microsoft.Intune_CertificateConnector_Modify",
        "DeviceManagementConfiguration.ReadWrite.All",
    ),
    (
        "Mandate_ImportedCertificates_Read",
        "DeviceManagementConfiguration.Read.All",
    ),
    (
        "Mandate_ImportedCertificates_Create",
        "DeviceManagementConfiguration.ReadWrite.All",
    ),
    (
        "Mandate_ImportedCertificates_Update",
        "DeviceManagementConfiguration.ReadWrite.All",
    ),
    (
        "Mandate_ImportedCertificates_Delete",
        "DeviceManagementConfiguration.ReadWrite.All",
    ),
    (
        "Microsoft.Intune_Organization_Read",
        "DeviceManagementServiceConfig.Read.All",
    ),
    (
        "Microsoft.Intune_Organization_Update",
        "DeviceManagementServiceConfig.ReadWrite.All",
    ),
    (
        "Mandate_MdmAuthority_Update",
        "DeviceManagementServiceConfig.ReadWrite.All",
    ),
    ("Mandate_Licences_Update", "User.ReadWrite.All"),
    (
        "Mandate_Notifications_Read",
        "DeviceManagementServiceConfig.Read.All",
    ),
    (
        "Mandate_Notifications_Update",
        "DeviceManagementServiceConfig.ReadWrite.All",
    ),
    (
        "Mandate_EnrollmentLinks_Read",
        "DeviceManagementServiceConfig.Read.All",
    ),
    (
        "Mandate_EnrollmentLinks_Create",
        "DeviceManagementServiceConfig.ReadWrite.All",
    ),
    (
        "Mandate_EnrollmentLinks_Delete",
        "DeviceManagementServiceConfig.ReadWrite.All",
    ),
    (
        "Microsoft.Intune_DeviceEnrollmentManagers_Read",
        "DeviceManagementServiceConfig.Read.All",
    ),
    (
        "Microsoft.Intune_DeviceEnrollmentManagers_Update",
        "DeviceManagementServiceConfig.ReadWrite.All",
    ),
    (
        "Microsoft.Intune_CorporateDeviceIdentifiers_Read",
        "DeviceManagementServiceConfig.Read.All",
    ),
    (
        "Microsoft.Intune_CorporateDeviceIdentifiers_Create",
        "DeviceManagementServiceConfig.ReadWrite.All",
    ),
    (
        "Microsoft.Intune_CorporateDeviceIdentifiers_Update",
        "DeviceManagementServiceConfig.ReadWrite.All",
    ),
    (
        "Microsoft.Intune_CorporateDeviceIdentifiers_Delete",
        "DeviceManagementServiceConfig.ReadWrite.All",
    ),
    (
        "Microsoft.Intune_TermsAndConditions_Read",
        "DeviceManagementServiceConfig.Read.All",
    ),
    (
        "Microsoft.Intune_TermsAndConditions_Create",
        "DeviceManagementServiceConfig.ReadWrite.All",
    ),
    (
        "Microsoft.Intune_TermsAndConditions_Update",
        "DeviceManagementServiceConfig.ReadWrite.All",
    ),
    (
        "Microsoft.Intune_TermsAndConditions_Delete",
        "DeviceManagementServiceConfig.ReadWrite.All",
    ),
    (
        "Microsoft.Intune_TermsAndConditions_Assign",
        "DeviceManagementServiceConfig.ReadWrite.All",
    ),
    ("Mandate_Users_Read", "User.Read.All"),
    ("Mandate_Users_Update", "User.ReadWrite.All"),
    ("Mandate_Users_ResetCredentials", "User.ReadWrite.All"),
    ("Mandate_Groups_Read", "Group.Read.All"),
    ("Mandate_Groups_Update", "Group.ReadWrite.All"),
    (
        "Microsoft.Intune_Roles_Read",
        "DeviceManagementRBAC.Read.All",
    ),
    (
        "Microsoft.Intune_Roles_Create",
        "DeviceManagementRBAC.ReadWrite.All",
    ),
    (
        "Microsoft.Intune_Roles_Update",
        "DeviceManagementRBAC.ReadWrite.All",
    ),
    (
        "Microsoft.Intune_Roles_Delete",
        "DeviceManagementRBAC.ReadWrite.All",
    ),
    (
        "Microsoft.Intune_Roles_Assign",
        "DeviceManagementRBAC.ReadWrite.All",
    ),
    (
        "Mandate_DirectoryRoles_Read",
        "RoleManagement.Read.Directory",
    ),
    (
        "Mandate_DirectoryRoles_Assign",
        "RoleManagement.ReadWrite.Directory",
    ),
    (
        "Microsoft.Intune_Audit_Read",
        "DeviceManagementApps.Read.All",
    ),
    ("Mandate_Applications_Read", "Application.Read.All"),
    ("Mandate_Applications_Update", "Application.ReadWrite.All"),
    ("Mandate_Domains_Read", "Domain.Read.All"),
    ("Mandate_Domains_Update", "Domain.ReadWrite.All"),
    (
        "Mandate_Connections_Test",
        "DeviceManagementServiceConfig.ReadWrite.All",
    ),
    ("Mandate_SignIn_Read", "Directory.Read.All"),
    ("Mandate_SignIn_Update", "Directory.ReadWrite.All"),
];

/// Permissions with what else they are good for.
pub(super) const INCLUDES: &[(&str, &[&str])] = &[
    (
        "DeviceManagementConfiguration.ReadWrite.All",
        &["DeviceManagementConfiguration.Read.All"],
    ),
    (
        "DeviceManagementManagedDevices.ReadWrite.All",
        &["DeviceManagementManagedDevices.Read.All"],
    ),
    (
        "DeviceManagementServiceConfig.ReadWrite.All",
        &["DeviceManagementServiceConfig.Read.All"],
    ),
    (
        "DeviceManagementApps.ReadWrite.All",
        &["DeviceManagementApps.Read.All"],
    ),
    (
        "DeviceManagementRBAC.ReadWrite.All",
        &["DeviceManagementRBAC.Read.All"],
    ),
    ("User.ReadWrite.All", &["User.Read.All"]),
    ("Domain.ReadWrite.All", &["Domain.Read.All"]),
    ("Group.ReadWrite.All", &["Group.Read.All"]),
    (
        "Directory.Read.All",
        &[
            "Domain.Read.All",
            "User.Read.All",
            "Group.Read.All",
            "Organization.Read.All",
            "Application.Read.All",
            "RoleManagement.Read.Directory",
        ],
    ),
    (
        "Directory.ReadWrite.All",
        &[
            "Domain.Read.All",
            "Directory.Read.All",
            "User.Read.All",
            "User.ReadWrite.All",
            "Group.Read.All",
            "Group.ReadWrite.All",
            "Organization.Read.All",
            "Application.Read.All",
            "Application.ReadWrite.All",
            "RoleManagement.Read.Directory",
        ],
    ),
    (
        "RoleManagement.ReadWrite.Directory",
        &["RoleManagement.Read.Directory"],
    ),
    ("Application.ReadWrite.All", &["Application.Read.All"]),
];

/// What people with any built-in role see of the directory.
const COMMON: &str = "Microsoft.Intune_Organization_Read Mandate_Users_Read Mandate_Groups_Read";

/// Built-in roles: id, name, and what they allow besides.
const BUILT_IN: &[(&str, &str, &str)] = &[
    (
        "0bd113fe-6be5-400c-a28f-ae5553f9c0be",
        "Policy and Profile Manager",
        "Microsoft.Intune_DeviceConfigurations_* Microsoft.Intune_ManagedDevices_Read \
         Microsoft.Intune_ManagedDevices_ViewReports Mandate_CertificateTemplates_Read \
         Microsoft.Intune_CertificateConnector_Read Mandate_ImportedCertificates_Read Microsoft.Intune_Audit_Read \
         Microsoft.Intune_Roles_Read",
    ),
    (
        "9e0cc482-82df-4ab2-a24c-0c23a3f52e1e",
        "Help Desk Operator",
        "Microsoft.Intune_DeviceConfigurations_Read Microsoft.Intune_DeviceConfigurations_ViewReports \
         Microsoft.Intune_ManagedDevices_Read Microsoft.Intune_ManagedDevices_Update \
         Microsoft.Intune_ManagedDevices_SetPrimaryUser Microsoft.Intune_ManagedDevices_ViewReports \
         Microsoft.Intune_RemoteTasks_* Microsoft.Intune_Audit_Read Microsoft.Intune_Roles_Read",
    ),
    (
        "fa1d7878-e8cb-41a1-8254-0142355c9f84",
        "Read Only Operator",
        "*_Read *_ViewReports",
    ),
    (
        "c1d9fcbb-cba5-40b0-bf6b-527006585f4b",
        "Application Manager",
        "Microsoft.Intune_DeviceConfigurations_Read Microsoft.Intune_ManagedDevices_Read \
         Microsoft.Intune_ManagedDevices_ViewReports Microsoft.Intune_Roles_Read",
    ),
    (
        "2f9f4f7e-2d13-427b-adf2-361a1eef7ae8",
        "School Administrator",
        "Microsoft.Intune_DeviceConfigurations_* Microsoft.Intune_ManagedDevices_* Microsoft.Intune_RemoteTasks_* \
         Microsoft.Intune_Audit_Read",
    ),
    (
        "c56d53a2-73d0-4502-b6bd-4a9d3dba28d5",
        "Endpoint Security Manager",
        "Microsoft.Intune_DeviceConfigurations_Read Microsoft.Intune_DeviceConfigurations_ViewReports \
         Microsoft.Intune_ManagedDevices_* Microsoft.Intune_RemoteTasks_SyncDevice \
         Microsoft.Intune_RemoteTasks_RemoteLock Microsoft.Intune_Audit_Read Microsoft.Intune_Roles_Read",
    ),
    (
        "fb2603eb-3c87-4be3-8b5b-d58a5b4a0bc0",
        "Intune Role Administrator",
        "Microsoft.Intune_Roles_*",
    ),
];

/// A role as it is published.
#[derive(Debug, Clone)]
pub(super) struct Published {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) actions: Vec<&'static str>,
}

/// Built-in roles.
pub(super) fn built_in() -> Vec<Published> {
    let read = |(id, name, patterns): &(&'static str, &'static str, &'static str)| {
        let patterns = patterns.split_whitespace().chain(COMMON.split_whitespace());
        Published {
            id,
            name,
            actions: matching(patterns),
        }
    };
    BUILT_IN.iter().map(read).collect()
}

/// Directory roles.
pub(super) fn directory() -> Vec<Published> {
    let but = |left_out: &[&str]| {
        let all = ACTIONS.iter().map(|(name, _)| *name);
        all.filter(|name| !left_out.contains(name)).collect()
    };
    vec![
        Published {
            id: "62e90394-69f5-4237-9190-012177145e10",
            name: "Global Administrator",
            actions: but(&[]),
        },
        Published {
            id: "3a2c62db-5318-420d-8d74-23affee5d9d5",
            name: "Intune Administrator",
            actions: but(&[
                "Mandate_Applications_Update",
                "Mandate_DirectoryRoles_Assign",
                "Mandate_Domains_Update",
                "Mandate_SignIn_Update",
            ]),
        },
        Published {
            id: "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
            name: "Global Reader",
            actions: reading(),
        },
    ]
}

/// Whatever only reads.
pub(super) fn reading() -> Vec<&'static str> {
    matching(["*_Read", "*_ViewReports"].into_iter())
}

/// The permission that an action needs.
pub(super) fn permission(action: &str) -> &'static str {
    let found = ACTIONS.iter().find(|(name, _)| *name == action);
    found
        .unwrap_or_else(|| panic!("`{action}` is not published"))
        .1
}

/// Whether a permission is enough where another is needed.
pub(super) fn includes(held: &str, needed: &str) -> bool {
    let lesser = INCLUDES.iter().find(|(name, _)| *name == held);
    held == needed || lesser.is_some_and(|(_, lesser)| lesser.contains(&needed))
}

fn matching<'a>(patterns: impl Iterator<Item = &'a str>) -> Vec<&'static str> {
    let mut names = Vec::new();
    for pattern in patterns {
        let fits = |name: &str| match pattern.split_once('*') {
            Some((head, tail)) => name.starts_with(head) && name.ends_with(tail),
            None => name == pattern,
        };
        let found: Vec<_> = ACTIONS
            .iter()
            .map(|(name, _)| *name)
            .filter(|name| fits(name))
            .collect();
        assert!(!found.is_empty(), "`{pattern}` means nothing");
        names.extend(found);
    }
    names
}
