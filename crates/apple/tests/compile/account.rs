//! The account: whose it is, how it signs in, what it synchronises.

use mandate_model::{AccountKey, OsVersion, Refusal};
use serde_json::{Value as Json, json};

use crate::house::{House, account, boolean, mail, payloads, text, types};

#[test]
fn a_plain_mail_profile_is_one_account() {
    let house = House::with_ios("17.5.1");
    let compiled = house.compile(&mail(json!({}))).unwrap();
    assert_eq!(types(&compiled), ["eas.account"]);
    let account_key = AccountKey {
        host: "mail.example.org".into(),
        address: "ada.lovelace@example.org".into(),
    };
    assert_eq!(compiled.accounts, [account_key]);
    insta::assert_snapshot!(String::from_utf8(compiled.body).unwrap());
}

#[test]
fn the_password_is_never_part_of_it() {
    let account = House::with_ios("17").account(json!({}));
    for key in [
        "Password",
        "Certificate",
        "CertificatePassword",
        "PayloadCertificateUUID",
        "HeaderMagic",
    ] {
        assert!(!account.contains_key(key), "{key}");
    }
    assert!(!account.contains_key("PayloadRemovalDisallowed"));
}

#[test]
fn ssl_is_always_written() {
    let house = House::with_ios("11.0");
    assert_eq!(boolean(&house.account(json!({})), "SSL"), Some(true));
    assert_eq!(
        boolean(&house.account(json!({ "requireSsl": false })), "SSL"),
        Some(false)
    );
}

#[test]
fn user_names_are_composed_from_the_directory() {
    let house = House::with_ios("17");
    let sam = |extra: Json| {
        let mut settings = json!({ "usernameAADSource": "samAccountName" });
        settings
            .as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        text(&house.account(settings), "UserName")
    };
    assert_eq!(
        text(
            &house.account(json!({ "usernameAADSource": "userPrincipalName" })),
            "UserName"
        ),
        "ada@example.org"
    );
    assert_eq!(
        text(
            &house.account(json!({ "usernameAADSource": "primarySmtpAddress" })),
            "UserName"
        ),
        "Ada.Lovelace@example.org"
    );
    assert_eq!(sam(json!({})), "alovelace");
    assert_eq!(
        sam(json!({ "userDomainNameSource": "netBiosDomainName" })),
        r"CORP\alovelace"
    );
    assert_eq!(
        sam(json!({ "userDomainNameSource": "fullDomainName" })),
        r"corp.example.org\alovelace"
    );
    assert_eq!(
        sam(json!({ "customDomainName": "contoso.com" })),
        r"contoso.com\alovelace"
    );
    let older = json!({ "usernameAADSource": null, "usernameSource": "primarySmtpAddress" });
    assert_eq!(
        text(&house.account(older), "UserName"),
        "Ada.Lovelace@example.org"
    );
}

#[test]
fn a_bare_sign_in_name_stays_bare() {
    let mut house = House::with_ios("17");
    house.user().user_principal_name = "user1".to_owned();
    let account = house.account(json!({ "emailAddressSource": "userPrincipalName" }));
    assert_eq!(
        (text(&account, "UserName"), text(&account, "EmailAddress")),
        ("user1".into(), "user1".into())
    );
}

#[test]
fn a_missing_attribute_is_named_as_graph_names_it() {
    let cases = [
        (
            json!({ "emailAddressSource": "primarySmtpAddress" }),
            "mail",
        ),
        (
            json!({ "emailAddressSource": "userPrincipalName", "usernameAADSource": "primarySmtpAddress" }),
            "mail",
        ),
        (
            json!({ "emailAddressSource": "userPrincipalName", "usernameAADSource": "samAccountName" }),
            "onPremisesSamAccountName",
        ),
    ];
    let mut house = House::with_ios("17");
    house.user().mail = None;
    house.user().on_premises_sam_account_name = None;
    let missing = |attribute: &str| Refusal::MissingAttribute {
        attribute: attribute.into(),
        user: "ada@example.org".into(),
    };
    for (settings, attribute) in cases {
        assert_eq!(house.compile(&mail(settings)), Err(missing(attribute)));
    }
    let mut house = House::with_ios("17");
    house.user().on_premises_net_bios_name = None;
    house.user().on_premises_domain_name = None;
    for (source, attribute) in [
        ("netBiosDomainName", "onPremisesNetBiosName"),
        ("fullDomainName", "onPremisesDomainName"),
    ] {
        let settings =
            json!({ "usernameAADSource": "samAccountName", "userDomainNameSource": source });
        assert_eq!(house.compile(&mail(settings)), Err(missing(attribute)));
    }
}

#[test]
fn without_a_user_there_is_no_account() {
    let mut house = House::with_ios("17");
    house.user = None;
    assert_eq!(house.compile(&mail(json!({}))), Err(Refusal::NoUser));
}

#[test]
fn a_device_below_version_11_gets_nothing() {
    let refused = Err(Refusal::OsTooOld {
        minimum: OsVersion::new(11, 0),
    });
    assert_eq!(House::with_ios("10.3.4").compile(&mail(json!({}))), refused);
    assert!(House::with_ios("11").compile(&mail(json!({}))).is_ok());
}

#[test]
fn an_unreported_version_counts_as_new_and_an_unreadable_one_as_missing() {
    let mut house = House::with_ios("17");
    house.device.facts.os_version = None;
    assert_eq!(
        boolean(&house.account(json!({ "useOAuth": true })), "OAuth"),
        Some(true)
    );
    house.device.facts.os_version = Some("beta".to_owned());
    let refused = Refusal::MissingDeviceAttribute {
        attribute: "osVersion".to_owned(),
    };
    assert_eq!(house.compile(&mail(json!({}))), Err(refused));
}

#[test]
fn oauth_needs_version_12() {
    let on = json!({ "useOAuth": true });
    assert_eq!(
        boolean(&House::with_ios("12.0").account(on.clone()), "OAuth"),
        Some(true)
    );
    assert_eq!(
        boolean(&House::with_ios("12").account(json!({})), "OAuth"),
        Some(false)
    );
    let old = House::with_ios("11.4.1");
    assert_eq!(boolean(&old.account(on.clone()), "OAuth"), None);
    assert_eq!(old.skipped(on), ["useOAuth"]);
    assert_eq!(old.skipped(json!({})), [""; 0]);
}

#[test]
fn each_service_is_on_or_off_as_chosen() {
    let choices = [
        (
            "calendars, contacts, email, notes, reminders",
            [true, true, true, true, true],
        ),
        ("email", [true, false, false, false, false]),
        ("calendars", [false, false, true, false, false]),
        ("calendars, contacts", [false, true, true, false, false]),
        ("contacts", [false, true, false, false, false]),
    ];
    let keys = ["Mail", "Contacts", "Calendars", "Reminders", "Notes"];
    for may_change in [true, false] {
        for (services, expected) in choices {
            let settings =
                json!({ "easServices": services, "easServicesUserOverrideEnabled": may_change });
            let account = House::with_ios("13.0").account(settings);
            for (key, expected) in keys.iter().zip(expected) {
                assert_eq!(
                    boolean(&account, &format!("Enable{key}")),
                    Some(expected),
                    "{services}: {key}"
                );
                assert_eq!(
                    boolean(&account, &format!("Enable{key}UserOverridable")),
                    Some(may_change)
                );
            }
        }
    }
}

#[test]
fn services_are_left_out_below_version_13() {
    let old = House::with_ios("12.5.7");
    let account = old.account(json!({ "easServices": "email" }));
    assert!(!account.keys().any(|key| key.starts_with("Enable")));
    let settings = json!({ "easServices": "email", "easServicesUserOverrideEnabled": false });
    assert_eq!(
        old.skipped(settings),
        ["easServices", "easServicesUserOverrideEnabled"]
    );
    assert_eq!(
        old.skipped(json!({})),
        [""; 0],
        "what the device does anyway is not missed"
    );
}

#[test]
fn blocks_are_not_inverted_on_the_way() {
    let keys = [
        ("blockMovingMessagesToOtherEmailAccounts", "PreventMove"),
        ("blockSendingEmailFromThirdPartyApps", "PreventAppSheet"),
        (
            "blockSyncingRecentlyUsedEmailAddresses",
            "disableMailRecentsSyncing",
        ),
    ];
    for (property, key) in keys {
        for blocked in [true, false] {
            let account = House::with_ios("17").account(json!({ property: blocked }));
            assert_eq!(boolean(&account, key), Some(blocked), "{property}");
            for (_, other) in keys.iter().filter(|(_, other)| *other != key) {
                assert_eq!(
                    boolean(&account, other),
                    Some(false),
                    "{property} reaches {other}"
                );
            }
        }
        assert_eq!(
            boolean(
                &House::with_ios("17").account(json!({ property: null })),
                key
            ),
            None
        );
    }
}

#[test]
fn days_are_those_that_apple_knows() {
    let days = [
        ("userDefined", None),
        ("oneDay", Some(1)),
        ("threeDays", Some(3)),
        ("oneWeek", Some(7)),
        ("twoWeeks", Some(14)),
        ("oneMonth", Some(31)),
        ("unlimited", Some(0)),
    ];
    for (duration, expected) in days {
        let account = House::with_ios("17").account(json!({ "durationOfEmailToSync": duration }));
        let written = account
            .get("MailNumberOfPastDaysToSync")
            .map(|days| days.as_signed_integer().unwrap());
        assert_eq!(written, expected, "{duration}");
    }
}

#[test]
fn a_vpn_is_named_since_version_14() {
    let settings = json!({ "perAppVPNProfileId": "6f1c3f5e-8d5c-4b8c-9a57-2f0f3f0e9f10" });
    let account = House::with_ios("14.0").account(settings.clone());
    assert_eq!(
        text(&account, "VPNUUID"),
        "6f1c3f5e-8d5c-4b8c-9a57-2f0f3f0e9f10"
    );
    assert_eq!(
        House::with_ios("13.7").skipped(settings),
        ["perAppVPNProfileId"]
    );
}

#[test]
fn what_xml_cannot_carry_is_dropped() {
    let mut house = House::with_ios("17");
    house.user().mail = Some("a\u{1}<&>\"'\u{fffe}@@mandate-challenge:x@@é@example.org".to_owned());
    let compiled = house.compile(&mail(json!({}))).unwrap();
    assert_eq!(payloads(&compiled).len(), 1);
    assert_eq!(
        text(&account(&compiled), "EmailAddress"),
        "a<&>\"'challenge:x@@é@example.org"
    );
}
