//! What certificate profiles of several kinds have in common, and what each has besides.

use std::collections::BTreeMap;

use mandate_model::Platform;
use serde_json::{Value, json};

use crate::{
    IMPORTED, MAC_IMPORTED, MAC_PKCS, MAC_ROOT, MAC_SCEP, PKCS, SCEP, create, kind, properties,
    update_of,
};

#[test]
fn an_imported_profile_without_a_purpose_is_for_any_and_keeps_it() {
    for name in [IMPORTED, MAC_IMPORTED] {
        let any = create(name, json!({})).unwrap();
        assert_eq!(any["intendedPurpose"], "unassigned");
        let mail = create(name, json!({ "intendedPurpose": "SMIMEENCRYPTION" })).unwrap();
        assert_eq!(mail["intendedPurpose"], "smimeEncryption");
        let same = update_of(name, &mail, json!({ "intendedPurpose": "smimeEncryption" }));
        assert_eq!(same.unwrap(), mail, "what is read may be written back");
        let other = update_of(name, &mail, json!({ "intendedPurpose": "smimeSigning" }));
        let violations = other.unwrap_err();
        assert_eq!(properties(&violations), ["intendedPurpose"]);
        assert!(violations[0].message.contains("make another profile"));
        let vpn = create(name, json!({ "intendedPurpose": "vpn" })).unwrap_err();
        assert!(
            vpn[0].message.contains("cannot be `vpn`"),
            "{}",
            vpn[0].message
        );
    }
}

#[test]
fn imported_profiles_of_macs_carry_what_their_base_has() {
    let settings = create(MAC_IMPORTED, json!({ "intendedPurpose": "smimeSigning" })).unwrap();
    for property in [
        "certificateValidityPeriodScale",
        "certificateValidityPeriodValue",
        "renewalThresholdPercentage",
        "subjectNameFormat",
    ] {
        assert!(!settings[property].is_null(), "{property}");
    }
    let odd = json!({ "certificateValidityPeriodValue": 0, "renewalThresholdPercentage": 0 });
    assert_eq!(
        create(MAC_IMPORTED, odd).unwrap()["certificateValidityPeriodValue"],
        0
    );
}

#[test]
fn macs_have_the_settings_that_graph_gives_them() {
    let body = json!({
        "deploymentChannel": "deviceChannel", "certificateStore": "machine", "allowAllAppsAccess": true,
        "subjectNameFormatString": "CN={{AAD_Device_ID}}",
    });
    assert_eq!(
        create(MAC_PKCS, body.clone()).unwrap()["allowAllAppsAccess"],
        true
    );
    let mut scep = body;
    scep["hashAlgorithm"] = json!("sha2,sha1");
    assert_eq!(
        create(MAC_SCEP, scep).unwrap()["hashAlgorithm"],
        "sha1,sha2"
    );
    for (name, property) in [
        (SCEP, "deploymentChannel"),
        (SCEP, "hashAlgorithm"),
        (PKCS, "allowAllAppsAccess"),
        (IMPORTED, "deploymentChannel"),
        (IMPORTED, "certificateStore"),
    ] {
        let violations = create(name, json!({ property: "x" })).unwrap_err();
        assert_eq!(properties(&violations), [property], "{name}");
    }
}

#[test]
fn settings_of_other_platforms_are_refused_with_their_platform() {
    for name in [SCEP, PKCS, MAC_PKCS, IMPORTED] {
        let body = json!({ "keyStorageProvider": "useSoftwareKsp" });
        let violations = create(name, body).unwrap_err();
        assert_eq!(
            violations[0].message,
            format!(
                "`keyStorageProvider` is a setting of profiles for Windows, not of `{}`",
                kind(name).type_name
            )
        );
    }
}

#[test]
fn the_user_channel_has_no_device_certificates() {
    for name in [MAC_SCEP, MAC_PKCS] {
        let body = json!({ "deploymentChannel": "userChannel", "certificateStore": "machine" });
        assert_eq!(
            properties(&create(name, body).unwrap_err()),
            ["certificateStore"]
        );
        let body = json!({ "deploymentChannel": "userChannel", "certificateStore": "user" });
        assert!(create(name, body).is_ok(), "backups of Intune have it");
    }
}

#[test]
fn what_is_probably_not_meant_on_a_mac_is_warned_of() {
    let advice = |name: &str, body: Value| warnings(name, body);
    assert_eq!(
        advice(
            MAC_ROOT,
            json!({ "deploymentChannel": "userChannel", "trustedRootCertificate": ROOT_FILE })
        ),
        [""; 0]
    );
    assert_eq!(
        advice(MAC_ROOT, json!({ "trustedRootCertificate": ROOT_FILE })),
        [""; 0]
    );
    assert_eq!(
        advice(
            MAC_IMPORTED,
            json!({ "intendedPurpose": "smimeEncryption" })
        ),
        ["userCertificateOnDeviceChannel"]
    );
    assert_eq!(
        advice(
            MAC_SCEP,
            json!({ "subjectNameFormatString": "CN={{imei}}", "hashAlgorithm": "sha2" })
        ),
        ["variableNotOnPlatform", "userCertificateOnDeviceChannel"]
    );
    assert_eq!(
        advice(
            MAC_SCEP,
            json!({
                "deploymentChannel": "userChannel", "hashAlgorithm": "sha1",
                "scepServerUrls": ["https://ndes.contoso.com/scep"],
            })
        ),
        ["externalScepServer", "hashIgnored"]
    );
    assert_eq!(
        advice(
            MAC_SCEP,
            json!({ "certificateStore": "machine", "subjectNameFormatString": "CN={{SerialNumber}}" })
        ),
        ["deviceCertificate"]
    );
}

#[test]
fn what_a_pkcs_profile_of_an_intune_backup_names_is_told_apart() {
    let advice = |body: Value| warnings(PKCS, body);
    assert_eq!(
        advice(json!({ "certificateTemplateName": "signing" })),
        [""; 0]
    );
    assert_eq!(advice(json!({})), ["noTemplate"]);
    let backup = json!({
        "certificationAuthority": "ca01.corp.contoso.com", "certificationAuthorityName": "Contoso Issuing CA 1",
        "certificateTemplateName": "IntuneMailUser",
    });
    assert_eq!(advice(backup), ["namedAuthority", "ownTemplate"]);
    let host = json!({ "certificationAuthority": "ca01.corp.contoso.com", "certificateTemplateName": "signing" });
    assert_eq!(advice(host), ["namedAuthority"]);
}

#[test]
fn certificates_signed_with_sha_1_alone_are_refused() {
    for hash in ["sha2", "sha1,sha2"] {
        assert!(create(MAC_SCEP, json!({ "hashAlgorithm": hash })).is_ok());
    }
    let refused = create(MAC_SCEP, json!({ "hashAlgorithm": "sha1" })).unwrap_err();
    assert_eq!(properties(&refused), ["hashAlgorithm"]);
    assert!(refused[0].message.contains("SHA-1"), "{refused:?}");
}

#[test]
fn an_alternative_name_may_be_any_attribute_of_the_directory() {
    let names = |value: &str| json!({ "customSubjectAlternativeNames": [{ "sanType": "customAzureADAttribute", "name": value }] });
    for name in [PKCS, MAC_PKCS] {
        for value in ["department", "{{extensionAttribute1}}"] {
            assert!(create(name, names(value)).is_ok(), "{value}");
        }
        for value in ["", "two words", "{{a}}b", "{{a"] {
            let violations = create(name, names(value)).unwrap_err();
            let property = "customSubjectAlternativeNames[0].name";
            assert_eq!(properties(&violations), [property], "{value}");
        }
        let mut of_device = names("department");
        of_device["certificateStore"] = json!("machine");
        let violations = create(name, of_device).unwrap_err();
        let property = "customSubjectAlternativeNames[0].sanType";
        assert_eq!(properties(&violations), [property]);
        let unknown = json!({ "customSubjectAlternativeNames": [{ "sanType": "emailAddress", "name": "{{Foo}}" }] });
        let violations = create(name, unknown).unwrap_err();
        let property = "customSubjectAlternativeNames[0].name";
        assert_eq!(properties(&violations), [property]);
    }
    let mut older = json!({ "subjectAlternativeNameType": "emailAddress,customAzureADAttribute" });
    let violations = create(PKCS, older.clone()).unwrap_err();
    let property = "subjectAlternativeNameFormatString";
    assert_eq!(properties(&violations), [property]);
    older[property] = json!("department");
    assert!(create(PKCS, older).is_ok());
}

#[test]
fn every_kind_names_its_platform_and_bases_as_graph_does() {
    for (name, platform, base) in [
        (PKCS, Platform::Ios, "iosCertificateProfileBase"),
        (IMPORTED, Platform::Ios, "iosCertificateProfile"),
        (MAC_SCEP, Platform::MacOs, "macOSCertificateProfileBase"),
        (MAC_PKCS, Platform::MacOs, "macOSCertificateProfileBase"),
        (MAC_IMPORTED, Platform::MacOs, "macOSCertificateProfileBase"),
        (MAC_ROOT, Platform::MacOs, "deviceConfiguration"),
    ] {
        assert_eq!(kind(name).platform, platform);
        assert_eq!(kind(name).base_types[0], base);
    }
    assert!(!kind(IMPORTED).is_a("iosCertificateProfileBase"));
}

fn warnings(name: &str, body: Value) -> Vec<&'static str> {
    let settings = create(name, body).unwrap();
    let warnings = kind(name).warnings(&settings, &BTreeMap::new());
    warnings.into_iter().map(|warning| warning.code).collect()
}

/// The least that passes as a certificate.
const ROOT_FILE: &str = "MAkwAwIBATAAAwA=";
