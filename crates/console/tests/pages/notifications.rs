//! Texts of mails and what uses them, filled in and refused.

use axum::http::header;
use mandate_engine::{Actor, DirectoryRole, NoticeEvent};

use crate::house::{Browser, House};

const PATH: &str = "/console/notifications";
const TEMPLATES: &str = "/console/notifications/templates";

async fn administrator(house: &House) -> Browser {
    let role = Some(DirectoryRole::GlobalAdministrator);
    let mut browser = house.signed_in("ada", role).await;
    browser.get(PATH).await.expect(200);
    browser
}

#[tokio::test]
async fn a_text_is_written_in_a_language_and_used_for_an_event() {
    let house = House::open().await;
    let mut ada = administrator(&house).await;
    ada.get("/console/notifications/templates/new")
        .await
        .expect(200);
    let fields = [("displayName", "Blocked"), ("includeCompanyName", "on")];
    let made = ada
        .post("/console/notifications/templates/new", &fields)
        .await
        .expect(303);
    let next = made.header(header::LOCATION).to_owned();
    let usual = ada
        .get(&format!("{next}?event=accountBlocked&locale=nl"))
        .await
        .expect(200);
    assert!(
        usual.text().contains("verwijder uw eigen e-mailaccount"),
        "{}",
        usual.text()
    );
    let hostile = "</textarea><script>alert(1)</script> {{Moon}}";
    let fields = [
        ("locale", "nl"),
        ("subject", "Let op \"x\""),
        ("messageTemplate", hostile),
        ("isDefault", "on"),
    ];
    let saved = ada.post(&next, &fields).await.expect(303);
    let template = saved.header(header::LOCATION).to_owned();
    let page = ada.get(&template).await.expect(200);
    assert!(
        page.text().contains("Moon"),
        "a variable that there is none of is named"
    );
    let address = template.trim_end_matches("?saved").to_owned();
    let text = ada
        .get(&format!("{address}/languages/nl"))
        .await
        .expect(200)
        .text();
    assert!(
        !text.contains("<script>alert") && text.contains("&#60;script&#62;"),
        "{text}"
    );

    let id = address.rsplit('/').next().unwrap();
    ada.get(PATH).await.expect(200);
    let fields = [
        ("accountBlocked-mailed", "on"),
        ("accountBlocked-template", id),
        ("certificateDays", "30, 7"),
    ];
    ada.post(PATH, &fields).await.expect(303);
    let settings = house
        .engine
        .notice_settings(&Actor::system())
        .await
        .unwrap();
    let blocked = settings.of(NoticeEvent::AccountBlocked);
    assert_eq!(blocked.template_id.unwrap().to_string(), id);
    assert!(!settings.of(NoticeEvent::PasswordExpected).is_mailed);
    assert_eq!(settings.certificate_days, [30, 7]);
    let list = ada.get(TEMPLATES).await.expect(200).text();
    assert!(
        list.contains("Blocked") && list.contains("class=\"tag\""),
        "{list}"
    );

    // What is used stays.
    ada.get(&format!("{address}/delete")).await.expect(200);
    let refused = ada
        .post(&format!("{address}/delete"), &[])
        .await
        .expect(400);
    assert!(
        refused.text().contains("accountBlocked"),
        "{}",
        refused.text()
    );
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field_and_nothing_is_lost() {
    let house = House::open().await;
    let mut ada = administrator(&house).await;
    let fields = [
        ("accountBlocked-mailed", "on"),
        ("certificateDays", "30, soon"),
    ];
    let wrong = ada.post(PATH, &fields).await.expect(400).text();
    for part in [
        "href=\"#certificateDays\"",
        "id=\"certificateDays-wrong\"",
        "value=\"30, soon\"",
    ] {
        assert!(wrong.contains(part), "{part} in {wrong}");
    }
    let fields = [
        ("displayName", ""),
        ("description", "kept"),
        ("defaultLocale", "x"),
    ];
    let wrong = ada
        .post("/console/notifications/templates/new", &fields)
        .await
        .expect(400)
        .text();
    for part in ["href=\"#displayName\"", "value=\"kept\""] {
        assert!(wrong.contains(part), "{part} in {wrong}");
    }
}

#[tokio::test]
async fn mails_are_listed_and_whoever_only_reads_has_no_form() {
    let house = House::open().await;
    let mut ada = administrator(&house).await;
    let page = ada
        .get("/console/notifications/mails?state=refused")
        .await
        .expect(200);
    assert!(page.text().contains("smtp_server"));
    let file = ada
        .get("/console/notifications/mails/export.csv")
        .await
        .expect(200);
    assert!(file.header(header::CONTENT_TYPE).starts_with("text/csv"));
    let mut reader = house
        .signed_in("rea", Some(DirectoryRole::GlobalReader))
        .await;
    let page = reader.get(PATH).await.expect(200).text();
    assert!(!page.contains("<button>"), "{page}");
    reader
        .get("/console/notifications/templates/new")
        .await
        .expect(403);
    let refused = reader.post(PATH, &[("certificateDays", "1")]).await;
    assert_eq!(refused.status, 403);
    let mut nobody = house.signed_in("ned", None).await;
    nobody.get(PATH).await.expect(403);
}
