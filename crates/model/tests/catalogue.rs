//! The catalogue from outside: what Graph bodies become, and what is refused.
#![expect(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "helpers of tests may panic, and read better with `json!` by value"
)]

use std::collections::BTreeMap;

use base64::Engine as _;
use mandate_model::catalogue::{self, Impact, Kind, ValueType, Violation};
use mandate_model::{OsVersion, Profile, ProfileId, Settings, Timestamp};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const MAIL: &str = "iosEasEmailProfileConfiguration";
const SCEP: &str = "iosScepCertificateProfile";
const ROOT: &str = "iosTrustedRootCertificate";

#[test]
fn kinds_are_found_in_any_spelling() {
    for name in [
        MAIL,
        "IOSEASEMAILPROFILECONFIGURATION",
        "#microsoft.graph.iosEasEmailProfileConfiguration",
    ] {
        assert_eq!(catalogue::kind(name).unwrap().type_name, MAIL);
    }
    assert_eq!(
        catalogue::kind("microsoft.graph.iosUpdateConfiguration"),
        None
    );
    assert_eq!(catalogue::kinds().len(), 3);
}

#[test]
fn kinds_know_their_base_types() {
    assert!(kind(SCEP).is_a("microsoft.graph.iosCertificateProfile"));
    assert!(kind(MAIL).is_a("deviceConfiguration"));
    assert!(!kind(MAIL).is_a("iosCertificateProfile"));
}

#[test]
fn every_kind_is_consistent_in_itself() {
    for kind in catalogue::kinds() {
        for setting in kind.settings {
            let default = setting.default.to_json();
            assert!(
                !default.is_null() || setting.nullable || setting.required,
                "{}: no default",
                setting.property
            );
            assert!(
                !setting.label.is_empty() && !setting.section.is_empty(),
                "{}",
                setting.property
            );
            if let ValueType::Enum(choices) = setting.value {
                let known = |value: &str| choices.iter().any(|choice| choice.value == value);
                assert!(default.as_str().is_none_or(known), "{}", setting.property);
            }
        }
        let defaults = kind
            .settings
            .iter()
            .map(|s| (s.property.to_owned(), s.default.to_json()))
            .collect();
        assert_eq!((kind.check)(&defaults), [], "{}", kind.type_name);
    }
}

#[test]
fn what_is_not_mentioned_gets_its_default() {
    let settings = mail(json!({}));
    assert_eq!(settings["requireSsl"], json!(true));
    assert_eq!(
        settings["easServices"],
        json!("calendars,contacts,email,notes,reminders")
    );
    assert_eq!(settings["easServicesUserOverrideEnabled"], json!(true));
    assert_eq!(settings["durationOfEmailToSync"], json!("userDefined"));
    assert_eq!(settings["requireSmime"], json!(false));
    assert_eq!(settings["usernameSource"], json!("userPrincipalName"));
    assert_eq!(settings["signingCertificateType"], Value::Null);
}

#[test]
fn what_is_required_is_named() {
    let violations = kind(MAIL).create(&Map::new()).unwrap_err();
    assert_eq!(
        properties(&violations),
        ["hostName", "accountName", "emailAddressSource"]
    );
    assert_eq!(violations[0].message, "`hostName` is required");
}

#[test]
fn enums_and_flags_are_read_leniently_and_written_canonically() {
    let settings = mail(json!({
        "usernameAADSource": "SAMACCOUNTNAME",
        "easServices": "reminders, Email",
        "durationOfEmailToSync": "oneweek",
    }));
    assert_eq!(settings["usernameAADSource"], json!("samAccountName"));
    assert_eq!(settings["easServices"], json!("email,reminders"));
    assert_eq!(settings["durationOfEmailToSync"], json!("oneWeek"));
    let scep = create(
        SCEP,
        json!({ "keyUsage": "digitalSignature,keyEncipherment" }),
    )
    .unwrap();
    assert_eq!(scep["keyUsage"], json!("keyEncipherment,digitalSignature"));
}

#[test]
fn what_a_configuration_has_besides_settings_is_passed_over() {
    mail(json!({
        "@odata.type": "#microsoft.graph.iosEasEmailProfileConfiguration",
        "@odata.context": "x", "id": "00000000-0000-0000-0000-000000000000", "version": 3,
        "displayName": "Mail", "description": null, "createdDateTime": "x", "lastModifiedDateTime": "x",
        "roleScopeTagIds": ["0"], "supportsScopeTags": true, "assignments": [], "assignments@odata.context": "x",
        "deviceManagementApplicabilityRuleOsEdition": null, "deviceStatuses": [],
        "identityCertificate@odata.bind": "https://graph.microsoft.com/beta/x", "identityCertificate": null,
        "#microsoft.graph.assign": {},
    }));
}

#[test]
fn foreign_settings_are_refused_by_name() {
    let violations = create(
        MAIL,
        with(json!({ "keySize": "size2048", "frobnicate": 1 })),
    )
    .unwrap_err();
    assert_eq!(properties(&violations), ["frobnicate", "keySize"]);
    assert_eq!(
        violations[0].rule,
        "is not a setting of `iosEasEmailProfileConfiguration`"
    );
    assert!(
        violations[1]
            .rule
            .starts_with("is a setting of `iosScepCertificateProfile`")
    );
    let inline = create(MAIL, with(json!({ "identityCertificate": { "id": "x" } }))).unwrap_err();
    assert_eq!(
        inline[0].rule,
        "must be written as `identityCertificate@odata.bind`"
    );
}

#[test]
fn a_violation_names_property_rule_and_value() {
    let violations = create(
        MAIL,
        with(json!({ "hostName": "https://mail.example.org" })),
    )
    .unwrap_err();
    assert_eq!(
        violations[0].message,
        "`hostName` must be a host name or IPv4 address without scheme, port, path and blanks, \
         but is `https://mail.example.org`"
    );
    assert_eq!(
        violations[0].value.as_deref(),
        Some("https://mail.example.org")
    );
}

#[test]
fn contradictions_are_refused() {
    let sam = json!({ "usernameAADSource": "samAccountName" });
    let cases = [
        (json!({ "customDomainName": "contoso" }), "customDomainName"),
        (
            json!({ "usernameAADSource": "userPrincipalName", "userDomainNameSource": "fullDomainName" }),
            "userDomainNameSource",
        ),
        (
            json!({ "usernameAADSource": sam["usernameAADSource"], "customDomainName": "a", "userDomainNameSource": "fullDomainName" }),
            "customDomainName",
        ),
        (
            json!({ "smimeSigningEnabled": true }),
            "smimeSigningEnabled",
        ),
        (
            json!({ "requireSmime": null, "signingCertificateType": "certificate" }),
            "signingCertificateType",
        ),
        (
            json!({ "requireSmime": true, "smimeEncryptByDefaultEnabled": true }),
            "smimeEncryptByDefaultEnabled",
        ),
        (
            json!({ "authenticationMethod": "derivedCredential" }),
            "authenticationMethod",
        ),
        (
            json!({ "useOAuth": true, "authenticationMethod": "derivedCredential" }),
            "authenticationMethod",
        ),
        (
            json!({ "requireSmime": true, "encryptionCertificateType": "derivedCredential" }),
            "encryptionCertificateType",
        ),
        (json!({ "easServices": "none" }), "easServices"),
        (json!({ "easServices": "" }), "easServices"),
        (json!({ "easServices": "email,tasks" }), "easServices"),
        (
            json!({ "easServices": "contacts", "easServicesUserOverrideEnabled": false, "requireSmime": true }),
            "requireSmime",
        ),
        (
            json!({ "durationOfEmailToSync": "fiveDays" }),
            "durationOfEmailToSync",
        ),
        (
            json!({ "durationOfEmailToSync": 5 }),
            "durationOfEmailToSync",
        ),
        (
            json!({ "durationOfEmailToSync": null }),
            "durationOfEmailToSync",
        ),
        (json!({ "accountName": "  " }), "accountName"),
        (json!({ "requireSsl": "true" }), "requireSsl"),
        (json!({ "requireSsl": null }), "requireSsl"),
        (json!({ "perAppVPNProfileId": "vpn" }), "perAppVPNProfileId"),
    ];
    for (extra, property) in cases {
        let violations = create(MAIL, with(extra.clone())).expect_err(&extra.to_string());
        assert_eq!(properties(&violations), [property], "{extra}");
    }
}

#[test]
fn a_contradiction_says_what_would_allow_it() {
    let violations = create(MAIL, with(json!({ "customDomainName": "contoso" }))).unwrap_err();
    assert_eq!(
        violations[0].rule,
        "can only be set when `usernameAADSource` is `samAccountName`"
    );
}

#[test]
fn children_that_say_nothing_may_come_with_any_parent() {
    mail(json!({
        "requireSmime": false, "smimeSigningEnabled": false, "signingCertificateType": "none",
        "encryptionCertificateType": null, "smimeEncryptByDefaultEnabled": null, "customDomainName": "",
        "perAppVPNProfileId": null,
    }));
}

#[test]
fn encryption_by_default_needs_a_certificate_or_a_choice() {
    let smime = |extra: Value| {
        let mut body = json!({ "requireSmime": true, "smimeEncryptByDefaultEnabled": true });
        body.as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        create(MAIL, with(body))
    };
    assert!(smime(json!({ "encryptionCertificateType": "certificate" })).is_ok());
    assert!(smime(json!({ "smimeEncryptionCertificateUserOverrideEnabled": true })).is_ok());
    assert!(smime(json!({ "encryptionCertificateType": "none" })).is_err());
}

#[test]
fn a_reference_may_come_later_but_is_missed() {
    let settings = mail(json!({
        "authenticationMethod": "certificate", "requireSmime": true, "signingCertificateType": "certificate",
    }));
    let mut references = BTreeMap::new();
    let missing = |references: &BTreeMap<_, _>| -> Vec<_> {
        kind(MAIL)
            .missing_references(&settings, references)
            .iter()
            .map(|reference| reference.property)
            .collect()
    };
    assert_eq!(
        missing(&references),
        ["identityCertificate", "smimeSigningCertificate"]
    );
    references.insert(
        "identityCertificate".to_owned(),
        ProfileId(uuid::Uuid::nil()),
    );
    assert_eq!(missing(&references), ["smimeSigningCertificate"]);
    assert!(
        kind(MAIL)
            .reference("identityCertificate")
            .unwrap()
            .accepts(kind(SCEP))
    );
    assert!(
        !kind(MAIL)
            .reference("identityCertificate")
            .unwrap()
            .accepts(kind(ROOT))
    );
}

#[test]
fn an_update_changes_what_it_mentions() {
    let old = mail(json!({ "useOAuth": true, "easServices": "email", "perAppVPNProfileId": VPN }));
    let new = update(
        &old,
        json!({ "accountName": "Post", "perAppVPNProfileId": null, "id": "x" }),
    )
    .unwrap();
    assert_eq!(new["accountName"], json!("Post"));
    assert_eq!(new["perAppVPNProfileId"], Value::Null);
    assert_eq!(new["useOAuth"], json!(true));
    assert_eq!(update(&old, json!({})).unwrap(), old);
    assert!(update(&old, json!({ "accountName": null })).is_err());
}

#[test]
fn turning_smime_off_takes_its_details_along() {
    let old = mail(json!({
        "requireSmime": true, "smimeSigningEnabled": true, "signingCertificateType": "certificate",
        "smimeEnablePerMessageSwitch": true,
    }));
    let new = update(&old, json!({ "requireSmime": false })).unwrap();
    assert_eq!(new, mail(json!({})));
    let refused = update(
        &old,
        json!({ "requireSmime": false, "smimeSigningEnabled": true }),
    )
    .unwrap_err();
    assert_eq!(properties(&refused), ["smimeSigningEnabled"]);
}

#[test]
fn an_edit_names_its_impact() {
    let old = mail(json!({}));
    let impact = |change: Value| {
        let changes = kind(MAIL).impact(&old, &update(&old, change).unwrap());
        assert_eq!(changes.len(), 1);
        (
            changes[0].property,
            changes[0].impact,
            changes[0].new_identity,
        )
    };
    assert_eq!(
        impact(json!({ "useOAuth": true })),
        ("useOAuth", Impact::AsksPassword, true)
    );
    assert_eq!(
        impact(json!({ "useOAuth": null })),
        ("useOAuth", Impact::Silent, false)
    );
    assert_eq!(
        impact(json!({ "easServices": "email" })),
        ("easServices", Impact::AsksPassword, true)
    );
    assert_eq!(
        impact(json!({ "hostName": "b.example" })),
        ("hostName", Impact::ReplacesAccount, true)
    );
    assert_eq!(
        impact(json!({ "requireSsl": false })),
        ("requireSsl", Impact::AsksApproval, false)
    );
    assert_eq!(
        impact(json!({ "accountName": "Post" })),
        ("accountName", Impact::Silent, false)
    );
    assert_eq!(kind(MAIL).impact(&old, &old), []);
}

#[test]
fn what_is_probably_not_meant_is_warned_of() {
    let codes = |body: Value| -> Vec<_> {
        kind(MAIL)
            .warnings(&mail(body), &BTreeMap::new())
            .into_iter()
            .map(|warning| warning.code)
            .collect()
    };
    assert_eq!(codes(json!({})), ["noMultiFactorAuthentication"]);
    assert_eq!(
        codes(json!({ "useOAuth": true })),
        ["hostIgnoredWithOAuth", "oAuthNeedsSupport"]
    );
    assert!(codes(json!({ "requireSmime": true })).contains(&"smimeWithoutCertificates"));
    assert!(codes(json!({ "easServices": "email" })).contains(&"partialServicesMayBeChanged"));
    assert!(
        !codes(json!({ "easServices": "email", "easServicesUserOverrideEnabled": false }))
            .contains(&"partialServicesMayBeChanged")
    );
}

#[test]
fn certificates_that_do_not_serve_their_purpose_are_warned_of() {
    let profile = |body: Value| Profile {
        id: ProfileId(uuid::Uuid::nil()),
        kind: kind(SCEP),
        display_name: "Mail certificates".to_owned(),
        description: None,
        scope_tags: Vec::new(),
        version: 1,
        settings: create(SCEP, body).unwrap(),
        references: BTreeMap::new(),
        created_at: Timestamp(0),
        modified_at: Timestamp(0),
    };
    let settings = mail(json!({ "authenticationMethod": "certificate" }));
    let codes = |body: Value| -> Vec<_> {
        let target = profile(body);
        let targets = ["identityCertificate", "smimeSigningCertificate"]
            .map(|name| (name.to_owned(), &target));
        let warnings = kind(MAIL).target_warnings(&settings, &targets.into());
        warnings
            .into_iter()
            .map(|warning| (warning.property, warning.code))
            .collect()
    };
    let names = json!([{ "sanType": "userPrincipalName", "name": "{{UserPrincipalName}}" }]);
    assert_eq!(codes(json!({ "customSubjectAlternativeNames": names })), []);
    assert_eq!(
        codes(json!({ "certificateStore": "machine", "keyUsage": "keyEncipherment" })),
        [
            "deviceCertificate",
            "alternativeNameMissing",
            "keyUsageMissing"
        ]
        .map(|code| ("identityCertificate", code))
    );
}

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

#[test]
fn graph_sees_every_property_of_the_kind() {
    let shown = kind(MAIL).to_graph(&Settings::new());
    assert_eq!(shown.len(), kind(MAIL).settings.len());
    assert!(shown.values().all(Value::is_null));
    let settings = mail(json!({}));
    assert_eq!(kind(MAIL).to_graph(&settings), settings);
    assert_eq!(
        create(MAIL, Value::Object(settings.clone())).unwrap(),
        settings,
        "what is read can be written back"
    );
}

#[test]
fn minimum_versions_are_those_of_apple() {
    let since = |property: &str| kind(MAIL).setting(property).unwrap().minimum_os;
    assert_eq!(kind(MAIL).minimum_os, OsVersion::new(11, 0));
    assert_eq!(since("useOAuth"), Some(OsVersion::new(12, 0)));
    assert_eq!(
        since("smimeSigningUserOverrideEnabled"),
        Some(OsVersion::new(12, 0))
    );
    assert_eq!(since("easServices"), Some(OsVersion::new(13, 0)));
    assert_eq!(since("perAppVPNProfileId"), Some(OsVersion::new(14, 0)));
    assert_eq!(since("smimeSigningEnabled"), None);
}

#[test]
fn reference_pages_name_every_setting() {
    for kind in catalogue::kinds() {
        insta::assert_snapshot!(kind.type_name, kind.docs());
    }
}

#[test]
fn json_schemas_describe_every_setting() {
    for kind in catalogue::kinds() {
        let schema = kind.json_schema();
        for setting in kind.settings {
            let described = &schema["properties"][setting.property];
            let nullable = described["type"].as_array().is_some();
            assert_eq!(nullable, setting.nullable, "{}", setting.property);
            assert_eq!(described["title"], setting.label);
        }
    }
    insta::assert_json_snapshot!("json_schema_of_a_root", kind(ROOT).json_schema());
}

proptest! {
    #[test]
    fn no_body_panics_and_what_is_taken_is_stable(name in 0..3_usize, body in body()) {
        let kind = catalogue::kinds()[name];
        if let Ok(draft) = kind.create(&body) {
            prop_assert_eq!(kind.update(&draft.settings, &Map::new()).unwrap(), draft.clone());
            prop_assert_eq!(kind.create(&draft.settings).unwrap(), draft);
        }
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,40}|[{}A-Z=,+\"\\\\ ]{0,30}") {
        let _ = catalogue::DistinguishedName::parse(&text);
        let _ = create(SCEP, json!({ "subjectNameFormatString": text, "scepServerUrls": [text] }));
        let _ = create(ROOT, json!({ "trustedRootCertificate": text }));
    }
}

/// Bodies with real properties and arbitrary values, half of them plausible.
fn body() -> impl Strategy<Value = Map<String, Value>> {
    let properties: Vec<_> = catalogue::kinds()
        .iter()
        .flat_map(|kind| kind.settings)
        .map(|setting| setting.property)
        .collect();
    let mut plausible = vec![
        json!(null),
        json!(true),
        json!(false),
        json!(1),
        json!([]),
        json!("mail.example.org"),
    ];
    for setting in catalogue::kinds().iter().flat_map(|kind| kind.settings) {
        if let ValueType::Enum(choices) | ValueType::Flags(choices) = setting.value {
            plausible.extend(choices.iter().map(|choice| json!(choice.value)));
        }
    }
    let value = prop_oneof![
        4 => proptest::sample::select(plausible),
        1 => any::<i64>().prop_map(Value::from),
        1 => "\\PC*".prop_map(Value::from),
        1 => proptest::collection::vec("[a-z.]{0,9}", 0..3).prop_map(|texts| json!([{ "name": texts }])),
    ];
    let entries = proptest::collection::vec((proptest::sample::select(properties), value), 0..30);
    (entries, any::<bool>()).prop_map(|(entries, complete)| {
        let base = if complete { with(json!({})) } else { json!({}) };
        let mut body = base.as_object().unwrap().clone();
        body.extend(
            entries
                .into_iter()
                .map(|(property, value)| (property.to_owned(), value)),
        );
        body
    })
}

fn kind(name: &str) -> &'static Kind {
    catalogue::kind(name).unwrap()
}

fn create(name: &str, body: Value) -> Result<Settings, Vec<Violation>> {
    kind(name)
        .create(body.as_object().unwrap())
        .map(|draft| draft.settings)
}

fn update(old: &Settings, body: Value) -> Result<Settings, Vec<Violation>> {
    kind(MAIL)
        .update(old, body.as_object().unwrap())
        .map(|draft| draft.settings)
}

/// A complete mail profile with something more.
fn with(extra: Value) -> Value {
    let mut body = json!({
        "hostName": "mail.example.org", "accountName": "Mail", "emailAddressSource": "primarySmtpAddress",
    });
    body.as_object_mut()
        .unwrap()
        .extend(extra.as_object().unwrap().clone());
    body
}

fn mail(extra: Value) -> Settings {
    create(MAIL, with(extra)).unwrap()
}

fn properties(violations: &[Violation]) -> Vec<&str> {
    violations
        .iter()
        .map(|violation| violation.property.as_str())
        .collect()
}

const VPN: &str = "6f1c3f5e-8d5c-4b8c-9a57-2f0f3f0e9f10";
