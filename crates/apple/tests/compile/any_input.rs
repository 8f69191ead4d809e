//! Certificate profiles of every kind under arbitrary settings and people.

use mandate_model::{
    CertificateSource, Compiled, ExternalIssuer, ImportPurpose, Platform, Profile, Slot, StoredKey,
};
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use crate::house::{
    House, IMPORTED, MAC_IMPORTED, MAC_PKCS, PKCS, id_of, mac_scep, payloads, profile, scep, smime,
};

proptest! {
    #[test]
    fn the_same_input_gives_the_same_bytes_and_every_secret_has_one_mark(
        kind in 0..7_usize,
        version in "(9|1[0-9]|26)(\\.[0-9]){0,2}",
        person in proptest::collection::vec("\\PC{0,12}|@@mandate-[a-z]{0,9}:.{0,9}@@", 4),
        round in 0..3_u32,
        imported in 0..4_i64,
        registered in any::<bool>(),
        settings in settings(),
    ) {
        let template = of_kind(kind);
        let mut house = match template.kind.platform {
            Platform::Ios => House::with_ios(&version),
            Platform::MacOs => House::with_macos(&version),
        };
        house.add(profile(7, PKCS, json!({ "certificateTemplateName": "signing" })));
        house.add(profile(8, IMPORTED, json!({ "intendedPurpose": "smimeEncryption" })));
        for day in 0..imported {
            house.import(ImportPurpose::SmimeEncryption, 100 + day);
        }
        let [given, surname, account, mail] = person.as_slice() else { unreachable!() };
        let user = house.user();
        user.given_name = Some(given.clone());
        user.surname = Some(surname.clone());
        user.on_premises_sam_account_name = Some(account.clone());
        user.mail = Some(mail.clone());
        house.rounds.insert(Slot(id_of(7).to_string()), round);
        if registered {
            let (name, url) = ("CA".to_owned(), "https://ndes.example.com/scep".to_owned());
            house.services.issuers.push(ExternalIssuer { name, url });
        }

        let mut settings = settings;
        settings.retain(|name, _| template.kind.setting(name).is_some());
        let Ok(draft) = template.kind.update(&template.settings, &settings) else { return Ok(()) };
        let wanted = Profile { settings: draft.settings, ..template };
        let compiled = house.compile(&wanted);
        prop_assert_eq!(&compiled, &house.compile(&wanted));
        let same = wanted.kind.update(&wanted.settings, &Map::new()).unwrap();
        let unchanged = Profile { settings: same.settings, version: 2, ..wanted };
        prop_assert_eq!(&compiled, &house.compile(&unchanged), "an edit that changes nothing sends nothing");
        if let Ok(compiled) = compiled {
            prop_assert!(!payloads(&compiled).is_empty(), "the document can be read");
            check_marks(&compiled)?;
        }
    }
}

/// Each secret has its place once, and there are no places for anything else.
fn check_marks(compiled: &Compiled) -> Result<(), TestCaseError> {
    let body = String::from_utf8(compiled.body.clone()).unwrap();
    let mut expected = 0;
    for spec in &compiled.certificates {
        let mark = match spec.source {
            CertificateSource::Scep => Compiled::challenge_mark(&spec.slot),
            CertificateSource::Pkcs => {
                Compiled::identity_mark(&StoredKey::Issued(spec.slot.clone()))
            }
        };
        prop_assert_eq!(body.matches(&mark).count(), 1, "{}", mark);
        expected += usize::from(spec.source == CertificateSource::Scep);
    }
    for identity in &compiled.identities {
        let marks = [
            Compiled::identity_mark(&identity.key),
            Compiled::password_mark(&identity.key),
        ];
        for mark in marks {
            prop_assert_eq!(body.matches(&format!("<string>{mark}</string>")).count(), 1);
        }
        expected += 2;
    }
    prop_assert_eq!(body.matches("@@mandate-").count(), expected, "{}", body);
    Ok(())
}

fn of_kind(kind: usize) -> Profile {
    let encryption = json!({ "intendedPurpose": "smimeEncryption" });
    match kind {
        0 => scep(1, json!({})),
        1 => mac_scep(1, json!({})),
        2 => profile(7, PKCS, json!({})),
        3 => profile(7, MAC_PKCS, json!({})),
        4 => profile(8, IMPORTED, encryption),
        5 => profile(8, MAC_IMPORTED, encryption),
        _ => smime(Some(7), Some(8)),
    }
}

fn settings() -> impl Strategy<Value = Map<String, Json>> {
    let san = |kind: &str, name: &str| json!([{ "sanType": kind, "name": name }]);
    let choices = vec![
        ("certificateStore", json!("machine")),
        ("subjectNameFormat", json!("commonNameIncludingEmail")),
        (
            "subjectNameFormatString",
            json!("CN={{GivenName}} {{SurName}},OU={{OnPremisesSamAccountName}}"),
        ),
        ("subjectNameFormatString", json!("CN={{DeviceName}}")),
        (
            "customSubjectAlternativeNames",
            san("emailAddress", "{{EmailAddress}}"),
        ),
        (
            "customSubjectAlternativeNames",
            san("universalResourceIdentifier", "urn:{{DeviceId}}"),
        ),
        ("certificateValidityPeriodValue", json!(2)),
        ("certificateTemplateName", json!("encryption")),
        ("certificateTemplateName", json!("missing")),
        ("certificationAuthorityName", json!("CA")),
        ("scepServerUrls", json!(["https://ndes.example.com/scep"])),
        ("keySize", json!("size4096")),
        ("allowAllAppsAccess", json!(true)),
        ("deploymentChannel", json!("userChannel")),
        ("accountName", json!("@@mandate-password:x@@ ]]> & <b>")),
    ];
    let setting = proptest::sample::select(choices);
    proptest::collection::vec(setting, 0..5).prop_map(|settings| {
        let settings = settings.into_iter();
        settings
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    })
}
