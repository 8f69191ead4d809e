//! Imported certificates: the newest in a mail profile, the whole history in a document of its own.

use mandate_model::{Compiled, ImportPurpose, Pkcs12Encoding, Refusal, StoredKey, Timestamp};
use proptest::prelude::*;
use serde_json::json;

use crate::house::{House, IMPORTED, notices, payloads, profile, smime, text, types};

#[test]
fn a_mail_profile_has_the_newest_certificate_of_the_purpose() {
    let mut house = House::with_ios("17");
    house.add(encryption());
    house.import(ImportPurpose::SmimeEncryption, 100);
    house.import(ImportPurpose::SmimeEncryption, 300);
    house.import(ImportPurpose::SmimeEncryption, 200);
    house.import(ImportPurpose::SmimeSigning, 400);
    let compiled = house.compile(&smime(None, Some(8))).unwrap();
    assert_eq!(types(&compiled), ["security.pkcs12", "eas.account"]);
    assert_eq!(keys(&compiled), ["012c"]);
    assert_eq!(compiled.certificates, []);
    let payloads = payloads(&compiled);
    assert_eq!(
        text(&payloads[1], "SMIMEEncryptionCertificateUUID"),
        text(&payloads[0], "PayloadUUID")
    );
    insta::assert_snapshot!(String::from_utf8(compiled.body).unwrap());
}

#[test]
fn the_history_has_every_certificate_of_the_purpose() {
    let mut house = House::with_ios("14.0");
    for day in [300, 100, 200] {
        house.import(ImportPurpose::SmimeEncryption, day);
    }
    house.import(ImportPurpose::Unassigned, 400);
    let compiled = house.compile(&encryption()).unwrap();
    assert_eq!(
        types(&compiled),
        ["security.pkcs12", "security.pkcs12", "security.pkcs12"]
    );
    assert_eq!(keys(&compiled), ["0064", "00c8", "012c"]);
    assert!(
        compiled
            .identities
            .iter()
            .all(|identity| identity.encoding == Pkcs12Encoding::Legacy)
    );
    let first = &payloads(&compiled)[0];
    assert_eq!(
        text(first, "PayloadIdentifier"),
        format!("{}.pfx.{}", compiled.identifier, "0064".repeat(10))
    );
    insta::assert_snapshot!(String::from_utf8(compiled.body).unwrap());
}

#[test]
fn a_profile_for_another_purpose_has_the_newest_only() {
    for purpose in [
        ImportPurpose::SmimeSigning,
        ImportPurpose::Unassigned,
        ImportPurpose::Wifi,
    ] {
        let mut house = House::with_ios("17");
        for day in [100, 300, 200] {
            house.import(purpose, day);
        }
        let body = json!({ "intendedPurpose": purpose.name() });
        let compiled = house.compile(&profile(8, IMPORTED, body)).unwrap();
        assert_eq!(keys(&compiled), ["012c"], "{purpose:?}");
    }
}

#[test]
fn without_a_certificate_of_the_purpose_it_is_said_which_and_whose() {
    let mut house = House::with_ios("17");
    house.add(encryption());
    house.import(ImportPurpose::SmimeSigning, 100);
    let refusal = Err(Refusal::NoImportedCertificate {
        purpose: ImportPurpose::SmimeEncryption,
        user: "ada@example.org".to_owned(),
    });
    assert_eq!(house.compile(&encryption()), refusal);
    assert_eq!(house.compile(&smime(None, Some(8))), refusal);
    house.user = None;
    assert_eq!(house.compile(&encryption()), Err(Refusal::NoUser));
}

#[test]
fn a_rotation_replaces_the_certificate_of_a_mail_profile_in_place() {
    let mut house = House::with_ios("17");
    house.add(encryption());
    house.import(ImportPurpose::SmimeEncryption, 100);
    let before = house.compile(&smime(None, Some(8))).unwrap();
    house.import(ImportPurpose::SmimeEncryption, 200);
    let after = house.compile(&smime(None, Some(8))).unwrap();
    assert_ne!(before.content_hash, after.content_hash);
    let (before, after) = (payloads(&before), payloads(&after));
    assert_eq!(before[1], after[1], "the account stays as it is");
    assert_eq!(
        text(&before[0], "PayloadUUID"),
        text(&after[0], "PayloadUUID")
    );
    assert_ne!(before[0], after[0]);
}

#[test]
fn what_was_imported_twice_is_delivered_once() {
    let mut house = House::with_ios("17");
    house.import(ImportPurpose::SmimeEncryption, 100);
    house.imported.push(house.imported[0].clone());
    let compiled = house.compile(&encryption()).unwrap();
    assert_eq!(keys(&compiled), ["0064"]);
}

#[test]
fn an_end_is_told_from_its_day_on() {
    let mut house = House::with_ios("17");
    house.add(encryption());
    house.import(ImportPurpose::SmimeEncryption, 100);
    house.import(ImportPurpose::SmimeEncryption, 200);
    for profile in [encryption(), smime(None, Some(8))] {
        let compiled = house.compile(&profile).unwrap();
        assert_eq!(notices(&compiled), ["certificateExpired"]);
        let end = Timestamp(930 * Timestamp::DAY);
        let notice = &compiled.notices[0];
        assert!(
            notice.message.contains("1972-07-19") && notice.message.contains("Lovelace 200"),
            "{}",
            notice.message
        );
        assert!(!notice.holds_at(end.plus(-1)) && notice.holds_at(end));
    }
}

proptest! {
    #[test]
    fn one_more_certificate_is_one_more_payload_and_nothing_else(
        mut days in proptest::collection::btree_set(1_i64..60_000, 1..8),
        one_more in 1_i64..60_000,
        version in prop_oneof![Just("14.0"), Just("17.4")],
    ) {
        days.remove(&one_more);
        prop_assume!(!days.is_empty());
        let mut house = House::with_ios(version);
        for day in &days {
            house.import(ImportPurpose::SmimeEncryption, *day);
        }
        let before = house.compile(&encryption()).unwrap();
        prop_assert_eq!(before.identities.len(), days.len());
        let mut shuffled = house.imported.clone();
        shuffled.reverse();
        std::mem::swap(&mut shuffled, &mut house.imported);
        prop_assert_eq!(&before, &house.compile(&encryption()).unwrap(), "the order of the input means nothing");

        house.import(ImportPurpose::SmimeEncryption, one_more);
        let after = house.compile(&encryption()).unwrap();
        prop_assert_ne!(before.content_hash, after.content_hash);
        let before = payloads(&before);
        let mut left = payloads(&after);
        prop_assert_eq!(left.len(), before.len() + 1);
        left.retain(|payload| !before.contains(payload));
        prop_assert_eq!(left.len(), 1, "the others are the same to the last byte");
        let name = format!("{one_more:04x}").repeat(10);
        prop_assert!(text(&left[0], "PayloadIdentifier").ends_with(&name));

        house.imported.retain(|found| found.not_before != Timestamp(one_more * Timestamp::DAY));
        let gone = house.compile(&encryption()).unwrap();
        prop_assert_eq!(payloads(&gone), before, "and one less is one less");
    }
}

fn encryption() -> mandate_model::Profile {
    profile(8, IMPORTED, json!({ "intendedPurpose": "smimeEncryption" }))
}

/// Beginnings of the fingerprints, in the order of the document.
fn keys(compiled: &Compiled) -> Vec<&str> {
    let keys = compiled
        .identities
        .iter()
        .map(|identity| match &identity.key {
            StoredKey::Imported(sha256) => &sha256[..4],
            StoredKey::Issued(slot) => panic!("{slot:?} was not imported"),
        });
    keys.collect()
}
