//! Ways around a scope that are not there.
//!
//! Somebody with a role for the north that allows everything asks for things of the south: by every form of address,
//! by what stands beside them, by counting, and by the links of others.

use axum::http::Method;
use serde_json::{Value, json};

use super::people::{Subject, everybody};
use super::world::{Place, World};
use crate::house::{Answered, all, id};

const PROFILES: &str = "/beta/deviceManagement/deviceConfigurations";
const DEVICES: &str = "/beta/deviceManagement/managedDevices";

/// A world, somebody limited to its north, and one thing of each kind on both sides.
struct Fence {
    world: World,
    north: Subject,
    device: String,
    hidden_device: String,
    profile: String,
    hidden_profile: String,
}

impl Fence {
    async fn open() -> Self {
        let mut world = World::open().await;
        let everybody = everybody(&mut world).await;
        let mut found = everybody.into_iter();
        let north = found.find(|one| one.name == "custom, all of it").unwrap();
        let device = world.key("device", Place::Within).await;
        let hidden_device = world.key("device", Place::OtherTag).await;
        let profile = world.key("profile", Place::Within).await;
        let hidden_profile = world.key("profile", Place::Outside).await;
        Self {
            world,
            north,
            device,
            hidden_device,
            profile,
            hidden_profile,
        }
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Answered {
        let token = format!("Bearer {}", self.north.token.as_ref().unwrap());
        let headers = [("authorization", token.as_str())];
        self.world.house.call(method, path, &headers, body).await
    }

    async fn get(&self, path: &str) -> Answered {
        self.ask(Method::GET, path, None).await
    }

    async fn post(&self, path: &str, body: Value) -> Answered {
        self.ask(Method::POST, path, Some(body)).await
    }

    /// The same path about something that is not there at all.
    fn about_nothing(&self, path: &str) -> String {
        let nothing = uuid::Uuid::from_u128(9).to_string();
        path.replace(&self.hidden_device, &nothing)
            .replace(&self.hidden_profile, &nothing)
    }
}

/// The message of an error without the id that was asked for.
fn message(answer: &Answered, asked: &[&String]) -> String {
    let error = answer.json()["error"].clone();
    let mut text = format!("{} {}", error["code"], error["message"]);
    for id in asked {
        text = text.replace(id.as_str(), "ID");
    }
    text.replace(&uuid::Uuid::from_u128(9).to_string(), "ID")
}

#[tokio::test]
async fn what_is_hidden_is_answered_like_what_is_not_there() {
    let fence = Fence::open().await;
    let (device, profile) = (&fence.hidden_device, &fence.hidden_profile);
    let scep = "microsoft.graph.iosScepCertificateProfile";
    for path in [
        format!("{PROFILES}/{profile}"),
        format!("{PROFILES}('{profile}')"),
        format!("{PROFILES}({profile})"),
        format!("{PROFILES}/{profile}/"),
        format!("/BETA//DEVICEMANAGEMENT//deviceconfigurations//{profile}"),
        format!("/beta/myorganization/deviceManagement/deviceConfigurations/{profile}"),
        format!(
            "/v1.0/deviceManagement/deviceConfigurations/{}",
            profile.to_uppercase()
        ),
        format!("{PROFILES}/{profile}/{scep}"),
        format!("{PROFILES}/{profile}/{scep}/rootCertificate"),
        format!("{PROFILES}/{profile}/rootCertificate/$ref"),
        format!("{PROFILES}/{profile}/displayName"),
        format!("{PROFILES}/{profile}/displayName/$value"),
        format!("{PROFILES}/{profile}?$select=id"),
        format!("{PROFILES}/{profile}?$expand=assignments"),
        format!("{PROFILES}/{profile}/assignments"),
        format!("{PROFILES}/{profile}/assignments/$count"),
        format!("{PROFILES}/{profile}/deviceStatuses"),
        format!("{PROFILES}/{profile}/deviceStatuses/$count"),
        format!("{PROFILES}/{profile}/userStatuses"),
        format!("{PROFILES}/{profile}/deviceStatusOverview"),
        format!("{PROFILES}/{profile}/deviceSettingStateSummaries"),
        format!("{PROFILES}/{profile}/managedDeviceCertificateStates"),
        format!("/mandate/v1/profiles/{profile}/versions"),
        format!("/mandate/v1/profiles/{profile}/versions/1"),
        format!("{DEVICES}/{device}"),
        format!("{DEVICES}('{device}')/users"),
        format!("{DEVICES}/{device}/users/$ref"),
        format!("{DEVICES}/{device}/deviceName"),
        format!("{DEVICES}/{device}/deviceConfigurationStates"),
        format!("{DEVICES}/{device}/deviceConfigurationStates/$count"),
        format!("/v1.0/devices/{device}"),
        format!("/v1.0/devices/{device}/memberOf"),
        format!("/v1.0/devices/{device}/registeredOwners"),
        format!("/v1.0/directoryObjects/{device}"),
        format!("/v1.0/directoryObjects/{device}/microsoft.graph.device"),
    ] {
        let hidden = fence.get(&path).await;
        assert_eq!(hidden.status, 404, "{path}: {}", hidden.text);
        let nothing = fence.get(&fence.about_nothing(&path)).await;
        let upper = profile.to_uppercase();
        let asked = [device, profile, &upper];
        assert_eq!(
            message(&hidden, &asked),
            message(&nothing, &asked),
            "{path}"
        );
        let whole = fence.world.house.get(&path).await;
        assert_eq!(
            whole.status, 200,
            "nobody would see `{path}`: {}",
            whole.text
        );
    }
}

#[tokio::test]
async fn what_is_hidden_cannot_be_changed() {
    let fence = Fence::open().await;
    let (device, profile) = (&fence.hidden_device, &fence.hidden_profile);
    let notes = json!({"notes": "mine"});
    let reference = json!({"@odata.id": format!("https://h{PROFILES}('{}')", fence.world.root)});
    let user = json!({"@odata.id": format!("https://h/v1.0/users/{}", fence.world.north.user)});
    let own = json!({"roleScopeTagIds": [fence.world.north.tag]});
    for (method, path, body) in [
        (Method::PATCH, format!("{DEVICES}/{device}"), Some(notes)),
        (
            Method::PATCH,
            format!("{DEVICES}/{device}"),
            Some(own.clone()),
        ),
        (Method::DELETE, format!("{DEVICES}/{device}"), None),
        (
            Method::POST,
            format!("{DEVICES}/{device}/wipe"),
            Some(json!({})),
        ),
        (
            Method::POST,
            format!("{DEVICES}/{device}/microsoft.graph.retire"),
            None,
        ),
        (
            Method::POST,
            format!("{DEVICES}/{device}/users/$ref"),
            Some(user),
        ),
        (Method::PATCH, format!("{PROFILES}/{profile}"), Some(own)),
        (Method::DELETE, format!("{PROFILES}/{profile}"), None),
        (
            Method::PUT,
            format!("{PROFILES}/{profile}/rootCertificate/$ref"),
            Some(reference),
        ),
        (
            Method::DELETE,
            format!("{PROFILES}/{profile}/rootCertificate/$ref"),
            None,
        ),
        (
            Method::POST,
            format!("{PROFILES}/{profile}/assign"),
            Some(json!({"assignments": []})),
        ),
        (
            Method::POST,
            "/mandate/v1/plan".to_owned(),
            Some(json!({"profileId": profile})),
        ),
        (
            Method::POST,
            format!("/mandate/v1/profiles/{profile}/versions/1/restore"),
            None,
        ),
    ] {
        let answer = fence.ask(method.clone(), &path, body).await;
        assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text);
    }
    let shown = fence.world.house.get(&format!("{DEVICES}/{device}")).await;
    assert_eq!(
        shown.expect(200)["roleScopeTagIds"],
        json!([fence.world.south.tag])
    );
}

#[tokio::test]
async fn no_question_about_a_list_tells_what_is_hidden_in_it() {
    let fence = Fence::open().await;
    let (device, profile) = (&fence.hidden_device, &fence.hidden_profile);
    let house = &fence.world.house;
    let name_of = |answer: Value, property: &str| answer[property].as_str().unwrap().to_owned();
    let hidden = house.get(&format!("{DEVICES}/{device}")).await.expect(200);
    let device_name = name_of(hidden.clone(), "deviceName");
    let serial = name_of(hidden, "serialNumber");
    let hidden = house
        .get(&format!("{PROFILES}/{profile}"))
        .await
        .expect(200);
    let profile_name = name_of(hidden, "displayName");
    for (list, filters) in [
        (
            DEVICES,
            vec![
                format!("id eq '{device}'"),
                format!("azureADDeviceId eq '{device}'"),
                format!("deviceName eq '{device_name}'"),
                format!("startswith(deviceName,'{device_name}')"),
                format!("serialNumber eq '{serial}'"),
                format!("contains(serialNumber,'{serial}')"),
                format!("roleScopeTagIds/any(t:t eq '{}')", fence.world.south.tag),
                format!("not (id ne '{device}')"),
            ],
        ),
        (
            "/v1.0/devices",
            vec![
                format!("id eq '{device}'"),
                format!("deviceId eq '{device}'"),
                format!("id in ('{device}')"),
                format!("displayName eq '{device_name}'"),
            ],
        ),
        (
            PROFILES,
            vec![
                format!("id eq '{profile}'"),
                format!("displayName eq '{profile_name}'"),
                format!("isof('microsoft.graph.iosScepCertificateProfile') and id eq '{profile}'"),
            ],
        ),
    ] {
        for filter in filters {
            let encoded = filter.replace(' ', "%20");
            let whole = house
                .get(&format!("{list}?$filter={encoded}"))
                .await
                .expect(200);
            assert_eq!(all(&whole, "id").len(), 1, "{filter}");
            for more in [
                "",
                "&$count=true",
                "&$top=1",
                "&$orderby=id",
                "&$count=true&$top=0",
            ] {
                let path = format!("{list}?$filter={encoded}{more}");
                let answer = fence.get(&path).await.expect(200);
                assert_eq!(answer["value"], json!([]), "{path}");
                assert!(answer.get("@odata.nextLink").is_none(), "{path}");
                let count = answer.get("@odata.count");
                assert!(count.is_none_or(|count| count == 0), "{path}: {count:?}");
            }
            let path = format!("{list}/$count?$filter={encoded}");
            assert_eq!(fence.get(&path).await.text, "0", "{path}");
        }
        // The one that is to be seen, and not the other; profiles have the root beside it.
        let seen = all(&fence.get(list).await.expect(200), "id").len();
        let there = all(&house.get(list).await.expect(200), "id").len();
        assert_eq!(there, seen + 1, "{list}");
        let count = fence.get(&format!("{list}/$count")).await.text;
        assert_eq!(count, seen.to_string(), "{list}");
        let counted = fence
            .get(&format!("{list}?$count=true&$top=1"))
            .await
            .expect(200);
        assert_eq!(counted["@odata.count"], seen, "{list}");
        let sorted = fence
            .get(&format!("{list}?$orderby=id%20desc&$count=true"))
            .await;
        assert_eq!(sorted.expect(200)["@odata.count"], seen, "{list}");
        let last = fence.get(&format!("{list}?$top={seen}")).await.expect(200);
        assert!(last.get("@odata.nextLink").is_none(), "{list}");
        let skipped = fence.get(&format!("{list}?$skip={seen}")).await.expect(200);
        assert_eq!(skipped["value"], json!([]), "{list}");
    }
    for (list, text) in [(DEVICES, &device_name), (PROFILES, &profile_name)] {
        let path = format!("{list}?$search=%22{}%22", text.replace(' ', "%20"));
        let answer = fence.get(&path).await.expect(200);
        let hidden = [device.as_str(), profile.as_str()];
        assert!(
            all(&answer, "id").iter().all(|id| !hidden.contains(id)),
            "{path}"
        );
    }
}

#[tokio::test]
async fn what_stands_beside_something_visible_is_hidden_all_the_same() {
    let fence = Fence::open().await;
    let house = &fence.world.house;
    let (device, hidden) = (&fence.device, &fence.hidden_device);
    let user = &fence.world.north.user;
    for path in [
        format!("/v1.0/users/{user}/managedDevices"),
        format!("/v1.0/users/{user}/ownedDevices"),
        format!("/v1.0/users/{user}/registeredDevices"),
        "/v1.0/users/north-one@example.com/managedDevices".to_owned(),
    ] {
        assert_eq!(
            all(&fence.get(&path).await.expect(200), "id"),
            [device],
            "{path}"
        );
        assert_eq!(
            fence.get(&format!("{path}/$count")).await.text,
            "1",
            "{path}"
        );
        assert_eq!(
            all(&house.get(&path).await.expect(200), "id").len(),
            2,
            "{path}"
        );
    }
    let expanded = fence
        .get(&format!(
            "/beta/users/{user}?$expand=managedDevices,ownedDevices/$ref"
        ))
        .await;
    expanded.expect(200);
    assert!(expanded.text.contains(device.as_str()) && !expanded.text.contains(hidden.as_str()));

    let group = &fence.world.nowhere;
    for member in [device, hidden] {
        let body = json!({"@odata.id": format!("https://h/v1.0/devices/{member}")});
        let path = format!("/v1.0/groups/{group}/members/$ref");
        assert_eq!(house.post(&path, body).await.status, 204);
    }
    for path in [
        format!("/v1.0/groups/{group}/members"),
        format!("/v1.0/groups/{group}/members?$select=id"),
        format!("/v1.0/groups/{group}/members?$top=1"),
        format!("/v1.0/groups/{group}/members/microsoft.graph.device"),
        format!("/v1.0/groups/{group}/members/$ref"),
        format!("/v1.0/groups/{group}/transitiveMembers"),
        format!("/v1.0/groups/{group}?$expand=members"),
        format!("/v1.0/groups/{group}?$expand=members($select=id)"),
        format!("/v1.0/groups?$expand=members&$filter=id%20eq%20'{group}'"),
    ] {
        let answer = fence.get(&path).await;
        answer.expect(200);
        assert!(
            answer.text.contains(device.as_str()),
            "{path}: {}",
            answer.text
        );
        assert!(
            !answer.text.contains(hidden.as_str()),
            "{path}: {}",
            answer.text
        );
        assert!(!answer.text.contains("nextLink"), "{path}: {}", answer.text);
    }
    let count = fence
        .get(&format!("/v1.0/groups/{group}/members/$count"))
        .await;
    assert_eq!(count.text, "1");
    for collection in ["directoryObjects", "users", "groups"] {
        let body = json!({"ids": [device, hidden], "types": ["device"]});
        let found = fence
            .post(&format!("/v1.0/{collection}/getByIds"), body)
            .await;
        assert_eq!(all(&found.expect(200), "id"), [device], "{collection}");
    }
}

#[tokio::test]
async fn references_lead_nowhere_that_is_hidden() {
    let fence = Fence::open().await;
    let house = &fence.world.house;
    let hidden_root = house.root_profile("Hidden root").await;
    let tags = json!({"roleScopeTagIds": [fence.world.south.tag]});
    house
        .patch(&format!("{PROFILES}/{hidden_root}"), tags)
        .await
        .expect(204);
    let address = format!("https://graph.microsoft.com{PROFILES}('{hidden_root}')");
    let before = all(&house.get(PROFILES).await.expect(200), "id").len();

    let shown = fence
        .get(&format!("{PROFILES}/{}", fence.profile))
        .await
        .expect(200);
    let mut copy = shown.as_object().unwrap().clone();
    copy.insert("rootCertificate@odata.bind".to_owned(), json!(address));
    copy.insert("displayName".to_owned(), json!("Copy"));
    for name in ["id", "version", "createdDateTime", "lastModifiedDateTime"] {
        copy.remove(name);
    }
    let made = fence.post(PROFILES, Value::Object(copy)).await;
    assert!(matches!(made.status.as_u16(), 400 | 404), "{}", made.text);
    let path = format!("{PROFILES}/{}/rootCertificate/$ref", fence.profile);
    let put = fence
        .ask(Method::PUT, &path, Some(json!({"@odata.id": address})))
        .await;
    assert!(matches!(put.status.as_u16(), 400 | 404), "{}", put.text);
    let bind = json!({"rootCertificate@odata.bind": address});
    let path = format!("{PROFILES}/{}", fence.profile);
    let patched = fence.ask(Method::PATCH, &path, Some(bind)).await;
    assert!(
        matches!(patched.status.as_u16(), 400 | 404),
        "{}",
        patched.text
    );
    assert_eq!(
        all(&house.get(PROFILES).await.expect(200), "id").len(),
        before
    );

    // Somebody without limits made such a reference: it can be seen that there is none to be seen.
    let path = format!("{PROFILES}/{}/rootCertificate", fence.profile);
    let body = json!({"@odata.id": address});
    let put = house
        .call(Method::PUT, &format!("{path}/$ref"), &[], Some(body))
        .await;
    assert_eq!(put.status, 204, "{}", put.text);
    assert_eq!(fence.get(&path).await.status, 404);
    assert_eq!(fence.get(&format!("{path}/$ref")).await.status, 404);
    let expanded = fence
        .get(&format!(
            "{PROFILES}/{}?$expand=rootCertificate",
            fence.profile
        ))
        .await;
    assert_eq!(expanded.expect(200)["rootCertificate"], Value::Null);
    assert!(!expanded.text.contains("Hidden root"));
    let listed = fence
        .get(&format!("{PROFILES}?$expand=rootCertificate"))
        .await;
    listed.expect(200);
    assert!(!listed.text.contains(&hidden_root), "{}", listed.text);
}

#[tokio::test]
async fn a_batch_is_no_way_around() {
    let fence = Fence::open().await;
    let (device, profile) = (&fence.hidden_device, &fence.hidden_profile);
    let requests = json!([
        {"id": "1", "method": "GET", "url": format!("/deviceManagement/managedDevices/{device}")},
        {"id": "2", "method": "GET", "url": format!("deviceManagement/deviceConfigurations('{profile}')?$select=id")},
        {"id": "3", "method": "GET", "url": format!("/deviceManagement/managedDevices/{}", fence.device)},
        {"id": "4", "method": "POST", "url": format!("/deviceManagement/managedDevices/{device}/wipe"), "body": {},
         "headers": {"content-type": "application/json"}, "dependsOn": ["3"]},
        {"id": "5", "method": "GET", "url": format!("/deviceManagement/managedDevices?$filter=id%20eq%20'{device}'")},
        {"id": "6", "method": "DELETE", "url": format!("/deviceManagement/deviceConfigurations/{profile}"),
         "headers": {"authorization": "Bearer nobody"}},
    ]);
    let answer = fence
        .post("/beta/$batch", json!({"requests": requests}))
        .await
        .expect(200);
    let status = |id: &str| {
        let responses = answer["responses"].as_array().unwrap();
        let found = responses.iter().find(|response| response["id"] == id);
        found.unwrap()["status"].as_u64().unwrap()
    };
    for (id, expected) in [
        ("1", 404),
        ("2", 404),
        ("3", 200),
        ("4", 404),
        ("5", 200),
        ("6", 404),
    ] {
        assert_eq!(status(id), expected, "{id}: {answer}");
    }
    let listed = &answer["responses"][4]["body"]["value"];
    assert_eq!(*listed, json!([]));
}

#[tokio::test]
async fn the_links_of_somebody_else_show_only_what_one_may_see() {
    let mut fence = Fence::open().await;
    for place in [Place::OtherGroup, Place::Outside] {
        fence.world.key("device", place).await;
        fence.world.key("profile", place).await;
    }
    for list in [DEVICES, PROFILES, "/v1.0/devices"] {
        let own: Vec<String> = {
            let mine = fence.get(list).await.expect(200);
            all(&mine, "id").into_iter().map(str::to_owned).collect()
        };
        let mut next = Some(format!("{list}?$top=1"));
        let mut pages = 0;
        while let Some(path) = next {
            let page = fence.world.house.get(&path).await.expect(200);
            let link = page["@odata.nextLink"].as_str();
            next = link.map(|link| link.split_once(":8443").unwrap().1.to_owned());
            let Some(path) = &next else {
                break;
            };
            pages += 1;
            let answer = fence.get(path).await.expect(200);
            for id in all(&answer, "id") {
                assert!(own.iter().any(|known| known == id), "{path} shows {id}");
            }
        }
        assert!(pages >= 2, "{list}");
    }
}

#[tokio::test]
async fn reports_count_only_what_one_may_see() {
    let fence = Fence::open().await;
    let house = &fence.world.house;
    let path = format!("{PROFILES}/{}/assign", fence.profile);
    let everybody = json!({"assignments": [{"target": {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}}]});
    house.post(&path, everybody).await.expect(200);
    for list in ["deviceStatuses", "userStatuses"] {
        let path = format!("{PROFILES}/{}/{list}", fence.profile);
        let whole = house.get(&path).await.expect(200);
        let mine = fence.get(&path).await;
        mine.expect(200);
        assert!(!mine.text.contains(&fence.hidden_device), "{}", mine.text);
        let (whole, mine) = (all(&whole, "id").len(), all(&mine.json(), "id").len());
        let expected = if list == "deviceStatuses" {
            (2, 1)
        } else {
            (1, 1)
        };
        assert_eq!((whole, mine), expected, "{list}");
    }
    let overview = |answer: Value| {
        [
            "pendingCount",
            "notApplicableCount",
            "errorCount",
            "successCount",
        ]
        .iter()
        .map(|name| answer[name].as_i64().unwrap())
        .sum::<i64>()
    };
    let path = format!("{PROFILES}/{}/deviceStatusOverview", fence.profile);
    assert_eq!(overview(house.get(&path).await.expect(200)), 2);
    assert_eq!(overview(fence.get(&path).await.expect(200)), 1);
    let path = "/beta/deviceManagement/managedDeviceOverview";
    assert_eq!(house.get(path).await.expect(200)["enrolledDeviceCount"], 2);
    assert_eq!(fence.get(path).await.expect(200)["enrolledDeviceCount"], 1);

    let path = "/beta/deviceManagement/deviceConfigurationDeviceStateSummaries";
    let total = |answer: Value| -> i64 {
        let properties = answer.as_object().unwrap().values();
        properties.filter_map(Value::as_i64).sum()
    };
    assert_eq!(total(house.get(path).await.expect(200)), 2);
    assert_eq!(total(fence.get(path).await.expect(200)), 1);

    let states = format!("{DEVICES}/{}/deviceConfigurationStates", fence.device);
    let hidden = format!("{PROFILES}/{}/assign", fence.hidden_profile);
    let everybody = json!({"assignments": [{"target": {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}}]});
    house.post(&hidden, everybody).await.expect(200);
    assert_eq!(all(&house.get(&states).await.expect(200), "id").len(), 2);
    assert_eq!(all(&fence.get(&states).await.expect(200), "id").len(), 1);
    let targeted = json!({"deviceConfigurationIds": [fence.profile, fence.hidden_profile]});
    let path = format!("{PROFILES}/getTargetedUsersAndDevices");
    let answer = fence.post(&path, targeted).await;
    assert!(
        !answer.text.contains(&fence.hidden_device),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn tags_of_others_are_not_named() {
    let fence = Fence::open().await;
    let (north, south) = (&fence.world.north.tag, &fence.world.south.tag);
    let path = "/beta/deviceManagement/roleAssignments";
    let bind = |tag: &str| format!("deviceManagement/roleScopeTags('{tag}')");
    let body = json!({
        "displayName": "Both", "members": [fence.world.nowhere], "roleScopeTagIds": [north],
        "roleDefinition@odata.bind": format!("deviceManagement/roleDefinitions('{}')", fence.world.role),
        "roleScopeTags@odata.bind": [bind(north), bind(south)],
    });
    let made = id(&fence.world.house.post(path, body).await.expect(201));
    let tags = format!("{path}/{made}/roleScopeTags");
    assert_eq!(all(&fence.get(&tags).await.expect(200), "id"), [north]);
    assert_eq!(fence.get(&format!("{tags}/$count")).await.text, "1");
    assert_eq!(fence.get(&format!("{tags}/{south}")).await.status, 404);
    let cast = "microsoft.graph.deviceAndAppManagementRoleAssignment";
    for path in [
        format!("{path}/{made}?$expand={cast}/roleScopeTags"),
        format!("{path}?$expand=roleScopeTags&$filter=id%20eq%20'{made}'"),
    ] {
        let answer = fence.get(&path).await;
        answer.expect(200);
        assert!(answer.text.contains("\"displayName\":\"north\""), "{path}");
        assert!(!answer.text.contains("\"displayName\":\"south\""), "{path}");
    }
}

#[tokio::test]
async fn nobody_widens_their_own_role() {
    let fence = Fence::open().await;
    let house = &fence.world.house;
    let path = "/beta/deviceManagement/roleAssignments";
    let assignments = house.get(path).await.expect(200);
    let mine = assignments["value"].as_array().unwrap().iter();
    let mine = mine
        .clone()
        .find(|one| one["displayName"] == "custom, all of it of the north")
        .unwrap();
    let (own, group) = (id(mine), mine["members"][0].as_str().unwrap().to_owned());
    // Let them see it, so that it is not the tag that stops them.
    let tags = json!({"roleScopeTagIds": [fence.world.north.tag]});
    house
        .patch(&format!("{path}/{own}"), tags)
        .await
        .expect(200);
    let south = format!(
        "deviceManagement/roleScopeTags('{}')",
        fence.world.south.tag
    );
    for body in [
        json!({"scopeType": "allDevicesAndLicensedUsers"}),
        json!({"roleScopeTags@odata.bind": [south]}),
        json!({"displayName": "mine"}),
        json!({"resourceScopes": [fence.world.south.group]}),
    ] {
        let answer = fence
            .ask(Method::PATCH, &format!("{path}/{own}"), Some(body.clone()))
            .await;
        assert_eq!(answer.status, 403, "{body}: {}", answer.text);
    }
    assert_eq!(
        fence
            .ask(Method::DELETE, &format!("{path}/{own}"), None)
            .await
            .status,
        403
    );
    let me = fence.world.person_of("custom, all of it");
    let whole = json!({
        "displayName": "Whole", "members": [group], "scopeType": "allDevicesAndLicensedUsers",
        "roleDefinition@odata.bind": format!("deviceManagement/roleDefinitions('{}')", fence.world.role),
        "roleScopeTags@odata.bind": ["deviceManagement/roleScopeTags('0')"],
    });
    assert_eq!(fence.post(path, whole).await.status, 403);
    let administrator = "/v1.0/directoryRoles/62e90394-69f5-4237-9190-012177145e10/members/$ref";
    let body = json!({"@odata.id": format!("https://h/v1.0/users/{me}")});
    assert_eq!(fence.post(administrator, body.clone()).await.status, 403);
    // Nor by the group of somebody who has more.
    let others = assignments["value"].as_array().unwrap().iter();
    for other in others.filter(|one| one["id"] != own.as_str()) {
        let group = other["members"][0].as_str().unwrap();
        let path = format!("/v1.0/groups/{group}/members/$ref");
        let answer = fence.post(&path, body.clone()).await;
        assert_eq!(answer.status, 403, "{other}: {}", answer.text);
    }
}
