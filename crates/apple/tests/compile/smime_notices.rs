//! What is said of S/MIME certificates that will not do what is hoped.

use mandate_model::ImportPurpose;
use serde_json::{Value as Json, json};

use crate::house::{House, IMPORTED, PKCS, notices, profile, scep, smime};

#[test]
fn an_address_that_is_not_the_accounts_is_said() {
    for (addresses, expected) in [
        (vec!["Ada.Lovelace@example.org"], vec![]),
        (vec!["ada@example.org", "Ada.Lovelace@example.org"], vec![]),
        (vec!["ada.lovelace@EXAMPLE.org"], vec!["addressCase"]),
        (vec!["ada@example.org"], vec!["addressMismatch"]),
        (vec![], vec!["addressMismatch"]),
    ] {
        let mut house = House::with_ios("17");
        house.add(profile(
            8,
            IMPORTED,
            json!({ "intendedPurpose": "smimeSigning" }),
        ));
        let imported = house.import(ImportPurpose::SmimeSigning, 100);
        imported.addresses = addresses.iter().map(ToString::to_string).collect();
        let compiled = house.compile(&smime(Some(8), None)).unwrap();
        let found: Vec<_> = notices(&compiled)
            .into_iter()
            .filter(|code| *code != "certificateExpired")
            .collect();
        assert_eq!(found, expected, "{addresses:?}");
        for notice in &compiled.notices {
            let named = notice.message.contains("Ada.Lovelace@example.org");
            assert_eq!(
                notice.code.starts_with("address"),
                named,
                "{}",
                notice.message
            );
        }
    }
}

#[test]
fn certificates_made_for_devices_are_held_to_the_same() {
    let address = |name: &str| json!([{ "sanType": "emailAddress", "name": name }]);
    for (names, expected) in [
        (address("{{EmailAddress}}"), vec![]),
        (address("{{UserPrincipalName}}"), vec!["addressMismatch"]),
        (json!([]), vec!["addressMismatch"]),
    ] {
        let mut house = House::with_ios("17");
        let body =
            json!({ "customSubjectAlternativeNames": names, "certificateTemplateName": "signing" });
        house.add(profile(7, PKCS, body));
        house.add(scep(5, json!({ "customSubjectAlternativeNames": names })));
        for id in [5, 7] {
            let compiled = house.compile(&smime(Some(id), None)).unwrap();
            assert_eq!(notices(&compiled), expected, "{id}: {names}");
        }
    }
}

#[test]
fn an_encryption_key_for_one_device_is_said() {
    let mut house = House::with_ios("17");
    house.add(pkcs("encryption"));
    house.import(ImportPurpose::SmimeEncryption, 100);
    house.add(profile(
        8,
        IMPORTED,
        json!({ "intendedPurpose": "smimeEncryption" }),
    ));
    let said = |encryption| {
        let compiled = house.compile(&smime(None, Some(encryption))).unwrap();
        notices(&compiled).contains(&"encryptionKeyPerDevice")
    };
    assert!(said(7) && said(3), "PKCS and SCEP");
    assert!(!said(8), "imported");
}

#[test]
fn a_key_that_may_not_do_it_is_said() {
    let cases = [
        (Some(7), None, "encryption", vec!["keyUsageMissing"]),
        (Some(7), None, "signing", vec![]),
        (Some(7), None, "clientAuthentication", vec![]),
        (
            None,
            Some(7),
            "signing",
            vec!["keyUsageMissing", "encryptionKeyPerDevice"],
        ),
    ];
    for (signing, encryption, template, expected) in cases {
        let mut house = House::with_ios("17");
        house.add(pkcs(template));
        let compiled = house.compile(&smime(signing, encryption)).unwrap();
        assert_eq!(notices(&compiled), expected, "{template}");
    }
}

#[test]
fn what_is_said_changes_nothing_on_devices() {
    let mut house = House::with_ios("17");
    house.add(profile(
        8,
        IMPORTED,
        json!({ "intendedPurpose": "smimeSigning" }),
    ));
    house.import(ImportPurpose::SmimeSigning, 100);
    let before = house.compile(&smime(Some(8), None)).unwrap();
    house.imported[0].addresses.clear();
    let after = house.compile(&smime(Some(8), None)).unwrap();
    assert_ne!(before.notices, after.notices);
    assert_eq!(before.content_hash, after.content_hash);
}

fn pkcs(template: &str) -> mandate_model::Profile {
    let names: Json = json!([{ "sanType": "emailAddress", "name": "{{EmailAddress}}" }]);
    profile(
        7,
        PKCS,
        json!({ "customSubjectAlternativeNames": names, "certificateTemplateName": template }),
    )
}
