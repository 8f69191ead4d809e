//! Who has a licence, in Graph's words and in ours.

use serde_json::{Value, json};

use crate::house::{House, all};

const OURS: &str = "/mandate/v1/licences";
const SKU: &str = "6d616e64-6174-6500-8000-000000000001";

fn give() -> Value {
    json!({"addLicenses": [{"skuId": SKU, "disabledPlans": []}], "removeLicenses": []})
}

fn take() -> Value {
    json!({"addLicenses": [], "removeLicenses": [SKU]})
}

impl House {
    async fn numbers(&self) -> (i64, i64) {
        let list = self.get("/v1.0/subscribedSkus").await.expect(200);
        let sku = &list["value"][0];
        assert_eq!(sku["skuId"], SKU);
        let number = |value: &Value| value.as_i64().unwrap();
        (
            number(&sku["consumedUnits"]),
            number(&sku["prepaidUnits"]["enabled"]),
        )
    }

    /// The state of a person's licences, and the group that each comes by.
    async fn states(&self, user: &str) -> Vec<(String, Value)> {
        let path = format!("/v1.0/users/{user}?$select=assignedLicenses,licenseAssignmentStates");
        let shown = self.get(&path).await.expect(200);
        let states = shown["licenseAssignmentStates"].as_array().unwrap();
        let states: Vec<_> = states
            .iter()
            .map(|one| {
                let state = one["state"].as_str().unwrap().to_owned();
                (state, one["assignedByGroup"].clone())
            })
            .collect();
        let is_active = states.iter().any(|(state, _)| state == "Active");
        let licences = shown["assignedLicenses"].as_array().unwrap();
        assert_eq!(licences.len(), usize::from(is_active));
        states
    }

    async fn join(&self, group: &str, kind: &str, member: &str) {
        let path = format!("/v1.0/groups/{group}/members/$ref");
        let body = json!({"@odata.id": format!("https://h/v1.0/{kind}/{member}")});
        assert_eq!(self.post(&path, body).await.status, 204);
    }
}

#[tokio::test]
async fn a_person_is_given_a_licence_and_loses_it() {
    let house = House::open_bare().await;
    let ada = house.user("ada").await;
    assert_eq!(house.numbers().await, (0, i64::from(i32::MAX)));
    assert!(house.states(&ada).await.is_empty());
    let path = format!("/v1.0/users/{ada}");
    let given = house.post(&format!("{path}/assignLicense"), give()).await;
    assert_eq!(given.expect(200)["id"], ada);
    assert_eq!(house.numbers().await.0, 1);
    assert_eq!(
        house.states(&ada).await,
        [("Active".to_owned(), Value::Null)]
    );
    let details = house
        .get(&format!("{path}/licenseDetails"))
        .await
        .expect(200);
    assert_eq!(all(&details, "skuPartNumber"), ["MANDATE"]);
    let plan = &details["value"][0]["servicePlans"][0];
    assert_eq!(plan["servicePlanName"], "INTUNE_A");
    // Twice is as good as once, and what is not there cannot be taken.
    house
        .post(&format!("{path}/assignLicense"), give())
        .await
        .expect(200);
    house
        .post(&format!("{path}/assignLicense"), take())
        .await
        .expect(200);
    let error = house
        .post(&format!("{path}/assignLicense"), take())
        .await
        .error(400);
    assert_eq!(error["target"], "removeLicenses");
    assert_eq!(house.numbers().await.0, 0);
    let details = house
        .get(&format!("{path}/licenseDetails"))
        .await
        .expect(200);
    assert_eq!(details["value"], json!([]));
    // Who was deleted has none any more.
    house
        .post(&format!("{path}/assignLicense"), give())
        .await
        .expect(200);
    assert_eq!(house.delete(&path).await.status, 204);
    assert_eq!(house.numbers().await.0, 0);
}

#[tokio::test]
async fn people_have_the_licences_of_their_groups_and_of_those_around_them() {
    let house = House::open_bare().await;
    let (ada, ben) = (house.user("ada").await, house.user("ben").await);
    let (inner, outer) = (house.group("inner").await, house.group("outer").await);
    house.join(&inner, "users", &ada).await;
    house.join(&outer, "groups", &inner).await;
    // A ring is no reason to go round for ever.
    house.join(&inner, "groups", &outer).await;
    let path = format!("/v1.0/groups/{outer}");
    house
        .post(&format!("{path}/assignLicense"), take())
        .await
        .error(400);
    let given = house.post(&format!("{path}/assignLicense"), give()).await;
    assert_eq!(given.expect(202)["id"], outer);
    let shown = house
        .get(&format!("{path}?$select=assignedLicenses"))
        .await
        .expect(200);
    assert_eq!(shown["assignedLicenses"][0]["skuId"], SKU);
    assert_eq!(
        house.states(&ada).await,
        [("Active".to_owned(), json!(outer))]
    );
    assert!(house.states(&ben).await.is_empty());
    let error = house
        .post(&format!("/v1.0/users/{ada}/assignLicense"), take())
        .await
        .error(400);
    assert!(error["message"].as_str().unwrap().contains("by a group"));
    // As long as it gives licences, nobody loses theirs by its end.
    let error = house.delete(&path).await.error(409);
    assert!(error["message"].as_str().unwrap().contains("licences"));
    house
        .post(&format!("{path}/assignLicense"), take())
        .await
        .expect(202);
    assert!(house.states(&ada).await.is_empty());
    assert_eq!(house.delete(&path).await.status, 204);
}

#[tokio::test]
async fn a_number_of_licences_is_kept_and_who_comes_later_waits() {
    let house = House::open_bare().await;
    let (ada, ben, cyd) = (
        house.user("ada").await,
        house.user("ben").await,
        house.user("cyd").await,
    );
    let assign = |user: &str| format!("/v1.0/users/{user}/assignLicense");
    house.post(&assign(&cyd), give()).await.expect(200);
    let set = house.patch(OURS, json!({"units": 2})).await.expect(200);
    assert_eq!(
        (&set["units"], &set["consumedUnits"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(house.numbers().await, (1, 2));
    house.post(&assign(&ada), give()).await.expect(200);
    let error = house.post(&assign(&ben), give()).await.error(400);
    assert!(error["message"].as_str().unwrap().contains("2 licences"));
    house.patch(OURS, json!({"units": 1})).await.error(400);
    house
        .patch(OURS, json!({"everybody": true}))
        .await
        .error(400);
    for (body, target) in [
        (json!({"units": 0}), "units"),
        (json!({"units": "many"}), "units"),
        (json!({"onLoss": "burn"}), "onLoss"),
        (json!({"addUsers": ["x"]}), "addUsers"),
        (json!({"colour": 1}), "colour"),
        (json!({"addUsers": [ada], "removeUsers": [ada]}), "remove"),
    ] {
        assert_eq!(house.patch(OURS, body).await.error(400)["target"], target);
    }

    // A group grows by itself: who is one too many waits, and gets the next that is free.
    house.patch(OURS, json!({"units": null})).await.expect(200);
    let group = house.group("staff").await;
    house
        .patch(OURS, json!({"units": 2, "addGroups": [group]}))
        .await
        .expect(200);
    house.join(&group, "users", &ben).await;
    assert_eq!(house.states(&ben).await[0].0, "Error");
    let summary = house.get(OURS).await.expect(200);
    assert_eq!(
        (&summary["consumedUnits"], &summary["waiting"]),
        (&json!(2), &json!(1))
    );
    house.post(&assign(&cyd), take()).await.expect(200);
    assert_eq!(house.states(&ben).await[0].0, "Active");
    let people = house.get(&format!("{OURS}/people")).await.expect(200);
    assert_eq!(all(&people, "userId").len(), 2);
}

#[tokio::test]
async fn a_preview_says_who_would_lose_what_and_changes_nothing() {
    let house = House::open().await;
    let ada = house.user("ada").await;
    house.phone("a", Some(&ada)).await;
    let ask = json!({"everybody": false, "onLoss": "remove"});
    let plan = house
        .post(&format!("{OURS}/preview"), ask)
        .await
        .expect(200);
    assert_eq!((&plan["losing"], &plan["devices"]), (&json!(2), &json!(1)));
    assert_eq!(plan["onLoss"], "remove");
    let names = plan["people"].as_array().unwrap();
    assert!(
        names
            .iter()
            .any(|one| one["userId"] == json!(ada) && one["devices"] == 1)
    );
    let shown = house.get(OURS).await.expect(200);
    assert_eq!(
        (&shown["everybody"], &shown["onLoss"]),
        (&json!(true), &json!("keep"))
    );
}
