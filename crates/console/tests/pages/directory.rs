//! Directories: the list, one of them, and what is done with it.

use axum::http::header::LOCATION;
use mandate_engine::{Actor, DirectoryRole, Source, SourcedPerson};
use serde_json::json;

use crate::house::House;

const PATH: &str = "/console/directory";

/// A house that reads a directory, from which somebody came and somebody was refused.
async fn with_directory() -> House {
    let house = House::open().await;
    let (engine, actor) = (&house.engine, Actor::system());
    let body = json!({
        "name": "corp", "kind": "activeDirectory", "url": "ldaps://dc1.contoso.com",
        "account": "sync@contoso.com", "password": "hush-hush", "base": "DC=contoso,DC=com",
    });
    let body = body.as_object().cloned().unwrap();
    engine.create_synced_directory(&actor, body).await.unwrap();
    let person = |id: &str, name: &str| SourcedPerson {
        external_id: id.to_owned(),
        user_principal_name: name.to_owned(),
        ..SourcedPerson::default()
    };
    let people = [
        person("1", "grace@elsewhere.com"),
        person("2", "<b>bold</b>@contoso.com"),
    ];
    let source = Source::master("directory/corp");
    engine.take_people(&actor, &source, &people).await.unwrap();
    house
}

#[tokio::test]
async fn a_directory_shows_who_was_refused_and_whose_domain_is_another() {
    let house = with_directory().await;
    let mut browser = house
        .signed_in("root", Some(DirectoryRole::GlobalAdministrator))
        .await;
    let list = browser.get(PATH).await.expect(200).text();
    assert!(list.contains("/console/directory/corp"), "{list}");
    let shown = browser
        .get("/console/directory/corp")
        .await
        .expect(200)
        .text();
    assert!(shown.contains("elsewhere.com: 1"), "{shown}");
    assert!(shown.contains("not one of ours"));
    assert!(shown.contains("userPrincipalName"));
    assert!(!shown.contains("<b>bold") && !shown.contains("hush-hush"));
    browser.get("/console/directory/none").await.expect(404);
}

#[tokio::test]
async fn it_is_asked_for_tried_and_foreseen_by_buttons() {
    let house = with_directory().await;
    let mut browser = house
        .signed_in("root", Some(DirectoryRole::GlobalAdministrator))
        .await;
    browser.get(PATH).await;
    let asked = browser
        .post("/console/directory/corp/sync", &[("full", "1")])
        .await;
    assert_eq!(
        asked.expect(303).header(LOCATION),
        "/console/directory/corp?asked"
    );
    // Nobody is asked from this house, and that is what the pages say.
    for action in ["test", "forecast"] {
        let path = format!("/console/directory/corp/{action}");
        let shown = browser.post(&path, &[]).await.expect(200).text();
        assert!(shown.contains("nobody is asked from here"), "{shown}");
    }
    // There is nothing to confirm.
    let shown = browser.post("/console/directory/corp/confirm", &[]).await;
    assert_eq!(shown.status, 400);
}
