//! Certificates of others, templates, the issuing authority and challenges.

use mandate_engine::{Actor, Clock, DirectoryRole, SystemClock};
use mandate_pki::authority::{CertificateRequest, SerialNumber};
use mandate_pki::certificate::SubjectAltName;
use mandate_pki::keys::{KeyKind, PrivateKey};
use mandate_pki::name::DistinguishedName;
use mandate_pki::pkcs12::{self, Chain, Encoding, Pkcs12};

use crate::house::{Browser, House};

async fn administrator(house: &House) -> Browser {
    house
        .signed_in("root", Some(DirectoryRole::GlobalAdministrator))
        .await
}

/// A certificate of ada's with its key, as a file.
fn pfx(password: &str) -> Vec<u8> {
    let key = PrivateKey::generate(KeyKind::P256).unwrap();
    let subject = DistinguishedName::common_name("ada@example.com");
    let serial = SerialNumber::from_random([7; 16]);
    let mut request = CertificateRequest::new(key.public_key_info(), subject, serial);
    request.subject_alt_names = vec![SubjectAltName::Email("ada@example.com".to_owned())];
    let now = SystemClock.now().unix_seconds();
    request.not_before = now - 3600;
    request.not_after = now + 365 * 86_400;
    let pkcs12 = Pkcs12 {
        certificate: request.self_sign(&key).unwrap(),
        key: key.into(),
        chain: Vec::new(),
        friendly_name: None,
    };
    let file = pkcs12::write(&pkcs12, password, Encoding::Modern, Chain::Included);
    file.unwrap().to_vec()
}

#[tokio::test]
async fn a_certificate_is_brought_in_for_a_person_and_taken_away() {
    const IMPORTED: &str = "/console/certificates/imported";
    let house = House::open().await;
    house.signed_in("ada", None).await;
    let mut browser = administrator(&house).await;
    let new = format!("{IMPORTED}/new");
    let file = pfx("secret");
    let files = [("file", file.as_slice())];
    let person = ("userPrincipalName", "ada@example.com");

    browser.get(&new).await.expect(200);
    let wrong = [person, ("purpose", "smimeSigning"), ("password", "wrong")];
    let page = browser.upload(&new, &wrong, &files).await.expect(400);
    let page = page.text();
    assert!(page.contains("id=\"file-wrong\"") && !page.contains("value=\"wrong\""));
    assert!(page.contains("value=\"smimeSigning\" selected"), "{page}");
    let stranger = [
        ("userPrincipalName", "eve@example.com"),
        ("password", "secret"),
    ];
    let page = browser.upload(&new, &stranger, &files).await.expect(400);
    assert!(page.text().contains("id=\"person-wrong\""));
    browser.upload(&new, &[person], &[]).await.expect(400);

    let right = [person, ("purpose", "smimeSigning"), ("password", "secret")];
    browser.upload(&new, &right, &files).await.expect(303);
    let list = browser.get(IMPORTED).await.expect(200);
    assert!(
        list.text().contains("CN=ada@example.com"),
        "{}",
        list.text()
    );
    let mut paths = list.paths(&format!("{IMPORTED}/")).into_iter();
    let remove = paths.rfind(|path| path.ends_with("/remove")).unwrap();
    let mut reader = house
        .signed_in("reader", Some(DirectoryRole::GlobalReader))
        .await;
    assert!(
        !reader
            .get(IMPORTED)
            .await
            .expect(200)
            .text()
            .contains("/remove")
    );
    reader.post(&remove, &[]).await.expect(403);
    reader.get(&new).await.expect(403);
    browser.get(&remove).await.expect(200);
    browser.post(&remove, &[]).await.expect(303);
    assert!(!browser.get(IMPORTED).await.text().contains("CN=ada"));
    browser
        .get(&format!("{IMPORTED}/nonsense/remove"))
        .await
        .expect(404);
}

#[tokio::test]
async fn templates_are_added_and_removed() {
    let house = House::open().await;
    let mut browser = administrator(&house).await;
    let new = "/console/certificates/templates/new";
    let page = browser.get(new).await.expect(200).text();
    assert!(page.contains("1.3.6.1.5.5.7.3.2"), "{page}");
    let days = ("maximumValidityDays", "30");
    let nothing = [("name", "Guests"), ("keyBits", "2048"), days];
    let page = browser.post(new, &nothing).await.expect(400).text();
    assert!(page.contains("id=\"uses-wrong\"") && page.contains("value=\"Guests\""));
    let guests = [
        ("name", "Wi-Fi of guests"),
        ("keyBits", "2048"),
        ("digitalSignature", "on"),
        ("extendedKeyUsages", "1.3.6.1.5.5.7.3.2"),
        ("form", "dns"),
        days,
    ];
    browser.post(new, &guests).await.expect(303);
    browser.post("/language", &[("language", "sv")]).await;
    browser.get(new).await.expect(200);
    let page = browser.post(new, &guests).await.expect(400).text();
    assert!(page.contains("Det finns redan en med"), "{page}");
    let page = browser.get("/console/certificates").await.expect(200);
    let paths = page.paths("/console/certificates/templates/Wi");
    let remove = paths.first().unwrap();
    browser.get(remove).await.expect(200);
    browser.post(remove, &[]).await.expect(303);
    browser.post(remove, &[]).await.expect(404);
    let built_in = "/console/certificates/templates/clientAuth/remove";
    assert!(browser.post(built_in, &[]).await.status >= 400);
}

#[tokio::test]
async fn another_authority_takes_over_once_its_name_is_typed() {
    let house = House::open().await;
    let mut browser = administrator(&house).await;
    let current = || async {
        let all = house.engine.show_authorities(&Actor::system()).await;
        all.unwrap().into_iter().find(|one| one.is_current).unwrap()
    };
    let before = current().await;
    let path = "/console/certificates/roll-over";
    browser.get(path).await.expect(200);
    let unsure = [("key", "p256"), ("subject", "yes")];
    let page = browser.post(path, &unsure).await.expect(400).text();
    assert!(page.contains("That is not its name"), "{page}");
    assert_eq!(current().await.key_id, before.key_id);
    let sure = [("key", "p256"), ("subject", before.subject.as_str())];
    browser.post(path, &sure).await.expect(303);
    let after = current().await;
    assert_ne!(after.key_id, before.key_id);
    // The same form once more names one that has stopped already.
    browser.get(path).await.expect(200);
    browser.post(path, &sure).await.expect(400);
    assert_eq!(current().await.key_id, after.key_id);
}

#[tokio::test]
async fn a_challenge_is_shown_once() {
    let house = House::open().await;
    let mut browser = administrator(&house).await;
    let path = "/console/certificates/challenge";
    let page = browser.get(path).await.expect(200);
    let templates = house.engine.certificate_templates(&Actor::system()).await;
    let template = templates.unwrap().remove(0).name;
    assert!(page.text().contains(&template));
    let wrong = [
        ("subject", "printer"),
        ("template", template.as_str()),
        ("days", "many"),
    ];
    let page = browser.post(path, &wrong).await.expect(400).text();
    assert!(page.contains("value=\"printer\""), "{page}");
    let right = [
        ("subject", "CN=printer,O=Contoso"),
        ("template", template.as_str()),
        ("valid", "1d"),
    ];
    let page = browser.post(path, &right).await.expect(200).text();
    assert!(
        page.contains("/scep</code>") && page.contains("CN=printer"),
        "{page}"
    );
    let mut reader = house
        .signed_in("reader", Some(DirectoryRole::GlobalReader))
        .await;
    reader.get(path).await.expect(403);
    reader.post(path, &right).await.expect(403);
}
