//! Mail profiles: defaults, contradictions, edits.

use std::collections::BTreeMap;

use mandate_model::catalogue::Impact;
use mandate_model::{OsVersion, ProfileId};
use serde_json::{Map, Value, json};

use crate::{MAIL, ROOT, SCEP, VPN, create, kind, mail, properties, update, with};

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
