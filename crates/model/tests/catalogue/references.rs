//! What a mail profile wants of the certificate profiles that it names.

use std::collections::BTreeMap;

use mandate_model::{Profile, ProfileId, Timestamp};
use serde_json::{Value, json};

use crate::{
    IMPORTED, MAC_IMPORTED, MAC_PKCS, MAC_ROOT, MAC_SCEP, MAIL, PKCS, SCEP, create, kind, mail,
};

#[test]
fn certificates_that_do_not_serve_their_purpose_are_warned_of() {
    let names = json!([{ "sanType": "userPrincipalName", "name": "{{UserPrincipalName}}" }]);
    let identity = |kind: &str, body: Value| codes("identityCertificate", kind, body);
    let body = json!({ "customSubjectAlternativeNames": names });
    assert_eq!(identity(SCEP, body.clone()), [""; 0]);
    assert_eq!(identity(PKCS, body), [""; 0]);
    assert_eq!(
        identity(
            SCEP,
            json!({ "certificateStore": "machine", "keyUsage": "keyEncipherment" })
        ),
        [
            "deviceCertificate",
            "alternativeNameMissing",
            "keyUsageMissing"
        ]
    );
}

#[test]
fn an_encryption_key_for_each_device_is_warned_of() {
    let names = json!([{ "sanType": "emailAddress", "name": "{{EmailAddress}}" }]);
    let encryption = |kind: &str, body: Value| codes("smimeEncryptionCertificate", kind, body);
    let body =
        json!({ "customSubjectAlternativeNames": names, "extendedKeyUsages": [mail_usage()] });
    assert_eq!(encryption(SCEP, body), ["encryptionKeyPerDevice"]);
    assert_eq!(
        encryption(
            PKCS,
            json!({ "customSubjectAlternativeNames": names, "certificateTemplateName": "encryption" })
        ),
        ["encryptionKeyPerDevice"]
    );
    assert_eq!(
        encryption(IMPORTED, json!({ "intendedPurpose": "smimeEncryption" })),
        [""; 0]
    );
}

#[test]
fn a_template_that_does_not_suit_is_warned_of() {
    let names = json!([{ "sanType": "emailAddress", "name": "{{EmailAddress}}" }]);
    let cases = [
        ("smimeSigningCertificate", "Signing", vec![]),
        (
            "smimeSigningCertificate",
            "encryption",
            vec!["keyUsageMissing"],
        ),
        (
            "smimeSigningCertificate",
            "",
            vec!["extendedKeyUsageMissing"],
        ),
        (
            "smimeEncryptionCertificate",
            "signing",
            vec!["encryptionKeyPerDevice", "keyUsageMissing"],
        ),
        // What the instance's own templates allow is seen per device.
        ("smimeSigningCertificate", "MailUser", vec![]),
    ];
    for (reference, template, expected) in cases {
        let body =
            json!({ "customSubjectAlternativeNames": names, "certificateTemplateName": template });
        assert_eq!(codes(reference, PKCS, body), expected, "{template}");
    }
}

#[test]
fn certificates_that_are_not_for_mail_are_warned_of() {
    let names = json!([{ "sanType": "emailAddress", "name": "{{EmailAddress}}" }]);
    let signing = |usages: Value| {
        let body = json!({ "customSubjectAlternativeNames": names, "extendedKeyUsages": usages });
        codes("smimeSigningCertificate", SCEP, body)
    };
    assert_eq!(signing(json!([])), ["extendedKeyUsageMissing"]);
    assert_eq!(
        signing(json!([{ "objectIdentifier": "1.3.6.1.5.5.7.3.2" }])),
        ["extendedKeyUsageMissing"]
    );
    assert_eq!(
        signing(json!([{ "objectIdentifier": "1.3.6.1.5.5.7.3.2" }, mail_usage()])),
        [""; 0]
    );
    assert_eq!(
        signing(json!([{ "objectIdentifier": "2.5.29.37.0" }])),
        [""; 0]
    );
}

#[test]
fn imported_certificates_of_another_purpose_are_warned_of() {
    let cases = [
        ("smimeSigningCertificate", "smimeSigning", vec![]),
        ("smimeSigningCertificate", "unassigned", vec![]),
        (
            "smimeSigningCertificate",
            "smimeEncryption",
            vec!["purposeMismatch"],
        ),
        (
            "smimeEncryptionCertificate",
            "smimeSigning",
            vec!["purposeMismatch"],
        ),
        (
            "smimeEncryptionCertificate",
            "wifi",
            vec!["purposeMismatch"],
        ),
    ];
    for (reference, purpose, expected) in cases {
        let found = codes(reference, IMPORTED, json!({ "intendedPurpose": purpose }));
        assert_eq!(found, expected, "{reference} {purpose}");
    }
}

#[test]
fn mail_profiles_take_the_certificate_profiles_that_intune_lets_them_take() {
    let accepted = |reference: &str, target: &str| {
        kind(MAIL)
            .reference(reference)
            .unwrap()
            .accepts(kind(target))
    };
    for reference in [
        "identityCertificate",
        "smimeSigningCertificate",
        "smimeEncryptionCertificate",
    ] {
        assert!(
            accepted(reference, SCEP) && accepted(reference, PKCS),
            "{reference}"
        );
        let smime = reference != "identityCertificate";
        assert_eq!(accepted(reference, IMPORTED), smime, "{reference}");
        for other in [MAC_SCEP, MAC_PKCS, MAC_IMPORTED, MAC_ROOT] {
            assert!(!accepted(reference, other), "{reference} {other}");
        }
    }
}

/// Codes of what a certificate profile lacks for a reference of a mail profile that needs it.
fn codes(reference: &'static str, name: &str, body: Value) -> Vec<&'static str> {
    let settings = mail(json!({
        "authenticationMethod": "certificate", "requireSmime": true, "signingCertificateType": "certificate",
        "encryptionCertificateType": "certificate",
    }));
    let target = Profile {
        id: ProfileId(uuid::Uuid::nil()),
        kind: kind(name),
        display_name: "Mail certificates".to_owned(),
        description: None,
        scope_tags: Vec::new(),
        version: 1,
        settings: create(name, body).unwrap(),
        references: BTreeMap::new(),
        created_at: Timestamp(0),
        modified_at: Timestamp(0),
    };
    let targets = BTreeMap::from([(reference.to_owned(), &target)]);
    let warnings = kind(MAIL).target_warnings(&settings, &targets);
    assert!(warnings.iter().all(|warning| warning.property == reference));
    warnings.into_iter().map(|warning| warning.code).collect()
}

fn mail_usage() -> Value {
    json!({ "name": "Secure Email", "objectIdentifier": "1.3.6.1.5.5.7.3.4" })
}
