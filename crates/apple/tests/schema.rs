//! Every payload that the catalogue can produce, held against Apple's description of payloads.
#![expect(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "helpers of tests may panic, and read better with `json!` by value"
)]

#[path = "schema/apple.rs"]
mod apple;
#[expect(dead_code, reason = "other tests use the rest")]
#[path = "compile/house.rs"]
mod house;
#[path = "schema/pairwise.rs"]
mod pairwise;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use mandate_model::{Compiled, OsVersion, Profile, Refusal};
use plist::Dictionary;
use serde_json::{Value, json};

use apple::Schema;
use house::{DER, House, document, mail, payloads, root, scep, text};
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
    let san = |kind: &str, name: &str| json!({ "sanType": kind, "name": name });
    let examples = [
        (
            "keyUsage",
            vec![
                json!("keyEncipherment"),
                json!("digitalSignature"),
                json!("keyEncipherment,digitalSignature"),
            ],
        ),
        (
            "subjectNameFormatString",
            vec![
                json!("CN={{UserName}}+E={{EmailAddress}},C=DE"),
                json!("CN={{DeviceId}}"),
            ],
        ),
        ("subjectAlternativeNameFormatString", vec![json!("x")]),
        (
            "subjectAlternativeNameType",
            vec![
                json!("none"),
                json!("emailAddress"),
                json!("emailAddress,userPrincipalName"),
            ],
        ),
        (
            "customSubjectAlternativeNames",
            vec![
                json!([]),
                json!([
                    san("domainNameService", "{{DeviceId}}.example.org"),
                    san("domainNameService", "b.example.org")
                ]),
                json!([san(
                    "universalResourceIdentifier",
                    "{{OnPremisesSecurityIdentifier}}"
                )]),
                json!([
                    san("emailAddress", "{{EmailAddress}}"),
                    san("userPrincipalName", "{{UserPrincipalName}}")
                ]),
            ],
        ),
        (
            "certificateValidityPeriodValue",
            vec![json!(1), json!(5), json!(365)],
        ),
        (
            "extendedKeyUsages",
            vec![
                json!([]),
                json!([{ "name": "x", "objectIdentifier": "1.3.6.1.5.5.7.3.2" }]),
            ],
        ),
        (
            "renewalThresholdPercentage",
            vec![json!(1), json!(20), json!(99)],
        ),
        (
            "scepServerUrls",
            vec![json!([]), json!(["https://ndes.example.com/scep"])],
        ),
    ];
    let (device_certificates, shorthands, validity) = (3 + 1 + 2 + 2, 5 * 2, 4);
    let contradictions = device_certificates + shorthands + validity;
    assert_eq!(
        check(&scep(1, json!({})), &examples),
        contradictions,
        "contradictions"
    );
}

#[test]
fn trusted_roots_fit_the_schema() {
    let der = root(1, &DER).settings["trustedRootCertificate"].clone();
    let examples = [
        ("trustedRootCertificate", vec![der]),
        ("certFileName", vec![json!("root.cer")]),
    ];
    assert_eq!(check(&root(1, &DER), &examples), 0, "contradictions");
}

#[test]
fn what_does_not_fit_the_schema_is_found() {
    let Some(schema) = Schema::load(&folder()) else {
        return;
    };
    let compiled = House::with_ios("17")
        .compile(&mail(json!({ "perAppVPNProfileId": VPN })))
        .unwrap();
    assert_eq!(schema.check(&document(&compiled), os("14.0")), [""; 0]);
    assert_eq!(
        schema.check(&document(&compiled), os("13.7")),
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
    let mut errors = schema.check(&wrong, os("17.0"));
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
fn check(template: &Profile, examples: &[(&str, Vec<Value>)]) -> usize {
    let folder = folder();
    let schema = Schema::load(&folder);
    if schema.is_none() {
        eprintln!(
            "skipped: Apple's schema is not in {}; references are checked all the same",
            folder.display()
        );
    }
    let (rows, refused) = cover(template.kind, &parameters(template.kind, examples));
    let mut compiled_rows = 0;
    for settings in &rows {
        let profile = Profile {
            settings: settings.clone(),
            ..template.clone()
        };
        for version in VERSIONS {
            let compiled = match House::with_ios(version).compile(&profile) {
                Ok(compiled) => compiled,
                Err(Refusal::OsTooOld { .. }) => continue,
                Err(refusal) => panic!("{refusal:?}: {settings:?}"),
            };
            compiled_rows += 1;
            let errors = schema
                .as_ref()
                .map(|schema| schema.check(&document(&compiled), os(version)));
            assert_eq!(
                errors.unwrap_or_default(),
                [""; 0],
                "iOS {version}: {settings:?}"
            );
            check_references(&compiled);
        }
    }
    assert!(compiled_rows >= rows.len());
    eprintln!(
        "{}: {} rows, {compiled_rows} documents, {refused} pairs refused",
        template.kind.type_name,
        rows.len()
    );
    refused
}

/// What a payload refers to is a certificate payload of the same document, and names are unique.
fn check_references(compiled: &Compiled) {
    let payloads = payloads(compiled);
    let is_identity =
        |payload: &&Dictionary| text(payload, "PayloadType") == "com.apple.security.scep";
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

/// All 31 combinations of services.
fn services() -> Vec<Value> {
    let names = ["calendars", "contacts", "email", "notes", "reminders"];
    let chosen = |bits: u32| {
        names
            .iter()
            .enumerate()
            .filter(move |(at, _)| bits & (1 << at) != 0)
            .map(|(_, name)| *name)
    };
    (1..32)
        .map(|bits| json!(chosen(bits).collect::<Vec<_>>().join(",")))
        .collect()
}

/// Lies beside the workspace where people work on it, and nowhere else.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/reference/apple/schema/mdm/profiles")
}

fn os(version: &str) -> OsVersion {
    OsVersion::parse(version).unwrap()
}

const VERSIONS: [&str; 6] = ["11.0", "12.0", "13.0", "14.0", "17.0", "26.0"];
const VPN: &str = "6f1c3f5e-8d5c-4b8c-9a57-2f0f3f0e9f10";
