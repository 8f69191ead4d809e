//! The branding: filled in, refused, and shown on every page.

use std::io::Cursor;

use axum::http::header;
use image::{ImageFormat, Rgba, RgbaImage};
use mandate_engine::{AccountsPlace, Colour, DirectoryRole};

use crate::house::{Browser, House};

const PATH: &str = "/console/branding";

fn png(width: u32, height: u32) -> Vec<u8> {
    let dots = RgbaImage::from_pixel(width, height, Rgba([0, 100, 200, 255]));
    let mut content = Cursor::new(Vec::new());
    dots.write_to(&mut content, ImageFormat::Png).unwrap();
    content.into_inner()
}

async fn administrator(house: &House) -> Browser {
    let role = Some(DirectoryRole::GlobalAdministrator);
    let mut browser = house.signed_in("ada", role).await;
    browser.get(PATH).await.expect(200);
    browser
}

#[tokio::test]
async fn what_is_filled_in_is_on_the_next_page_and_at_sign_in() {
    let house = House::open().await;
    let mut ada = administrator(&house).await;
    let fields = [
        ("displayName", "Ünï Works"),
        ("colour", "own"),
        ("themeColor", "#ffcc00"),
        ("showLogo", "on"),
        ("contactITName", "  Help desk "),
        ("contactITEmailAddress", "it@example.com"),
        ("contactITNotes", "Mon to Fri\r\n8 to 17"),
        ("privacyUrl", "https://example.com/privacy"),
    ];
    let logo = png(300, 60);
    let files: [(&str, &[u8]); 2] = [
        ("themeColorLogo", &logo),
        // Nobody chose one: browsers send an empty file.
        ("lightBackgroundLogo", b""),
    ];
    let saved = ada.upload(PATH, &fields, &files).await.expect(303);
    assert_eq!(saved.header(header::LOCATION), "/console/branding?saved");

    let branding = house.engine.branding().await.unwrap();
    assert_eq!(branding.title, "Ünï Works");
    assert_eq!(branding.details.contact_name.as_deref(), Some("Help desk"));
    assert_eq!(
        branding.details.theme_colour,
        Some(Colour::new(255, 204, 0))
    );
    assert!(!branding.details.show_name_next_to_logo);
    assert_eq!(branding.light_logo, None);

    let page = ada.get("/console/branding?saved").await.expect(200);
    let text = page.text();
    assert!(text.contains("role=\"status\"") && text.contains("value=\"Help desk\""));
    assert!(text.contains("alt=\"Ünï Works\""), "the logo says the name");
    let mut stranger = house.browser();
    stranger.get("/sign-in").await;
    let door = stranger.get("/sign-in").await.expect(200);
    assert!(door.text().contains("Ünï Works"));
    for path in page.paths("/brand/").iter().chain(&door.paths("/brand/")) {
        let file = stranger.get(path).await.expect(200);
        let kind = file.header(header::CONTENT_TYPE);
        assert!(kind.starts_with("image/png") || kind.starts_with("text/css"));
        assert!(file.header(header::CACHE_CONTROL).contains("immutable"));
        assert_eq!(file.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    }
    assert!(door.paths("/brand/theme-").len() == 1);

    // Yellow is no colour for text on white, and is none there.
    let style = stranger.get(&door.paths("/brand/theme-")[0]).await.text();
    assert!(style.contains("--brand: #ffcc00;\n  --on-brand: #000000;"));
    assert!(!style.contains("--accent: #ffcc00;\n  --accent-strong: #bf9900;"));
}

#[tokio::test]
async fn what_is_wrong_stands_at_its_field_and_nothing_is_lost() {
    let house = House::open().await;
    let mut ada = administrator(&house).await;
    let hostile = "\"><script>alert(1)</script>";
    let fields = [
        ("displayName", hostile),
        ("colour", "own"),
        ("themeColor", "#1f5f8b"),
        ("contactITPhoneNumber", "123456789012345678901"),
        ("contactITName", "Kept"),
        ("privacyUrl", "javascript:alert(1)"),
    ];
    let wide = png(401, 10);
    let files: [(&str, &[u8]); 1] = [("lightBackgroundLogo", &wide)];
    let page = ada.upload(PATH, &fields, &files).await.expect(400);
    let text = page.text();
    for name in [
        "displayName",
        "contactITPhoneNumber",
        "privacyUrl",
        "lightBackgroundLogo",
    ] {
        assert!(text.contains(&format!("href=\"#{name}\"")), "{name}");
        assert!(text.contains(&format!("id=\"{name}-wrong\"")), "{name}");
    }
    assert!(!text.contains("id=\"contactITName-wrong\""));
    assert!(text.contains("value=\"Kept\""));
    assert!(!text.contains("<script>alert"));
    let branding = house.engine.branding().await.unwrap();
    assert_eq!(branding.title, "Example & Sons");
    assert_eq!(branding.modified_at, None);
}

#[tokio::test]
async fn a_picture_can_be_taken_away() {
    let house = House::open().await;
    let mut ada = administrator(&house).await;
    let logo = png(10, 10);
    let files: [(&str, &[u8]); 1] = [("lightBackgroundLogo", &logo)];
    let shown = [("showLogo", "on"), ("showName", "on")];
    ada.upload(PATH, &shown, &files).await.expect(303);
    let page = ada.get(PATH).await.expect(200);
    let path = page.paths("/brand/").pop().unwrap();
    // Neither chosen nor taken away: it stays.
    ada.upload(PATH, &shown, &[]).await.expect(303);
    ada.get(&path).await.expect(200);
    ada.get(PATH).await.expect(200);
    let removed = [("remove-lightBackgroundLogo", "on")];
    ada.upload(PATH, &removed, &[]).await.expect(303);
    ada.get(&path).await.expect(404);
    assert_eq!(house.engine.branding().await.unwrap().light_logo, None);
}

#[tokio::test]
async fn whoever_may_only_look_finds_no_button_and_gets_nowhere_without() {
    let house = House::open().await;
    let reader = Some(DirectoryRole::GlobalReader);
    let mut rea = house.signed_in("rea", reader).await;
    let page = rea.get(PATH).await.expect(200);
    assert!(!page.text().contains("type=\"file\""));
    let fields = [("displayName", "Mine")];
    rea.upload(PATH, &fields, &[]).await.expect(403);
    let mut nobody = house.signed_in("nobody", None).await;
    nobody.get(PATH).await.expect(403);
    nobody.upload(PATH, &fields, &[]).await.expect(403);
    assert_eq!(
        house.engine.branding().await.unwrap().title,
        "Example & Sons"
    );
}

#[tokio::test]
async fn a_form_of_somebody_else_is_not_taken() {
    let house = House::open().await;
    let mut ada = administrator(&house).await;
    let fields = [("displayName", "Mine")];
    ada.token = "AAAA".to_owned();
    ada.upload(PATH, &fields, &[]).await.expect(403);
    // A stranger is led to sign in, whatever they send.
    let mut stranger = house.browser();
    let led = stranger.upload(PATH, &fields, &[]).await.expect(303);
    assert_eq!(led.header(header::LOCATION), "/sign-in");
    assert_eq!(house.engine.branding().await.unwrap().modified_at, None);
}

#[tokio::test]
async fn own_steps_are_written_kept_and_taken_away() {
    const STEPS: &str = "/console/branding/steps";
    let house = House::open().await;
    let mut ada = administrator(&house).await;
    let page = ada.get(STEPS).await.expect(200).text();
    assert!(page.contains("name=\"settingsApps/en\""), "{page}");
    let fields = [
        ("settingsApps/en", "Open Settings.\r\n\r\n Tap {address}. "),
        ("systemSettings/nl", "Eerst dit."),
    ];
    ada.post(STEPS, &fields).await.expect(303);
    let steps = house.engine.account_steps().await.unwrap();
    let own = steps.of(AccountsPlace::SettingsApps, "en").unwrap();
    assert_eq!(own, ["Open Settings.", "Tap {address}."]);
    let page = ada.get(STEPS).await.expect(200).text();
    assert!(page.contains("Open Settings.\nTap {address}."), "{page}");

    // Too many steps are refused beside their field, and nothing that was typed is lost.
    let many = "Step.\n".repeat(11);
    let fields = [
        ("settingsApps/en", many.as_str()),
        ("settingsMail/sv", "Ett."),
    ];
    let wrong = ada.post(STEPS, &fields).await.expect(400).text();
    assert!(wrong.contains("id=\"settingsApps/en-wrong\""), "{wrong}");
    assert!(wrong.contains("Ett."), "{wrong}");
    ada.post("/language", &[("language", "nl")]).await;
    ada.get(STEPS).await.expect(200);
    let wrong = ada.post(STEPS, &fields).await.expect(400).text();
    assert!(wrong.contains("hoogstens 10 stappen"), "{wrong}");

    ada.post(STEPS, &[]).await.expect(303);
    let steps = house.engine.account_steps().await.unwrap();
    assert_eq!(steps.of(AccountsPlace::SettingsApps, "en"), None);
    let mut reader = house
        .signed_in("reader", Some(DirectoryRole::GlobalReader))
        .await;
    let page = reader.get(STEPS).await.expect(200).text();
    assert!(!page.contains("<button>Save"), "{page}");
    reader.post(STEPS, &[]).await.expect(403);
}
