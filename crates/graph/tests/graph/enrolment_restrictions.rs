//! Platform restrictions, corporate identifiers and terms, in Graph's shapes.

use serde_json::{Value, json};

use crate::house::{House, all, id};

const CONFIGURATIONS: &str = "/beta/deviceManagement/deviceEnrollmentConfigurations";
const IDENTITIES: &str = "/beta/deviceManagement/importedDeviceIdentities";
const TERMS: &str = "/beta/deviceManagement/termsAndConditions";
const OF_ALL: &str = "#microsoft.graph.deviceEnrollmentPlatformRestrictionsConfiguration";
const OF_ONE: &str = "#microsoft.graph.deviceEnrollmentPlatformRestrictionConfiguration";

fn single(name: &str, platform: &str) -> Value {
    json!({"@odata.type": OF_ONE, "displayName": name, "platformType": platform,
        "platformRestriction": {"platformBlocked": false, "personalDeviceEnrollmentBlocked": true,
            "osMinimumVersion": "17.0", "osMaximumVersion": "", "blockedManufacturers": [], "blockedSkus": []}})
}

#[tokio::test]
async fn everybody_has_a_restriction_with_all_platforms_which_is_open() {
    let house = House::open().await;
    let key = format!("{}_DefaultPlatformRestrictions", house.engine.tenant().id);
    let address = format!("{CONFIGURATIONS}/{key}");
    let default = house.get(&address).await.expect(200);
    let open = json!({"platformBlocked": false, "personalDeviceEnrollmentBlocked": false, "osMinimumVersion": null,
        "osMaximumVersion": null, "blockedManufacturers": [], "blockedSkus": []});
    for (name, value) in [
        ("@odata.type", json!(OF_ALL)),
        ("priority", json!(0)),
        ("version", json!(0)),
        ("createdDateTime", json!("0001-01-01T00:00:00Z")),
        (
            "deviceEnrollmentConfigurationType",
            json!("defaultPlatformRestrictions"),
        ),
        ("iosRestriction", open.clone()),
        ("macOSRestriction", open.clone()),
        ("windowsHomeSkuRestriction", open),
    ] {
        assert_eq!(default[name], value, "{name}");
    }
    // A backup is sent back as it was written, and then with another rule.
    let same = house.patch(&address, default).await.expect(200);
    assert_eq!(same["version"], 0);
    let body = json!({"@odata.type": OF_ALL, "iosRestriction": {"platformBlocked": true},
        "androidRestriction": {"platformBlocked": true, "osMinimumVersion": "9"}});
    let changed = house.patch(&address, body).await.expect(200);
    assert_eq!(changed["version"], 1);
    assert_eq!(changed["iosRestriction"]["platformBlocked"], true);
    assert_eq!(changed["androidRestriction"]["osMinimumVersion"], "9");
    assert_eq!(changed["macRestriction"]["platformBlocked"], false);
    // It stays what it is.
    assert_eq!(house.delete(&address).await.status, 400);
    for body in [
        json!({"displayName": "Mine"}),
        json!({"platformRestriction": {}}),
        json!({"limit": 3}),
        json!({"iosRestriction": {"osMinimumVersion": "18", "osMaximumVersion": "17"}}),
        json!({"iosRestriction": {"osMinimumVersion": "new"}}),
    ] {
        house.patch(&address, body).await.error(400);
    }
    let nothing = json!({"enrollmentConfigurationAssignments": []});
    house
        .post(&format!("{address}/assign"), nothing)
        .await
        .error(400);
    house
        .post(&format!("{address}/setPriority"), json!({"priority": 1}))
        .await
        .error(400);
}

#[tokio::test]
async fn restrictions_of_one_platform_are_made_assigned_and_put_in_order() {
    let house = House::open().await;
    let group = house.group("Sales").await;
    let first = house.post(CONFIGURATIONS, single("First", "ios")).await;
    let first = first.expect(201);
    let second = house.post(CONFIGURATIONS, single("Second", "ios")).await;
    let second = second.expect(201);
    let mac = house.post(CONFIGURATIONS, single("Mac", "mac")).await;
    let mac = mac.expect(201);
    // Each platform counts for itself.
    let priorities = [&first, &second, &mac].map(|one| one["priority"].clone());
    assert_eq!(priorities, [json!(1), json!(2), json!(1)]);
    assert!(id(&first).ends_with("_SinglePlatformRestriction"));
    assert_eq!(
        first["deviceEnrollmentConfigurationType"],
        "singlePlatformRestriction"
    );
    assert_eq!(first["platformRestriction"]["osMinimumVersion"], "17.0");
    assert_eq!(
        first["platformRestriction"]["osMaximumVersion"],
        Value::Null
    );
    let second = format!("{CONFIGURATIONS}('{}')", id(&second));
    let target = json!({"target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": group}});
    let body = json!({ "enrollmentConfigurationAssignments": [target] });
    let answer = house.post(&format!("{second}/assign"), body).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, ""));
    let expanded = format!("{second}?$expand=assignments");
    let expanded = house.get(&expanded).await.expect(200);
    assert_eq!(
        expanded["assignments"][0]["target"]["groupId"],
        json!(group)
    );
    let moved = house
        .post(&format!("{second}/setPriority"), json!({"priority": 1}))
        .await;
    assert_eq!(moved.status, 200);
    let list = house.get(CONFIGURATIONS).await.expect(200);
    assert_eq!(
        all(&list, "displayName"),
        ["All users", "All users", "Second", "First", "Mac"]
    );
    let filtered = format!(
        "{CONFIGURATIONS}?$filter=deviceEnrollmentConfigurationType%20eq%20'singlePlatformRestriction'"
    );
    let list = house.get(&filtered).await.expect(200);
    assert_eq!(list["value"].as_array().unwrap().len(), 3);
    for body in [
        json!({"priority": 2}),
        json!({"platformType": "mac"}),
        json!({"iosRestriction": {}}),
        json!({"platformRestriction": {"osMinimumVersion": "1.2.3.4.5"}}),
    ] {
        house.patch(&second, body).await.error(400);
    }
    assert_eq!(house.delete(&second).await.status, 200);
    house.get(&second).await.error(404);
    let first = format!("{CONFIGURATIONS}/{}", id(&first));
    assert_eq!(house.get(&first).await.expect(200)["priority"], 1);
    for (body, target) in [
        (
            json!({"@odata.type": OF_ONE, "displayName": "X", "platformRestriction": {}}),
            "platformType",
        ),
        (
            json!({"@odata.type": OF_ONE, "displayName": "X", "platformType": "ios"}),
            "platformRestriction",
        ),
        (
            json!({"@odata.type": OF_ALL, "displayName": "X"}),
            "@odata.type",
        ),
    ] {
        let error = house.post(CONFIGURATIONS, body).await.error(400);
        assert!(error.to_string().contains(target), "{error}");
    }
}

#[tokio::test]
async fn identifiers_are_imported_with_a_result_each() {
    let house = House::open().await;
    let item = |identifier: &str, kind: &str| {
        json!({"importedDeviceIdentifier": identifier,
        "importedDeviceIdentityType": kind, "platform": "ios", "description": "Pool"})
    };
    let items = json!([
        item("C02XK1ABJGH5", "serialNumber"),
        item("35 145120 840121 6", "imei"),
        item("no imei", "imei"),
        item("c02xk1abjgh5", "serialNumber"),
    ]);
    let body =
        json!({"importedDeviceIdentities": items, "overwriteImportedDeviceIdentities": false});
    let path = format!("{IDENTITIES}/importDeviceIdentityList");
    let done = house.post(&path, body.clone()).await.expect(200);
    let states: Vec<_> = done["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["status"].clone())
        .collect();
    assert_eq!(states, [true, true, false, false].map(|is| json!(is)));
    let again = house.post(&path, body).await.expect(200);
    assert_eq!(again["value"][0]["status"], true);
    let found = format!("{IDENTITIES}?$filter=contains(importedDeviceIdentifier,'XK1')");
    let found = house.get(&found).await.expect(200);
    assert_eq!(all(&found, "importedDeviceIdentifier"), ["C02XK1ABJGH5"]);
    let one = &found["value"][0];
    assert_eq!(one["enrollmentState"], "notContacted");
    assert_eq!(one["lastContactedDateTime"], "0001-01-01T00:00:00Z");
    let search = json!({"importedDeviceIdentities": [item("351451208401219", "imei"), item("C03", "serialNumber")]});
    let path = format!("{IDENTITIES}/searchExistingIdentities");
    let known = house.post(&path, search).await.expect(200);
    assert_eq!(known["value"].as_array().unwrap().len(), 1);
    let address = format!("{IDENTITIES}/{}", id(one));
    let changed = house.patch(&address, json!({"description": "Desk"})).await;
    assert_eq!(changed.expect(200)["description"], "Desk");
    assert_eq!(house.delete(&address).await.status, 204);
    house.get(&address).await.error(404);
    for body in [
        json!({}),
        json!({"importedDeviceIdentities": []}),
        json!({"importedDeviceIdentities": [5]}),
        json!({"importedDeviceIdentities": [item("1,2,3", "manufacturerModelSerial")]}),
        json!({"importedDeviceIdentities": vec![item("C02", "serialNumber"); 5001]}),
    ] {
        let path = format!("{IDENTITIES}/importDeviceIdentityList");
        house.post(&path, body).await.error(400);
    }
}

#[tokio::test]
async fn terms_are_made_changed_assigned_and_deleted() {
    let house = House::open().await;
    let group = house.group("Sales").await;
    let body = json!({"@odata.type": "#microsoft.graph.termsAndConditions", "displayName": "Use", "title": "Terms of use",
        "bodyText": "Text", "acceptanceStatement": "I agree", "version": 1});
    let made = house.post(TERMS, body).await.expect(201);
    assert_eq!(
        (&made["version"], &made["title"]),
        (&json!(1), &json!("Terms of use"))
    );
    let address = format!("{TERMS}/{}", id(&made));
    let same = house.patch(&address, made.clone()).await.expect(200);
    assert_eq!(same["lastModifiedDateTime"], made["lastModifiedDateTime"]);
    let raised = house
        .patch(&address, json!({"version": 5}))
        .await
        .expect(200);
    assert_eq!(raised["version"], 5);
    for body in [
        json!({"version": 4}),
        json!({"version": "6"}),
        json!({"bodyText": ""}),
        json!({"bodyText": "x".repeat(60_001)}),
        json!({"title": "a\u{0}b"}),
        json!({"colour": "red"}),
    ] {
        house.patch(&address, body).await.error(400);
    }
    let assignments = format!("{address}/assignments");
    let everybody =
        json!({"target": {"@odata.type": "#microsoft.graph.allLicensedUsersAssignmentTarget"}});
    let everybody = house.post(&assignments, everybody).await.expect(201);
    let devices = json!({"target": {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}});
    house.post(&assignments, devices).await.error(400);
    let legacy = format!("{address}/groupAssignments");
    let given = house.post(&legacy, json!({"targetGroupId": group})).await;
    assert_eq!(given.expect(201)["targetGroupId"], json!(group));
    let list = house.get(&assignments).await.expect(200);
    assert_eq!(list["value"].as_array().unwrap().len(), 2);
    let one = format!("{assignments}/{}", id(&everybody));
    assert_eq!(house.delete(&one).await.status, 204);
    house.get(&one).await.error(404);
    let expanded = format!("{address}?$expand=assignments,acceptanceStatuses");
    let expanded = house.get(&expanded).await.expect(200);
    assert_eq!(
        expanded["assignments"][0]["target"]["groupId"],
        json!(group)
    );
    assert_eq!(expanded["acceptanceStatuses"], json!([]));
    assert_eq!(house.delete(&address).await.status, 204);
    house.get(&address).await.error(404);
}
