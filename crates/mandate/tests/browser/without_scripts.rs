//! Everything but what is live works without scripts; fields that others bring up are there from the beginning.

use mandate_model::Member;

use crate::chromium::Look;
use crate::office::{IPHONE, Office};

#[tokio::test]
async fn the_admin_centre_works_without_scripts() {
    let Some(office) = Office::open().await else {
        return;
    };
    let house = &office.house;
    let boss = office.hire_administrator("boss").await;
    house.group("Staff", vec![Member::User(boss.id)]).await;
    let mut tab = office.window(Look::WIDE).await;
    tab.turn_scripts_off().await;
    tab.go("/console/").await;
    tab.sign_in("boss@contoso.com", crate::office::PASSWORD)
        .await;
    assert_eq!(tab.path().await, "/console/");

    tab.press("#menu a[href=\"/console/profiles\"]").await;
    tab.press("a[href=\"/console/profiles/new\"]").await;
    tab.press("a[href=\"/console/profiles/new?platform=ios\"]")
        .await;
    tab.press("button[value=iosEasEmailProfileConfiguration]")
        .await;
    tab.fill("displayName", "By hand").await;
    tab.press(NEXT).await;
    let hidden = "[...document.querySelectorAll('.settings .field')].filter((one) => !one.getClientRects().length)\
                  .map((one) => one.innerText)";
    let hidden = tab.value(hidden).await;
    assert_eq!(hidden, serde_json::json!([]), "children are shown");
    assert!(
        tab.words().await.contains("Only when")
            || tab
                .is("document.querySelector('.only-when').getClientRects().length")
                .await
    );
    // What is wrong is said beside its field.
    tab.press(NEXT).await;
    assert!(
        tab.is("document.querySelector('#hostName-wrong').getClientRects().length")
            .await
    );
    for (name, text) in [("hostName", "mail.contoso.com"), ("accountName", "Contoso")] {
        tab.fill(name, text).await;
    }
    tab.choose("emailAddressSource", "primarySmtpAddress").await;
    tab.choose("usernameAADSource", "samAccountName").await;
    tab.choose("userDomainName.source", "second").await;
    tab.fill("customDomainName", "CONTOSO").await;
    tab.press(NEXT).await;
    tab.press(NEXT).await;
    tab.press("button[name=add][value^=\"include:\"]").await;
    tab.press(NEXT).await;
    tab.press("button[value=finish]").await;
    assert!(
        tab.path().await.ends_with("?done=made"),
        "{}",
        tab.words().await
    );

    tab.press("#menu a[href=\"/console/devices\"]").await;
    tab.press("footer button[value=sv]").await;
    assert_eq!(tab.text_of("document.documentElement.lang").await, "sv");
    tab.look(Look::PHONE).await;
    assert!(
        !tab.is("document.querySelector('#menu').getClientRects().length")
            .await
    );
    tab.touch("a.to-menu").await;
    assert!(
        tab.is("document.querySelector('#menu').getClientRects().length")
            .await
    );
    tab.press("#menu a[href=\"/console/users\"]").await;
    assert_eq!(tab.path().await, "/console/users");
    tab.press("form[action=\"/sign-out\"] button").await;
    tab.go("/console/").await;
    assert!(tab.path().await.starts_with("/sign-in"));
    assert_no_script_ran(&mut tab);
}

#[tokio::test]
async fn a_phone_comes_to_the_portal_without_scripts() {
    let Some(office) = Office::open().await else {
        return;
    };
    let house = &office.house;
    office.hire("ada").await;
    let mut tab = office.window(Look::PHONE).await;
    tab.turn_scripts_off().await;
    tab.call_itself(IPHONE).await;
    tab.go("/portal/enrol").await;
    tab.sign_in("ada@contoso.com", crate::office::PASSWORD)
        .await;
    assert_eq!(tab.path().await, "/portal/enrol");
    tab.press("form[action=\"/portal/enrol\"] button").await;
    let link = "document.querySelector('a[href*=\"/apple/enroll/\"]').href";
    let link = tab.text_of(link).await;
    let mut phone = house.phone(18, 1);
    phone.enrol(&house.http, &link).await.unwrap();
    house.settle(&mut phone).await;
    // Nothing turns by itself, so there is a link.
    tab.press("main a.button[href=\"/portal/\"]").await;
    tab.press(".devices a").await;
    tab.press("a[href$=\"/name\"]").await;
    tab.fill("name", "Ada’s own").await;
    tab.press("main form button").await;
    assert!(tab.words().await.contains("Ada’s own"));
    assert_no_script_ran(&mut tab);
}

/// Scripts are not even fetched, or do nothing.
#[track_caller]
fn assert_no_script_ran(tab: &mut crate::chromium::Tab) {
    tab.assert_untroubled();
    let live = tab
        .seen
        .requests
        .iter()
        .filter(|url| url.ends_with("/live") || url.ends_with("/mark"));
    assert_eq!(live.count(), 0, "a script asked for something");
}

const NEXT: &str = ".last button[value=next]";
