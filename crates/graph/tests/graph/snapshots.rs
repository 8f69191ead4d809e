//! Answers as a whole, so that a change of form is seen.

use serde_json::Value;

use crate::house::{House, all};

/// The answer with ids and times made alike.
fn redacted(answer: &Value, ids: &[(&str, &str)]) -> String {
    let mut text = serde_json::to_string_pretty(answer).unwrap();
    for (id, name) in ids {
        text = text.replace(id, name);
    }
    text
}

#[tokio::test]
async fn a_mail_profile_with_full_metadata() {
    let house = House::open().await;
    let profile = house.mail_profile("Mail").await;
    let path = format!("/beta/deviceManagement/deviceConfigurations/{profile}?$expand=assignments");
    let answer = house
        .get_with(&path, &[("accept", "application/json;odata.metadata=full")])
        .await;
    insta::assert_snapshot!(redacted(&answer.expect(200), &[(&profile, "PROFILE")]));
}

#[tokio::test]
async fn a_list_of_devices() {
    let house = House::open().await;
    let ada = house.user("ada").await;
    let phone = house.phone("phone", Some(&ada)).await;
    let answer = house
        .get("/v1.0/deviceManagement/managedDevices?$count=true")
        .await
        .expect(200);
    assert_eq!(all(&answer, "id").len(), 1);
    insta::assert_snapshot!(redacted(&answer, &[(&phone, "DEVICE"), (&ada, "USER")]));
}

#[tokio::test]
async fn a_person_in_beta() {
    let house = House::open().await;
    let ada = house.user("ada").await;
    let answer = house.get(&format!("/beta/users/{ada}")).await.expect(200);
    insta::assert_snapshot!(redacted(&answer, &[(&ada, "USER")]));
}
