//! Rules of groups and categories of devices, as people write them.

use axum::http::header::LOCATION;
use mandate_engine::{Actor, DirectoryRole, Page};

use crate::house::{Browser, House};

async fn administrator(house: &House) -> Browser {
    house
        .signed_in("root", Some(DirectoryRole::GlobalAdministrator))
        .await
}

async fn group(browser: &mut Browser) -> String {
    browser.get("/console/groups/new").await.expect(200);
    let made = browser
        .post("/console/groups/new", &[("displayName", "Roots")])
        .await
        .expect(303);
    made.header(LOCATION).to_owned()
}

#[tokio::test]
async fn a_rule_is_checked_tried_out_kept_paused_and_taken_away() {
    let house = House::open().await;
    let mut browser = administrator(&house).await;
    let path = group(&mut browser).await;
    let rule = format!("{path}/rule");
    browser.get(&rule).await.expect(200);

    // What is wrong stands with its place, and what was typed is still there.
    let typed = "user.displayName -eq \"root\"\n -and <b>";
    let fields = [("membershipRule", typed), ("deed", "save")];
    let wrong = browser.post(&rule, &fields).await.expect(400).text();
    assert!(wrong.contains("Line 2, column 7:"), "{wrong}");
    assert!(wrong.contains("aria-invalid=\"true\""), "{wrong}");
    assert!(wrong.contains(" -and &#60;b&#62;</textarea>"), "{wrong}");
    assert!(!wrong.contains("<b>"), "{wrong}");

    let text = "user.displayName -eq \"root\"";
    let fields = [("membershipRule", text), ("deed", "check")];
    let checked = browser.post(&rule, &fields).await.expect(200).text();
    assert!(checked.contains("can be read"), "{checked}");
    let fields = [("membershipRule", text), ("deed", "preview")];
    let shown = browser.post(&rule, &fields).await.expect(200).text();
    assert!(shown.contains("People who join: 1"), "{shown}");
    assert!(shown.contains("<li>root</li>"), "{shown}");
    let system = Actor::system();
    let groups = house
        .engine
        .list_groups(
            &system,
            mandate_engine::GroupFilter::default(),
            Page::first(1000),
        )
        .await
        .unwrap();
    assert!(
        groups.iter().all(|group| group.rule.is_none()),
        "nothing was kept"
    );

    let fields = [("membershipRule", text), ("deed", "save")];
    let saved = browser.post(&rule, &fields).await.expect(303);
    assert_eq!(saved.header(LOCATION), format!("{path}?done=1"));
    while house.engine.round().await.unwrap() {}
    let page = browser.get(&path).await.expect(200).text();
    assert!(page.contains("last looked at on"), "{page}");
    assert!(page.contains(">root</a>"), "{page}");
    assert!(
        !page.contains("/remove\""),
        "members go by the rule alone: {page}"
    );
    assert!(!page.contains(&format!("{path}/members\"")), "{page}");
    browser.get(&rule).await.expect(200);
    let fields = [("membershipRule", text), ("paused", "on"), ("deed", "save")];
    browser.post(&rule, &fields).await.expect(303);
    let page = browser.get(&path).await.expect(200).text();
    assert!(page.contains("The rule is paused"), "{page}");

    browser.get(&rule).await.expect(200);
    browser.post(&rule, &[("deed", "remove")]).await.expect(303);
    let page = browser.get(&path).await.expect(200).text();
    assert!(
        page.contains(">root</a>") && page.contains("/remove\""),
        "{page}"
    );
}

#[tokio::test]
async fn categories_are_added_renamed_offered_and_deleted() {
    const PATH: &str = "/console/enrolment/categories";
    let house = House::open().await;
    let mut browser = administrator(&house).await;
    browser.get(PATH).await.expect(200);
    let till = [("displayName", "Till & co"), ("description", "")];
    browser.post(PATH, &till).await.expect(303);
    browser.get(PATH).await.expect(200);
    let again = browser.post(PATH, &till).await.expect(400).text();
    assert!(
        again.contains("aria-invalid=\"true\"") && again.contains("value=\"Till &#38; co\""),
        "{again}"
    );
    let system = Actor::system();
    let categories = house.engine.list_device_categories(&system).await.unwrap();
    let own = format!("{PATH}/{}", categories[0].id);
    browser.get(&own).await.expect(200);
    browser
        .post(&own, &[("displayName", " ")])
        .await
        .expect(400);
    let renamed = [("displayName", "Kitchen"), ("description", "Hot")];
    browser.post(&own, &renamed).await.expect(303);
    let list = browser.get(PATH).await.expect(200).text();
    assert!(list.contains("Kitchen") && list.contains("Hot"), "{list}");
    let choosing = format!("{PATH}/choosing");
    for (fields, chosen) in [(&[("chosen", "on")][..], true), (&[], false)] {
        browser.get(PATH).await.expect(200);
        browser.post(&choosing, fields).await.expect(303);
        let said = house.engine.chooses_category_at_enrolment(&system).await;
        assert_eq!(said.unwrap(), chosen);
    }
    browser.get(&format!("{own}/delete")).await.expect(200);
    browser
        .post(&format!("{own}/delete"), &[])
        .await
        .expect(303);
    browser.get(&own).await.expect(404);
}
