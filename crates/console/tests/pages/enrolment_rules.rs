//! Restrictions, corporate identifiers, terms and tokens of SCIM, by links and forms alone.

use mandate_engine::{Actor, DirectoryRole, Page, RestrictedPlatform, TermsTarget};

use crate::house::{Browser, House};

const RESTRICTIONS: &str = "/console/enrolment/restrictions";
const IDENTIFIERS: &str = "/console/enrolment/identifiers";
const TERMS: &str = "/console/enrolment/terms";
const SCIM: &str = "/console/users/scim";

async fn administrator(house: &House) -> Browser {
    let role = Some(DirectoryRole::GlobalAdministrator);
    let mut browser = house.signed_in("ada", role).await;
    browser.get(RESTRICTIONS).await.expect(200);
    browser
}

#[tokio::test]
async fn restrictions_are_made_changed_and_deleted() {
    let house = House::open().await;
    let system = Actor::system();
    let mut ada = administrator(&house).await;
    let everybody = format!("{RESTRICTIONS}/everybody/ios");
    ada.get(&everybody).await.expect(200);
    let rule = [
        ("personalDeviceEnrollmentBlocked", "yes"),
        ("osMinimumVersion", " 17.4 "),
        ("blockedSkus", "iPhone12,1\r\niPhone12,3"),
    ];
    ada.post(&everybody, &rule).await.expect(303);
    let list = ada.get(RESTRICTIONS).await.expect(200).text();
    for said in [
        "version 17.4 or later",
        "iPhone12,1, iPhone12,3",
        "only devices",
    ] {
        assert!(list.contains(said), "{list}");
    }
    let new = format!("{RESTRICTIONS}/new");
    ada.get(&format!("{new}?platform=ios")).await.expect(200);
    ada.get(&format!("{new}?platform=toaster"))
        .await
        .expect(404);
    let wrong = [
        ("platform", "ios"),
        ("displayName", "Field"),
        ("osMinimumVersion", "18"),
        ("osMaximumVersion", "17"),
    ];
    let page = ada.post(&new, &wrong).await.expect(400).text();
    assert!(page.contains("id=\"osMaximumVersion-wrong\"") && page.contains("value=\"Field\""));
    let right = [("platform", "ios"), ("displayName", "Field")];
    ada.post(&new, &right).await.expect(303);
    ada.post(&new, &[("platform", "ios"), ("displayName", "Other")])
        .await
        .expect(303);
    let all = house
        .engine
        .list_enrolment_restrictions(&system)
        .await
        .unwrap();
    let (field, other) = (all[0].id, all[1].id);
    assert_eq!(all[0].platform, Some(RestrictedPlatform::Ios));
    ada.get(&format!("{RESTRICTIONS}/{field}/groups"))
        .await
        .expect(200);
    // Pressed twice, it is still the first.
    for _ in 0..2 {
        ada.post(&format!("{RESTRICTIONS}/{other}/up"), &[])
            .await
            .expect(303);
    }
    let path = format!("{RESTRICTIONS}/{field}");
    let changed = [("displayName", "Field"), ("platformBlocked", "yes")];
    ada.post(&path, &changed).await.expect(303);
    let found = house
        .engine
        .find_enrolment_restriction(&system, field)
        .await;
    let found = found.unwrap().unwrap();
    assert_eq!(found.priority, 2);
    assert!(found.rule(RestrictedPlatform::Ios).platform_blocked);
    ada.get(&format!("{path}/delete")).await.expect(200);
    ada.post(&format!("{path}/delete"), &[]).await.expect(303);
    ada.get(&path).await.expect(404);
}

#[tokio::test]
async fn a_file_of_identifiers_is_imported_and_each_row_told() {
    let house = House::open().await;
    let mut ada = administrator(&house).await;
    let fields = [("kind", "serialNumber")];
    let file = "Serial number,Details\nC02A,Pool <b>1</b>\nC02A,again\n=1+1,bad\n";
    let files = [("file", file.as_bytes())];
    let page = ada
        .upload(IDENTIFIERS, &fields, &files)
        .await
        .expect(200)
        .text();
    for said in [
        "New: 1",
        "Not taken: 2",
        "=1+1",
        "came before",
        "Pool &#60;b&#62;",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let files = [("file", &b"\xff\xfe"[..])];
    let page = ada
        .upload(IDENTIFIERS, &fields, &files)
        .await
        .expect(400)
        .text();
    assert!(page.contains("id=\"file-wrong\""), "{page}");
    ada.upload(IDENTIFIERS, &fields, &[]).await.expect(400);
    let found = ada
        .get(&format!("{IDENTIFIERS}?q=c02"))
        .await
        .expect(200)
        .text();
    let id = found.split("/identifiers/").nth(1).unwrap()[..36].to_owned();
    ada.get(&format!("{IDENTIFIERS}/{id}/delete"))
        .await
        .expect(200);
    ada.post(&format!("{IDENTIFIERS}/{id}/delete"), &[])
        .await
        .expect(303);
    ada.get(&format!("{IDENTIFIERS}/{id}/delete"))
        .await
        .expect(404);
}

#[tokio::test]
async fn terms_are_made_assigned_and_raised() {
    let house = House::open().await;
    let system = Actor::system();
    let mut ada = administrator(&house).await;
    let new = format!("{TERMS}/new");
    ada.get(&new).await.expect(200);
    let wrong = [("displayName", "Use"), ("bodyText", " ")];
    let page = ada.post(&new, &wrong).await.expect(400).text();
    assert!(page.contains("id=\"bodyText-wrong\"") && page.contains("value=\"Use\""));
    let right = [("displayName", "Use"), ("bodyText", "Text")];
    ada.post(&new, &right).await.expect(303);
    let terms = house.engine.list_terms(&system).await.unwrap().remove(0);
    assert_eq!((terms.title.as_str(), terms.version), ("Use", 1));
    let people = format!("{TERMS}/{}/people", terms.id);
    ada.get(&people).await.expect(200);
    ada.post(&people, &[("everybody", "yes")]).await.expect(303);
    // Pressed twice, everybody is asked anew once.
    let path = format!("{TERMS}/{}", terms.id);
    let raise = [
        ("displayName", "Use"),
        ("title", "Use"),
        ("bodyText", "Other"),
        ("asksAnew", "yes"),
        ("version", "1"),
    ];
    for _ in 0..2 {
        ada.post(&path, &raise).await.expect(303);
    }
    let found = house
        .engine
        .find_terms(&system, terms.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.version, 2);
    assert!(found.targets.contains(&TermsTarget::AllUsers));
    ada.get(&format!("{path}/accepted")).await.expect(200);
    ada.get(&format!("{path}/delete")).await.expect(200);
    ada.post(&format!("{path}/delete"), &[]).await.expect(303);
    let accepted = house
        .engine
        .list_terms_acceptances(&system, terms.id, Page::first(1))
        .await;
    assert!(accepted.is_err());
}

#[tokio::test]
async fn a_token_of_scim_is_shown_once_and_deleted() {
    let house = House::open().await;
    let mut ada = administrator(&house).await;
    let page = ada.get(SCIM).await.expect(200).text();
    assert!(page.contains("/scim/v2"), "{page}");
    let page = ada
        .post(SCIM, &[("name", " "), ("days", "5")])
        .await
        .expect(400)
        .text();
    assert!(page.contains("id=\"name-wrong\""), "{page}");
    let made = ada.post(SCIM, &[("name", "Entra"), ("days", "5")]).await;
    let made = made.expect(200).text();
    assert_eq!(made.matches("mandate_scim_").count(), 2, "{made}");
    let list = ada.get(SCIM).await.expect(200).text();
    assert_eq!(list.matches("mandate_scim_").count(), 1);
    let id = list.split("/users/scim/").nth(1).unwrap()[..36].to_owned();
    ada.post(&format!("{SCIM}/{id}/delete"), &[])
        .await
        .expect(303);
    let list = ada.get(SCIM).await.expect(200).text();
    assert!(!list.contains("mandate_scim_"), "{list}");
    let mut rea = house
        .signed_in("rea", Some(DirectoryRole::GlobalReader))
        .await;
    rea.get(SCIM).await.expect(200);
    rea.post(SCIM, &[("name", "x"), ("days", "5")])
        .await
        .expect(403);
}
