//! The area of what Apple gives: push certificate, tokens with their profiles and devices, enrolment by an account.

use axum::http::header::{CONTENT_DISPOSITION, LOCATION};
use base64_of_tests::encode;
use mandate_engine::{Actor, AdeImportOutcome, DirectoryRole, NewAdeDevice, Page};
use mandate_model::{DeviceId, Platform, Timestamp};
use mandate_pki::authority::{CertificateRequest, SerialNumber};
use mandate_pki::certificate::Certificate;
use mandate_pki::cms::{self, ContentCipher};
use mandate_pki::csr::CertificateSigningRequest;
use mandate_pki::keys::{KeyKind, PrivateKey};
use mandate_pki::name::DistinguishedName;
use uuid::Uuid;

use crate::devices::phone;
use crate::filled::{fields_of, with};
use crate::house::{Browser, House};

const TOPIC: &str = "com.apple.mgmt.External.0a0b0c0d-0000-4000-8000-000000000001";

async fn administrator(house: &House) -> Browser {
    house
        .signed_in("root", Some(DirectoryRole::GlobalAdministrator))
        .await
}

/// What Apple would make of a request: PEM, for a topic, good for so many days.
fn certificate_for(request: &str, topic: &str, days: i64) -> String {
    let request = CertificateSigningRequest::from_pem(request).unwrap();
    let subject = DistinguishedName::parse(&format!("CN=Push,UID={topic}")).unwrap();
    let key = request.public_key_info().to_vec();
    let mut certificate = CertificateRequest::new(key, subject, SerialNumber::from_random([7; 16]));
    let now = mandate_engine::Clock::now(&mandate_engine::SystemClock);
    certificate.not_before = now.plus(-Timestamp::HOUR).unix_seconds();
    certificate.not_after = now.plus(days * Timestamp::DAY).unix_seconds();
    let apple = PrivateKey::generate(KeyKind::P256).unwrap();
    certificate.self_sign(&apple).unwrap().to_pem()
}

async fn request(browser: &mut Browser) -> String {
    browser.get("/console/apple").await.expect(200);
    let shown = browser.post("/console/apple/push/request", &[]).await;
    let shown = shown.expect(200);
    assert!(shown.header(CONTENT_DISPOSITION).contains("push.csr"));
    shown.text()
}

/// Brings a certificate as a file; what is answered.
async fn bring(browser: &mut Browser, certificate: &str, status: u16) -> String {
    browser.get("/console/apple").await.expect(200);
    let fields = [("certificate", ""), ("appleIdentifier", "it@example.com")];
    let files = [("file", certificate.as_bytes())];
    let shown = browser.upload("/console/apple", &fields, &files).await;
    shown.expect(status).text()
}

#[tokio::test]
async fn a_push_certificate_is_got_renewed_and_keeps_its_topic_while_devices_need_it() {
    let house = House::open().await;
    let mut browser = administrator(&house).await;
    let page = browser.get("/console/apple").await.expect(200).text();
    for way in ["mdmcert.download", "identity.apple.com/pushcert"] {
        assert!(page.contains(way), "{way}");
    }
    browser.get("/console/apple/push/remove").await.expect(404);

    let signed = certificate_for(&request(&mut browser).await, TOPIC, 365);
    // What is no certificate stands beside the field, with what was typed.
    browser.get("/console/apple").await;
    let typed = [
        ("certificate", "no certificate"),
        ("appleIdentifier", "it@example.com"),
    ];
    let page = browser.upload("/console/apple", &typed, &[]).await;
    let page = page.expect(400).text();
    assert!(page.contains("id=\"certificate-wrong\""), "{page}");
    assert!(page.contains("no certificate") && page.contains("it@example.com"));
    bring(&mut browser, &signed, 303).await;
    let page = browser.get("/console/apple?done").await.expect(200).text();
    assert!(
        page.contains(TOPIC) && page.contains("it@example.com"),
        "{page}"
    );
    assert!(page.contains("Good for another 365 days"), "{page}");

    // A renewed one ends sooner: the page says so.
    let soon = certificate_for(&request(&mut browser).await, TOPIC, 7);
    bring(&mut browser, &soon, 303).await;
    let page = browser.get("/console/apple").await.expect(200).text();
    assert!(page.contains("Ends in 7 days"), "{page}");

    let id = DeviceId(Uuid::from_u128(0xd1));
    let now = mandate_engine::Clock::now(&mandate_engine::SystemClock);
    let mut session = house.engine.store().write().await.unwrap();
    session
        .insert_device(&phone(id, "Ada's phone", now))
        .await
        .unwrap();
    session.commit().await.unwrap();
    let other = TOPIC.replace("0a0b", "ffff");
    let stray = certificate_for(&request(&mut browser).await, &other, 365);
    let page = bring(&mut browser, &stray, 400).await;
    assert!(
        page.contains("id=\"certificate-wrong\"") && page.contains(&other),
        "{page}"
    );
    let page = browser.get("/console/apple/push/remove").await;
    let page = page.expect(200).text();
    assert!(page.contains("one device depends on it"), "{page}");
    assert!(
        !page.contains("action=\"/console/apple/push/remove\""),
        "{page}"
    );
    browser.get("/console/apple").await;
    let name = [("name", "Example & Sons")];
    browser
        .post("/console/apple/push/remove", &name)
        .await
        .expect(400);

    let mut session = house.engine.store().write().await.unwrap();
    assert!(session.delete_device(id).await.unwrap());
    session.commit().await.unwrap();
    browser.get("/console/apple/push/remove").await.expect(200);
    let page = browser
        .post("/console/apple/push/remove", &[("name", "example")])
        .await
        .expect(400)
        .text();
    assert!(page.contains("id=\"name-wrong\""), "{page}");
    browser
        .post("/console/apple/push/remove", &name)
        .await
        .expect(303);
    let system = Actor::system();
    assert_eq!(house.engine.push_certificate(&system).await.unwrap(), None);
}

/// A token as Apple would make it for a certificate (PEM).
fn token_for(certificate: &str, until: &str) -> String {
    let certificate = Certificate::from_pem(certificate).unwrap();
    let said = format!(
        r#"{{"consumer_key":"CK","consumer_secret":"CS","access_token":"AT","access_secret":"AS","access_token_expiry":"{until}"}}"#
    );
    let inner = format!("-----BEGIN MESSAGE-----\n{said}\n-----END MESSAGE-----\n");
    let envelope =
        cms::encrypt(&[certificate], inner.as_bytes(), ContentCipher::Aes256Cbc).unwrap();
    format!(
        "Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n",
        encode(&envelope)
    )
}

/// RFC 4648 §4, written here since nothing else in these tests needs it.
mod base64_of_tests {
    pub(super) fn encode(octets: &[u8]) -> String {
        const LETTERS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut text = String::new();
        for group in octets.chunks(3) {
            let at = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
            let bits = (at(0) << 16) | (at(1) << 8) | at(2);
            for place in 0..4 {
                let letter = usize::try_from((bits >> (18 - 6 * place)) & 63).unwrap();
                text.push(if place > group.len() {
                    '='
                } else {
                    char::from(LETTERS[letter])
                });
            }
        }
        text
    }
}

/// A token that waits for Apple's file; its path.
async fn new_token(browser: &mut Browser) -> String {
    browser.get("/console/apple/tokens/new").await.expect(200);
    let fields = [("tokenName", "Business Manager"), ("appleIdentifier", "")];
    let made = browser.post("/console/apple/tokens/new", &fields).await;
    made.expect(303).header(LOCATION).to_owned()
}

#[tokio::test]
async fn a_token_is_made_uploaded_renamed_and_removed() {
    let house = House::open().await;
    let mut browser = administrator(&house).await;
    browser.get("/console/apple/tokens/new").await.expect(200);
    let page = browser
        .post(
            "/console/apple/tokens/new",
            &[("tokenName", " "), ("appleIdentifier", "boss")],
        )
        .await
        .expect(400)
        .text();
    assert!(
        page.contains("id=\"tokenName-wrong\"") && page.contains("boss"),
        "{page}"
    );
    let path = new_token(&mut browser).await;
    let page = browser.get(&path).await.expect(200).text();
    assert!(page.contains("Waits for a token from Apple"), "{page}");
    browser.get(&format!("{path}/key")).await.expect(400);
    browser.get(&path).await;
    browser.post(&format!("{path}/sync"), &[]).await.expect(400);
    browser.get(&path).await;
    let made = browser.post(&format!("{path}/key"), &[]).await.expect(303);
    browser.get(made.header(LOCATION)).await.expect(200);
    let key = browser.get(&format!("{path}/key")).await.expect(200).text();
    assert!(key.starts_with("-----BEGIN CERTIFICATE-----"), "{key}");

    let upload = format!("{path}/upload");
    let late = token_for(&key, "2020-01-01T00:00:00Z");
    for wrong in ["", "moon", &late] {
        browser.get(&path).await;
        let files = [("file", wrong.as_bytes())];
        let page = browser
            .upload(&upload, &[], &files)
            .await
            .expect(400)
            .text();
        assert!(page.contains("id=\"file-wrong\""), "{wrong}: {page}");
    }
    browser.get(&path).await;
    let good = token_for(&key, "2099-01-01T00:00:00Z");
    let taken = browser
        .upload(&upload, &[], &[("file", good.as_bytes())])
        .await;
    let page = browser
        .get(taken.expect(303).header(LOCATION))
        .await
        .expect(200)
        .text();
    assert!(
        page.contains("2099-01-01") && !page.contains("\"CS\""),
        "{page}"
    );
    browser.post(&format!("{path}/sync"), &[]).await.expect(303);

    browser.get(&path).await;
    let fields = [
        ("tokenName", "A <b>"),
        ("appleIdentifier", "it@example.com"),
    ];
    browser.post(&path, &fields).await.expect(303);
    let page = browser
        .get("/console/apple/tokens")
        .await
        .expect(200)
        .text();
    assert!(page.contains("A &#60;b&#62;"), "{page}");
    let remove = format!("{path}/remove");
    browser.get(&remove).await.expect(200);
    browser.post(&remove, &[("name", "A")]).await.expect(400);
    browser
        .post(&remove, &[("name", "A <b>")])
        .await
        .expect(303);
    browser.get(&path).await.expect(404);
}

#[tokio::test]
async fn a_profile_keeps_what_is_typed_says_what_is_wrong_and_becomes_the_default() {
    let house = House::open().await;
    let mut browser = administrator(&house).await;
    let path = new_token(&mut browser).await;
    let profiles = format!("{path}/profiles");
    for platform in ["ios", "macos"] {
        let new = format!("{profiles}/new?platform={platform}");
        let page = browser.get(&new).await.expect(200).text();
        let action = format!("{profiles}/new");
        let fields = fields_of(&page, &action);
        let filled = with(
            &fields,
            &[("displayName", platform), ("profileRemovalDisabled", "yes")],
        );
        let page = browser.post(&action, &filled).await.expect(400).text();
        assert!(
            page.contains("id=\"profileRemovalDisabled-wrong\""),
            "{page}"
        );
        let fields = fields_of(&page, &action);
        assert!(fields.contains(&("profileRemovalDisabled".to_owned(), "yes".to_owned())));
        let filled = with(
            &fields,
            &[
                ("supervisedModeEnabled", "yes"),
                ("siriDisabled", "yes"),
                ("enabledSkipKeys", "Welcome, Intelligence"),
            ],
        );
        browser.post(&action, &filled).await.expect(303);
    }
    let list = browser.get(&profiles).await.expect(200);
    let edits = list.paths(&format!("{profiles}/"));
    let default = edits
        .iter()
        .find(|path| path.ends_with("/default"))
        .unwrap();
    let edit = default.trim_end_matches("/default").to_owned();
    browser.post(default, &[]).await.expect(303);
    let page = browser.get(&edit).await.expect(200).text();
    assert!(page.contains("/apple/ade/"), "{page}");
    let fields = fields_of(&page, &edit);
    for (name, value) in [
        ("siriDisabled", "yes"),
        ("enabledSkipKeys", "Welcome Intelligence"),
    ] {
        assert!(
            fields.contains(&(name.to_owned(), value.to_owned())),
            "{fields:?}"
        );
    }
    // A box that is not ticked is not sent.
    let fewer: Vec<_> = fields
        .into_iter()
        .filter(|(name, _)| name != "siriDisabled")
        .collect();
    browser.post(&edit, &with(&fewer, &[])).await.expect(303);
    let page = browser
        .get(&format!("{edit}?saved=yes"))
        .await
        .expect(200)
        .text();
    assert!(
        !fields_of(&page, &edit)
            .iter()
            .any(|(name, _)| name == "siriDisabled")
    );
    // The default one stays.
    let remove = format!("{edit}/remove");
    browser.get(&remove).await.expect(200);
    browser.post(&remove, &[]).await.expect(400);
    let other = edits.iter().filter(|path| path.ends_with("/remove"));
    let other = other.clone().find(|path| **path != remove).unwrap();
    browser.get(other).await.expect(200);
    browser.post(other, &[]).await.expect(303);
    browser.get(other).await.expect(404);
}

#[tokio::test]
async fn devices_are_imported_looked_up_and_given_a_profile() {
    let house = House::open().await;
    let mut browser = administrator(&house).await;
    let path = new_token(&mut browser).await;
    let action = format!("{path}/profiles/new");
    let page = browser.get(&format!("{action}?platform=ios")).await.text();
    let fields = fields_of(&page, &action);
    let filled = with(&fields, &[("displayName", "Company phones")]);
    browser.post(&action, &filled).await.expect(303);

    let devices = format!("{path}/devices");
    browser.get(&devices).await.expect(200);
    let import = format!("{devices}/import");
    browser.get(&import).await.expect(200);
    browser.post(&import, &[("serials", " ")]).await.expect(400);
    let said = [
        ("serials", "C1, Till 7\r\nbad one\r\nC2"),
        ("platform", "ios"),
        ("profile", ""),
    ];
    let page = browser.post(&import, &said).await.expect(200).text();
    assert!(
        page.contains("Taken: 2") && page.contains("bad one"),
        "{page}"
    );

    let page = browser
        .get(&format!("{devices}?q=c2"))
        .await
        .expect(200)
        .text();
    assert!(page.contains(">C2<") && !page.contains(">C1<"), "{page}");
    let page = browser.get(&devices).await.expect(200).text();
    assert!(page.contains("Till 7"), "{page}");
    let profile = page.split("<option value=\"").nth(2).unwrap();
    let profile = profile.split('"').next().unwrap().to_owned();
    browser
        .post(&devices, &[("deed", "give"), ("profile", &profile)])
        .await
        .expect(400);
    let ticked = [("serial", "C1"), ("deed", "give")];
    let page = browser.post(&devices, &ticked).await.expect(400).text();
    assert!(
        page.contains("value=\"C1\" aria-label=\"C1\" checked"),
        "{page}"
    );
    let given = [
        ("serial", "C1"),
        ("deed", "give"),
        ("profile", profile.as_str()),
    ];
    browser.post(&devices, &given).await.expect(303);
    let page = browser.get(&devices).await.expect(200).text();
    assert!(page.contains("<td>Company phones</td>"), "{page}");
    browser
        .post(&devices, &[("serial", "C1"), ("deed", "take")])
        .await
        .expect(303);
    let page = browser.get(&devices).await.expect(200).text();
    assert!(!page.contains("<td>Company phones</td>"), "{page}");

    let remove = format!("{devices}/C1/remove");
    browser.get(&remove).await.expect(200);
    browser.post(&remove, &[]).await.expect(303);
    browser.get(&remove).await.expect(404);
    // Only with its serial number typed, and a token to tell Apple with.
    let release = format!("{devices}/C2/release");
    browser.get(&release).await.expect(200);
    browser.post(&release, &[("name", "C")]).await.expect(400);
    browser.post(&release, &[("name", "C2")]).await.expect(400);
}

#[tokio::test]
async fn many_devices_are_shown_page_by_page() {
    let house = House::open().await;
    let system = Actor::system();
    let token = house
        .engine
        .create_ade_token(&system, "Many", None)
        .await
        .unwrap();
    let devices: Vec<NewAdeDevice> = (0..60)
        .map(|number| NewAdeDevice {
            serial: format!("C{number:03}"),
            platform: Some(Platform::Ios),
            ..NewAdeDevice::default()
        })
        .collect();
    let outcomes = house
        .engine
        .import_ade_devices(&system, (token.id, false), &devices)
        .await
        .unwrap();
    let is_taken = |one: &AdeImportOutcome| matches!(one, AdeImportOutcome::Taken(_));
    assert!(outcomes.iter().all(is_taken));
    let mut browser = administrator(&house).await;
    let list = format!("/console/apple/tokens/{}/devices", token.id);
    let first = browser.get(&list).await.expect(200);
    assert!(first.text().contains(">C049<") && !first.text().contains(">C050<"));
    let next = first.paths(&format!("{list}?after"));
    let page = browser.get(&next[0]).await.expect(200).text();
    assert!(
        page.contains(">C059<") && !page.contains(">C049<"),
        "{page}"
    );
    // What was done on the second page leads back to it.
    let done = browser
        .post(
            &list,
            &[("serial", "C059"), ("deed", "take"), ("after", "C049")],
        )
        .await;
    assert!(done.expect(303).header(LOCATION).contains("after=C049"));
    let all = house
        .engine
        .list_ade_tokens(&system, Page::first(10))
        .await
        .unwrap();
    assert_eq!(all[0].devices, 0, "Apple has named none of them");
}

#[tokio::test]
async fn readers_see_the_area_and_change_nothing() {
    let house = House::open().await;
    let mut browser = administrator(&house).await;
    let path = new_token(&mut browser).await;
    let mut reader = house
        .signed_in("reader", Some(DirectoryRole::GlobalReader))
        .await;
    for path in [
        "/console/apple",
        "/console/apple/tokens",
        "/console/apple/account",
        &path,
    ] {
        let page = reader.get(path).await.expect(200).text();
        assert!(
            !page.contains("<form method=\"post\" action=\"/console/apple"),
            "{page}"
        );
        assert!(page.contains("aria-current=\"page\""), "{path}");
    }
    for deed in [
        "/console/apple/push/request",
        &format!("{path}/key"),
        &format!("{path}/sync"),
    ] {
        reader.get("/console/apple").await;
        reader.post(deed, &[]).await.expect(403);
    }
    reader.get("/console/apple/tokens/new").await.expect(403);
    reader.get(&format!("{path}/remove")).await.expect(403);
    reader
        .get(&format!("{path}/profiles/new"))
        .await
        .expect(403);
}

#[tokio::test]
async fn enrolment_by_an_account_is_shown_as_it_is_served() {
    let house = House::open().await;
    let mut browser = administrator(&house).await;
    let page = browser
        .get("/console/apple/account")
        .await
        .expect(200)
        .text();
    // It is off unless somebody has said otherwise.
    assert!(page.contains("account_driven_enrolment"), "{page}");
    assert!(!page.contains("mdm-byod"), "{page}");
}
