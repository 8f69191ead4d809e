//! `/mandate/v1`, in the router's form.

use serde_json::json;

use super::Scope::{Free, Listed, Seen, Whole};
use super::{Row, delete, get, nothing, patch, post};

pub(super) const ROWS: &[Row] = &[
    get("/mandate/v1/accountSteps", "", "Organization_Read", Free),
    patch("/mandate/v1/accountSteps", "", "Organization_Update", Whole)
        .body(|_, _| json!({"settingsApps": {"en": ["Open Settings."]}})),
    get("/mandate/v1/authority", "", "Organization_Read", Free),
    patch(
        "/mandate/v1/authority",
        "",
        "MdmAuthority_Update Organization_Read",
        Whole,
    )
    .body(|_, _| json!({"authority": "intune", "confirm": true})),
    get("/mandate/v1/authorityResets", "", "Organization_Read", Free),
    post(
        "/mandate/v1/authorityResets",
        "",
        "MdmAuthority_Update",
        Whole,
    )
    .body(|_, _| json!({"tenantDomain": "contoso.com", "target": "sccm"}))
    .fine(&[400]),
    get(
        "/mandate/v1/authorityResets/{id}",
        "nothing",
        "Organization_Read",
        Free,
    )
    .fine(&[404]),
    post(
        "/mandate/v1/authorityResets/{id}/start",
        "nothing",
        "MdmAuthority_Update",
        Whole,
    )
    .body(|_, _| json!({"confirm": true}))
    .fine(&[404]),
    post(
        "/mandate/v1/authorityResets/{id}/cancel",
        "nothing",
        "MdmAuthority_Update",
        Whole,
    )
    .body(nothing)
    .fine(&[404]),
    post(
        "/mandate/v1/authorityResets/{id}/items/{item}/attest",
        "nothing item",
        "MdmAuthority_Update",
        Whole,
    )
    .body(|_, _| json!({"by": "Ada"}))
    .fine(&[404]),
    post(
        "/mandate/v1/authorityResets/{id}/items/{item}/withdraw",
        "nothing item",
        "MdmAuthority_Update",
        Whole,
    )
    .body(nothing)
    .fine(&[404]),
    get("/mandate/v1/licences", "", "Users_Read", Free),
    patch(
        "/mandate/v1/licences",
        "",
        "Licences_Update Users_Read",
        Whole,
    )
    .body(|_, _| json!({"everybody": true})),
    post("/mandate/v1/licences/preview", "", "Licences_Update", Whole)
        .body(|_, _| json!({"everybody": false})),
    get("/mandate/v1/licences/people", "", "Users_Read", Free),
    post("/mandate/v1/users/import", "", "Users_Update", Whole)
        .body(|_, _| json!({"content": "upn,name\nada2@contoso.com,Ada\n", "dryRun": true})),
    get("/mandate/v1/auditDeliveries", "", "Audit_Read", Whole),
    get("/mandate/v1/directories", "", "SignIn_Read", Whole),
    post(
        "/mandate/v1/directories",
        "",
        "SignIn_Update DirectoryRoles_Assign",
        Whole,
    )
    .body(|_, _| json!({"name": "x"}))
    .fine(&[400]),
    get(
        "/mandate/v1/directories/{name}",
        "nothing",
        "SignIn_Read",
        Whole,
    )
    .fine(&[404]),
    patch(
        "/mandate/v1/directories/{name}",
        "nothing",
        "SignIn_Update DirectoryRoles_Assign",
        Whole,
    )
    .body(nothing)
    .fine(&[404]),
    delete(
        "/mandate/v1/directories/{name}",
        "nothing",
        "SignIn_Update DirectoryRoles_Assign",
        Whole,
    )
    .fine(&[404]),
    get(
        "/mandate/v1/directories/{name}/readiness",
        "nothing",
        "SignIn_Read",
        Whole,
    )
    .fine(&[404]),
    get(
        "/mandate/v1/directories/{name}/errors",
        "nothing",
        "SignIn_Read",
        Whole,
    )
    .fine(&[404]),
    get(
        "/mandate/v1/directories/{name}/gone",
        "nothing",
        "SignIn_Read",
        Whole,
    )
    .fine(&[404]),
    post(
        "/mandate/v1/directories/{name}/test",
        "nothing",
        "SignIn_Update",
        Whole,
    )
    .body(nothing)
    .fine(&[404]),
    post(
        "/mandate/v1/directories/{name}/forecast",
        "nothing",
        "SignIn_Update",
        Whole,
    )
    .body(nothing)
    .fine(&[404]),
    post(
        "/mandate/v1/directories/{name}/synchronize",
        "nothing",
        "SignIn_Update",
        Whole,
    )
    .body(nothing)
    .fine(&[404]),
    post(
        "/mandate/v1/directories/{name}/confirmDeletions",
        "nothing",
        "SignIn_Update",
        Whole,
    )
    .body(nothing)
    .fine(&[404]),
    post(
        "/mandate/v1/directories/{name}/deleteGone",
        "nothing",
        "SignIn_Update DirectoryRoles_Assign",
        Whole,
    )
    .body(nothing)
    .fine(&[404]),
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
        Whole,
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
        Whole,
    )
    .body(nothing)
    .fine(&[404]),
    get("/mandate/v1/setup", "", "Organization_Read", Free),
    patch(
        "/mandate/v1/setup",
        "",
        "Organization_Update Organization_Read",
        Whole,
    )
    .body(|_, _| json!({"platforms": {"macOS": true}})),
    get("/mandate/v1/connections", "", "Organization_Read", Free),
    post(
        "/mandate/v1/connections/test",
        "",
        "Connections_Test",
        Whole,
    )
    .body(|_, _| json!({"ids": ["own-name"]})),
    post(
        "/mandate/v1/domains/{name}/discovery",
        "domain",
        "Domains_Update Domains_Read",
        Whole,
    )
    .body(nothing),
    get("/mandate/v1/notifications", "", "Notifications_Read", Free),
    post(
        "/mandate/v1/notifications/{id}/sendAgain",
        "nothing",
        "Notifications_Update",
        Free,
    )
    .body(nothing)
    .fine(&[404]),
    get(
        "/mandate/v1/notificationSettings",
        "",
        "Notifications_Read",
        Free,
    ),
    patch(
        "/mandate/v1/notificationSettings",
        "",
        "Notifications_Update",
        Whole,
    )
    .body(|_, _| json!({"certificateDays": [14, 3]})),
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
    post(
        "/mandate/v1/membershipRules/validate",
        "",
        "Groups_Read",
        Free,
    )
    .body(|_, _| json!({"membershipRule": "user.city -eq null"})),
    post(
        "/mandate/v1/membershipRules/preview",
        "",
        "Groups_Update Users_Read",
        Whole,
    )
    .body(|_, _| json!({"membershipRule": "user.city -eq null"})),
    get(
        "/mandate/v1/deviceCategorySettings",
        "",
        "Organization_Read",
        Free,
    ),
    patch(
        "/mandate/v1/deviceCategorySettings",
        "",
        "Organization_Update",
        Whole,
    )
    .body(|_, _| json!({"isChosenAtEnrollment": true})),
    get(
        "/mandate/v1/enrollmentManagers",
        "",
        "DeviceEnrollmentManagers_Read",
        Whole,
    ),
    post(
        "/mandate/v1/enrollmentManagers",
        "",
        "Users_Read DeviceEnrollmentManagers_Update",
        Whole,
    )
    .body(|world, place| json!({"userId": world.by_group(place).user})),
    delete(
        "/mandate/v1/enrollmentManagers/{user}",
        "manager",
        "DeviceEnrollmentManagers_Update",
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
    post(
        "/mandate/v1/preflight",
        "",
        "DeviceConfigurations_ViewReports DeviceConfigurations_Update",
        Free,
    )
    .body(|_, _| json!({"hostName": "mail.contoso.com"})),
    post(
        "/mandate/v1/simulate",
        "",
        "DeviceConfigurations_ViewReports Users_Read",
        Free,
    )
    .body(|world, place| json!({"user": world.by_group(place).other_user})),
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
