//! What would X get: the page.

use mandate_engine::{Actor, DirectoryRole, NewProfile, NewUser};
use mandate_model::{Target, catalogue};
use serde_json::json;

use crate::house::{Browser, House};

const PATH: &str = "/console/simulation";

async fn administrator(house: &House) -> Browser {
    let role = Some(DirectoryRole::GlobalAdministrator);
    house.signed_in("admin-of-tests", role).await
}

async fn mail_profile(house: &House, name: &str, targets: Vec<Target>) {
    let serde_json::Value::Object(body) = json!({
        "accountName": "Example mail",
        "hostName": "mail.example.com",
        "emailAddressSource": "primarySmtpAddress",
        "usernameAADSource": "userPrincipalName",
        "easServices": "email,calendars",
        "easServicesUserOverrideEnabled": false,
    }) else {
        unreachable!("settings are an object")
    };
    let new = NewProfile {
        kind: catalogue::kind("iosEasEmailProfileConfiguration").unwrap(),
        display_name: name.to_owned(),
        description: None,
        scope_tags: None,
        body,
        references: std::collections::BTreeMap::new(),
    };
    let system = Actor::system();
    let made = house.engine.create_profile(&system, new).await.unwrap();
    let assigned = house.engine.assign_profile(&system, made.id, targets);
    assigned.await.unwrap();
}

async fn hire(house: &House, name: &str) {
    let new = NewUser {
        user_principal_name: format!("{name}@example.com"),
        display_name: format!("<b>{name}</b>"),
        mail: Some(format!("{name}@mail.example.com")),
        ..NewUser::default()
    };
    let made = house.engine.create_user(&Actor::system(), new).await;
    made.unwrap();
}

#[tokio::test]
async fn account_document_and_reasons_of_a_person_are_shown() {
    let house = House::open().await;
    hire(&house, "ada").await;
    mail_profile(&house, "Mail for all", vec![Target::AllUsers]).await;
    mail_profile(&house, "Mail for nobody", vec![]).await;
    let mut browser = administrator(&house).await;
    let empty = browser.get(PATH).await.expect(200).text();
    assert!(empty.contains("name=\"user\"") && !empty.contains("id=\"accounts\""));
    let path = format!("{PATH}?user=ada%40example.com&platform=ios&os=12.4");
    let text = browser.get(&path).await.expect(200).text();
    for part in [
        "<dd>ada@mail.example.com</dd>",
        "<dd>ada@example.com</dd>",
        "<dd>mail.example.com</dd>",
        "Assigned to all users",
        "<td>Not assigned</td>",
        "<code>com.apple.eas.account</code>",
        "&#60;key&#62;EmailAddress",
        "it needs version 13.0 or later",
        "&#60;b&#62;ada&#60;/b&#62;",
    ] {
        assert!(text.contains(part), "no `{part}` in {text}");
    }
    assert!(!text.contains("<b>ada"));
}

#[tokio::test]
async fn nobody_is_found_by_the_beginning_of_their_name() {
    let house = House::open().await;
    hire(&house, "ada").await;
    let mut browser = administrator(&house).await;
    let path = format!("{PATH}?user=%3Cb%3Ead&platform=ios");
    let shown = browser.get(&path).await.expect(404);
    let links = shown.paths("/console/simulation?user=ada%40example%2Ecom");
    assert_eq!(links.len(), 1, "{}", shown.text());
    let link = links[0].replace("&#38;", "&").replace("&amp;", "&");
    browser.get(&link).await.expect(200);
    let text = browser.get(&format!("{PATH}?user=zzz")).await.expect(404);
    assert!(
        text.text()
            .contains("Nobody has this sign-in name, and no name begins")
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_said_and_kept() {
    let house = House::open().await;
    hire(&house, "ada").await;
    let mut browser = administrator(&house).await;
    let path = format!("{PATH}?user=ada%40example.com&os=%22newest%22");
    let text = browser.get(&path).await.expect(400).text();
    assert!(text.contains("href=\"#os\"") && text.contains("value=\"&#34;newest&#34;\""));
    let path = format!("{PATH}?user=ada%40example.com&device=7");
    browser.get(&path).await.expect(400);
    let gone = uuid::Uuid::from_u128(7);
    let path = format!("{PATH}?user=ada%40example.com&device={gone}");
    browser.get(&path).await.expect(404);
    let mut nobody = house.signed_in("nobody", None).await;
    nobody.get(PATH).await.expect(403);
}
