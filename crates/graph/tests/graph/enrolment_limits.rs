//! How many devices people may enrol, and who may enrol many.

use serde_json::{Value, json};

use crate::house::{House, all, id};

const LIMITS: &str = "/beta/deviceManagement/deviceEnrollmentConfigurations";
const MANAGERS: &str = "/mandate/v1/enrollmentManagers";
const TYPE: &str = "#microsoft.graph.deviceEnrollmentLimitConfiguration";

fn limit(name: &str, devices: i64) -> Value {
    json!({"@odata.type": TYPE, "displayName": name, "description": "For tests", "limit": devices})
}

#[tokio::test]
async fn everybody_has_a_limit_from_the_beginning() {
    let house = House::open().await;
    let key = format!("{}_DefaultLimit", house.engine.tenant().id);
    let list = house.get(LIMITS).await.expect(200);
    assert_eq!(all(&list, "id")[0], key.as_str());
    let default = house.get(&format!("{LIMITS}/{key}")).await.expect(200);
    let shown = [
        ("@odata.type", json!(TYPE)),
        ("limit", json!(15)),
        ("priority", json!(0)),
        ("version", json!(0)),
        ("createdDateTime", json!("0001-01-01T00:00:00Z")),
        ("lastModifiedDateTime", json!("0001-01-01T00:00:00Z")),
        ("deviceEnrollmentConfigurationType", json!("defaultLimit")),
        ("roleScopeTagIds", json!(["0"])),
    ];
    for (name, value) in shown {
        assert_eq!(default[name], value, "{name}");
    }
    // A backup is sent back as it was written, and then with another number.
    let address = format!("{LIMITS}('{key}')");
    let same = house.patch(&address, default.clone()).await.expect(200);
    assert_eq!(same["version"], 0);
    let changed = house.patch(&address, json!({"@odata.type": TYPE, "limit": 9}));
    let changed = changed.await.expect(200);
    assert_eq!(
        (&changed["limit"], &changed["version"]),
        (&json!(9), &json!(1))
    );
    // It stays what it is.
    assert_eq!(house.delete(&address).await.status, 400);
    house
        .patch(&address, json!({"displayName": "Mine"}))
        .await
        .error(400);
    house
        .post(
            &format!("{address}/assign"),
            json!({"enrollmentConfigurationAssignments": []}),
        )
        .await
        .error(400);
    house
        .post(&format!("{address}/setPriority"), json!({"priority": 1}))
        .await
        .error(400);
}

#[tokio::test]
async fn limits_are_made_assigned_put_in_order_and_deleted() {
    let house = House::open().await;
    let ada = house.user("ada").await;
    let group = house.group("Few devices").await;
    let member = json!({"@odata.id": format!("https://h/v1.0/users/{ada}")});
    house
        .post(&format!("/v1.0/groups/{group}/members/$ref"), member)
        .await
        .expect(204);
    let few = house.post(LIMITS, limit("Few", 2)).await.expect(201);
    let many = house.post(LIMITS, limit("Many", 40)).await.expect(201);
    assert_eq!(
        (&few["priority"], &many["priority"]),
        (&json!(1), &json!(2))
    );
    assert!(id(&few).ends_with("_Limit"));
    let few = format!("{LIMITS}/{}", id(&few));
    let many = format!("{LIMITS}('{}')", id(&many));

    let target = json!({"target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": group}});
    let body = json!({"enrollmentConfigurationAssignments": [target]});
    for limit in [&few, &many] {
        let answer = house.post(&format!("{limit}/assign"), body.clone()).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, ""));
    }
    let expanded = house
        .get(&format!("{few}?$expand=assignments"))
        .await
        .expect(200);
    let assignment = &expanded["assignments"][0];
    assert_eq!(assignment["target"]["groupId"], json!(group));
    assert_eq!(assignment["source"], "direct");
    let ids = format!("{}_{group}", expanded["id"].as_str().unwrap());
    assert_eq!(assignment["id"], json!(ids));
    let context = expanded["assignments@odata.context"].as_str().unwrap();
    assert!(
        context.contains(expanded["id"].as_str().unwrap()),
        "{context}"
    );

    let asked = format!("/v1.0/users/{ada}?$select=id,deviceEnrollmentLimit");
    assert_eq!(
        house.get(&asked).await.expect(200)["deviceEnrollmentLimit"],
        2
    );
    let address = format!("{many}/setPriority");
    let moved = house.post(&address, json!({"priority": 1})).await;
    assert_eq!((moved.status.as_u16(), moved.text.as_str()), (200, ""));
    assert_eq!(
        house.get(&asked).await.expect(200)["deviceEnrollmentLimit"],
        40
    );
    let list = house.get(LIMITS).await.expect(200);
    assert_eq!(all(&list, "displayName")[..3], ["All users", "Many", "Few"]);

    assert_eq!(house.delete(&many).await.status, 200);
    house.get(&many).await.error(404);
    house.delete(&many).await.error(404);
    assert_eq!(house.get(&few).await.expect(200)["priority"], 1);
    // A restored one goes where it was.
    let again = house
        .post(
            LIMITS,
            json!({"@odata.type": TYPE, "displayName": "Many", "limit": 40, "priority": 1}),
        )
        .await
        .expect(201);
    assert_eq!(again["priority"], 1);
    assert_eq!(house.get(&few).await.expect(200)["priority"], 2);
    let nowhere = json!({"enrollmentConfigurationAssignments": []});
    house
        .post(&format!("{few}/assign"), nowhere)
        .await
        .expect(200);
    assert_eq!(
        house.get(&asked).await.expect(200)["deviceEnrollmentLimit"],
        15
    );
}

#[tokio::test]
async fn wrong_limits_are_named() {
    let house = House::open().await;
    let made = house.post(LIMITS, limit("Few", 2)).await.expect(201);
    let address = format!("{LIMITS}/{}", id(&made));
    for (body, target) in [
        (json!({"limit": 0}), "limit"),
        (json!({"limit": 1001}), "limit"),
        (json!({"limit": "many"}), "limit"),
        (json!({"displayName": " "}), "displayName"),
        (json!({"description": "x".repeat(1025)}), "description"),
        (json!({"priority": 7}), "priority"),
        (json!({"roleScopeTagIds": ["1"]}), "roleScopeTagIds"),
        (json!({"colour": "red"}), "colour"),
        (
            json!({"@odata.type": "#microsoft.graph.deviceEnrollmentPlatformRestrictionsConfiguration"}),
            "@odata.type",
        ),
    ] {
        let error = house.patch(&address, body.clone()).await.error(400);
        assert_eq!(error["target"], target, "{body}");
    }
    house.post(LIMITS, json!({"limit": 3})).await.error(400);
    for target in [
        json!({"@odata.type": "#microsoft.graph.allLicensedUsersAssignmentTarget"}),
        json!({"@odata.type": "#microsoft.graph.exclusionGroupAssignmentTarget", "groupId": id(&made)}),
        json!({"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": "x"}),
    ] {
        let body = json!({"enrollmentConfigurationAssignments": [{"target": target}]});
        let error = house.post(&format!("{address}/assign"), body).await;
        let target = error.error(400)["target"].to_string();
        assert!(
            target.contains("enrollmentConfigurationAssignments[0].target"),
            "{target}"
        );
    }
    for body in [
        json!({}),
        json!({"enrollmentConfigurationAssignments": "all"}),
    ] {
        house
            .post(&format!("{address}/assign"), body)
            .await
            .error(400);
    }
    for body in [
        json!({}),
        json!({"priority": 0}),
        json!({"priority": 2}),
        json!({"priority": "1"}),
    ] {
        let error = house.post(&format!("{address}/setPriority"), body).await;
        assert_eq!(error.error(400)["target"], "priority");
    }
    for key in [
        "x",
        "00000000-0000-0000-0000-000000000000",
        "_Limit",
        "_DefaultLimit",
    ] {
        house.get(&format!("{LIMITS}/{key}")).await.error(404);
    }
}

#[tokio::test]
async fn enrolment_managers_are_appointed_and_dismissed() {
    let house = House::open().await;
    let ada = house.user("ada").await;
    let named = json!({"userPrincipalName": "ada@example.com"});
    let made = house.post(MANAGERS, named).await;
    assert_eq!((made.status.as_u16(), made.text.as_str()), (204, ""));
    let list = house.get(MANAGERS).await.expect(200);
    let manager = &list["value"][0];
    assert_eq!(
        (
            &manager["userId"],
            &manager["enrolledDevices"],
            &manager["deviceEnrollmentLimit"]
        ),
        (&json!(ada), &json!(0), &json!(1000))
    );
    // Graph says the same by the limit of the person.
    let asked = format!("/v1.0/users/{ada}?$select=deviceEnrollmentLimit");
    assert_eq!(
        house.get(&asked).await.expect(200)["deviceEnrollmentLimit"],
        1000
    );
    let found = house
        .get("/beta/users?$filter=deviceEnrollmentLimit%20eq%201000")
        .await
        .expect(200);
    assert_eq!(all(&found, "id"), [ada.as_str()]);
    let others = "/beta/users?$filter=deviceEnrollmentLimit%20ne%201000";
    assert_eq!(house.get(others).await.error(400)["target"], "$filter");

    assert_eq!(house.delete(&format!("{MANAGERS}/{ada}")).await.status, 204);
    house.delete(&format!("{MANAGERS}/{ada}")).await.error(404);
    house.delete(&format!("{MANAGERS}/x")).await.error(404);
    house.post(MANAGERS, json!({})).await.error(400);
    house
        .post(MANAGERS, json!({"userId": "nobody"}))
        .await
        .error(404);
}

#[tokio::test]
async fn the_limit_of_a_person_makes_a_manager_and_nothing_else() {
    let house = House::open().await;
    let ada = house.user("ada").await;
    let address = format!("/v1.0/users/{ada}");
    let limit = async || {
        let asked = format!("{address}?$select=deviceEnrollmentLimit");
        house.get(&asked).await.expect(200)["deviceEnrollmentLimit"].clone()
    };
    let set = |number: Value| house.patch(&address, json!({"deviceEnrollmentLimit": number}));
    assert_eq!(set(json!(5)).await.status, 204);
    assert_eq!(limit().await, 15);
    assert_eq!(set(json!(15)).await.status, 204);
    assert_eq!(set(json!(1000)).await.status, 204);
    assert_eq!(limit().await, 1000);
    assert_eq!(set(json!(5)).await.status, 204);
    assert_eq!(limit().await, 15);
    for wrong in [json!(20), json!("1000"), json!(null)] {
        assert_eq!(
            set(wrong).await.error(400)["target"],
            "deviceEnrollmentLimit"
        );
    }
    let both = json!({"deviceEnrollmentLimit": 1000, "city": "Delft"});
    house.patch(&address, both).await.error(400);
    assert_eq!(limit().await, 15);
    // It is given where it is asked for.
    let whole = house.get(&format!("/beta/users/{ada}")).await.expect(200);
    assert!(whole.get("deviceEnrollmentLimit").is_none());
}
