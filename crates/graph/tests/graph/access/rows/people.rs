//! People and groups.

use serde_json::{Value, json};

use super::Scope::{Free, Grouped, Whole};
use super::{Row, delete, described, fresh, get, groups_asked, member, nothing, patch, post};
use crate::access::world::{Place, World};

pub(super) const ROWS: &[Row] = &[
    get("users", "", "Users_Read", Free),
    post("users", "", "Users_Update", Whole).body(|_, _| {
        let name = fresh();
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
    get("users/{id}/licenseDetails", "user", "Users_Read", Free),
    post("users/{id}/assignLicense", "user", "Users_Read Licences_Update", Whole).body(licence),
    post("users/{id}/reprocessLicenseAssignment", "user", "Users_Read Licences_Update", Whole).body(nothing),
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
    post("groups/{id}/assignLicense", "group", "Groups_Read Licences_Update", Whole).body(licence),
    post("groups/{id}/getMemberGroups", "group", "Groups_Read", Free).body(nothing),
    post("groups/{id}/getMemberObjects", "group", "Groups_Read", Free).body(nothing),
    post("groups/{id}/checkMemberGroups", "group", "Groups_Read", Free).body(groups_asked),
];

fn licence(_: &World, _: Place) -> Value {
    json!({"addLicenses": [{"skuId": "6d616e64-6174-6500-8000-000000000001", "disabledPlans": []}], "removeLicenses": []})
}

fn people_asked(world: &World, place: Place) -> Value {
    json!({"ids": [world.by_group(place).user]})
}
