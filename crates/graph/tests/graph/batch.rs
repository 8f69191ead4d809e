use serde_json::{Value, json};

use crate::house::{House, mail_profile};

fn by_id<'a>(answer: &'a Value, id: &str) -> &'a Value {
    answer["responses"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["id"] == id)
        .unwrap()
}

#[tokio::test]
async fn a_batch_answers_each_request_as_if_it_came_alone() {
    let house = House::open().await;
    let profile = house.mail_profile("Mail").await;
    let body = json!({"requests": [
        {"id": 1, "method": "GET", "url": format!("deviceManagement/deviceConfigurations/{profile}/assignments")},
        {"id": "2", "method": "GET", "url": "/users/nobody"},
        {"id": 3, "method": "GET", "url": "users/$count"},
        {"id": 4, "method": "GET", "url": format!("deviceManagement/deviceConfigurations/{profile}"),
            "headers": {"Accept": "application/json;odata.metadata=full"}},
        {"id": 5, "method": "POST", "url": "deviceManagement/deviceConfigurations",
            "headers": {"Content-Type": "application/json"}, "body": mail_profile("Second")},
        {"id": 6, "method": "POST", "url": "$batch", "body": {"requests": []}},
        {"id": 7, "method": "DELETE", "url": "organization"},
    ]});
    let answer = house.post("/beta/$batch", body).await.expect(200);
    let first = by_id(&answer, "1");
    assert_eq!(first["status"], 200);
    assert!(
        first["body"]["@odata.context"]
            .as_str()
            .unwrap()
            .contains(&profile)
    );
    assert_eq!(by_id(&answer, "2")["status"], 404);
    assert_eq!(
        by_id(&answer, "2")["body"]["error"]["code"],
        "Request_ResourceNotFound"
    );
    assert_eq!(by_id(&answer, "3")["body"], "1");
    assert!(by_id(&answer, "4")["body"]["assignments@odata.navigationLink"].is_string());
    assert_eq!(by_id(&answer, "5")["status"], 201);
    assert!(by_id(&answer, "5")["headers"]["Location"].is_string());
    assert_eq!(by_id(&answer, "6")["status"], 400);
    assert_eq!(by_id(&answer, "7")["headers"]["Allow"], "GET");
    assert!(
        answer["responses"]
            .as_array()
            .unwrap()
            .iter()
            .all(|item| item["headers"].is_object() && item["id"].is_string())
    );
}

#[tokio::test]
async fn what_depends_on_a_failure_is_not_run() {
    let house = House::open().await;
    let body = json!({"requests": [
        {"id": "b", "method": "POST", "url": "groups", "dependsOn": ["a"], "body": {"displayName": "never"}},
        {"id": "a", "method": "GET", "url": "users/nobody"},
        {"id": "c", "method": "POST", "url": "groups", "body": {"displayName": "made"}},
        {"id": "d", "method": "GET", "url": "groups", "dependsOn": ["c"]},
    ]});
    let answer = house.post("/v1.0/$batch", body).await.expect(200);
    assert_eq!(by_id(&answer, "b")["status"], 424);
    assert_eq!(
        by_id(&answer, "d")["body"]["value"][0]["displayName"],
        "made"
    );
    assert_eq!(house.get("/v1.0/groups/$count").await.text, "1");
}

#[tokio::test]
async fn a_batch_that_makes_no_sense_is_refused_as_a_whole() {
    let house = House::open().await;
    let get = |id: u32| json!({"id": id, "method": "GET", "url": "users"});
    house
        .post("/v1.0/$batch", json!({"requests": [get(1), get(1)]}))
        .await
        .error(400);
    house
        .post(
            "/v1.0/$batch",
            json!({"requests": (0..21).map(get).collect::<Vec<_>>()}),
        )
        .await
        .error(400);
    house.post("/v1.0/$batch", json!({})).await.error(400);
    house.get("/v1.0/$batch").await.error(405);
    let anonymous = house
        .get_with("/v1.0/$batch", &[("authorization", "")])
        .await;
    anonymous.error(401);
}
