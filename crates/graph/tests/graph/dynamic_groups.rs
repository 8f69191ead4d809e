//! Dynamic groups and device categories as clients ask for them.

use axum::http::Method;
use serde_json::{Value, json};

use crate::house::{House, all, id};

const SALES: &str = r#"user.department -eq "Sales""#;

fn dynamic(rule: &str) -> Value {
    json!({"displayName": "Sales", "mailEnabled": false, "mailNickname": "sales", "securityEnabled": true,
           "groupTypes": ["DynamicMembership"], "membershipRule": rule, "membershipRuleProcessingState": "On"})
}

impl House {
    async fn salesperson(&self, name: &str) -> String {
        let user = self.user(name).await;
        self.moves_to(&user, json!("Sales")).await;
        user
    }

    async fn moves_to(&self, user: &str, department: Value) {
        let body = json!({"department": department});
        let path = format!("/v1.0/users/{user}");
        self.patch(&path, body).await.expect(204);
    }

    async fn members_of(&self, group: &str) -> Vec<String> {
        let path = format!("/v1.0/groups/{group}/members/microsoft.graph.user");
        let members = self.get(&path).await.expect(200);
        all(&members, "id").into_iter().map(str::to_owned).collect()
    }

    async fn background(&self) {
        for _ in 0..100 {
            if !self.engine.round().await.unwrap() {
                return;
            }
        }
        panic!("the background does not come to rest");
    }
}

#[tokio::test]
async fn a_dynamic_group_is_made_followed_paused_and_made_static() {
    let house = House::open().await;
    let ada = house.salesperson("ada").await;
    let made = house.post("/v1.0/groups", dynamic(SALES)).await.expect(201);
    let group = id(&made);
    let path = format!("/v1.0/groups/{group}");
    let select = format!(
        "{path}?$select=displayName,id,groupTypes,membershipRule,membershipRuleProcessingState"
    );
    let shown = house.get(&select).await.expect(200);
    assert_eq!(shown["groupTypes"], json!(["DynamicMembership"]));
    assert_eq!(shown["membershipRule"], json!(SALES));
    assert_eq!(shown["membershipRuleProcessingState"], json!("On"));
    house.background().await;
    assert_eq!(house.members_of(&group).await, [ada.as_str()]);
    house.moves_to(&ada, Value::Null).await;
    assert_eq!(house.members_of(&group).await, Vec::<String>::new());

    // By hand nobody comes.
    let reference = json!({"@odata.id": format!("https://h/v1.0/directoryObjects/{ada}")});
    let members = format!("{path}/members/$ref");
    house.post(&members, reference).await.error(400);

    let pause = json!({"membershipRuleProcessingState": "Paused"});
    house.patch(&path, pause).await.expect(204);
    house.moves_to(&ada, json!("Sales")).await;
    house.background().await;
    assert_eq!(house.members_of(&group).await, Vec::<String>::new());
    let resume = json!({"membershipRuleProcessingState": "On"});
    house.patch(&path, resume).await.expect(204);
    house.background().await;
    assert_eq!(house.members_of(&group).await, [ada.as_str()]);

    let fixed = json!({"groupTypes": [], "membershipRule": null});
    house.patch(&path, fixed).await.expect(204);
    house.background().await;
    let shown = house.get(&path).await.expect(200);
    assert_eq!(
        (&shown["groupTypes"], &shown["membershipRule"]),
        (&json!([]), &Value::Null)
    );
    assert_eq!(house.members_of(&group).await, [ada.as_str()]);
    house
        .delete(&format!("{path}/members/{ada}/$ref"))
        .await
        .expect(204);
}

#[tokio::test]
async fn a_rule_with_an_error_is_refused_with_its_place() {
    let house = House::open().await;
    for (rule, place) in [
        ("user.department -is \"a\"", "line 1, column 17"),
        ("user.department -eq \"a\"\nand", "line 2, column 4"),
        ("", "line 1, column 1"),
    ] {
        let error = house.post("/v1.0/groups", dynamic(rule)).await.error(400);
        assert_eq!(error["target"], "membershipRule");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(place), "{message}");
        let said = house
            .post(
                "/mandate/v1/membershipRules/validate",
                json!({"membershipRule": rule}),
            )
            .await
            .expect(200);
        assert_eq!(said["isValid"], json!(false));
        let (line, column) = (&said["error"]["line"], &said["error"]["column"]);
        assert_eq!(format!("line {line}, column {column}"), place);
    }
    let said = house
        .post(
            "/mandate/v1/membershipRules/validate",
            json!({"membershipRule": "(device.isRooted eq True)"}),
        )
        .await
        .expect(200);
    assert_eq!(said["membershipRule"], json!("device.isRooted -eq true"));
    assert_eq!(said["memberType"], json!("device"));
}

#[tokio::test]
async fn what_a_rule_says_of_somebody_is_explained() {
    let house = House::open().await;
    let ada = house.salesperson("ada").await;
    let group = id(&house.post("/v1.0/groups", dynamic(SALES)).await.expect(201));
    let path = format!("/beta/groups/{group}/evaluateDynamicMembership");
    let said = house
        .post(&path, json!({"memberId": ada}))
        .await
        .expect(200);
    assert_eq!(said["membershipRuleEvaluationResult"], json!(true));
    assert_eq!(said["membershipRule"], json!(SALES));
    let rule = r#"user.department -eq "Sales" -and user.city -eq "Lund""#;
    let body = json!({"memberId": ada, "membershipRule": rule});
    let path = "/beta/groups/evaluateDynamicMembership";
    let said = house.post(path, body).await.expect(200);
    assert_eq!(said["membershipRuleEvaluationResult"], json!(false));
    let details = &said["membershipRuleEvaluationDetails"];
    assert_eq!(details["expressionResult"], json!(false));
    let parts = details["expressionEvaluationDetails"].as_array().unwrap();
    assert_eq!(parts.len(), 2);
    assert_eq!(
        parts[0]["propertyToEvaluate"],
        json!({"propertyName": "user.department", "propertyValue": "Sales"})
    );
    assert_eq!(parts[1]["propertyToEvaluate"]["propertyValue"], Value::Null);
    for (body, status) in [
        (json!({"memberId": "x", "membershipRule": rule}), 400),
        (json!({"membershipRule": rule}), 400),
        (json!({"memberId": ada}), 400),
        (json!({"memberId": group, "membershipRule": rule}), 404),
    ] {
        house.post(path, body).await.error(status);
    }
    // Where nothing is to be evaluated, it says so.
    let plain = house.group("Plain").await;
    let path = format!("/beta/groups/{plain}/evaluateDynamicMembership");
    house.post(&path, json!({"memberId": ada})).await.error(400);
    let preview = house
        .post(
            "/mandate/v1/membershipRules/preview",
            json!({"membershipRule": SALES, "groupId": plain}),
        )
        .await
        .expect(200);
    assert_eq!(
        preview["joining"],
        json!({"count": 1, "firstNames": ["ada"]})
    );
}

#[tokio::test]
async fn categories_are_made_put_on_devices_and_taken_off() {
    let house = House::open().await;
    let path = "/v1.0/deviceManagement/deviceCategories";
    let till = json!({"@odata.type": "#microsoft.graph.deviceCategory", "displayName": " Till ", "description": ""});
    let made = house.post(path, till.clone()).await.expect(201);
    assert_eq!(
        (&made["displayName"], &made["description"]),
        (&json!("Till"), &Value::Null)
    );
    house.post(path, till).await.error(409);
    house
        .post(path, json!({"displayName": " "}))
        .await
        .error(400);
    house.post(path, json!({})).await.error(400);
    house
        .post(path, json!({"displayName": "x", "colour": "red"}))
        .await
        .error(400);
    let category = id(&made);
    let own = format!("{path}/{category}");
    house
        .patch(&own, json!({"displayName": "Kitchen"}))
        .await
        .expect(200);
    let list = house.get(path).await.expect(200);
    assert_eq!(all(&list, "displayName"), ["Kitchen"]);

    let ada = house.user("ada").await;
    let device = house.phone("phone", Some(&ada)).await;
    let managed = format!("/v1.0/deviceManagement/managedDevices/{device}");
    let body = json!({
        "displayName": "Kitchens", "mailEnabled": false, "mailNickname": "k", "securityEnabled": true,
        "groupTypes": ["DynamicMembership"], "membershipRule": "device.deviceCategory -eq \"kitchen\"",
    });
    let group = id(&house.post("/v1.0/groups", body).await.expect(201));
    house.background().await;
    house
        .get(&format!("{managed}/deviceCategory"))
        .await
        .error(404);
    let put = async |id: &str, status: u16| {
        let reference =
            json!({"@odata.id": format!("https://h/v1.0/deviceManagement/deviceCategories/{id}")});
        let path = format!("{managed}/deviceCategory/$ref");
        let answered = house.call(Method::PUT, &path, &[], Some(reference)).await;
        assert_eq!(answered.status, status, "{id}");
    };
    put("00000000-0000-0000-0000-000000000007", 404).await;
    put("kitchen", 400).await;
    put(&category, 204).await;
    let shown = house.get(&managed).await.expect(200);
    assert_eq!(shown["deviceCategoryDisplayName"], json!("Kitchen"));
    let shown = house
        .get(&format!("{managed}/deviceCategory"))
        .await
        .expect(200);
    assert_eq!(shown["id"], json!(category));
    let members = house
        .get(&format!("/v1.0/groups/{group}/members"))
        .await
        .expect(200);
    assert_eq!(all(&members, "id"), [device.as_str()]);
    house.delete(&own).await.error(409);
    house
        .delete(&format!("{managed}/deviceCategory/$ref"))
        .await
        .expect(204);
    let members = house
        .get(&format!("/v1.0/groups/{group}/transitiveMembers"))
        .await
        .expect(200);
    assert_eq!(all(&members, "id"), Vec::<&str>::new());
    house.delete(&own).await.expect(204);
    house.get(&own).await.error(404);
    let settings = "/mandate/v1/deviceCategorySettings";
    let on = json!({"isChosenAtEnrollment": true});
    house.patch(settings, on.clone()).await.expect(204);
    assert_eq!(house.get(settings).await.expect(200), on);
}
