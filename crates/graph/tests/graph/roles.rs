//! Roles, role assignments, scope tags and directory roles on the wire, as an administrator without limits.

use serde_json::{Value, json};

use crate::house::{House, all, id};

const ROLES: &str = "/beta/deviceManagement/roleDefinitions";
const ASSIGNMENTS: &str = "/beta/deviceManagement/roleAssignments";
const TAGS: &str = "/beta/deviceManagement/roleScopeTags";
const HELP_DESK: &str = "9e0cc482-82df-4ab2-a24c-0c23a3f52e1e";
const GLOBAL_READER: &str = "f2ef992c-3afb-46b9-b7cf-a126ee74c451";

/// A role as `IntuneCD` and Terraform send it.
fn role(name: &str, allowed: &[&str]) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.deviceAndAppManagementRoleDefinition",
        "displayName": name,
        "description": "",
        "isBuiltIn": false,
        "rolePermissions": [{
            "resourceActions": [{"allowedResourceActions": allowed, "notAllowedResourceActions": []}],
        }],
        "roleScopeTagIds": ["0"],
    })
}

fn allowed(role: &Value) -> Vec<&str> {
    let actions = &role["rolePermissions"][0]["resourceActions"][0]["allowedResourceActions"];
    let names = actions.as_array().unwrap().iter();
    names.map(|name| name.as_str().unwrap()).collect()
}

async fn tag(house: &House, name: &str) -> String {
    id(&house
        .post(TAGS, json!({"displayName": name}))
        .await
        .expect(200))
}

#[tokio::test]
async fn a_role_is_made_changed_and_deleted_with_the_codes_of_intune() {
    let house = House::open().await;
    let body = role("Viewers", &["Microsoft.Intune_DeviceConfigurations_Read"]);
    let made = house.post(ROLES, body).await.expect(200);
    assert_eq!(
        made["@odata.type"],
        "#microsoft.graph.deviceAndAppManagementRoleDefinition"
    );
    assert_eq!(made["isBuiltIn"], false);
    assert_eq!(
        allowed(&made),
        ["Microsoft.Intune_DeviceConfigurations_Read"]
    );
    assert_eq!(made["permissions"], made["rolePermissions"]);
    let address = format!("{ROLES}/{}", id(&made));
    let changed = house
        .patch(
            &address,
            json!({"description": "They look", "displayName": "Lookers"}),
        )
        .await
        .expect(200);
    assert_eq!(changed["displayName"], "Lookers");
    assert_eq!(allowed(&changed), allowed(&made));
    let none = json!({"rolePermissions": [{"resourceActions": [{"allowedResourceActions": []}]}]});
    let emptied = house.patch(&address, none).await.expect(200);
    assert!(allowed(&emptied).is_empty());
    assert_eq!(house.delete(&address).await.status, 200);
    house.get(&address).await.error(404);
    house.delete(&address).await.error(404);
}

#[tokio::test]
async fn actions_that_mean_nothing_here_come_back_as_they_were() {
    let house = House::open().await;
    let names = [
        "Microsoft.Intune_MobileApps_Read",
        "Microsoft.Intune_Organization_Read",
        "Microsoft.Intune_SomethingNew_Delete",
    ];
    let made = house.post(ROLES, role("Old", &names)).await.expect(200);
    let mut kept = allowed(&made);
    kept.sort_unstable();
    assert_eq!(kept, names);
    // What a backup wrote is sent back: nothing has changed by it.
    let address = format!("{ROLES}/{}", id(&made));
    let mut again = house.get(&address).await.expect(200);
    again.as_object_mut().unwrap().remove("permissions");
    let restored = house.patch(&address, again).await.expect(200);
    assert_eq!(allowed(&restored), allowed(&made));
    let only_known =
        json!({"rolePermissions": [{"actions": ["Microsoft.Intune_Organization_Read"]}]});
    let changed = house.patch(&address, only_known).await.expect(200);
    assert_eq!(allowed(&changed), ["Microsoft.Intune_Organization_Read"]);
}

#[tokio::test]
async fn built_in_roles_are_there_and_stay() {
    let house = House::open().await;
    let roles = house.get(ROLES).await.expect(200);
    let names = all(&roles, "displayName");
    for name in [
        "Policy and Profile Manager",
        "Help Desk Operator",
        "Read Only Operator",
        "Application Manager",
        "School Administrator",
        "Endpoint Security Manager",
    ] {
        assert!(names.contains(&name), "{names:?}");
    }
    house.post(ROLES, role("Mine", &[])).await.expect(200);
    let own = house
        .get(&format!("{ROLES}?$filter=isBuiltIn%20eq%20false"))
        .await
        .expect(200);
    assert_eq!(all(&own, "displayName"), ["Mine"]);
    let first = house
        .get(&format!("{ROLES}?$top=3&$count=true"))
        .await
        .expect(200);
    assert_eq!(first["@odata.count"], 8);
    let mut seen = all(&first, "id").len();
    let mut next = first["@odata.nextLink"].as_str().map(str::to_owned);
    while let Some(link) = next {
        let path = link.split_once(":8443").unwrap().1.to_owned();
        let page = house.get(&path).await.expect(200);
        seen += all(&page, "id").len();
        next = page["@odata.nextLink"].as_str().map(str::to_owned);
    }
    assert_eq!(seen, 8);
    let built_in = format!("{ROLES}/{HELP_DESK}");
    house
        .patch(&built_in, json!({"displayName": "x"}))
        .await
        .error(400);
    house.delete(&built_in).await.error(400);
    let v1 = house
        .get(&format!(
            "/v1.0/deviceManagement/roleDefinitions/{HELP_DESK}"
        ))
        .await
        .expect(200);
    assert!(v1.get("permissions").is_none() && v1.get("rolePermissions").is_some());
}

#[tokio::test]
async fn a_role_is_assigned_as_intune_manager_does_it() {
    let house = House::open().await;
    let (members, scope) = (house.group("helpers").await, house.group("north").await);
    let north = tag(&house, "North").await;
    let body = json!({
        "@odata.type": "#microsoft.graph.deviceAndAppManagementRoleAssignment",
        "id": "",
        "displayName": "Helpers of the north",
        "description": null,
        "members": [members],
        "resourceScopes": [scope],
        "scopeType": "resourceScope",
        "roleDefinition@odata.bind": format!("https://graph.microsoft.com/beta/deviceManagement/roleDefinitions('{HELP_DESK}')"),
        "roleScopeTags@odata.bind": [format!("https://graph.microsoft.com/beta/deviceManagement/roleScopeTags('{north}')")],
    });
    let made = house.post(ASSIGNMENTS, body).await.expect(201);
    assert_eq!(made["resourceScopes"], json!([scope]));
    assert_eq!(made["scopeMembers"], json!([scope]));
    assert_eq!(made["members"], json!([members]));
    let address = format!("{ASSIGNMENTS}/{}", id(&made));
    let expand = "?$expand=microsoft.graph.deviceAndAppManagementRoleAssignment/roleScopeTags,roleDefinition";
    let shown = house.get(&format!("{address}{expand}")).await.expect(200);
    assert_eq!(shown["roleScopeTags"][0]["displayName"], "North");
    assert_eq!(shown["roleDefinition"]["id"], HELP_DESK);
    let of_role = house
        .get(&format!("{ROLES}/{HELP_DESK}?$expand=roleassignments"))
        .await
        .expect(200);
    assert_eq!(of_role["roleAssignments"][0]["id"], made["id"]);
    let listed = house
        .get(&format!("{ROLES}/{HELP_DESK}/roleAssignments"))
        .await
        .expect(200);
    assert_eq!(all(&listed, "id"), [id(&made)]);
    assert_eq!(
        listed["value"][0]["@odata.type"],
        "#microsoft.graph.deviceAndAppManagementRoleAssignment"
    );

    let changed = house
        .patch(
            &address,
            json!({"scopeType": "allDevices", "scopeMembers": [], "displayName": "All"}),
        )
        .await
        .expect(200);
    assert_eq!(changed["scopeType"], "allDevices");
    assert_eq!(changed["resourceScopes"], json!([]));
    assert_eq!(changed["members"], json!([members]));
    let other = format!("{ROLES}('fa1d7878-e8cb-41a1-8254-0142355c9f84')");
    let error = house
        .patch(&address, json!({"roleDefinition@odata.bind": other}))
        .await
        .error(400);
    assert_eq!(error["target"], "roleDefinition@odata.bind");
    assert_eq!(house.delete(&address).await.status, 200);
    house.get(&address).await.error(404);
}

#[tokio::test]
async fn tags_of_an_assignment_can_be_added_and_taken_by_reference() {
    let house = House::open().await;
    let (members, north, south) = (
        house.group("helpers").await,
        tag(&house, "North").await,
        tag(&house, "South").await,
    );
    let body = json!({
        "displayName": "Helpers", "members": [members], "scopeType": "allDevicesAndLicensedUsers",
        "roleScopeTags@odata.bind": [format!("{TAGS}('{north}')")],
    });
    let path = format!("{ROLES}/{HELP_DESK}/roleAssignments");
    let made = house.post(&path, body).await.expect(201);
    let tags = format!("{ASSIGNMENTS}/{}/roleScopeTags", id(&made));
    let address =
        json!({"@odata.id": format!("https://h/beta/deviceManagement/roleScopeTags/{south}")});
    assert_eq!(
        house.post(&format!("{tags}/$ref"), address).await.status,
        204
    );
    assert_eq!(
        all(&house.get(&tags).await.expect(200), "displayName"),
        ["North", "South"]
    );
    let gone = house.delete(&format!("{tags}/{north}/$ref")).await;
    assert_eq!(gone.status, 204);
    assert_eq!(
        all(&house.get(&tags).await.expect(200), "displayName"),
        ["South"]
    );
    house
        .delete(&format!("{tags}/{north}/$ref"))
        .await
        .error(404);
    let nothing = json!({"@odata.id": format!("{TAGS}('99')")});
    house
        .post(&format!("{tags}/$ref"), nothing)
        .await
        .error(400);
}

#[tokio::test]
async fn an_assignment_of_nothing_to_nobody_is_refused_with_the_reason() {
    let house = House::open().await;
    let group = house.group("helpers").await;
    let bind = format!("{ROLES}('{HELP_DESK}')");
    for (body, target) in [
        (
            json!({"displayName": "x", "members": [group]}),
            "roleDefinition@odata.bind",
        ),
        (
            json!({"members": [group], "roleDefinition@odata.bind": bind}),
            "displayName",
        ),
        (
            json!({"displayName": "x", "members": [HELP_DESK], "roleDefinition@odata.bind": bind}),
            "members",
        ),
        (
            json!({"displayName": "x", "resourceScopes": [HELP_DESK], "roleDefinition@odata.bind": bind}),
            "resourceScopes",
        ),
        (
            json!({"displayName": "x", "roleDefinition@odata.bind": bind, "roleScopeTags@odata.bind": [format!("{TAGS}('77')")]}),
            "roleScopeTags",
        ),
    ] {
        let error = house.post(ASSIGNMENTS, body.clone()).await.error(400);
        assert_eq!(error["target"], target, "{body}");
    }
    let nowhere =
        json!({"displayName": "x", "roleDefinition@odata.bind": format!("{ROLES}('{group}')")});
    house.post(ASSIGNMENTS, nowhere).await.error(404);
}

#[tokio::test]
async fn scope_tags_are_numbered_named_and_assigned() {
    let house = House::open().await;
    let tags = house.get(TAGS).await.expect(200);
    assert_eq!(all(&tags, "id"), ["0"]);
    assert_eq!(tags["value"][0]["isBuiltIn"], true);
    let has = house.get(&format!("{TAGS}/hasCustomRoleScopeTag()")).await;
    assert_eq!(has.expect(200)["value"], false);

    let north = tag(&house, "North").await;
    assert!(north.parse::<u32>().unwrap() > 0);
    let address = format!("{TAGS}/{north}");
    house
        .post(TAGS, json!({"displayName": "north"}))
        .await
        .error(409);
    let changed = house
        .patch(
            &address,
            json!({"displayName": "Far north", "description": "cold", "isBuiltIn": false}),
        )
        .await
        .expect(200);
    assert_eq!(changed["displayName"], "Far north");
    let has = house.get(&format!("{TAGS}/hasCustomRoleScopeTag")).await;
    assert_eq!(has.expect(200)["value"], true);
    let by_id = house
        .post(
            &format!("{TAGS}/getRoleScopeTagsById"),
            json!({"roleScopeTagIds": [north, "0", "99", "x"]}),
        )
        .await
        .expect(200);
    assert_eq!(all(&by_id, "displayName"), ["Far north", "Default"]);

    let group = house.group("north").await;
    let target = json!({"target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": group}});
    let assigned = house
        .post(
            &format!("{address}/assign"),
            json!({"assignments": [target]}),
        )
        .await
        .expect(200);
    assert_eq!(assigned["value"][0]["target"]["groupId"], group);
    let listed = house
        .get(&format!("{address}/assignments"))
        .await
        .expect(200);
    assert_eq!(listed["value"][0]["id"], format!("{north}_{group}"));
    assert!(
        listed["@odata.context"]
            .as_str()
            .unwrap()
            .contains(&format!("roleScopeTags('{north}')/assignments"))
    );
    let everybody = json!({"assignments": [{"target": {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}}]});
    house
        .post(&format!("{address}/assign"), everybody)
        .await
        .error(400);
    house
        .post(&format!("{address}/assign"), json!({"assignments": []}))
        .await
        .expect(200);
    assert_eq!(house.delete(&address).await.status, 200);
    house.get(&address).await.error(404);
    house.delete(&format!("{TAGS}/0")).await.error(400);
    house
        .patch(&format!("{TAGS}/0"), json!({"displayName": "x"}))
        .await
        .error(400);
    for key in ["00", "+1", "-1", "1.0", "99999999999999999999", "x"] {
        house.get(&format!("{TAGS}/{key}")).await.error(404);
    }
}

#[tokio::test]
async fn a_tag_that_is_used_stays() {
    let house = House::open().await;
    let north = tag(&house, "North").await;
    let profile = house.mail_profile("Mail").await;
    let address = format!("/beta/deviceManagement/deviceConfigurations/{profile}");
    house
        .patch(&address, json!({"roleScopeTagIds": ["0", north]}))
        .await
        .expect(204);
    let shown = house.get(&address).await.expect(200);
    assert_eq!(shown["roleScopeTagIds"], json!(["0", north]));
    let error = house.delete(&format!("{TAGS}/{north}")).await.error(409);
    assert!(error["message"].as_str().unwrap().contains("Mail"));
    house
        .patch(&address, json!({"roleScopeTagIds": []}))
        .await
        .error(400);
    house
        .patch(&address, json!({"roleScopeTagIds": ["88"]}))
        .await
        .error(400);
}

#[tokio::test]
async fn a_device_has_scope_tags() {
    let house = House::open().await;
    let north = tag(&house, "North").await;
    let phone = house.phone("one", None).await;
    let address = format!("/beta/deviceManagement/managedDevices/{phone}");
    let shown = house.get(&address).await.expect(200);
    assert_eq!(shown["roleScopeTagIds"], json!(["0"]));
    let changed = house
        .patch(&address, json!({"roleScopeTagIds": [north]}))
        .await
        .expect(200);
    assert_eq!(changed["roleScopeTagIds"], json!([north]));
    let filter = "?$filter=roleScopeTagIds/any(t:t%20eq%20'TAG')".replace("TAG", &north);
    let listed = house
        .get(&format!("/beta/deviceManagement/managedDevices{filter}"))
        .await
        .expect(200);
    assert_eq!(all(&listed, "id"), std::slice::from_ref(&phone));
    house
        .patch(&address, json!({"roleScopeTagIds": ["55"]}))
        .await
        .error(400);
    let v1 = house
        .get(&format!("/v1.0/deviceManagement/managedDevices/{phone}"))
        .await
        .expect(200);
    assert!(v1.get("roleScopeTagIds").is_none());
}

#[tokio::test]
async fn all_that_a_role_can_allow_is_listed_and_what_one_may_is_told() {
    let house = House::open().await;
    let operations = house
        .get("/beta/deviceManagement/resourceOperations")
        .await
        .expect(200);
    let names = all(&operations, "id");
    assert!(names.contains(&"Microsoft.Intune_DeviceConfigurations_Assign"));
    let one = house
        .get("/beta/deviceManagement/resourceOperations/microsoft.intune_managedDevices_Read")
        .await
        .expect(200);
    assert_eq!(one["resourceName"], "Managed devices");
    house
        .get("/beta/deviceManagement/resourceOperations/Nothing_At_All")
        .await
        .error(404);
    let mine = house
        .get("/beta/deviceManagement/getEffectivePermissions()")
        .await
        .expect(200);
    assert_eq!(mine["value"].as_array().unwrap().len(), names.len());
    let scoped = house
        .get("/v1.0/deviceManagement/getEffectivePermissions(scope='0')")
        .await
        .expect(200);
    assert_eq!(
        scoped["value"][0]["resourceActions"][0]["allowedResourceActions"],
        mine["value"]
    );
    let details = house
        .get("/beta/deviceManagement/getAssignedRoleDetails()")
        .await
        .expect(200);
    assert_eq!(details["roleDefinitionIds"], json!([]));
    let scoped = house
        .get("/beta/deviceManagement/scopedForResource(resource='ManagedDevices')")
        .await
        .expect(200);
    assert_eq!(scoped["value"], false);
    house
        .get("/beta/deviceManagement/scopedForResource(resource='Moon')")
        .await
        .error(400);
}

#[tokio::test]
async fn directory_roles_are_given_and_taken() {
    let house = House::open().await;
    let roles = house
        .get("/v1.0/directoryRoles?$select=roleTemplateId,displayName")
        .await
        .expect(200);
    assert!(all(&roles, "displayName").contains(&"Global Administrator"));
    let ada = house.user("ada").await;
    let group = house.group("readers").await;
    let role = format!("/v1.0/directoryRoles/{GLOBAL_READER}");
    let members = format!("{role}/members");
    for address in [
        format!("https://graph.microsoft.com/v1.0/directoryObjects/{ada}"),
        format!("https://graph.microsoft.com/v1.0/groups('{group}')"),
    ] {
        let answer = house
            .post(&format!("{members}/$ref"), json!({"@odata.id": address}))
            .await;
        assert_eq!(answer.status, 204, "{}", answer.text);
    }
    let again = json!({"@odata.id": "https://h/v1.0/users/ada@example.com"});
    house
        .post(&format!("{members}/$ref"), again)
        .await
        .error(400);
    let nobody = json!({"@odata.id": format!("https://h/v1.0/directoryObjects/{GLOBAL_READER}")});
    house
        .post(&format!("{members}/$ref"), nobody)
        .await
        .error(404);
    let listed = house.get(&members).await.expect(200);
    let mut ids = all(&listed, "id");
    ids.sort_unstable();
    let mut expected = [ada.as_str(), group.as_str()];
    expected.sort_unstable();
    assert_eq!(ids, expected);
    let alternate = house
        .get(&format!(
            "/v1.0/directoryRoles(roleTemplateId='{GLOBAL_READER}')/members"
        ))
        .await
        .expect(200);
    assert_eq!(all(&alternate, "id").len(), 2);
    let expanded = house
        .get(&format!("{role}?$expand=members"))
        .await
        .expect(200);
    assert_eq!(expanded["members"].as_array().unwrap().len(), 2);
    let named = house
        .get(&format!(
            "/v1.0/directoryRoles/roleTemplateId={GLOBAL_READER}"
        ))
        .await
        .expect(200);
    assert_eq!(named["displayName"], "Global Reader");

    let gone = house.delete(&format!("{members}/{ada}/$ref")).await;
    assert_eq!(gone.status, 204);
    let gone = house
        .delete(&format!("{members}/$ref?@id=https://h/v1.0/groups/{group}"))
        .await;
    assert_eq!(gone.status, 204);
    assert!(all(&house.get(&members).await.expect(200), "id").is_empty());
    house
        .delete(&format!("{members}/{ada}/$ref"))
        .await
        .error(404);
    house
        .get("/v1.0/directoryRoles/00000000-0000-0000-0000-000000000001")
        .await
        .error(404);
}

#[tokio::test]
async fn the_newer_form_of_directory_roles_is_the_same() {
    let house = House::open().await;
    let ada = house.user("ada").await;
    let roles = house
        .get("/v1.0/roleManagement/directory/roleDefinitions")
        .await
        .expect(200);
    assert!(all(&roles, "displayName").contains(&"Global Reader"));
    let path = "/v1.0/roleManagement/directory/roleAssignments";
    let body =
        json!({"principalId": ada, "roleDefinitionId": GLOBAL_READER, "directoryScopeId": "/"});
    let made = house.post(path, body.clone()).await.expect(201);
    assert_eq!(made["principalId"], ada);
    house.post(path, body).await.error(400);
    let listed = house
        .get(&format!("{path}?$filter=principalId%20eq%20'{ada}'"))
        .await
        .expect(200);
    assert_eq!(all(&listed, "id"), [id(&made)]);
    let members = house
        .get(&format!("/v1.0/directoryRoles/{GLOBAL_READER}/members"))
        .await
        .expect(200);
    assert_eq!(all(&members, "id"), std::slice::from_ref(&ada));
    let address = format!("{path}/{}", id(&made));
    assert_eq!(house.get(&address).await.expect(200)["id"], made["id"]);
    let expanded = house
        .get(&format!("{address}?$expand=principal,roleDefinition"))
        .await
        .expect(200);
    assert_eq!(expanded["principal"]["displayName"], "ada");
    assert_eq!(expanded["roleDefinition"]["displayName"], "Global Reader");
    assert_eq!(house.delete(&address).await.status, 204);
    house.get(&address).await.error(404);
    for (body, target) in [
        (
            json!({"principalId": "x", "roleDefinitionId": GLOBAL_READER}),
            "principalId",
        ),
        (
            json!({"principalId": ada, "roleDefinitionId": GLOBAL_READER, "directoryScopeId": "/administrativeUnits/1"}),
            "directoryScopeId",
        ),
    ] {
        let error = house.post(path, body).await.error(400);
        assert_eq!(error["target"], target);
    }
    let no_role = json!({"principalId": ada, "roleDefinitionId": ada});
    house.post(path, no_role).await.error(404);
}

#[tokio::test]
async fn a_batch_reads_assignments_of_tags_as_intune_cd_does() {
    let house = House::open().await;
    let north = tag(&house, "North").await;
    let url = format!("deviceManagement/roleScopeTags/{north}/assignments");
    let body = json!({"requests": [{"id": 1, "method": "GET", "url": url}]});
    let answer = house.post("/beta/$batch", body).await.expect(200);
    let item = &answer["responses"][0];
    assert_eq!(item["status"], 200);
    let context = item["body"]["@odata.context"].as_str().unwrap();
    assert!(context.contains(&north), "{context}");
}
