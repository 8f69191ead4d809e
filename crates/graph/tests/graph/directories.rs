//! `/mandate/v1/directories`, and what Graph says of people who come from one.

use mandate_engine::{Actor, Source, SourcedGroup, SourcedPerson};
use serde_json::{Value, json};

use crate::house::House;

const DIRECTORIES: &str = "/mandate/v1/directories";

fn corp() -> Value {
    json!({
        "name": "corp", "kind": "activeDirectory", "url": "ldaps://dc1.contoso.com",
        "account": "sync@contoso.com", "password": "hush-hush", "base": "DC=contoso,DC=com",
    })
}

#[tokio::test]
async fn a_directory_is_added_changed_and_removed_and_its_password_is_never_shown() {
    let house = House::open().await;
    let made = house.post(DIRECTORIES, corp()).await.expect(201);
    assert_eq!(made["hasPassword"], json!(true));
    assert_eq!(made["intervalMinutes"], json!(30));
    let path = format!("{DIRECTORIES}/corp");
    let change = json!({"mostDeletions": 5, "userFilter": "(department=Sales)"});
    let changed = house.patch(&path, change).await.expect(200);
    assert_eq!(changed["mostDeletions"], json!(5));
    let elsewhere = json!({"url": "ldaps://dc2.contoso.com"});
    let refused = house.patch(&path, elsewhere).await.error(400);
    assert!(refused["message"].as_str().unwrap().contains("password"));
    let shown = house.get(&path).await.expect(200);
    let list = house.get(DIRECTORIES).await.expect(200);
    assert_eq!(list["value"], json!([shown]));
    for answer in [made, changed, list, shown] {
        assert!(!answer.to_string().contains("hush-hush"));
    }
    house.post(DIRECTORIES, corp()).await.error(409);
    let asked = house
        .post(&format!("{path}/synchronize"), json!({"full": true}))
        .await;
    assert_eq!(asked.expect(200)["requested"], json!(true));
    house
        .post(&format!("{path}/confirmDeletions"), json!({}))
        .await
        .error(400);
    let ready = house.get(&format!("{path}/readiness")).await.expect(200);
    assert_eq!(ready["people"], json!(0));
    house.delete(&path).await.expect(204);
    house.get(&path).await.error(404);
}

#[tokio::test]
async fn what_comes_from_a_directory_says_so_and_is_not_changed_here() {
    let house = House::open().await;
    house.post(DIRECTORIES, corp()).await.expect(201);
    let source = Source::master("directory/corp");
    let person = SourcedPerson {
        external_id: "1".to_owned(),
        user_principal_name: "synced@contoso.com".to_owned(),
        mail: Some("synced@contoso.com".to_owned()),
        other: json!({"onPremisesImmutableId": "AQ=="})
            .as_object()
            .cloned()
            .unwrap(),
        ..SourcedPerson::default()
    };
    let group = SourcedGroup {
        external_id: "2".to_owned(),
        display_name: "Synced".to_owned(),
        ..SourcedGroup::default()
    };
    let (engine, actor) = (&house.engine, Actor::system());
    let broken = SourcedPerson {
        external_id: "3".to_owned(),
        user_principal_name: "Synced@contoso.com".to_owned(),
        ..SourcedPerson::default()
    };
    let people = [person, broken];
    engine.take_people(&actor, &source, &people).await.unwrap();
    let groups = engine.take_groups(&actor, &source, &[group]).await.unwrap();
    let group = groups[0].object().unwrap();
    let user = house
        .get("/beta/users/synced@contoso.com")
        .await
        .expect(200);
    assert_eq!(user["onPremisesSyncEnabled"], json!(true));
    assert_eq!(user["onPremisesImmutableId"], "AQ==");
    assert!(user["onPremisesLastSyncDateTime"].is_string());
    let path = "/v1.0/users/synced@contoso.com";
    let refused = house
        .patch(path, json!({"mail": "other@contoso.com"}))
        .await
        .error(400);
    assert!(
        refused["message"]
            .as_str()
            .unwrap()
            .contains("directory/corp")
    );
    // Sent back as it was read, it is no change.
    house
        .patch(
            path,
            json!({"onPremisesSyncEnabled": true, "mail": "synced@contoso.com"}),
        )
        .await
        .expect(204);
    house
        .patch(path, json!({"usageLocation": "NL"}))
        .await
        .expect(204);
    house.delete(path).await.error(400);
    let group_path = format!("/v1.0/groups/{group}");
    let shown = house.get(&group_path).await.expect(200);
    assert_eq!(shown["onPremisesSyncEnabled"], json!(true));
    house
        .patch(&group_path, json!({"displayName": "Other"}))
        .await
        .error(400);
    let errors = house
        .get(&format!("{DIRECTORIES}/corp/errors"))
        .await
        .expect(200);
    assert_eq!(errors["value"][0]["error"]["property"], "userPrincipalName");
    let organization = house.get("/v1.0/organization").await.expect(200);
    assert_eq!(
        organization["value"][0]["onPremisesSyncEnabled"],
        json!(true)
    );
}
