//! Every payload that the catalogue can produce, held against Apple's description of payloads.
#![expect(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "helpers of tests may panic, and read better with `json!` by value"
)]

#[path = "schema/apple.rs"]
mod apple;
#[path = "schema/examples.rs"]
mod examples;
#[expect(dead_code, reason = "other tests use the rest")]
#[path = "compile/house.rs"]
mod house;
#[path = "schema/pairwise.rs"]
mod pairwise;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use mandate_model::{Compiled, ImportPurpose, OsVersion, Platform, Profile, Refusal};
use plist::Dictionary;
use serde_json::{Value, json};

use apple::Schema;
use examples::{certificate_examples, mac_subject_formats, services};
use house::{
    DER, House, IMPORTED, MAC_IMPORTED, MAC_PKCS, MAC_ROOT, PKCS, document, mac_scep, mail,
    payloads, profile, root, root_of, scep, smime, text,
};
use pairwise::{cover, parameters};

#[test]
fn mail_profiles_fit_the_schema() {
    let examples = [
        (
            "hostName",
            vec![json!("mail.example.org"), json!("192.0.2.1")],
        ),
        ("accountName", vec![json!("Mail"), json!("Poçta <&> 邮件")]),
        ("customDomainName", vec![json!("contoso")]),
        ("easServices", services()),
        ("perAppVPNProfileId", vec![json!(VPN)]),
    ];
    let (domains, smime) = (3 * 3 + 2, 9 * 2);
    assert_eq!(
        check(&mail(json!({})), &examples),
        domains + smime,
        "contradictions"
    );
}

#[test]
fn scep_profiles_fit_the_schema() {
    let examples = certificate_examples();
    let (device_certificates, shorthands, validity) = (3 + 1 + 2 + 2, 5 * 2, 4);
    let contradictions = device_certificates + shorthands + validity;
    assert_eq!(
        check(&scep(1, json!({})), &examples),
        contradictions,
        "contradictions"
    );
}

#[test]
fn scep_profiles_for_macs_fit_the_schema() {
    let mut examples = certificate_examples();
    examples.push(("hashAlgorithm", vec![json!("sha2"), json!("sha1,sha2")]));
    examples.push(mac_subject_formats());
    let (device_certificates, shorthands, validity) = (3 + 1 + 2 + 2, 4 * 2, 4);
    let channel = 1;
    assert_eq!(
        check(&mac_scep(1, json!({})), &examples),
        device_certificates + shorthands + validity + channel,
        "contradictions"
    );
}

#[test]
fn pkcs_profiles_fit_the_schema() {
    let mut examples = certificate_examples();
    examples.extend([
        ("certificationAuthority", vec![json!(""), json!("ca01")]),
        ("certificationAuthorityName", vec![json!(""), json!("CA")]),
        (
            "certificateTemplateName",
            vec![json!(""), json!("signing"), json!("x")],
        ),
    ]);
    let (device_certificates, shorthands, validity) = (3 + 1 + 2 + 2, 5 * 2, 4);
    let contradictions = device_certificates + shorthands + validity;
    assert_eq!(
        check(&profile(1, PKCS, json!({})), &examples),
        contradictions,
        "contradictions"
    );
    examples.push(mac_subject_formats());
    let (imei, channel) = (2, 1);
    assert_eq!(
        check(&profile(1, MAC_PKCS, json!({})), &examples),
        contradictions - imei + channel,
        "contradictions"
    );
}

#[test]
fn imported_certificates_fit_the_schema() {
    let examples = [
        (
            "subjectAlternativeNameType",
            vec![json!("none"), json!("emailAddress")],
        ),
        (
            "certificateValidityPeriodValue",
            vec![json!(0), json!(1), json!(9999)],
        ),
        ("renewalThresholdPercentage", vec![json!(0), json!(20)]),
    ];
    assert_eq!(check(&profile(1, MAC_IMPORTED, json!({})), &examples), 0);
    let schema = schema();
    for purpose in ["unassigned", "smimeEncryption", "smimeSigning", "wifi"] {
        let profile = profile(1, IMPORTED, json!({ "intendedPurpose": purpose }));
        assert_eq!(check_profile(schema.as_ref(), &profile), IOS.len());
    }
}

#[test]
fn mail_profiles_with_every_kind_of_certificate_fit_the_schema() {
    let schema = schema();
    let choices = [3, 7, 8, 9];
    for (platform, version) in versions(Platform::Ios) {
        let mut house = house(platform, version);
        house.add(profile(7, PKCS, json!({})));
        for (id, purpose) in [(8, "smimeEncryption"), (9, "smimeSigning")] {
            house.add(profile(id, IMPORTED, json!({ "intendedPurpose": purpose })));
        }
        for signing in choices {
            for encryption in choices {
                let compiled = house.compile(&smime(Some(signing), Some(encryption)));
                let compiled = compiled.unwrap();
                let errors = schema
                    .as_ref()
                    .map(|schema| schema.check(&document(&compiled), platform, os(version)));
                assert_eq!(errors.unwrap_or_default(), [""; 0], "{version}");
                check_references(&compiled);
            }
        }
    }
}

#[test]
fn trusted_roots_fit_the_schema() {
    let der = root(1, &DER).settings["trustedRootCertificate"].clone();
    let examples = [
        ("trustedRootCertificate", vec![der]),
        ("certFileName", vec![json!("root.cer")]),
    ];
    assert_eq!(check(&root(1, &DER), &examples), 0, "contradictions");
    let mac = root_of(MAC_ROOT, 1, &DER);
    assert_eq!(check(&mac, &examples), 0, "contradictions");
}

#[test]
fn what_does_not_fit_the_schema_is_found() {
    let Some(schema) = Schema::load(&folder()) else {
        return;
    };
    let compiled = House::with_ios("17")
        .compile(&mail(json!({ "perAppVPNProfileId": VPN })))
        .unwrap();
    assert_eq!(
        schema.check(&document(&compiled), Platform::Ios, os("14.0")),
        [""; 0]
    );
    assert_eq!(
        schema.check(&document(&compiled), Platform::Ios, os("13.7")),
        ["com.apple.eas.account.VPNUUID: since 14.0 only"]
    );

    let mut account = payloads(&compiled).remove(0);
    account.insert("MailNumberOfPastDaysToSync".into(), 5.into());
    account.insert("SSL".into(), "true".into());
    account.insert("SMIMEEnabled".into(), true.into());
    account.insert("PayloadCertificateUUID".into(), "x".into());
    account.insert("Colour".into(), "red".into());
    account.remove("PayloadVersion");
    let mut wrong = document(&compiled);
    wrong.insert(
        "PayloadContent".into(),
        plist::Value::Array(vec![account.into()]),
    );
    let mut errors = schema.check(&wrong, Platform::Ios, os("17.0"));
    errors.sort();
    let expected = [
        "Colour: no such key",
        "MailNumberOfPastDaysToSync: 5 is out of range",
        "PayloadCertificateUUID: `x` is no UUID",
        "PayloadVersion: required",
        "SMIMEEnabled: deprecated",
        "SSL: not <boolean>: String(\"true\")",
    ];
    assert_eq!(
        errors,
        expected.map(|error| format!("com.apple.eas.account.{error}"))
    );
}

/// Compiles every row for every version; answers how many pairs the catalogue refuses.
fn check(template: &Profile, examples: &[(&'static str, Vec<Value>)]) -> usize {
    let schema = schema();
    let (rows, refused) = cover(template.kind, &parameters(template.kind, examples));
    let mut documents = 0;
    for settings in &rows {
        let profile = Profile {
            settings: settings.clone(),
            ..template.clone()
        };
        documents += check_profile(schema.as_ref(), &profile);
    }
    let kind = template.kind.type_name;
    assert!(documents > 0, "{kind}");
    eprintln!(
        "{kind}: {} rows, {documents} documents, {refused} pairs refused",
        rows.len()
    );
    refused
}

/// Compiles a profile for every version and holds it against the schema; answers how many documents came of it.
fn check_profile(schema: Option<&Schema>, profile: &Profile) -> usize {
    let settings = &profile.settings;
    let mut documents = 0;
    for (platform, version) in versions(profile.kind.platform) {
        let compiled = match house(platform, version).compile(profile) {
            Ok(compiled) => compiled,
            Err(Refusal::OsTooOld { .. }) => continue,
            Err(refusal) => panic!("{refusal:?}: {settings:?}"),
        };
        documents += 1;
        let errors = schema.map(|schema| schema.check(&document(&compiled), platform, os(version)));
        assert_eq!(
            errors.unwrap_or_default(),
            [""; 0],
            "{platform:?} {version}: {settings:?}"
        );
        check_references(&compiled);
    }
    documents
}

fn schema() -> Option<Schema> {
    let folder = folder();
    let schema = Schema::load(&folder);
    if schema.is_none() {
        eprintln!(
            "skipped: Apple's schema is not in {}; references are checked all the same",
            folder.display()
        );
    }
    schema
}

/// What a payload refers to is a certificate payload of the same document, and names are unique.
fn check_references(compiled: &Compiled) {
    let payloads = payloads(compiled);
    let is_identity = |payload: &&Dictionary| {
        ["com.apple.security.scep", "com.apple.security.pkcs12"]
            .contains(&text(payload, "PayloadType").as_str())
    };
    let identities: Vec<_> = payloads
        .iter()
        .filter(is_identity)
        .map(|payload| text(payload, "PayloadUUID"))
        .collect();
    for (key, value) in payloads
        .iter()
        .flatten()
        .filter(|(key, _)| key.ends_with("CertificateUUID"))
    {
        assert!(
            identities
                .iter()
                .any(|uuid| Some(uuid.as_str()) == value.as_string()),
            "{key} leads nowhere"
        );
    }
    for name in ["PayloadUUID", "PayloadIdentifier"] {
        let unique: BTreeSet<_> = payloads.iter().map(|payload| text(payload, name)).collect();
        assert_eq!(unique.len(), payloads.len(), "{name}");
    }
}

/// Lies beside the workspace where people work on it, and nowhere else.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/reference/apple/schema/mdm/profiles")
}

fn os(version: &str) -> OsVersion {
    OsVersion::parse(version).unwrap()
}

fn versions(platform: Platform) -> impl Iterator<Item = (Platform, &'static str)> {
    let versions = match platform {
        Platform::Ios => IOS,
        Platform::MacOs => MACOS,
    };
    versions.into_iter().map(move |version| (platform, version))
}

/// With two imported certificates of every purpose.
fn house(platform: Platform, version: &str) -> House {
    let mut house = match platform {
        Platform::Ios => House::with_ios(version),
        Platform::MacOs => House::with_macos(version),
    };
    for purpose in ImportPurpose::ALL {
        house.import(purpose, 100);
        house.import(purpose, 200);
    }
    // The pairs are to meet the schema and not the limits of templates, which have tests of their own.
    let any = house.services.templates["clientAuthentication"].clone();
    for name in ["x", "signing", "encryption"] {
        let template = mandate_model::CertificateTemplate {
            name: name.to_owned(),
            ..any.clone()
        };
        house.services.templates.insert(name.to_owned(), template);
    }
    house
}

const IOS: [&str; 6] = ["11.0", "12.0", "13.0", "14.0", "17.0", "26.0"];
const MACOS: [&str; 6] = ["10.11", "10.13.4", "10.15", "11.0", "14.0", "26.0"];
const VPN: &str = "6f1c3f5e-8d5c-4b8c-9a57-2f0f3f0e9f10";
