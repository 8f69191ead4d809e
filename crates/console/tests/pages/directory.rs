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

const NEW: &str = "/console/directory/_new";

const TYPED: [(&str, &str); 10] = [
    ("name", "branch"),
    ("kind", "ldap"),
    ("displayName", "Branch <office>"),
    ("url", "ldaps://ldap.contoso.com"),
    ("account", "cn=reader,dc=contoso,dc=com"),
    ("password", "very-hush"),
    ("base", "dc=contoso,dc=com"),
    ("attributes", "userPrincipalName=mail"),
    ("intervalMinutes", "60"),
    ("isPaused", "on"),
];

#[tokio::test]
async fn a_directory_is_added_changed_and_removed_by_forms() {
    let house = House::open().await;
    let (engine, system) = (&house.engine, Actor::system());
    let mut browser = house
        .signed_in("root", Some(DirectoryRole::GlobalAdministrator))
        .await;
    let list = browser.get(PATH).await.expect(200).text();
    assert!(list.contains(NEW), "{list}");
    let form = browser.get(NEW).await.expect(200).text();
    assert!(
        form.contains("id=\"isPaused\" name=\"isPaused\" checked"),
        "{form}"
    );
    let made = browser.upload(NEW, &TYPED, &[]).await.expect(303);
    assert_eq!(made.header(LOCATION), "/console/directory/branch");
    let find = async || {
        let found = engine.find_synced_directory(&system, "branch").await;
        found.unwrap().unwrap()
    };
    let made = find().await;
    assert!(made.has_password && made.settings.is_paused && !made.settings.sync_groups);
    assert_eq!(made.settings.attributes["userPrincipalName"], "mail");
    assert_eq!(made.settings.interval_minutes, 60);

    let edit = "/console/directory/branch/edit";
    let form = browser.get(edit).await.expect(200).text();
    assert!(
        form.contains("userPrincipalName=mail") && !form.contains("very-hush"),
        "{form}"
    );
    assert!(!form.contains("name=\"kind\"") && !form.contains("<office>"));
    let mut changed: Vec<_> = TYPED.to_vec();
    changed.retain(|(name, _)| !["name", "kind", "password", "isPaused"].contains(name));
    changed.push(("syncGroups", "on"));
    browser.upload(edit, &changed, &[]).await.expect(303);
    let after = find().await;
    assert!(after.has_password && !after.settings.is_paused && after.settings.sync_groups);

    browser
        .get("/console/directory/branch/remove")
        .await
        .expect(200);
    browser
        .post("/console/directory/branch/remove", &[])
        .await
        .expect(303);
    browser.get("/console/directory/branch").await.expect(404);
}

#[tokio::test]
async fn what_is_wrong_with_a_directory_stands_beside_its_field() {
    let house = with_directory().await;
    let mut browser = house
        .signed_in("root", Some(DirectoryRole::GlobalAdministrator))
        .await;
    for (name, value, property) in [
        ("url", "http://x", "url"),
        ("name", "Not Plain", "name"),
        ("name", "corp", "name"),
        ("intervalMinutes", "often", "intervalMinutes"),
        ("attributes", "mail", "attributes"),
        ("userFilter", "department=Sales", "userFilter"),
        ("password", "", "password"),
    ] {
        browser.get(NEW).await.expect(200);
        let mut typed: Vec<_> = TYPED.to_vec();
        typed.retain(|(field, _)| *field != name);
        typed.push((name, value));
        let shown = browser.upload(NEW, &typed, &[]).await.expect(400).text();
        assert!(
            shown.contains(&format!("id=\"{property}-wrong\"")),
            "{name}: {shown}"
        );
        assert!(
            shown.contains("value=\"dc=contoso,dc=com\""),
            "nothing typed is lost: {shown}"
        );
        assert!(!shown.contains("very-hush"));
    }
    // The password is not sent elsewhere than it was given for.
    let edit = "/console/directory/corp/edit";
    browser.get(edit).await.expect(200);
    let typed = [
        ("url", "ldaps://elsewhere.example.com"),
        ("account", "sync@contoso.com"),
        ("base", "DC=contoso,DC=com"),
    ];
    let shown = browser.upload(edit, &typed, &[]).await.expect(400).text();
    assert!(shown.contains("id=\"password-wrong\""), "{shown}");
    let file = [("rootsFile", &b"\xff\xfe"[..])];
    browser.get(edit).await;
    let shown = browser.upload(edit, &typed, &file).await.expect(400).text();
    assert!(shown.contains("id=\"roots-wrong\""), "{shown}");
}

#[tokio::test]
async fn whoever_could_not_become_anybody_anyhow_adds_no_directory() {
    let house = with_directory().await;
    for (name, role) in [
        ("reader", DirectoryRole::GlobalReader),
        ("intune", DirectoryRole::IntuneAdministrator),
    ] {
        let mut browser = house.signed_in(name, Some(role)).await;
        browser.get("/console/users").await.expect(200);
        for path in [
            NEW,
            "/console/directory/corp/edit",
            "/console/directory/corp/remove",
        ] {
            browser.get(path).await.expect(403);
        }
        browser.get("/console/users").await.expect(200);
        browser.upload(NEW, &TYPED, &[]).await.expect(403);
        browser.get("/console/users").await.expect(200);
        let removed = browser.post("/console/directory/corp/remove", &[]).await;
        removed.expect(403);
    }
}
