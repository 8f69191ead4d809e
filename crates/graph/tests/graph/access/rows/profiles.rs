//! Profiles, their assignments and states, and imported certificates.

use serde_json::{Value, json};

use super::Scope::{Done, Free, Listed, Seen, Tagged};
use super::{Row, delete, described, get, patch, post, row};
use crate::access::world::{Place, World, target};

const CONFIGURATIONS: &str = "deviceManagement/deviceConfigurations";

pub(super) const ROWS: &[Row] = &[
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

fn assigned(world: &World, place: Place) -> Value {
    json!({"assignments": [target(&world.by_group(place).group)]})
}

fn one_assigned(world: &World, place: Place) -> Value {
    target(&world.by_group(place).group)
}

fn mail(world: &World, place: Place) -> Value {
    let mut body = crate::house::mail_profile("Made");
    body["roleScopeTagIds"] = json!([world.by_tag(place).tag]);
    body
}

fn root(world: &World, _: Place) -> Value {
    json!({"@odata.id": format!("https://h/beta/deviceManagement/deviceConfigurations('{}')", world.root)})
}
