//! Pictures of the main pages for the manual, in both themes. `.ci/screenshots` takes them anew; otherwise this only looks
//! whether they are there.

use std::path::{Path, PathBuf};

use crate::chromium::{Look, Tab};
use crate::company::Company;

/// Larger ones make the manual slow.
const LARGEST: u64 = 200_000;
/// What the portal is looked at with.
const HAND: Look = Look {
    width: 390,
    height: 844,
    is_dark: false,
};
/// Name of the picture and what it is looked at with.
const PICTURES: [(&str, Look); 10] = [
    ("home", Look::WIDE),
    ("devices", Look::WIDE),
    ("device", Look::WIDE),
    ("profiles", Look::WIDE),
    ("profile", Look::WIDE),
    ("mail-settings", Look::WIDE),
    ("simulation", Look::WIDE),
    ("enrolment", Look::WIDE),
    ("audit", Look::WIDE),
    ("portal", HAND),
];

#[tokio::test]
async fn the_main_pages_are_pictured_in_both_themes() {
    #[expect(
        clippy::disallowed_methods,
        reason = "whoever takes the pictures says so here"
    )]
    let is_taking = std::env::var("MANDATE_SCREENSHOTS").is_ok();
    if is_taking {
        take().await;
    }
    for (name, look) in PICTURES {
        for is_dark in [false, true] {
            let path = path_of(name, is_dark);
            let picture = std::fs::read(&path)
                .unwrap_or_else(|_| panic!("no `{}`: `.ci/screenshots` takes it", path.display()));
            // PNG §11.2.1: width and height stand behind the signature and the head of the first chunk.
            let number = |at: usize| u32::from_be_bytes(picture[at..at + 4].try_into().unwrap());
            assert_eq!(
                (number(16), number(20)),
                (look.width, look.height),
                "{name}"
            );
            assert!(picture.len() as u64 <= LARGEST, "{name}: {}", picture.len());
        }
    }
}

async fn take() {
    let company = Company::open().await.expect("there is a Chromium");
    let mut console = company
        .office
        .at(&company.boss, "/console/", Look::WIDE)
        .await;
    let mail = format!("/console/profiles/{}", company.mail.id);
    std::fs::create_dir_all(folder()).unwrap();
    shoot(&mut console, "home", "/console/").await;
    shoot(&mut console, "devices", "/console/devices").await;
    let device = link(&console, "Mateus’s iPhone").await;
    shoot(&mut console, "device", &device).await;
    shoot(&mut console, "profiles", "/console/profiles").await;
    let draft = "document.querySelector('a[href*=\"/drafts/\"]').pathname";
    let draft = console.text_of(draft).await;
    shoot(&mut console, "profile", &mail).await;
    let settings = draft.replace("/basics", "/settings");
    console.go(&settings).await;
    for (name, text) in [("hostName", "mail.contoso.com"), ("accountName", "Contoso")] {
        console.fill(name, text).await;
    }
    console
        .choose("emailAddressSource", "primarySmtpAddress")
        .await;
    console.choose("usernameAADSource", "samAccountName").await;
    console
        .press("button[name=go][value=settings], .wizard-steps button[value=settings]")
        .await;
    shoot(&mut console, "mail-settings", &settings).await;
    let asked = "/console/simulation?user=ingrid.lindqvist@contoso.com&os=18.1";
    shoot(&mut console, "simulation", asked).await;
    shoot(&mut console, "enrolment", "/console/enrolment").await;
    shoot(&mut console, "audit", "/console/audit").await;
    console.look(HAND).await;
    shoot(&mut console, "portal", "/portal/").await;
}

/// Takes a page in both themes.
async fn shoot(tab: &mut Tab, name: &str, path: &str) {
    let (_, look) = PICTURES.iter().find(|(known, _)| *known == name).unwrap();
    for is_dark in [false, true] {
        tab.look(Look { is_dark, ..*look }).await;
        assert_eq!(tab.go(path).await, 200, "{path}");
        std::fs::write(path_of(name, is_dark), tab.picture().await).unwrap();
    }
}

/// Where the link with these words leads.
async fn link(tab: &Tab, words: &str) -> String {
    let words = serde_json::Value::from(words);
    let found = format!(
        "[...document.querySelectorAll('main a')].find((one) => one.innerText.trim() === {words})?.pathname"
    );
    tab.text_of(&found).await
}

fn path_of(name: &str, is_dark: bool) -> PathBuf {
    let theme = if is_dark { "dark" } else { "light" };
    folder().join(format!("{name}-{theme}.png"))
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/screenshots")
}
