//! Links of the portal, and what stands before them.

use std::collections::BTreeSet;

use mandate_engine::{
    DeviceLimit, EnrolmentConfigurationChange, NewLink, NewTerms, TermsChange, TermsTarget,
};
use mandate_model::{EnrolmentType, Platform, Timestamp};
use mandate_simulator::device::DeviceError;

use super::{IPHONE, Portal, set_up};
use crate::house::Browser;

/// What is answered at a link, in the languages that whoever opens it prefers: status, type and text.
async fn opened(url: &str, accepted: Option<&str>, language: &str) -> (u16, String, String) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut request = client.get(url).header("accept-language", language);
    if let Some(accepted) = accepted {
        request = request.header("accept", accepted);
    }
    let answer = request.send().await.unwrap();
    let kind = answer.headers().get("content-type");
    let kind = kind.map_or("", |kind| kind.to_str().unwrap()).to_owned();
    let is_kept = answer.headers().contains_key("content-security-policy");
    assert_eq!(is_kept, kind.starts_with("text/html"), "{url}");
    let status = answer.status().as_u16();
    (status, kind, answer.text().await.unwrap())
}

#[tokio::test]
async fn a_link_that_gives_no_profile_says_why_in_ones_own_language() {
    let portal = Portal::open().await;
    let (house, browser) = (&portal.house, Some("text/html,application/xhtml+xml"));
    let unknown = format!("{}/apple/enroll/unknown", portal.url);
    let (status, kind, text) = opened(&unknown, browser, "nl").await;
    assert_eq!((status, kind.as_str()), (404, "text/html; charset=utf-8"));
    assert!(text.contains("Deze link is onbekend"), "{text}");
    let (status, kind, text) = opened(&unknown, None, "nl").await;
    assert_eq!((status, kind.as_str()), (404, "text/plain; charset=utf-8"));
    assert!(text.starts_with("this enrolment link is unknown"), "{text}");

    let ada = house.hire("ada").await;
    let limits = house
        .engine
        .list_enrolment_configurations::<DeviceLimit>(&house.admin)
        .await;
    let everybody = limits.unwrap().remove(0);
    let one = EnrolmentConfigurationChange {
        content: Some(1),
        ..EnrolmentConfigurationChange::default()
    };
    let set =
        house
            .engine
            .update_enrolment_configuration::<DeviceLimit>(&house.admin, everybody.id, one);
    set.await.unwrap();
    let new = |user| NewLink {
        user: Some(user),
        platform: Platform::Ios,
        enrolment_type: EnrolmentType::Device,
        lifetime_seconds: 3600,
        uses: 5,
        signed: true,
    };
    let link = house
        .engine
        .create_enrolment_link(&house.admin, new(ada.id))
        .await
        .unwrap();
    let url = format!("{}{}", portal.url, link.path);
    let mut phone = house.phone(18, 1);
    phone.enrol(&house.http, &url).await.unwrap();
    house.settle(&mut phone).await;
    for (language, words) in [
        ("en", "as many devices as they may have"),
        ("nl", "zoveel apparaten als is toegestaan"),
        ("sv", "så många enheter som är tillåtet"),
    ] {
        let (status, _, text) = opened(&url, browser, language).await;
        assert_eq!(status, 403);
        assert!(text.contains(words), "{language}: {text}");
        assert!(text.contains("href=\"/portal/\""), "{text}");
    }
    let (status, kind, text) = opened(&url, Some("*/*"), "nl").await;
    assert_eq!((status, kind.as_str()), (403, "text/plain; charset=utf-8"));
    assert!(
        text.starts_with("the device limit is reached: this person has 1"),
        "{text}"
    );
}

#[tokio::test]
async fn links_that_expired_long_ago_are_forgotten() {
    let portal = Portal::open().await;
    let (safari, mut phone, _) = set_up(&portal).await;
    let house = &portal.house;
    let links = || async {
        let page = mandate_engine::Page::first(10);
        let found = house.engine.list_enrolment_links(&house.admin, page).await;
        found.unwrap().len()
    };
    assert_eq!(links().await, 1);
    house.clock.forward(29 * Timestamp::DAY);
    house.engine.tidy().await.unwrap();
    assert_eq!(links().await, 1, "it is shown for a while");
    house.clock.forward(2 * Timestamp::DAY);
    house.engine.tidy().await.unwrap();
    assert_eq!(links().await, 0);
    // Who came through it stays.
    house.settle(&mut phone).await;
    assert!(phone.is_enrolled());
    drop(safari);
}

#[tokio::test]
async fn terms_are_accepted_before_a_device_is_set_up_and_anew_when_they_change() {
    let portal = Portal::open().await;
    let ada = portal.hire("ada").await;
    let (engine, admin) = (&portal.house.engine, &portal.house.admin);
    let new = NewTerms {
        display_name: "Use".to_owned(),
        title: "Terms of <use>".to_owned(),
        body: "First line\r\nSecond & last".to_owned(),
        statement: "I have read them".to_owned(),
        ..NewTerms::default()
    };
    let terms = engine.create_terms(admin, new).await.unwrap();
    let safari = Browser::calling_itself(IPHONE);
    // Assigned to nobody they ask nobody.
    let start = portal.sign_in(&safari, "ada").await;
    assert!(!start.body.contains("/portal/terms"), "{}", start.body);
    let everybody = BTreeSet::from([TermsTarget::AllUsers]);
    engine
        .assign_terms(admin, terms.id, everybody)
        .await
        .unwrap();

    // A link of an administrator says where to go first.
    let link = portal.house.link(Some(ada.id), EnrolmentType::Device).await;
    let mut phone = portal.house.phone(17, 5);
    let error = phone.enrol(&portal.house.http, &link).await.unwrap_err();
    let says = |error: &DeviceError| matches!(error, DeviceError::Link { status: 403, body } if body.contains("/portal/terms") && body.contains("Terms of <use>"));
    assert!(says(&error), "{error}");
    // And so does the portal, which leads there.
    let start = portal.get(&safari, "/portal/").await;
    assert!(start.body.contains("/portal/terms"), "{}", start.body);
    let enrol = portal.get(&safari, "/portal/enrol?for=iphone").await;
    let page = portal
        .send(&safari, &enrol, "/portal/enrol", &[("for", "iphone")])
        .await;
    assert!(page.url.path() == "/portal/terms", "{}", page.url);
    assert!(
        page.body.contains("Terms of &#60;use&#62;"),
        "{}",
        page.body
    );
    let path = format!("/portal/terms/{}/accept", terms.id);

    // Meanwhile the administrator raises the version: what was read is not what counts.
    let raise = |version| TermsChange {
        version: Some(version),
        ..TermsChange::default()
    };
    engine
        .update_terms(admin, terms.id, raise(2))
        .await
        .unwrap();
    let page = portal
        .send(&safari, &page, &path, &[("version", "1")])
        .await;
    assert_eq!(page.status, 409);
    assert!(
        page.body.contains("changed while you read"),
        "{}",
        page.body
    );
    let page = portal
        .send(&safari, &page, &path, &[("version", "2")])
        .await;
    assert!(page.body.contains("accepted all terms"), "{}", page.body);
    let accepted = engine
        .list_terms_acceptances(admin, terms.id, mandate_engine::Page::first(10))
        .await
        .unwrap();
    assert_eq!(accepted.len(), 1);
    assert_eq!((accepted[0].user, accepted[0].version), (ada.id, 2));
    phone.enrol(&portal.house.http, &link).await.unwrap();

    // A higher version asks anew; a text alone does not, and what is enrolled stays.
    let text = TermsChange {
        body: Some("Other words".to_owned()),
        ..TermsChange::default()
    };
    engine.update_terms(admin, terms.id, text).await.unwrap();
    let start = portal.get(&safari, "/portal/").await;
    assert!(!start.body.contains("/portal/terms"), "{}", start.body);
    engine
        .update_terms(admin, terms.id, raise(3))
        .await
        .unwrap();
    let page = portal.get(&safari, "/portal/terms").await;
    assert!(page.body.contains("earlier version"), "{}", page.body);
    portal.house.settle(&mut phone).await;
    assert!(phone.is_enrolled());
    let error = engine.update_terms(admin, terms.id, raise(1)).await;
    assert!(error.is_err(), "versions only grow");
    // Terms of others are not there.
    engine
        .assign_terms(admin, terms.id, BTreeSet::new())
        .await
        .unwrap();
    let page = portal
        .send(&safari, &page, &path, &[("version", "3")])
        .await;
    assert_eq!(page.status, 404);
}
