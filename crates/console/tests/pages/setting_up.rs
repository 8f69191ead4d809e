//! The management authority and licences.

use mandate_engine::{DirectoryRole, ManagementAuthority};

use crate::house::{Browser, House};

const AUTHORITY: &str = "/console/setup/authority";
const LICENCES: &str = "/console/licences";

async fn administrator(house: &House) -> Browser {
    house
        .signed_in("root", Some(DirectoryRole::IntuneAdministrator))
        .await
}

/// MDA-3
#[tokio::test]
async fn without_the_tick_nothing_happens() {
    let house = House::open().await;
    let mut browser = administrator(&house).await;
    let page = browser.get(AUTHORITY).await.expect(200).text();
    assert!(page.contains("This server"), "{page}");
    let again = browser.post(AUTHORITY, &[("authority", "sccm")]).await;
    let again = again.expect(400).text();
    assert!(again.contains("tick the box"), "{again}");
    assert!(
        again.contains("value=\"sccm\" checked"),
        "what was chosen is kept"
    );
    browser
        .post(AUTHORITY, &[("confirm", "yes")])
        .await
        .expect(400);
    let in_force = || house.engine.management_authority();
    assert_eq!(in_force().await.unwrap(), ManagementAuthority::Intune);
    let fields = [("authority", "sccm"), ("confirm", "yes")];
    browser.get(AUTHORITY).await;
    browser.post(AUTHORITY, &fields).await.expect(303);
    assert_eq!(
        in_force().await.unwrap(),
        ManagementAuthority::ConfigurationManager
    );
    let page = browser.get(AUTHORITY).await.expect(200).text();
    assert!(page.contains("No device can be enrolled here"), "{page}");
}

#[tokio::test]
async fn a_reset_shows_its_list_locks_the_pages_and_is_cancelled() {
    let house = House::open().await;
    let mut browser = administrator(&house).await;
    browser.get(AUTHORITY).await;
    let wrong = [("tenantDomain", "contoso.com"), ("target", "office365")];
    let resets = format!("{AUTHORITY}/resets");
    let again = browser.post(&resets, &wrong).await.expect(400).text();
    assert!(again.contains("value=\"contoso.com\""), "{again}");
    let fields = [("tenantDomain", "example.com"), ("target", "office365")];
    let made = browser.post(&resets, &fields).await.expect(303);
    let path = made.header(axum::http::header::LOCATION).to_owned();
    let page = browser.get(&path).await.expect(200).text();
    assert!(page.contains("not from the device itself"), "{page}");
    assert!(page.contains("mandate has none"), "{page}");
    browser
        .post(&format!("{path}/start"), &[])
        .await
        .expect(400);
    browser.get(&path).await;
    let start = format!("{path}/start");
    browser
        .post(&start, &[("confirm", "yes")])
        .await
        .expect(303);
    let page = browser.get(&path).await.expect(200).text();
    assert!(page.contains("Nothing can be configured"), "{page}");
    // Any page that configures says it.
    let limit = "/console/enrolment/limits/new";
    let shown = browser.get(limit).await.expect(423).text();
    assert!(shown.contains("is being reset"), "{shown}");
    browser.get(&path).await;
    browser
        .post(&format!("{path}/cancel"), &[])
        .await
        .expect(303);
    browser.get(limit).await.expect(200);
}

/// LIC-1..3
#[tokio::test]
async fn what_a_change_of_licences_takes_is_shown_before() {
    let house = House::open().await;
    let mut browser = administrator(&house).await;
    let page = browser.get(LICENCES).await.expect(200).text();
    assert!(page.contains("Everybody is given a licence"), "{page}");
    let preview = format!("{LICENCES}/change?everybody=no");
    let page = browser.get(&preview).await.expect(200).text();
    assert!(page.contains("People who lose theirs"), "{page}");
    assert!(page.contains("root@example.com"), "{page}");
    let change = format!("{LICENCES}/change");
    browser
        .post(&change, &[("everybody", "no")])
        .await
        .expect(303);
    let page = browser.get(LICENCES).await.expect(200).text();
    assert!(page.contains("Nobody has a licence"), "{page}");
    let nobody = format!("{change}?person=nobody%40example.com");
    let page = browser.get(&nobody).await.expect(400).text();
    assert!(page.contains("value=\"nobody@example.com\""), "{page}");
    browser
        .get(&format!("{change}?person=root%40example.com"))
        .await
        .expect(200);
    browser
        .post(&change, &[("person", "root@example.com")])
        .await
        .expect(303);
    let page = browser.get(LICENCES).await.expect(200).text();
    assert!(page.contains("by name"), "{page}");
    let many = format!("{change}?rules=yes&units=many&on_loss=keep");
    browser.get(&many).await.expect(400);
    browser.get(LICENCES).await;
    let rules = [("rules", "yes"), ("units", "1"), ("on_loss", "remove")];
    browser.post(&change, &rules).await.expect(303);
    let system = mandate_engine::Actor::system();
    let summary = house.engine.licence_summary(&system);
    assert_eq!(summary.await.unwrap().units, Some(1));
}

/// RBA-1
#[tokio::test]
async fn readers_see_and_change_neither() {
    let house = House::open().await;
    let mut reader = house
        .signed_in("rita", Some(DirectoryRole::GlobalReader))
        .await;
    for path in [AUTHORITY, LICENCES] {
        let page = reader.get(path).await.expect(200).text();
        assert!(!page.contains("name=\"confirm\"") && !page.contains("/change?"));
    }
    let fields = [("authority", "sccm"), ("confirm", "yes")];
    reader.post(AUTHORITY, &fields).await.expect(403);
    reader
        .get(&format!("{LICENCES}/change?everybody=no"))
        .await
        .expect(403);
}
