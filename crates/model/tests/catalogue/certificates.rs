//! Certificate profiles and trusted roots.

use base64::Engine as _;
use serde_json::json;

use crate::{ROOT, SCEP, create, properties};

#[test]
fn a_certificate_lives_five_days_to_two_years() {
    let valid = |value: i64, scale: &str| {
        let body = json!({ "certificateValidityPeriodValue": value, "certificateValidityPeriodScale": scale });
        create(SCEP, body).is_ok()
    };
    assert!(valid(5, "days") && valid(730, "days") && valid(24, "months") && valid(2, "years"));
    assert!(
        !valid(4, "days")
            && !valid(731, "days")
            && !valid(25, "months")
            && !valid(3, "years")
            && !valid(0, "years")
    );
}

#[test]
fn wrong_certificate_settings_are_refused() {
    let many: Vec<_> = (0..501)
        .map(|_| json!({ "name": "x", "objectIdentifier": "1.2.3" }))
        .collect();
    let cases = [
        (json!({ "keySize": "size512" }), "keySize"),
        (
            json!({ "renewalThresholdPercentage": 0 }),
            "renewalThresholdPercentage",
        ),
        (
            json!({ "renewalThresholdPercentage": 100 }),
            "renewalThresholdPercentage",
        ),
        (
            json!({ "subjectNameFormatString": "CN={{UserName}" }),
            "subjectNameFormatString",
        ),
        (
            json!({ "subjectNameFormatString": "XX=a" }),
            "subjectNameFormatString",
        ),
        (
            json!({ "subjectNameFormatString": "CN={{Shoe_Size}}" }),
            "subjectNameFormatString",
        ),
        (
            json!({ "certificateStore": "machine", "subjectNameFormatString": "CN={{username}}" }),
            "subjectNameFormatString",
        ),
        (
            json!({ "extendedKeyUsages": [{ "objectIdentifier": "clientAuth" }] }),
            "extendedKeyUsages[0].objectIdentifier",
        ),
        (
            json!({ "extendedKeyUsages": [
                { "objectIdentifier": "1.3.6.1.5.5.7.3.2" },
                { "objectIdentifier": "1.3.6.1.5.5.7.3.9" },
            ] }),
            "extendedKeyUsages[1].objectIdentifier",
        ),
        (json!({ "extendedKeyUsages": null }), "extendedKeyUsages"),
        (json!({ "extendedKeyUsages": many }), "extendedKeyUsages"),
        (
            json!({ "scepServerUrls": ["ftp://a"] }),
            "scepServerUrls[0]",
        ),
        (
            json!({ "customSubjectAlternativeNames": [{ "sanType": "customAzureADAttribute", "name": "x" }] }),
            "customSubjectAlternativeNames[0].sanType",
        ),
        (
            json!({ "customSubjectAlternativeNames": [{ "sanType": "emailAddress", "name": "{{Foo}}" }] }),
            "customSubjectAlternativeNames[0].name",
        ),
    ];
    for (body, property) in cases {
        let violations = create(SCEP, body.clone()).expect_err(&body.to_string());
        assert_eq!(properties(&violations), [property], "{body}");
    }
}

#[test]
fn a_trusted_root_is_kept_as_der() {
    let der = [0x30, 9, 0x30, 3, 2, 1, 1, 0x30, 0, 3, 0];
    let base64 = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    let read = |text: String| {
        create(
            ROOT,
            json!({ "trustedRootCertificate": text, "certFileName": "ca.cer" }),
        )
    };
    let pem = format!(
        "-----BEGIN CERTIFICATE-----\r\n{}\r\n-----END CERTIFICATE-----\r\n",
        base64(&der)
    );

    let kept = read(base64(&der)).unwrap();
    assert_eq!(kept["trustedRootCertificate"], json!(base64(&der)));
    assert_eq!(read(base64(pem.as_bytes())).unwrap(), kept);
    assert_eq!(read(pem.clone()).unwrap(), kept);

    let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n".to_owned();
    let trailing = [&der[..], &[0]].concat();
    for wrong in [
        "?".to_owned(),
        base64(b"hello"),
        base64(&trailing),
        key.clone() + &pem,
        pem.clone() + &pem,
    ] {
        let violations = read(wrong.clone()).expect_err(&wrong);
        assert_eq!(violations[0].value, None, "binaries are not repeated");
    }
}
