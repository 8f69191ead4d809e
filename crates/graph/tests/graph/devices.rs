use axum::http::Method;
use serde_json::json;

use crate::house::{House, all};

const DEVICES: &str = "/v1.0/deviceManagement/managedDevices";

#[tokio::test]
async fn a_device_is_listed_filtered_and_shown() {
    let house = House::open().await;
    let ada = house.user("ada").await;
    let phone = house.phone("phone", Some(&ada)).await;
    house.phone("other", None).await;
    for filter in [
        "deviceName eq 'PHONE'",
        "startsWith(deviceName,'ph')",
        "contains(serialNumber,'phone')",
        "serialNumber eq 'SNphone'",
        "userPrincipalName eq 'ada@example.com'",
        "lastSyncDateTime ge 2026-01-01T00:00:00Z and deviceName eq 'phone'",
        "managementAgent eq 'mdm' and userId ne null",
    ] {
        let found = house
            .get(&format!("{DEVICES}?$filter={}", filter.replace(' ', "%20")))
            .await
            .expect(200);
        assert_eq!(all(&found, "id"), [phone.as_str()], "{filter}");
    }
    let device = house.get(&format!("{DEVICES}/{phone}")).await.expect(200);
    assert_eq!(
        (&device["imei"], &device["managementState"]),
        (&json!("352099001761481"), &json!("managed"))
    );
    assert!(device.get("udid").is_none());
    let more = house
        .get(&format!(
            "{DEVICES}/{phone}?$select=id,udid,activationLockBypassCode"
        ))
        .await
        .expect(200);
    assert_eq!(more["udid"], "UDID-phone");
    assert!(
        more.as_object()
            .unwrap()
            .contains_key("activationLockBypassCode")
    );
    assert_eq!(
        all(
            &house
                .get(&format!("/beta/users/{ada}/managedDevices"))
                .await
                .expect(200),
            "id"
        ),
        [phone.as_str()]
    );
    let overview = house
        .get("/v1.0/deviceManagement/managedDeviceOverview")
        .await
        .expect(200);
    assert_eq!(overview["deviceOperatingSystemSummary"]["iosCount"], 2);
    let directory = format!("/v1.0/devices?$filter=deviceId%20eq%20'{phone}'");
    assert_eq!(
        all(&house.get(&directory).await.expect(200), "displayName"),
        ["phone"]
    );
    assert_eq!(
        all(
            &house
                .get(&format!("/v1.0/devices/{phone}/registeredOwners"))
                .await
                .expect(200),
            "id"
        ),
        [ada.as_str()]
    );
}

#[tokio::test]
async fn actions_are_taken_at_once_and_shown_as_pending() {
    let house = House::open().await;
    let phone = house.phone("phone", None).await;
    let path = format!("{DEVICES}/{phone}");
    house
        .call(Method::POST, &format!("{path}/syncDevice"), &[], None)
        .await
        .expect(204);
    house
        .call(Method::POST, &format!("{path}/remoteLock"), &[], None)
        .await
        .expect(204);
    let keep = house
        .post(&format!("{path}/wipe"), json!({"keepUserData": true}))
        .await;
    assert_eq!(keep.error(400)["target"], "keepUserData");
    house
        .post(&format!("{path}/retire"), json!({}))
        .await
        .expect(204);
    let device = house.get(&path).await.expect(200);
    assert_eq!(device["managementState"], "retirePending");
    let actions: Vec<_> = device["deviceActionResults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|action| action["actionName"].as_str().unwrap())
        .collect();
    assert!(
        actions.contains(&"retire") && actions.contains(&"remoteLock"),
        "{actions:?}"
    );
    let error = house
        .call(Method::POST, &format!("{path}/syncDevice"), &[], None)
        .await
        .error(400);
    assert!(
        error["message"].as_str().unwrap().contains("retired"),
        "{error}"
    );
    house
        .call(
            Method::POST,
            &format!("{DEVICES}/{}/syncDevice", uuid::Uuid::nil()),
            &[],
            None,
        )
        .await
        .error(404);
}

#[tokio::test]
async fn owner_and_user_of_a_device_change() {
    let house = House::open().await;
    let ada = house.user("ada").await;
    let phone = house.phone("phone", None).await;
    let path = format!("{DEVICES}/{phone}");
    let changed = house
        .patch(&path, json!({"managedDeviceOwnerType": "Personal"}))
        .await
        .expect(200);
    assert_eq!(changed["managedDeviceOwnerType"], "personal");
    house
        .patch(&path, json!({"managedDeviceOwnerType": "mine"}))
        .await
        .error(400);
    let category = json!({"deviceCategoryDisplayName": "Kiosks"});
    house.patch(&path, category).await.error(400);
    house.patch(&path, changed.clone()).await.expect(200);
    let user = json!({"@odata.id": format!("https://graph.microsoft.com/beta/users/{ada}")});
    house
        .post(&format!("{path}/users/$ref"), user)
        .await
        .expect(204);
    assert_eq!(
        all(&house.get(&format!("{path}/users")).await.expect(200), "id"),
        [ada.as_str()]
    );
    house
        .delete(&format!("{path}/users/$ref"))
        .await
        .expect(204);
    assert_eq!(house.get(&path).await.expect(200)["userId"], json!(null));
    house.delete(&path).await.expect(204);
    assert_eq!(
        house.get(&path).await.expect(200)["managementState"],
        "retirePending"
    );
}

#[tokio::test]
async fn a_device_is_a_member_like_any_other() {
    let house = House::open().await;
    let phone = house.phone("phone", None).await;
    let kiosks = house.group("kiosks").await;
    let member = json!({"@odata.id": format!("https://graph.microsoft.com/v1.0/devices/{phone}")});
    house
        .post(&format!("/v1.0/groups/{kiosks}/members/$ref"), member)
        .await
        .expect(204);
    let members = house
        .get(&format!("/v1.0/groups/{kiosks}/members"))
        .await
        .expect(200);
    assert_eq!(
        members["value"][0]["@odata.type"],
        "#microsoft.graph.device"
    );
    assert_eq!(
        all(
            &house
                .get(&format!("/v1.0/devices/{phone}/memberOf"))
                .await
                .expect(200),
            "displayName"
        ),
        ["kiosks"]
    );
}

#[tokio::test]
async fn the_push_certificate_is_asked_for_and_shown() {
    let house = House::open().await;
    let path = "/v1.0/deviceManagement/applePushNotificationCertificate";
    let empty = house.get(path).await.expect(200);
    assert_eq!(
        (&empty["certificate"], &empty["expirationDateTime"]),
        (&json!(null), &json!("0001-01-01T00:00:00Z"))
    );
    let request = house
        .get(&format!(
            "{path}/downloadApplePushNotificationCertificateSigningRequest()"
        ))
        .await
        .expect(200);
    assert!(request["value"].as_str().unwrap().starts_with("MII"));
    let foreign = json!({"appleIdentifier": "it@example.com", "certificate": house.root_pem});
    assert_eq!(
        house.patch(path, foreign).await.error(400)["target"],
        "certificate"
    );
    house
        .patch(path, json!({"appleIdentifier": "x"}))
        .await
        .error(400);
}

#[tokio::test]
async fn an_enrolment_link_is_made_for_a_person() {
    let house = House::open().await;
    let ada = house.user("ada").await;
    let body = json!({"userPrincipalName": "ada@example.com", "platform": "ios", "lifetimeMinutes": 10, "uses": 2});
    let link = house
        .post("/mandate/v1/enrollmentLinks", body)
        .await
        .expect(201);
    assert_eq!(
        (&link["userId"], &link["usesLeft"]),
        (&json!(ada), &json!(2))
    );
    assert!(
        link["url"]
            .as_str()
            .unwrap()
            .starts_with("https://mdm.example.com:8443/apple/enroll/")
    );
    assert_eq!(link["expiresDateTime"], "2026-09-21T14:23:20Z");
    house
        .post(
            "/mandate/v1/enrollmentLinks",
            json!({"userPrincipalName": "nobody@example.com"}),
        )
        .await
        .error(404);
    house
        .post("/mandate/v1/enrollmentLinks", json!({"lifetimeSeconds": 0}))
        .await
        .error(400);
    house.get_with("/mandate/v1/enrollmentLinks", &[]).await;
}

#[tokio::test]
async fn name_and_notes_of_a_device_are_the_administrators() {
    let house = House::open().await;
    let phone = house.phone("phone", None).await;
    let other = house.phone("other", None).await;
    let path = format!("{DEVICES}/{phone}");
    let body = json!({"managedDeviceName": "Ada's phone", "notes": "came with a scratch"});
    let changed = house.patch(&path, body).await.expect(200);
    assert_eq!(
        (&changed["managedDeviceName"], &changed["deviceName"]),
        (&json!("Ada's phone"), &json!("phone"))
    );
    assert!(
        changed.get("notes").is_none(),
        "notes are shown when they are asked for"
    );
    let select = format!("{path}?$select=notes,managedDeviceName");
    let shown = house.get(&select).await.expect(200);
    assert_eq!(shown["notes"], "came with a scratch");
    let list = house.get(DEVICES).await.expect(200);
    let mut names = all(&list, "managedDeviceName");
    names.sort_unstable();
    assert_eq!(names, ["Ada's phone", "other"]);
    let filter = format!("{DEVICES}?$filter=managedDeviceName%20eq%20'Ada''s%20phone'");
    let found = house.get(&filter).await.expect(200);
    assert_eq!(all(&found, "id"), [phone.as_str()]);

    // What is sent back as it was read changes nothing, and pins nothing.
    let before = house.get(&format!("{DEVICES}/{other}")).await.expect(200);
    house
        .patch(&format!("{DEVICES}/{other}"), before)
        .await
        .expect(200);
    // One is changed without the other, and taken away.
    let changed = house
        .patch(&path, json!({"managedDeviceName": null}))
        .await
        .expect(200);
    assert_eq!(changed["managedDeviceName"], "phone");
    let shown = house.get(&select).await.expect(200);
    assert_eq!(shown["notes"], "came with a scratch");
    let error = house
        .patch(&path, json!({"notes": "x".repeat(4097)}))
        .await
        .error(400);
    assert_eq!(error["target"], "notes");
    house.patch(&path, json!({"notes": 5})).await.error(400);
    house.patch(&path, json!({"notes": ""})).await.expect(200);
    assert_eq!(house.get(&select).await.expect(200)["notes"], json!(null));
}

#[tokio::test]
async fn settings_of_device_management_are_kept_and_checked() {
    const PATH: &str = "/beta/deviceManagement";
    let house = House::open().await;
    let shown = house.get(PATH).await.expect(200);
    assert_eq!(
        shown["settings"],
        json!({
            "deviceComplianceCheckinThresholdDays": 30, "isScheduledActionEnabled": true, "secureByDefault": false,
        })
    );
    let body =
        json!({"settings": {"deviceComplianceCheckinThresholdDays": 14, "secureByDefault": true}});
    house.patch(PATH, body).await.expect(204);
    let settings = house
        .get("/v1.0/deviceManagement/settings")
        .await
        .expect(200);
    assert_eq!(
        (
            &settings["deviceComplianceCheckinThresholdDays"],
            &settings["isScheduledActionEnabled"],
            &settings["secureByDefault"]
        ),
        (&json!(14), &json!(true), &json!(true))
    );
    let body = json!({"intuneBrand": {"displayName": "Example Works"}});
    house.patch(PATH, body).await.expect(204);
    let whole = house.get(PATH).await.expect(200);
    assert_eq!(whole["intuneBrand"]["displayName"], "Example Works");

    for (body, target) in [
        (
            json!({"settings": {"secureByDefault": false, "deviceComplianceCheckinThresholdDays": 121}}),
            "settings/deviceComplianceCheckinThresholdDays",
        ),
        (
            json!({"settings": {"secureByDefault": false}, "colour": "red"}),
            "colour",
        ),
    ] {
        assert_eq!(house.patch(PATH, body).await.error(400)["target"], target);
    }
    // As a backup tool sends it back.
    house.patch(PATH, whole.clone()).await.expect(204);
    assert_eq!(house.get(PATH).await.expect(200), whole);
}
