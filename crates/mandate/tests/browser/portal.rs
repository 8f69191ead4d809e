//! The Company Portal: an iPhone that follows the page's own links, and the look that the organisation gave it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mandate_model::Member;

use crate::chromium::Look;
use crate::office::{IPHONE, Office};

#[tokio::test]
async fn an_iphone_follows_the_links_of_the_portal_and_the_page_sees_it_come() {
    let Some(office) = Office::open().await else {
        return;
    };
    let house = &office.house;
    let ada = office.hire("ada").await;
    let staff = house.group("Staff", vec![Member::User(ada.id)]).await;
    let mail = house.mail_profile("Mail").await;
    house.assign(mail.id, &[staff.id]).await;

    let mut safari = office.window(Look::PHONE).await;
    safari.call_itself(IPHONE).await;
    safari.go("/portal/").await;
    safari
        .sign_in("ada@contoso.com", crate::office::PASSWORD)
        .await;
    assert_eq!(safari.path().await, "/portal/");
    assert!(safari.words().await.contains("None of your devices"));
    safari.press("#live a.button").await;
    assert_eq!(safari.path().await, "/portal/enrol");
    safari.press_words("Set up this iPhone").await;

    // Safari would ask whether the profile may be loaded; the phone loads it from where the button leads.
    let mut phone = house.phone(18, 1);
    let link = safari
        .text_of("document.querySelector('a[href*=\"/apple/enroll/\"]').href")
        .await;
    phone.enrol(&house.http, &link).await.unwrap();
    // The page sees the phone by itself.
    safari.comes_to("/portal/").await;
    house.settle(&mut phone).await;
    assert!(house.has(&phone, mail.id));
    safari
        .until("document.querySelector('.state.succeeded')")
        .await;
    assert!(safari.words().await.contains("Ready"));
    safari.press(".devices a").await;
    let words = safari.words().await;
    assert!(words.contains("All is well"), "{words}");
    safari.assert_untroubled();
}

#[tokio::test]
async fn the_look_that_is_given_in_the_admin_centre_is_seen_in_the_portal() {
    let Some(office) = Office::open().await else {
        return;
    };
    let boss = office.hire_administrator("boss").await;
    let ada = office.hire("ada").await;
    let mut console = office.at(&boss, "/console/branding", Look::WIDE).await;
    for (name, text) in [
        ("displayName", "Fabrikam Öl"),
        ("contactITName", "Help desk"),
        ("contactITPhoneNumber", "+46 8 123 45 67"),
        ("contactITEmailAddress", "it@contoso.com"),
        ("contactITNotes", "Monday to Friday\nRoom 7"),
        ("privacyUrl", "https://www.contoso.com/privacy"),
        ("onlineSupportSiteUrl", "https://it.contoso.com"),
        ("onlineSupportSiteName", "IT pages"),
    ] {
        console.fill(name, text).await;
    }
    console.fill("themeColor", "#7a1f5c").await;
    console.choose("colour", "own").await;
    for name in ["showLogo", "showName"] {
        if !console
            .is(&format!("document.querySelector('[name={name}]').checked"))
            .await
        {
            console.touch(&format!("[name={name}]")).await;
        }
    }
    let logo = tempfile::NamedTempFile::with_suffix(".png").unwrap();
    std::fs::write(logo.path(), STANDARD.decode(LOGO).unwrap()).unwrap();
    console.give_file("themeColorLogo", logo.path()).await;
    console
        .press("form[action=\"/console/branding\"] button")
        .await;
    let words = console.words().await;
    assert!(words.contains("Fabrikam Öl"), "{words}");
    assert!(
        console.is("document.querySelector('.note.good')").await,
        "{words}"
    );
    console.assert_untroubled();

    let mut portal = office.at(&ada, "/portal/", Look::PHONE).await;
    assert!(
        portal
            .text_of("document.title")
            .await
            .contains("Fabrikam Öl")
    );
    let colour = "getComputedStyle(document.querySelector('.top')).backgroundColor";
    assert_eq!(portal.text_of(colour).await, "rgb(122, 31, 92)");
    let drawn =
        "[...document.images].map((one) => [one.className, one.complete && one.naturalWidth])";
    let drawn = portal.value(drawn).await;
    assert_eq!(drawn, serde_json::json!([["logo on-theme", 8]]));
    portal.go("/portal/help").await;
    let words = portal.words().await;
    for text in [
        "Help desk",
        "+46 8 123 45 67",
        "it@contoso.com",
        "Room 7",
        "IT pages",
    ] {
        assert!(words.contains(text), "{text}: {words}");
    }
    portal.assert_untroubled();
}

/// Eight by eight dots.
const LOGO: &str = "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR4nGP4cMIGK2IYWhIABKd9ARQ+R7IAAAAASUVORK5CYII=";
