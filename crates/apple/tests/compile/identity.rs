//! Which names stay and which change: in-place updates depend on it.

use mandate_model::{Compiled, DeviceId, Profile, Slot};
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::house::{House, account, document, id_of, mail, payloads, text};

#[test]
fn an_edit_of_a_detail_keeps_every_payload_and_names_new_content() {
    let house = House::with_ios("17");
    let before = house.compile(&secured(json!({}))).unwrap();
    let edits = [
        json!({ "accountName": "Post" }),
        json!({ "requireSsl": false }),
        json!({ "durationOfEmailToSync": "oneWeek" }),
        json!({ "usernameAADSource": "samAccountName" }),
        json!({ "blockMovingMessagesToOtherEmailAccounts": true }),
    ];
    for edit in edits {
        let after = house.compile(&secured(edit.clone())).unwrap();
        assert_eq!(uuids(&before), uuids(&after), "{edit}");
        assert_eq!(before.identifier, after.identifier);
        assert_ne!(before.content_uuid, after.content_uuid, "{edit}");
    }
}

#[test]
fn what_makes_another_account_renames_the_account_alone() {
    let house = House::with_ios("17");
    let before = house.compile(&secured(json!({}))).unwrap();
    let edits = [
        json!({ "useOAuth": true }),
        json!({ "easServices": "email" }),
        json!({ "easServicesUserOverrideEnabled": false }),
        json!({ "hostName": "other.example.org" }),
        json!({ "emailAddressSource": "userPrincipalName" }),
    ];
    for edit in edits {
        let (old, new) = (
            uuids(&before),
            uuids(&house.compile(&secured(edit.clone())).unwrap()),
        );
        assert_eq!(old[..old.len() - 1], new[..new.len() - 1], "{edit}");
        assert_ne!(old.last(), new.last(), "{edit}");
    }
}

#[test]
fn what_reads_the_same_is_the_same_account() {
    let mut house = House::with_ios("17");
    let before = uuids(&house.compile(&mail(json!({}))).unwrap());
    assert_eq!(
        before,
        uuids(
            &house
                .compile(&mail(json!({ "hostName": "MAIL.example.ORG" })))
                .unwrap()
        )
    );
    assert_eq!(
        before,
        uuids(&house.compile(&mail(json!({ "useOAuth": null }))).unwrap())
    );
    house.user().user_principal_name = "ADA.lovelace@example.org".to_owned();
    let by_name = mail(json!({ "emailAddressSource": "userPrincipalName" }));
    assert_eq!(before, uuids(&house.compile(&by_name).unwrap()));
}

#[test]
fn an_update_of_the_system_keeps_the_account() {
    let profile = secured(json!({ "useOAuth": true, "easServices": "email" }));
    let old = House::with_ios("11.4").compile(&profile).unwrap();
    let new = House::with_ios("17").compile(&profile).unwrap();
    assert_eq!(uuids(&old), uuids(&new));
    assert_ne!(old.content_hash, new.content_hash);
}

#[test]
fn another_device_has_other_payloads_under_the_same_profile_identifier() {
    let mut house = House::with_ios("17");
    let first = house.compile(&secured(json!({}))).unwrap();
    house.device.id = DeviceId(Uuid::from_u128(0x00de_72ce));
    let second = house.compile(&secured(json!({}))).unwrap();
    assert_eq!(first.identifier, second.identifier);
    assert!(
        uuids(&first)
            .iter()
            .all(|uuid| !uuids(&second).contains(uuid))
    );
}

#[test]
fn a_renewal_is_new_content_with_the_same_payloads() {
    let mut house = House::with_ios("17");
    let before = house.compile(&secured(json!({}))).unwrap();
    house.rounds.insert(Slot(id_of(9).to_string()), 1);
    assert_eq!(
        house.compile(&secured(json!({}))).unwrap(),
        before,
        "a slot of another profile means nothing"
    );
    house.rounds.insert(Slot(id_of(3).to_string()), 1);
    let after = house.compile(&secured(json!({}))).unwrap();
    assert_eq!(uuids(&before), uuids(&after));
    assert_ne!(before.content_uuid, after.content_uuid);
}

#[test]
fn the_inventory_names_the_content() {
    let compiled = House::with_ios("17").compile(&mail(json!({}))).unwrap();
    let named: Uuid = text(&document(&compiled), "PayloadUUID").parse().unwrap();
    assert_eq!(named, compiled.content_uuid);
    assert_eq!(
        text(&document(&compiled), "PayloadIdentifier"),
        compiled.identifier
    );
    assert_eq!(
        compiled.identifier,
        format!("org.example.mandate.profile.{}", id_of(1))
    );
    assert_eq!(
        text(&account(&compiled), "PayloadIdentifier"),
        format!("{}.account", compiled.identifier)
    );
}

#[test]
fn what_only_administrators_see_changes_nothing_on_devices() {
    let house = House::with_ios("17");
    let before = house.compile(&mail(json!({}))).unwrap();
    let mut edited = mail(json!({}));
    edited.version += 1;
    edited.description = Some("For the sales team".to_owned());
    edited.scope_tags.push("1".to_owned());
    assert_eq!(house.compile(&edited).unwrap(), before);
}

proptest! {
    #[test]
    fn the_same_input_gives_the_same_bytes_and_nothing_panics(
        version in "(1[0-9]|26)(\\.[0-9]){0,2}|\\PC{0,5}",
        upn in "\\PC{0,20}",
        mail_address in proptest::option::of("\\PC{0,20}"),
        settings in settings(),
    ) {
        let mut house = House::with_ios(&version);
        house.user().user_principal_name = upn;
        house.user().mail = mail_address;
        let Some(profile) = accepted(settings) else { return Ok(()) };
        let compiled = house.compile(&profile);
        prop_assert_eq!(&compiled, &house.compile(&profile));

        let same = profile.kind.update(&profile.settings, &Map::new()).unwrap();
        let unchanged = Profile { settings: same.settings, version: 2, ..profile };
        prop_assert_eq!(&compiled, &house.compile(&unchanged), "an edit that changes nothing sends nothing");
        if let Ok(compiled) = compiled {
            prop_assert!(!payloads(&compiled).is_empty(), "the document can be read");
        }
    }
}

fn settings() -> impl Strategy<Value = Map<String, Json>> {
    let booleans = [
        "requireSsl",
        "useOAuth",
        "easServicesUserOverrideEnabled",
        "requireSmime",
        "smimeSigningEnabled",
        "smimeEnablePerMessageSwitch",
        "smimeSigningUserOverrideEnabled",
        "blockSendingEmailFromThirdPartyApps",
    ];
    let flag = (proptest::sample::select(booleans.to_vec()), any::<bool>())
        .prop_map(|(name, on)| (name, json!(on)));
    let choices = vec![
        ("easServices", json!("email")),
        ("easServices", json!("contacts,notes")),
        ("durationOfEmailToSync", json!("unlimited")),
        ("authenticationMethod", json!("certificate")),
        ("signingCertificateType", json!("certificate")),
        ("usernameAADSource", json!("samAccountName")),
        ("customDomainName", json!("contoso")),
        ("accountName", json!("a ]]> & <b>")),
    ];
    let setting = prop_oneof![flag, proptest::sample::select(choices)];
    let settings = proptest::collection::vec(setting, 0..12);
    settings.prop_map(|settings| {
        settings
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    })
}

fn accepted(settings: Map<String, Json>) -> Option<Profile> {
    let profile = mail(json!({}));
    let draft = profile.kind.update(&profile.settings, &settings).ok()?;
    Some(Profile {
        settings: draft.settings,
        ..profile
    })
}

/// A mail profile that signs in with a certificate.
fn secured(mut settings: Json) -> Profile {
    settings["authenticationMethod"] = json!("certificate");
    mail(settings)
}

fn uuids(compiled: &Compiled) -> Vec<(String, String)> {
    let name = |payload| {
        (
            text(payload, "PayloadIdentifier"),
            text(payload, "PayloadUUID"),
        )
    };
    payloads(compiled).iter().map(name).collect()
}
