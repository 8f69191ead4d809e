//! Imported certificates, asked for as Intune's import module asks: bodies with capitals and local times, keys without
//! quotes, and an answer of exactly 204 to a removal.

use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mandate_engine::{Actor, ConnectorKey, NewConnectorKey, Permission};
use mandate_pki::authority::{CertificateRequest, SerialNumber};
use mandate_pki::certificate::{Certificate, KeyUsages, SubjectAltName};
use mandate_pki::keys::{KeyKind, OaepDigest, PrivateKey, PublicKey};
use mandate_pki::name::DistinguishedName;
use mandate_pki::pkcs12::{self, Chain, Encoding, Pkcs12};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::house::{House, NOON, all, id};

const PATH: &str = "/beta/deviceManagement/userPfxCertificates";
const YEAR: i64 = 365 * 86_400;

/// A file with its password, and what the module reads in it.
struct Pfx {
    certificate: Certificate,
    file: Vec<u8>,
    password: &'static str,
}

/// A certificate for an address, valid from and until so many years from noon.
fn pfx(address: &str, serial: u8, (from, until): (i64, i64)) -> Pfx {
    let key = PrivateKey::generate(KeyKind::P256).unwrap();
    let subject = DistinguishedName::common_name(address);
    let serial = SerialNumber::from_random([serial; 16]);
    let mut request = CertificateRequest::new(key.public_key_info(), subject, serial);
    request.subject_alt_names = vec![SubjectAltName::Email(address.to_owned())];
    request.key_usages = KeyUsages::DIGITAL_SIGNATURE | KeyUsages::KEY_AGREEMENT;
    request.not_before = NOON + from * YEAR;
    request.not_after = NOON + until * YEAR;
    let certificate = request.self_sign(&key).unwrap();
    let pkcs12 = Pkcs12 {
        key,
        certificate: certificate.clone(),
        chain: Vec::new(),
        friendly_name: None,
    };
    let password = "gr\u{fc}n & geheim";
    let file = pkcs12::write(&pkcs12, password, Encoding::Modern, Chain::Included).unwrap();
    Pfx {
        certificate,
        file: file.to_vec(),
        password,
    }
}

fn hex(octets: &[u8]) -> String {
    octets
        .iter()
        .fold(String::new(), |text, octet| format!("{text}{octet:02x}"))
}

fn thumbprint(pfx: &Pfx) -> String {
    hex(&pfx.certificate.sha1())
}

/// A password as the module encrypts it: one octet for each character.
fn encrypted(key: &ConnectorKey, password: &str, digest: OaepDigest) -> String {
    let body: String = key
        .to_pem()
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let public = PublicKey::from_der(&STANDARD.decode(body).unwrap()).unwrap();
    let octets: Vec<u8> = password
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    STANDARD.encode(public.encrypt_oaep(digest, &octets).unwrap())
}

/// What `Import-IntuneUserPfxCertificate` sends.
fn module_body(key: &ConnectorKey, pfx: &Pfx, upn: &str, purpose: &str) -> Value {
    let local = |seconds: i64| {
        let utc = mandate_model::Timestamp::from_unix_seconds(seconds + 7200).to_string();
        utc.replace('Z', "+02:00")
    };
    json!({
        "thumbprint": thumbprint(pfx),
        "intendedPurpose": purpose,
        "userPrincipalName": upn,
        "startDateTime": local(pfx.certificate.not_before()),
        "expirationDateTime": local(pfx.certificate.not_after()),
        "providerName": key.provider,
        "keyName": key.name,
        "paddingScheme": "OaepSha512",
        "encryptedPfxBlob": STANDARD.encode(&pfx.file),
        "encryptedPfxPassword": encrypted(key, pfx.password, OaepDigest::Sha512),
        "createdDateTime": "2026-11-21T14:00:00.7156189+02:00",
        "lastModifiedDateTime": "2026-11-21T14:00:00.7156189+02:00",
    })
}

async fn connector(house: &House) -> ConnectorKey {
    let new = NewConnectorKey {
        bits: 2048,
        ..NewConnectorKey::default()
    };
    house
        .engine
        .connector_key(&Actor::system(), new)
        .await
        .unwrap()
}

/// A house with Ada and a connector key.
async fn open() -> (House, String, ConnectorKey) {
    let house = House::open().await;
    let ada = house.user("ada").await;
    let key = connector(&house).await;
    (house, ada, key)
}

const ADA: &str = "ada@example.com";

#[tokio::test]
async fn the_import_module_creates_finds_updates_and_removes() {
    let (house, ada, key) = open().await;
    let file = pfx(ADA, 1, (-1, 2));
    // The module asks for the owner first.
    let found = house
        .get("/beta/users?$filter=userPrincipalName%20eq%20'ada@example.com'")
        .await
        .expect(200);
    let owner = all(&found, "id")[0].replace('-', "");
    assert_eq!(owner, ada.replace('-', ""));

    let body = module_body(&key, &file, "ADA@example.com", "SmimeEncryption");
    let made = house.post(PATH, body.clone()).await.expect(201);
    let expected = format!("{owner}-{}", thumbprint(&file));
    assert_eq!(id(&made), expected);
    assert_eq!(made["intendedPurpose"], "smimeEncryption");
    assert_eq!(made["userPrincipalName"], ADA);
    assert_eq!(made["paddingScheme"], "oaepSha512");
    assert_eq!(made["keyName"], "mandate-connector");
    assert_eq!(made["encryptedPfxBlob"], Value::Null);
    assert_eq!(made["encryptedPfxPassword"], Value::Null);
    assert_eq!(made["@mandate.warnings"], Value::Null);
    assert_eq!(
        house.post(PATH, body.clone()).await.error(409)["code"],
        "Conflict"
    );

    let filter = format!(
        "{PATH}?$filter=tolower(userPrincipalName)%20eq%20'ada@example.com'%20and%20tolower(thumbprint)%20eq%20'{}'",
        thumbprint(&file)
    );
    let list = house.get(&filter).await.expect(200);
    assert_eq!(all(&list, "id"), [expected.as_str()]);
    assert!(!list.to_string().contains(&STANDARD.encode(&file.file)));
    for path in [
        format!("{PATH}/{expected}"),
        format!("{PATH}('{expected}')"),
        format!("{PATH}({expected})"),
        format!(
            "/beta/devicemanagement/userpfxcertificates({})/",
            expected.to_uppercase()
        ),
    ] {
        assert_eq!(id(&house.get(&path).await.expect(200)), expected, "{path}");
    }

    let mut update = module_body(&key, &file, ADA, "SmimeSigning");
    update["id"] = Value::Null;
    house.advance(1_000_000);
    let changed = house
        .patch(&format!("{PATH}({expected})"), update)
        .await
        .expect(200);
    assert_eq!(changed["intendedPurpose"], "smimeSigning");
    assert_ne!(changed["lastModifiedDateTime"], changed["createdDateTime"]);

    house
        .delete(&format!("{PATH}/{expected}"))
        .await
        .expect(204);
    house.delete(&format!("{PATH}/{expected}")).await.error(404);
    assert_eq!(all(&house.get(PATH).await.expect(200), "id"), [""; 0]);
}

#[tokio::test]
async fn an_object_that_was_read_can_be_sent_back() {
    let (house, _, key) = open().await;
    let file = pfx(ADA, 1, (-1, 2));
    let made = house
        .post(PATH, module_body(&key, &file, ADA, "Unassigned"))
        .await
        .expect(201);
    let item = format!("{PATH}('{}')", id(&made));
    let mut read = house.get(&item).await.expect(200);
    read["intendedPurpose"] = json!("wifi");
    assert_eq!(
        house.patch(&item, read).await.expect(200)["intendedPurpose"],
        "wifi"
    );

    // The key may be gone: what was imported does not need it.
    house
        .engine
        .remove_connector_key(&Actor::system(), &key.name)
        .await
        .unwrap();
    house
        .patch(&item, json!({"intendedPurpose": "Vpn"}))
        .await
        .expect(200);
    for (body, target) in [
        (
            json!({"userPrincipalName": "admin@example.com"}),
            "userPrincipalName",
        ),
        (json!({"keyName": "other"}), "keyName"),
        (json!({"thumbprint": "00"}), "thumbprint"),
        (
            json!({"expirationDateTime": "2050-01-01T00:00:00Z"}),
            "expirationDateTime",
        ),
        (json!({"encryptedPfxBlob": "AQID"}), "encryptedPfxPassword"),
        (module_body(&key, &file, ADA, "Unassigned"), "keyName"),
    ] {
        assert_eq!(
            house.patch(&item, body.clone()).await.error(400)["target"],
            target,
            "{body}"
        );
    }
    let other = pfx(ADA, 2, (-1, 2));
    let key = connector(&house).await;
    let foreign = module_body(&key, &other, ADA, "Unassigned");
    assert_eq!(
        house.patch(&item, foreign).await.error(400)["target"],
        "thumbprint"
    );
}

#[tokio::test]
async fn each_wrong_field_is_named_with_its_rule() {
    let (house, _, key) = open().await;
    let file = pfx(ADA, 1, (-1, 2));
    let whole = module_body(&key, &file, ADA, "SmimeSigning");
    let other_digest = encrypted(&key, file.password, OaepDigest::Sha256);
    let other_password = encrypted(&key, "guessed", OaepDigest::Sha512);
    for (property, value, words) in [
        (
            "userPrincipalName",
            json!("nobody@example.com"),
            "existing user",
        ),
        ("userPrincipalName", Value::Null, "required"),
        ("keyName", json!("other"), "`mandate-connector`"),
        (
            "providerName",
            json!("TPM"),
            "Microsoft Software Key Storage Provider",
        ),
        ("paddingScheme", json!("Pkcs1"), "oaepSha256"),
        ("paddingScheme", json!("OaepSha1"), "oaepSha1"),
        ("paddingScheme", json!("none"), "oaepSha512"),
        ("intendedPurpose", json!("mail"), "smimeEncryption"),
        (
            "encryptedPfxPassword",
            json!(other_digest),
            "padding `oaepSha512`",
        ),
        (
            "encryptedPfxPassword",
            json!(other_password),
            "does not open the file",
        ),
        ("encryptedPfxPassword", json!("AAAA"), "256 bytes"),
        ("encryptedPfxBlob", json!("AAAA"), "PKCS#12"),
        ("encryptedPfxBlob", json!("*"), "base64"),
        (
            "encryptedPfxBlob",
            json!("A".repeat(3_000_000)),
            "262144 bytes",
        ),
        ("thumbprint", json!("00"), "SHA-1"),
        (
            "startDateTime",
            json!("2001-01-01T00:00:00Z"),
            "as the certificate",
        ),
        (
            "expirationDateTime",
            json!("2001-01-01T00:00:00Z"),
            "as the certificate",
        ),
        ("nickname", json!("x"), "not a property"),
    ] {
        let mut body = whole.clone();
        body[property] = value;
        let error = house.post(PATH, body).await.error(400);
        assert_eq!(error["target"], property, "{error}");
        assert!(
            error["message"].as_str().unwrap().contains(words),
            "{error}"
        );
        assert!(!error.to_string().contains(file.password), "{error}");
    }
    assert_eq!(all(&house.get(PATH).await.expect(200), "id"), [""; 0]);
    house.post(PATH, json!([])).await.error(400);
    house.call(Method::POST, PATH, &[], None).await.error(400);
}

#[tokio::test]
async fn without_a_connector_key_the_answer_says_how_to_make_one() {
    let house = House::open().await;
    house.user("ada").await;
    let key = connector(&house).await;
    let body = module_body(&key, &pfx(ADA, 1, (-1, 2)), ADA, "SmimeSigning");
    house
        .engine
        .remove_connector_key(&Actor::system(), &key.name)
        .await
        .unwrap();
    let error = house.post(PATH, body).await.error(400);
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("mandate connector key"),
        "{error}"
    );
}

#[tokio::test]
async fn an_old_certificate_opens_old_mail_and_a_foreign_address_is_warned_of() {
    let (house, _, key) = open().await;
    let old = pfx(ADA, 1, (-3, -1));
    let error = house
        .post(PATH, module_body(&key, &old, ADA, "SmimeSigning"))
        .await
        .error(400);
    assert_eq!(error["target"], "expirationDateTime");
    let made = house
        .post(PATH, module_body(&key, &old, ADA, "SmimeEncryption"))
        .await
        .expect(201);
    assert_eq!(made["@mandate.warnings"][0]["code"], "expired");
    let error = house
        .patch(
            &format!("{PATH}({})", id(&made)),
            json!({"intendedPurpose": "wifi"}),
        )
        .await
        .error(400);
    assert_eq!(error["target"], "expirationDateTime");

    let foreign = pfx("bob@elsewhere.example", 2, (-1, 1));
    let made = house
        .post(PATH, module_body(&key, &foreign, ADA, "SmimeSigning"))
        .await
        .expect(201);
    let warning = &made["@mandate.warnings"][0];
    assert_eq!(warning["code"], "noAddressMatch");
    assert!(
        warning["message"]
            .as_str()
            .unwrap()
            .contains("bob@elsewhere.example")
    );
}

#[tokio::test]
async fn lists_are_filtered_sorted_counted_and_paged() {
    let (house, _, key) = open().await;
    house.user("bob").await;
    for (serial, person) in [(1, "ada"), (2, "ada"), (3, "bob"), (4, "bob"), (5, "bob")] {
        let upn = format!("{person}@example.com");
        let file = pfx(&upn, serial, (i64::from(serial) - 6, 9));
        house
            .post(PATH, module_body(&key, &file, &upn, "SmimeEncryption"))
            .await
            .expect(201);
    }
    assert_eq!(house.get(&format!("{PATH}/$count")).await.text, "5");
    let filter = |text: &str| format!("{PATH}?$filter={}", text.replace(' ', "%20"));
    for (text, count) in [
        ("tolower(userPrincipalName) eq 'bob@example.com'", 3),
        (
            "userPrincipalName eq 'BOB@example.com' and intendedPurpose eq 'smimeEncryption'",
            3,
        ),
        (
            "userPrincipalName eq 'bob@example.com' and intendedPurpose eq 'wifi'",
            0,
        ),
        ("userPrincipalName eq 'nobody@example.com'", 0),
        ("intendedPurpose eq 'smimeencryption'", 5),
        (
            "userPrincipalName eq 'ada@example.com' or userPrincipalName eq 'bob@example.com'",
            5,
        ),
        ("startDateTime lt 2000-01-01T00:00:00Z", 0),
    ] {
        let list = house.get(&filter(text)).await.expect(200);
        assert_eq!(all(&list, "id").len(), count, "{text}");
    }
    let sorted = house
        .get(&format!(
            "{PATH}?$orderby=startDateTime%20desc&$select=thumbprint&$top=2&$count=true"
        ))
        .await
        .expect(200);
    assert_eq!(sorted["@odata.count"], 5);
    assert_eq!(sorted["value"].as_array().unwrap().len(), 2);
    assert_eq!(sorted["value"][0].as_object().unwrap().len(), 1);
    for options in [
        "$top=2",
        "$top=2&$orderby=startDateTime",
        "$top=1&$filter=intendedPurpose%20eq%20'smimeEncryption'",
    ] {
        let (mut next, mut seen) = (format!("{PATH}?{options}"), Vec::new());
        loop {
            let page = house.get(&next).await.expect(200);
            seen.extend(all(&page, "id").into_iter().map(str::to_owned));
            let Some(link) = page["@odata.nextLink"].as_str() else {
                break;
            };
            next = link.replace("https://mdm.example.com:8443", "");
        }
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 5, "{options}");
    }
    let skipped = house.get(&format!("{PATH}?$skip=4")).await.expect(200);
    assert_eq!(all(&skipped, "id").len(), 1);
    for bad in [
        "$filter=nickname%20eq%20'x'",
        "$select=nickname",
        "$skiptoken=eHl6",
    ] {
        house.get(&format!("{PATH}?{bad}")).await.error(400);
    }
}

#[tokio::test]
async fn permissions_and_versions_are_kept() {
    let (house, _, key) = open().await;
    let file = pfx(ADA, 1, (-1, 2));
    let body = module_body(&key, &file, ADA, "SmimeSigning");
    let reader = house.app(vec![Permission::ConfigurationRead]).await;
    let reader = format!("Bearer {}", house.sign_in(&reader).await);
    let stranger = house.app(vec![Permission::DirectoryReadWrite]).await;
    let stranger = format!("Bearer {}", house.sign_in(&stranger).await);
    let made = id(&house.post(PATH, body.clone()).await.expect(201));
    let item = format!("{PATH}/{made}");
    for (who, sees) in [(&reader, true), (&stranger, false)] {
        let headers = [("authorization", who.as_str())];
        let status = if sees { 200 } else { 403 };
        for path in [PATH, &item, "/beta/deviceManagement/ndesConnectors"] {
            assert_eq!(
                house.get_with(path, &headers).await.status.as_u16(),
                status,
                "{path}"
            );
        }
        let change = Some(json!({"intendedPurpose": "wifi"}));
        house
            .call(Method::POST, PATH, &headers, Some(body.clone()))
            .await
            .error(403);
        house
            .call(Method::PATCH, &item, &headers, change)
            .await
            .error(403);
        house
            .call(Method::DELETE, &item, &headers, None)
            .await
            .error(403);
    }
    house
        .get_with(PATH, &[("authorization", "")])
        .await
        .error(401);
    house
        .get("/v1.0/deviceManagement/userPfxCertificates")
        .await
        .error(404);
    house
        .post("/v1.0/deviceManagement/userPfxCertificates", body)
        .await
        .error(404);
    house.get(&format!("{PATH}/nonsense")).await.error(404);
    house.call(Method::PUT, PATH, &[], None).await.error(405);
}

#[tokio::test]
async fn batches_metadata_and_the_connector_know_of_it() {
    let (house, _, key) = open().await;
    let file = pfx(ADA, 1, (-1, 2));
    let batch = json!({"requests": [
        {"id": 1, "method": "POST", "url": "deviceManagement/userPfxCertificates",
            "headers": {"Content-Type": "application/json"}, "body": module_body(&key, &file, ADA, "SmimeSigning")},
        {"id": 2, "method": "GET", "url": "deviceManagement/userPfxCertificates", "dependsOn": ["1"]},
    ]});
    let answer = house.post("/beta/$batch", batch).await.expect(200);
    let items = answer["responses"].as_array().unwrap();
    assert!(items.iter().any(|item| item["status"] == 201));
    assert!(
        items
            .iter()
            .any(|item| item["body"]["value"][0]["thumbprint"] == thumbprint(&file))
    );

    let full = house
        .get_with(PATH, &[("accept", "application/json;odata.metadata=full")])
        .await
        .expect(200);
    assert_eq!(
        full["value"][0]["@odata.type"],
        "#microsoft.graph.userPFXCertificate"
    );
    let model = house.get("/beta/$metadata").await.text;
    assert!(model.contains("<EntityType Name=\"userPFXCertificate\" BaseType=\"graph.entity\">"));
    assert!(model.contains("<Property Name=\"encryptedPfxBlob\" Type=\"Edm.Binary\"/>"));
    let v1 = house.get("/v1.0/$metadata").await.text;
    assert!(!v1.contains("Name=\"userPfxCertificates\""));

    let connectors = house
        .get("/beta/deviceManagement/ndesConnectors")
        .await
        .expect(200);
    assert_eq!(connectors["value"][0]["state"], "active");
    assert_eq!(connectors["value"].as_array().unwrap().len(), 1);
    let details = house
        .get("/beta/deviceManagement/certificateConnectorDetails")
        .await
        .expect(200);
    assert_eq!(details["value"][0]["machineName"], "mdm.example.com");
}

#[tokio::test]
async fn several_connector_keys_are_good_until_they_are_removed() {
    let (house, _, first) = open().await;
    let new = NewConnectorKey {
        name: "second".to_owned(),
        bits: 2048,
        ..NewConnectorKey::default()
    };
    let admin = Actor::system();
    let second = house
        .engine
        .create_connector_key(&admin, new.clone())
        .await
        .unwrap();
    house
        .engine
        .create_connector_key(&admin, new)
        .await
        .unwrap_err();
    assert_eq!(
        connector(&house).await,
        second,
        "the newest is the one to use"
    );
    for (serial, key) in [(1, &first), (2, &second)] {
        let file = pfx(ADA, serial, (-1, 2));
        house
            .post(PATH, module_body(key, &file, ADA, "SmimeEncryption"))
            .await
            .expect(201);
    }
    // Nothing else tells which key is meant.
    let mut body = module_body(&second, &pfx(ADA, 3, (-1, 2)), ADA, "SmimeEncryption");
    body["keyName"] = json!("");
    body["providerName"] = json!("");
    let error = house.post(PATH, body.clone()).await.error(400);
    assert_eq!(error["target"], "keyName");
    house
        .engine
        .remove_connector_key(&admin, "mandate-connector")
        .await
        .unwrap();
    house.post(PATH, body).await.expect(201);
}

#[tokio::test]
async fn a_person_who_is_removed_takes_the_keys_along_and_nobody_revokes_anything() {
    let (house, ada, key) = open().await;
    let phone = house.phone("phone", Some(&ada)).await;
    let file = pfx(ADA, 1, (-1, 2));
    house
        .post(PATH, module_body(&key, &file, ADA, "SmimeEncryption"))
        .await
        .expect(201);
    let device = mandate_model::DeviceId(phone.parse().unwrap());
    let stale_at = house.stale_at(device).await;
    house.advance(5_000_000);
    house
        .delete(&format!("/v1.0/users/{ada}"))
        .await
        .expect(204);
    assert!(house.stale_at(device).await > stale_at);
    assert_eq!(all(&house.get(PATH).await.expect(200), "id"), [""; 0]);
}

#[tokio::test]
async fn every_change_makes_the_owners_devices_look_again() {
    let (house, ada, key) = open().await;
    let bob = house.user("bob").await;
    let of_ada = house.phone("a", Some(&ada)).await;
    let of_bob = house.phone("b", Some(&bob)).await;
    let device = |id: &str| mandate_model::DeviceId(id.parse().unwrap());
    let mut before = house.stale_at(device(&of_ada)).await;
    let quiet = house.stale_at(device(&of_bob)).await;
    let file = pfx(ADA, 1, (-1, 2));
    house.advance(1_000_000);
    let made = house
        .post(PATH, module_body(&key, &file, ADA, "SmimeEncryption"))
        .await
        .expect(201);
    let item = format!("{PATH}({})", id(&made));
    for step in 0..3 {
        let now = house.stale_at(device(&of_ada)).await;
        assert!(now > before, "step {step}");
        before = now;
        house.advance(1_000_000);
        match step {
            0 => drop(
                house
                    .patch(&item, json!({"intendedPurpose": "smimeSigning"}))
                    .await
                    .expect(200),
            ),
            1 => drop(house.delete(&item).await.expect(204)),
            _ => {}
        }
    }
    assert_eq!(house.stale_at(device(&of_bob)).await, quiet);
}

/// Bodies that look like what the module sends, wrong in one place or in several.
fn bodies() -> impl Strategy<Value = Value> {
    let value = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,40}".prop_map(Value::from),
        "[A-Za-z0-9+/]{0,64}={0,2}".prop_map(Value::from),
        prop_oneof![
            Just("ada@example.com"),
            Just("OaepSha512"),
            Just("SmimeSigning"),
            Just("2026-01-01T00:00:00Z")
        ]
        .prop_map(Value::from),
        Just(json!([1, {"a": null}])),
    ];
    let name = prop_oneof![
        Just("userPrincipalName".to_owned()),
        Just("intendedPurpose".to_owned()),
        Just("paddingScheme".to_owned()),
        Just("encryptedPfxBlob".to_owned()),
        Just("encryptedPfxPassword".to_owned()),
        Just("thumbprint".to_owned()),
        Just("keyName".to_owned()),
        Just("startDateTime".to_owned()),
        Just("@odata.type".to_owned()),
        "\\PC{0,20}".prop_map(|text| text),
    ];
    proptest::collection::vec((name, value), 0..8)
        .prop_map(|pairs| Value::Object(pairs.into_iter().collect()))
}

#[test]
fn any_body_is_taken_or_refused_by_the_name_of_a_property() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (house, _, key) = runtime.block_on(open());
    let whole = module_body(&key, &pfx(ADA, 1, (-1, 2)), ADA, "SmimeSigning");
    let mut runner = proptest::test_runner::TestRunner::default();
    runner
        .run(&bodies(), |changes| {
            for mut body in [json!({}), whole.clone()] {
                for (name, value) in changes.as_object().unwrap() {
                    body[name] = value.clone();
                }
                let answer = runtime.block_on(house.post(PATH, body.clone()));
                match answer.status.as_u16() {
                    201 | 409 => {}
                    400 => {
                        let target = answer.json()["error"]["target"].clone();
                        let name = target.as_str().unwrap_or_default();
                        prop_assert!(
                            body.get(name).is_some() || REQUIRED.contains(&name),
                            "{}",
                            answer.text
                        );
                    }
                    other => prop_assert!(false, "{other}: {}", answer.text),
                }
            }
            Ok(())
        })
        .unwrap();
}

const REQUIRED: [&str; 3] = [
    "userPrincipalName",
    "encryptedPfxBlob",
    "encryptedPfxPassword",
];
