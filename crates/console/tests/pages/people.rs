//! People and groups: added, found, changed, deleted.

use axum::http::header::{CONTENT_DISPOSITION, LOCATION};
use mandate_engine::{Actor, DirectoryRole};

use crate::house::{Browser, House};

const HOSTILE: &str = "<script>alert(1)</script>\" onload=\"x";

async fn administrator(house: &House) -> Browser {
    house
        .signed_in("root", Some(DirectoryRole::GlobalAdministrator))
        .await
}

async fn add(browser: &mut Browser, name: &str) -> String {
    browser.get("/console/users/new").await.expect(200);
    let principal_name = format!("{}@example.com", name.to_lowercase());
    let fields = [
        ("displayName", name),
        ("userPrincipalName", principal_name.as_str()),
        ("accountEnabled", "on"),
    ];
    let added = browser
        .post("/console/users/new", &fields)
        .await
        .expect(303);
    added.header(LOCATION).to_owned()
}

#[tokio::test]
async fn somebody_is_added_found_changed_and_deleted() {
    let house = House::open().await;
    let mut browser = administrator(&house).await;
    let path = add(&mut browser, "Ada").await;
    add(&mut browser, "Grace").await;

    let list = browser.get("/console/users?q=ADA").await.expect(200).text();
    assert!(list.contains(&path) && !list.contains("Grace"), "{list}");

    browser.get(&format!("{path}/edit")).await.expect(200);
    let fields = [
        ("displayName", "Ada L"),
        ("userPrincipalName", "ada@example.com"),
        ("mail", "ada@mail.example.com"),
        ("onPremisesNetBiosName", "EXAMPLE"),
    ];
    let saved = browser
        .post(&format!("{path}/edit"), &fields)
        .await
        .expect(303);
    assert_eq!(saved.header(LOCATION), format!("{path}?done"));
    let system = Actor::system();
    let ada = house.engine.find_user(&system, "ada@example.com").await;
    let ada = ada.unwrap().unwrap();
    assert_eq!(ada.mail.as_deref(), Some("ada@mail.example.com"));
    assert_eq!(ada.on_premises_net_bios_name.as_deref(), Some("EXAMPLE"));
    assert!(!ada.account_enabled, "the box was not ticked");

    let page = browser
        .get(&format!("{path}/edit"))
        .await
        .expect(200)
        .text();
    assert!(page.contains("value=\"EXAMPLE\""), "{page}");
    browser.get(&format!("{path}/delete")).await.expect(200);
    browser
        .post(&format!("{path}/delete"), &[])
        .await
        .expect(303);
    browser.get(&path).await.expect(404);
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost() {
    let house = House::open().await;
    let mut browser = administrator(&house).await;
    add(&mut browser, "Ada").await;
    browser.get("/console/users/new").await;
    let fields = [
        ("displayName", HOSTILE),
        ("userPrincipalName", "ada@example.com"),
        ("surname", "L & L"),
    ];
    let page = browser
        .post("/console/users/new", &fields)
        .await
        .expect(400)
        .text();
    assert!(page.contains("id=\"userPrincipalName-wrong\""), "{page}");
    assert!(page.contains("value=\"L &#38; L\""), "{page}");
    assert!(!page.contains("<script>alert"), "{page}");
}

#[tokio::test]
async fn a_link_to_set_up_is_shown_once_and_leads_to_the_right_host() {
    let house = House::open().await;
    let mut browser = administrator(&house).await;
    let path = add(&mut browser, "Ada").await;
    browser.get(&path).await.expect(200);
    let page = browser
        .post(&format!("{path}/link"), &[])
        .await
        .expect(200)
        .text();
    assert!(
        page.contains("https://mdm.example.com:8443/sign-in/link/"),
        "{page}"
    );
    let again = browser.get(&path).await.expect(200).text();
    assert!(!again.contains("/sign-in/link/"), "{again}");
}

#[tokio::test]
async fn lists_turn_pages_by_name_and_export_all_of_them() {
    let house = House::open().await;
    let mut browser = administrator(&house).await;
    let system = Actor::system();
    for number in 0..120 {
        let new = mandate_engine::NewUser {
            user_principal_name: format!("u{number:03}@example.com"),
            display_name: format!("=Person {number:03}"),
            ..mandate_engine::NewUser::default()
        };
        house.engine.create_user(&system, new).await.unwrap();
    }
    let mut path = Some("/console/users?q=Person".to_owned());
    let mut seen = 0;
    while let Some(next) = path {
        let page = browser.get(&next.replace("&#38;", "&")).await.expect(200);
        seen += page.text().matches("<th scope=\"row\">").count();
        path = page
            .paths("/console/users?q=Person&#38;after")
            .into_iter()
            .next();
    }
    assert_eq!(seen, 120);
    let file = browser
        .get("/console/users/export.csv?q=Person")
        .await
        .expect(200);
    assert_eq!(
        file.header(CONTENT_DISPOSITION),
        "attachment; filename=\"users.csv\""
    );
    let text = file.text();
    assert_eq!(text.lines().count(), 121);
    assert!(text.contains("'=Person 000"), "{text}");
}

#[tokio::test]
async fn members_come_and_go() {
    let house = House::open().await;
    let mut browser = administrator(&house).await;
    let ada = add(&mut browser, "Ada").await;
    browser.get("/console/groups/new").await.expect(200);
    let made = browser
        .post("/console/groups/new", &[("displayName", "Sales")])
        .await
        .expect(303);
    let group = made.header(LOCATION).to_owned();
    let members = format!("{group}/members");
    let found = browser.get(&format!("{members}?kind=users&q=ada")).await;
    let value = found.expect(200).paths("user:");
    assert_eq!(value.len(), 1);
    browser.post(&members, &[]).await.expect(400);
    browser
        .post(&members, &[("member", &value[0])])
        .await
        .expect(303);
    let page = browser.get(&group).await.expect(200);
    assert_eq!(page.paths(&ada).len(), 1);

    let removal = page.paths(&format!("{members}/"));
    browser.post(&removal[0], &[]).await.expect(303);
    let page = browser.get(&group).await.expect(200);
    assert_eq!(page.paths(&ada).len(), 0);

    let itself = format!("group:{}", group.rsplit('/').next().unwrap());
    browser
        .post(&members, &[("member", &itself)])
        .await
        .expect(404);
}

const IMPORT: &str = "/console/users/import";

/// The id of the file that waits to be confirmed.
fn waiting(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"id\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_file_of_people_is_looked_at_and_then_imported() {
    let house = House::open().await;
    let mut browser = administrator(&house).await;
    let list = browser.get("/console/users").await.expect(200).text();
    assert!(list.contains(IMPORT), "{list}");
    browser.get(IMPORT).await.expect(200);
    let file = "\u{feff}userPrincipalName;displayName;shoe\r\n\
        ada@example.com;Ada <b>L</b>;42\r\nbad name@example.com;=1+1;\r\neve@else.where;Eve;\r\n";
    let fields = [("known", "skip")];
    let files = [("file", file.as_bytes())];
    let looked = browser
        .upload(IMPORT, &fields, &files)
        .await
        .expect(200)
        .text();
    let system = Actor::system();
    let ada = house.engine.find_user(&system, "ada@example.com").await;
    assert_eq!(ada.unwrap(), None, "it was only looked at");
    for told in [
        "New: 2",
        "Not taken: 1",
        "shoe",
        "else.where",
        "bad name@example.com",
    ] {
        assert!(looked.contains(told), "{told}: {looked}");
    }
    let id = waiting(&looked);
    let confirm = format!("{IMPORT}/confirm");
    let done = browser
        .post(&confirm, &[("id", &id)])
        .await
        .expect(200)
        .text();
    assert!(done.contains("New: 2") && !done.contains("<b>L"), "{done}");
    let ada = house.engine.find_user(&system, "ada@example.com").await;
    assert_eq!(ada.unwrap().unwrap().display_name, "Ada <b>L</b>");
    // It counts once.
    let again = browser
        .post(&confirm, &[("id", &id)])
        .await
        .expect(400)
        .text();
    assert!(again.contains("Choose it again"), "{again}");
    let example = browser.get("/console/users/import/example.csv").await;
    assert!(example.expect(200).text().contains("userPrincipalName,"));
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_blamed_beside_its_field() {
    let house = House::open().await;
    let mut browser = administrator(&house).await;
    browser.get(IMPORT).await.expect(200);
    let fields = [
        ("known", "update"),
        ("groups", "Nowhere"),
        ("licence", "on"),
    ];
    let files = [("file", &b"PK\x03\x04\0"[..])];
    let shown = browser
        .upload(IMPORT, &fields, &files)
        .await
        .expect(400)
        .text();
    assert!(shown.contains("id=\"file-wrong\""), "{shown}");
    assert!(shown.contains("value=\"update\" selected") && shown.contains(">Nowhere</textarea>"));
    let files = [("file", &b"upn,name\na@example.com,A\n"[..])];
    let shown = browser
        .upload(IMPORT, &fields, &files)
        .await
        .expect(400)
        .text();
    assert!(shown.contains("id=\"groups-wrong\""), "{shown}");
    let mut reader = house
        .signed_in("reader", Some(DirectoryRole::GlobalReader))
        .await;
    reader.get(IMPORT).await.expect(403);
    reader.get("/console/users").await.expect(200);
    reader.upload(IMPORT, &[], &files).await.expect(403);
}
