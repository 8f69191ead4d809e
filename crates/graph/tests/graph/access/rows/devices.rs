//! Devices.

use serde_json::json;

use super::Scope::{Done, Free, Listed, Seen, Whole};
use super::{Row, delete, described, fresh, get, groups_asked, member, nothing, patch, post, row};

pub(super) const ROWS: &[Row] = &[
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
        "deviceManagement/managedDevices/{id}/deviceCategory",
        "device",
        "ManagedDevices_Read",
        Seen,
    )
    .fine(&[404]),
    row(
        "PUT",
        "deviceManagement/managedDevices/{id}/deviceCategory/$ref",
        "device",
        "ManagedDevices_Update",
        Done,
    )
    .body(|_, _| json!({"@odata.id": "https://h/v1.0/deviceManagement/deviceCategories/00000000-0000-0000-0000-000000000007"}))
    .fine(&[404]),
    delete(
        "deviceManagement/managedDevices/{id}/deviceCategory/$ref",
        "device",
        "ManagedDevices_Update",
        Done,
    ),
    get(
        "deviceManagement/deviceCategories",
        "",
        "ManagedDevices_Read",
        Free,
    ),
    post(
        "deviceManagement/deviceCategories",
        "",
        "ManagedDevices_Update",
        Whole,
    )
    .body(|_, _| json!({"displayName": fresh()})),
    get(
        "deviceManagement/deviceCategories/{id}",
        "category",
        "ManagedDevices_Read",
        Free,
    ),
    patch(
        "deviceManagement/deviceCategories/{id}",
        "category",
        "ManagedDevices_Update",
        Whole,
    )
    .body(described),
    delete(
        "deviceManagement/deviceCategories/{id}",
        "category",
        "ManagedDevices_Update",
        Whole,
    ),
    get(
        "deviceManagement/managedDeviceOverview",
        "",
        "ManagedDevices_Read",
        Free,
    ),
];
