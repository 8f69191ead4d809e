//! The first day: from the set-up link that `mandate init` prints to a phone with mail, by forms and links alone, on the
//! real program over TLS.

use mandate_simulator::authenticator::CodeApp;

use crate::chromium::{Chromium, Look, Tab};
use crate::house::{Program, places};

#[tokio::test]
async fn an_administrator_gives_the_first_phone_its_mail() {
    let Some(chromium) = Chromium::open() else {
        return;
    };
    let program = Program::start(places().await.remove(0)).await;
    let mut tab = chromium.visit(&program.url, Look::WIDE).await;
    set_up_oneself(&program, &mut tab).await;
    add_ada_to_a_group(&mut tab).await;
    let profile = make_the_profile(&mut tab).await;
    let link = make_a_link(&mut tab).await;

    let mut phone = program.phone();
    phone.enrol(&program.http, &link).await.unwrap();
    program.settle(&mut phone).await;
    let account = phone.mail_account("ada@contoso.com").expect("an account");
    assert_eq!(account.host, "mail.contoso.com");

    tab.go(&format!("{profile}/devices")).await;
    let words = tab.words().await;
    assert!(words.contains("ada@contoso.com"), "{words}");
    assert!(
        tab.is("document.querySelector('main .state.succeeded')")
            .await
    );
    tab.go("/console/").await;
    let words = tab.words().await;
    assert!(
        words.contains("of 1 person") || words.contains("of 1 people"),
        "{words}"
    );
    tab.press("a[href=\"/console/devices\"]").await;
    tab.press("main tbody th a").await;
    let words = tab.words().await;
    assert!(words.contains("First mail"), "{words}");
    tab.assert_untroubled();
}

/// Password, codes of an app, and codes for when it is lost.
async fn set_up_oneself(program: &Program, tab: &mut Tab) {
    let (went_well, said) = program
        .command(&["admin", "link", "admin@contoso.com"])
        .await;
    assert!(went_well, "{said}");
    let (_, secret) = said.split_once("/sign-in/link/").expect("a link");
    let secret: String = secret
        .chars()
        .take_while(|letter| !letter.is_whitespace())
        .collect();
    let secret = secret.trim_end_matches(['"', ',']);
    tab.go(&format!("/sign-in/link/{secret}")).await;
    for field in ["password", "again"] {
        tab.fill(field, "a passphrase that nobody else has").await;
    }
    tab.press("form[action=\"/sign-in/new-password\"] button")
        .await;
    let secret = tab
        .text_of("document.querySelector('details code').textContent")
        .await;
    let app = CodeApp::typed(&secret).unwrap();
    tab.fill("code", &app.code(program.http.now()).unwrap())
        .await;
    tab.press("form:has([name=code]) button").await;
    assert!(
        tab.is("document.querySelectorAll('.codes li').length === 10")
            .await
    );
    tab.press("form[action=\"/sign-in/codes\"] button").await;
    assert_eq!(tab.go("/console/").await, 200);
    assert_eq!(tab.path().await, "/console/");
}

async fn add_ada_to_a_group(tab: &mut Tab) {
    tab.press("a[href=\"/console/users\"]").await;
    tab.press("a[href=\"/console/users/new\"]").await;
    for (name, text) in [
        ("displayName", "Ada Lovelace"),
        ("userPrincipalName", "ada@contoso.com"),
        ("mail", "ada@contoso.com"),
    ] {
        tab.fill(name, text).await;
    }
    tab.press("form[action=\"/console/users/new\"] button")
        .await;
    assert!(tab.words().await.contains("Ada Lovelace"));
    tab.press("a[href=\"/console/groups\"]").await;
    tab.press("a[href=\"/console/groups/new\"]").await;
    tab.fill("displayName", "Mail users").await;
    tab.press("form[action=\"/console/groups/new\"] button")
        .await;
    tab.press("main a[href$=\"/members\"]").await;
    tab.fill("q", "Ada").await;
    tab.press("form[role=search] button").await;
    tab.touch("[name=member]").await;
    tab.press("form:has([name=member]) button").await;
    assert!(tab.words().await.contains("Ada Lovelace"));
}

/// The path of the profile.
async fn make_the_profile(tab: &mut Tab) -> String {
    tab.press("a[href=\"/console/profiles\"]").await;
    tab.press("a[href=\"/console/profiles/new\"]").await;
    tab.press("a[href=\"/console/profiles/new?platform=ios\"]")
        .await;
    tab.press("button[value=iosEasEmailProfileConfiguration]")
        .await;
    tab.fill("displayName", "First mail").await;
    tab.press(NEXT).await;
    for (name, text) in [("hostName", "mail.contoso.com"), ("accountName", "Contoso")] {
        tab.fill(name, text).await;
    }
    tab.choose("emailAddressSource", "primarySmtpAddress").await;
    tab.press(NEXT).await;
    tab.press(NEXT).await;
    tab.press("button[name=add][value^=\"include:\"]").await;
    tab.press(NEXT).await;
    let words = tab.words().await;
    assert!(words.contains("Mail users"), "{words}");
    tab.press("button[value=finish]").await;
    let path = tab.path().await;
    assert!(path.ends_with("?done=made"), "{path}");
    path.split('?').next().unwrap_or_default().to_owned()
}

/// A link for Ada.
async fn make_a_link(tab: &mut Tab) -> String {
    tab.press("a[href=\"/console/enrolment\"]").await;
    tab.press("a[href=\"/console/enrolment/new\"]").await;
    tab.fill("person", "ada@contoso.com").await;
    tab.press("form[action=\"/console/enrolment/new\"] button")
        .await;
    tab.text_of("document.querySelector('#url').value").await
}

const NEXT: &str = ".last button[value=next]";
