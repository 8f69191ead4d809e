//! What the pages say, in which language, and of what people typed.

use mandate_engine::BrandingChange;
use mandate_model::Member;

use super::{ANDROID, Portal, device_path, link_with, set_up};
use crate::house::Browser;

#[tokio::test]
async fn it_speaks_the_language_that_somebody_chose() {
    let portal = Portal::open().await;
    let (safari, mut phone, ada) = set_up(&portal).await;
    let house = &portal.house;
    phone.add_user_account("mail.contoso.com", "ada@mail.contoso.com");
    let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
    let mail = house.mail_profile("Mail").await;
    house.assign(mail.id, &[sales.id]).await;
    house.settle(&mut phone).await;
    for (language, steps) in [
        ("nl", ["Instellingen", "Mailaccounts", "Verwijder account"]),
        ("sv", ["Inställningar", "E-postkonton", "Radera konto"]),
    ] {
        let start = portal.get(&safari, "/portal/").await;
        let fields = [("language", language)];
        portal.send(&safari, &start, "/language", &fields).await;
        let page = portal.get(&safari, &device_path(&start)).await;
        assert!(page.body.contains(&format!("<html lang=\"{language}\">")));
        for step in steps {
            assert!(page.body.contains(step), "{step}: {}", page.body);
        }
        assert!(page.body.contains("ada@mail.contoso.com"));
        assert!(
            !page.body.contains("portal-"),
            "a text lacks: {}",
            page.body
        );
    }
}

#[tokio::test]
async fn what_people_type_is_shown_and_runs_nowhere() {
    let portal = Portal::open().await;
    let (safari, _phone, _) = set_up(&portal).await;
    let path = device_path(&portal.get(&safari, "/portal/").await);
    let name = format!("{path}/name");
    let form = portal.get(&safari, &name).await;
    let hostile = "<script>alert(1)</script>\"' onload=x";
    let page = portal
        .send(&safari, &form, &name, &[("name", hostile)])
        .await;
    assert!(page.body.contains("The name was changed"), "{}", page.body);
    assert!(!page.body.contains("<script>alert"), "{}", page.body);
    assert!(
        page.body.contains("&#60;script&#62;alert(1)"),
        "{}",
        page.body
    );

    let long = "x".repeat(65);
    let page = portal.send(&safari, &form, &name, &[("name", &long)]).await;
    assert_eq!(page.status, 400);
    assert!(page.body.contains("at most 64 characters"), "{}", page.body);
    assert!(page.body.contains(&long), "what was typed is lost");
    let url = format!("{}{name}", portal.url);
    let forged = [("form_token", "x"), ("name", "Mine")];
    assert_eq!(safari.post(&url, &forged).await.status, 403);
    assert_eq!(safari.post(&url, &[("name", "Mine")]).await.status, 403);

    for path in [
        "/portal/devices/x",
        "/portal/devices/00000000-0000-0000-0000-000000000007",
        "/portal/nothing",
    ] {
        let page = portal.get(&safari, path).await;
        assert_eq!(page.status, 404, "{path}");
        assert!(page.body.contains("nothing here"), "{path}: {}", page.body);
    }
    let odd = portal.get(&safari, "/portal/enrol?for=%3Cscript%3E").await;
    assert_eq!(odd.status, 200);
    assert!(!odd.body.contains("%3C") && !odd.body.contains("<script>"));
}

#[tokio::test]
async fn what_cannot_be_set_up_is_said_honestly() {
    let portal = Portal::open().await;
    portal.hire("ada").await;
    let chrome = Browser::calling_itself(ANDROID);
    portal.sign_in(&chrome, "ada").await;
    let page = portal.get(&chrome, "/portal/enrol").await;
    assert!(
        page.body.contains("cannot be set up here yet"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("action=\"/portal/enrol\""));
    let url = format!("{}/portal/enrol", portal.url);
    let token = page.hidden("form_token");
    for kind in ["android", "windows", "toaster", ""] {
        let fields = [("form_token", token.as_str()), ("for", kind)];
        let page = chrome.post(&url, &fields).await;
        assert_eq!(page.status, 200);
        assert!(!page.body.contains("/apple/enroll/"), "{kind}");
    }
    // A code for a phone that lies beside it.
    let page = portal.get(&chrome, "/portal/enrol?for=ipad").await;
    let fields = [("for", "ipad")];
    let page = portal.send(&chrome, &page, "/portal/enrol", &fields).await;
    assert!(
        page.body.contains("Point the camera of your iPad"),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn it_says_whom_to_ask() {
    let portal = Portal::open().await;
    portal.hire("ada").await;
    let browser = Browser::new();
    portal.sign_in(&browser, "ada").await;
    let page = portal.get(&browser, "/portal/help").await;
    assert!(
        page.body.contains("has not said yet whom to ask"),
        "{}",
        page.body
    );
    let change = BrandingChange::new(|details| {
        details.contact_name = Some("Help desk".to_owned());
        details.contact_phone = Some("+46 8 123 45 67".to_owned());
        details.contact_email = Some("it@contoso.com".to_owned());
        details.contact_notes = Some("Monday to <Friday>".to_owned());
        details.privacy_url = Some("https://www.contoso.com/privacy".to_owned());
        details.support_url = Some("https://it.contoso.com".to_owned());
    });
    let (engine, admin) = (&portal.house.engine, &portal.house.admin);
    engine.update_branding(admin, change).await.unwrap();
    let page = portal.get(&browser, "/portal/help").await;
    for link in [
        "tel:+4681234567",
        "mailto:it@contoso.com",
        "https://www.contoso.com/privacy",
        "https://it.contoso.com/",
    ] {
        link_with(&page, link);
    }
    assert!(page.body.contains("Go to the IT website"), "{}", page.body);
    assert!(
        page.body.contains("Monday to &#60;Friday&#62;"),
        "{}",
        page.body
    );
}
