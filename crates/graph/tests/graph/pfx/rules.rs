//! What is refused, and how it is told.

use axum::http::Method;
use mandate_engine::Actor;
use mandate_pki::keys::OaepDigest;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{ADA, PATH, connector, encrypted, module_body, open, pfx};
use crate::house::{House, all, id};

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
