//! Macs: the same payloads, with keys that stay where they are.

use mandate_model::{ImportPurpose, OsVersion, Pkcs12Encoding, Profile, Refusal};
use plist::{Dictionary, Value};
use serde_json::json;

use crate::house::{
    DER, House, MAC_IMPORTED, MAC_PKCS, MAC_ROOT, boolean, document, id_of, mac_scep, payloads,
    profile, root_of, text, types,
};

#[test]
fn a_document_for_the_device_channel_says_so() {
    let mut house = House::with_macos("14.5");
    house.import(ImportPurpose::SmimeEncryption, 100);
    for profile in [
        root_of(MAC_ROOT, 2, &DER),
        mac_scep(3, json!({})),
        profile(4, MAC_PKCS, json!({})),
        history(),
    ] {
        let compiled = house.compile(&profile).unwrap();
        assert_eq!(text(&document(&compiled), "PayloadScope"), "System");
    }
    let phone = House::with_ios("17");
    let compiled = phone.compile(&phone.referenced[&id_of(3)]).unwrap();
    assert!(!document(&compiled).contains_key("PayloadScope"));
}

#[test]
fn a_mac_asks_by_scep_and_keeps_the_key() {
    let house = House::with_macos("14.5");
    let compiled = house
        .compile(&mac_scep(3, json!({ "allowAllAppsAccess": true })))
        .unwrap();
    assert_eq!(types(&compiled), ["security.root", "security.scep"]);
    let request = request(&compiled);
    assert_eq!(boolean(&request, "KeyIsExtractable"), Some(false));
    assert_eq!(boolean(&request, "AllowAllAppsAccess"), Some(true));
    insta::assert_snapshot!(String::from_utf8(compiled.body).unwrap());
}

#[test]
fn keys_of_older_macs_are_left_out() {
    for (version, extractable) in [
        ("10.13.3", None),
        ("10.13.4", Some(false)),
        ("15.0", Some(false)),
    ] {
        let compiled = House::with_macos(version).compile(&mac_scep(3, json!({})));
        let request = request(&compiled.unwrap());
        assert_eq!(
            boolean(&request, "KeyIsExtractable"),
            extractable,
            "{version}"
        );
        assert_eq!(boolean(&request, "AllowAllAppsAccess"), None);
    }
    for (version, extractable) in [("10.14.6", None), ("10.15", Some(false))] {
        let body = json!({ "allowAllAppsAccess": false });
        let compiled = House::with_macos(version).compile(&profile(4, MAC_PKCS, body));
        let payload = payloads(&compiled.unwrap()).remove(0);
        assert_eq!(
            boolean(&payload, "KeyIsExtractable"),
            extractable,
            "{version}"
        );
        assert_eq!(boolean(&payload, "AllowAllAppsAccess"), Some(false));
    }
    let refused = House::with_macos("10.10").compile(&mac_scep(3, json!({})));
    let minimum = OsVersion::new(10, 11);
    assert_eq!(refused, Err(Refusal::OsTooOld { minimum }));
}

#[test]
fn the_whole_history_goes_to_macs_in_the_form_that_they_read() {
    for (version, encoding) in [
        ("11.7", Pkcs12Encoding::Legacy),
        ("12.0", Pkcs12Encoding::Modern),
    ] {
        let mut house = House::with_macos(version);
        house.import(ImportPurpose::SmimeEncryption, 100);
        house.import(ImportPurpose::SmimeEncryption, 200);
        let compiled = house.compile(&history()).unwrap();
        assert_eq!(types(&compiled), ["security.pkcs12", "security.pkcs12"]);
        assert!(
            compiled
                .identities
                .iter()
                .all(|identity| identity.encoding == encoding),
            "{version}"
        );
        assert!(
            payloads(&compiled)
                .iter()
                .all(|payload| boolean(payload, "KeyIsExtractable") == Some(false))
        );
    }
}

#[test]
fn large_keys_need_macos_11() {
    let profile = mac_scep(3, json!({ "keySize": "size4096" }));
    assert!(House::with_macos("11.0").compile(&profile).is_ok());
    let minimum = OsVersion::new(11, 0);
    let refused = House::with_macos("10.15.7").compile(&profile);
    assert_eq!(refused, Err(Refusal::OsTooOld { minimum }));
}

#[test]
fn the_scope_says_which_channel_a_profile_is_for() {
    let mut house = House::with_macos("14.5");
    house.import(ImportPurpose::SmimeEncryption, 100);
    let profiles = [
        root_of(MAC_ROOT, 2, &DER),
        mac_scep(3, json!({})),
        profile(4, MAC_PKCS, json!({})),
        history(),
    ];
    for mut profile in profiles {
        let whole = house.compile(&profile).unwrap();
        profile
            .settings
            .insert("deploymentChannel".to_owned(), json!("userChannel"));
        let personal = house.compile(&profile).unwrap();
        assert_eq!(text(&document(&whole), "PayloadScope"), "System");
        assert_eq!(text(&document(&personal), "PayloadScope"), "User");
        assert_eq!(whole.identifier, personal.identifier);
        assert_ne!(whole.content_uuid, personal.content_uuid);
    }
}

#[test]
fn a_hash_that_is_not_to_be_had_is_named() {
    let house = House::with_macos("14.5");
    for hash in ["sha2", "sha1,sha2"] {
        let profile = mac_scep(3, json!({ "hashAlgorithm": hash }));
        assert!(house.compile(&profile).is_ok(), "{hash}");
    }
    let elsewhere = json!(["https://ndes.example.com/scep"]);
    let here = json!([house.endpoints.scep_url]);
    let asks = |urls: &serde_json::Value| {
        mac_scep(
            3,
            json!({ "hashAlgorithm": "sha1", "scepServerUrls": urls }),
        )
    };
    assert!(house.compile(&asks(&elsewhere)).is_ok());
    let Err(Refusal::Unsupported { reason }) = house.compile(&asks(&here)) else {
        panic!("SHA-1 was promised");
    };
    assert!(reason.contains("SHA-1"), "{reason}");
}

#[test]
fn what_no_mac_has_is_named() {
    let house = House::with_macos("14.5");
    for variable in ["IMEI", "MEID", "FullyQualifiedDomainName"] {
        let format = format!("CN={{{{{variable}}}}}");
        let profile = mac_scep(3, json!({ "subjectNameFormatString": format }));
        let unknown = Refusal::UnknownVariable {
            variable: variable.to_owned(),
            profile: profile.display_name.clone(),
        };
        assert_eq!(house.compile(&profile), Err(unknown));
    }
    let names = json!({ "subjectNameFormatString": "CN={{SerialNumber}},OU={{WiFiMacAddress}},O={{DeviceName}}" });
    let compiled = house.compile(&mac_scep(3, names)).unwrap();
    assert_eq!(compiled.certificates[0].subject[2][0].1, "Ada's MacBook");
}

fn history() -> Profile {
    profile(
        8,
        MAC_IMPORTED,
        json!({ "intendedPurpose": "smimeEncryption" }),
    )
}

fn request(compiled: &mandate_model::Compiled) -> Dictionary {
    payloads(compiled)[1]
        .get("PayloadContent")
        .and_then(Value::as_dictionary)
        .unwrap()
        .clone()
}
