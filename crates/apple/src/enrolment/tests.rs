use std::io::Cursor;

use mandate_model::Platform;
use plist::{Dictionary, Value};

use super::*;
use crate::wire::AccessRights;

fn enrolment(mode: Mode, challenge: &str) -> EnrolmentProfile {
    EnrolmentProfile {
        identifier_prefix: "com.example.mandate".to_owned(),
        texts: Texts {
            display_name: "Example management".to_owned(),
            description: "Lets Example set up mail & certificates".to_owned(),
            organisation: "Example".to_owned(),
        },
        roots: vec![b"a root".to_vec()],
        identity: Identity {
            scep_url: "https://mdm.example.com/scep".to_owned(),
            authority: "mandate".to_owned(),
            common_name: "0190f5fe".to_owned(),
            organisation: "Example".to_owned(),
            challenge: challenge.to_owned(),
            ca_fingerprint: Some(vec![7; 20]),
        },
        topic: "com.apple.mgmt.External.1".to_owned(),
        server_url: "https://mdm.example.com/mdm".to_owned(),
        check_in_url: Some("https://mdm.example.com/check-in".to_owned()),
        identifier: None,
        capabilities: Vec::new(),
        mode,
        platform: Platform::Ios,
    }
}

fn whole_device() -> Mode {
    Mode::Device {
        rights: AccessRights::OURS,
    }
}

fn read(profile: &EnrolmentProfile) -> Dictionary {
    Value::from_reader_xml(Cursor::new(profile.to_plist()))
        .unwrap()
        .into_dictionary()
        .unwrap()
}

fn payload(profile: &Dictionary, payload_type: &str) -> Dictionary {
    let payloads = profile["PayloadContent"]
        .as_array()
        .unwrap()
        .iter()
        .map(|payload| payload.as_dictionary().unwrap());
    payloads
        .into_iter()
        .find(|payload| payload["PayloadType"].as_string() == Some(payload_type))
        .unwrap()
        .clone()
}

#[test]
fn the_profile_holds_root_identity_and_management() {
    let profile = read(&enrolment(whole_device(), "secret"));
    assert_eq!(
        profile["PayloadIdentifier"].as_string(),
        Some("com.example.mandate.enrolment")
    );
    let payloads = profile["PayloadContent"].as_array().unwrap();
    let types: Vec<_> = payloads
        .iter()
        .map(|payload| payload.as_dictionary().unwrap()["PayloadType"].as_string())
        .collect();
    assert_eq!(
        types,
        [
            Some("com.apple.security.root"),
            Some("com.apple.security.scep"),
            Some("com.apple.mdm")
        ]
    );
    let mut uuids: Vec<_> = payloads
        .iter()
        .map(|payload| &payload.as_dictionary().unwrap()["PayloadUUID"])
        .collect();
    uuids.dedup();
    assert_eq!(uuids.len(), 3, "no two payloads share a UUID");
}

#[test]
fn management_names_the_identity_and_where_to_go() {
    let profile = read(&enrolment(whole_device(), "secret"));
    let (identity, management) = (
        payload(&profile, "com.apple.security.scep"),
        payload(&profile, "com.apple.mdm"),
    );
    assert_eq!(
        management["IdentityCertificateUUID"],
        identity["PayloadUUID"]
    );
    assert_eq!(
        management["Topic"].as_string(),
        Some("com.apple.mgmt.External.1")
    );
    assert_eq!(
        management["ServerURL"].as_string(),
        Some("https://mdm.example.com/mdm")
    );
    assert_eq!(
        management["CheckInURL"].as_string(),
        Some("https://mdm.example.com/check-in")
    );
    assert_eq!(management["AccessRights"].as_signed_integer(), Some(1087));
    for (key, value) in [
        ("SignMessage", true),
        ("CheckOutWhenRemoved", true),
        ("UseDevelopmentAPNS", false),
    ] {
        assert_eq!(management[key].as_boolean(), Some(value), "{key}");
    }
    assert!(
        !management.contains_key("ServerCapabilities")
            && !management.contains_key("EnrollmentMode")
    );
}

#[test]
fn the_identity_signs_and_deciphers() {
    let profile = read(&enrolment(whole_device(), "secret"));
    let scep = payload(&profile, "com.apple.security.scep")["PayloadContent"]
        .as_dictionary()
        .unwrap()
        .clone();
    for (key, value) in [
        ("Keysize", 2048),
        ("Key Usage", 5),
        ("Retries", 3),
        ("RetryDelay", 10),
    ] {
        assert_eq!(scep[key].as_signed_integer(), Some(value), "{key}");
    }
    for (key, value) in [
        ("Key Type", "RSA"),
        ("Challenge", "secret"),
        ("URL", "https://mdm.example.com/scep"),
    ] {
        assert_eq!(scep[key].as_string(), Some(value), "{key}");
    }
    let pair =
        |name: &str, value: &str| Value::Array(vec![Value::Array(vec![name.into(), value.into()])]);
    assert_eq!(
        scep["Subject"],
        Value::Array(vec![pair("O", "Example"), pair("CN", "0190f5fe")])
    );
    assert_eq!(scep["CAFingerprint"].as_data(), Some([7; 20].as_slice()));
}

#[test]
fn a_person_on_their_own_device_gives_no_rights() {
    let mode = Mode::UserOwned {
        managed_apple_account: "ada@example.com".to_owned(),
    };
    let management = payload(&read(&enrolment(mode, "secret")), "com.apple.mdm");
    assert_eq!(management["EnrollmentMode"].as_string(), Some("BYOD"));
    assert_eq!(
        management["AssignedManagedAppleID"].as_string(),
        Some("ada@example.com")
    );
    assert!(!management.contains_key("AccessRights"));
}

#[test]
fn a_mac_is_enrolled_for_all_of_its_users() {
    let phone = enrolment(whole_device(), "secret");
    let mac = EnrolmentProfile {
        platform: Platform::MacOs,
        ..phone.clone()
    };
    let (phone, mut mac) = (read(&phone), read(&mac));
    assert!(!phone.contains_key("PayloadScope"));
    let scope = mac.remove("PayloadScope");
    assert_eq!(scope.as_ref().and_then(Value::as_string), Some("System"));
    assert_eq!(mac, phone, "nothing else differs");
    let rights = payload(&mac, "com.apple.mdm")["AccessRights"].as_signed_integer();
    assert_eq!(rights, Some(1087));
}

#[test]
fn a_renewal_differs_in_nothing_but_the_challenge() {
    let text = |challenge: &str| {
        String::from_utf8(enrolment(whole_device(), challenge).to_plist()).unwrap()
    };
    let (first, renewal) = (text("first"), text("second"));
    assert_ne!(first, renewal);
    assert_eq!(first, renewal.replace("second", "first"));
}

/// Were this to change, devices would take a renewal for another profile.
#[test]
fn names_of_payloads_stay_what_they_were() {
    let profile = read(&enrolment(whole_device(), "secret"));
    let management = payload(&profile, "com.apple.mdm");
    for (uuid, expected) in [
        (
            &profile["PayloadUUID"],
            "84CBB85D-2320-5067-ABB3-D06D4AFC09F0",
        ),
        (
            &management["PayloadUUID"],
            "5B3FC435-A862-50F2-92A4-EF4CCBFF5256",
        ),
        (
            &management["IdentityCertificateUUID"],
            "314BF631-1F32-51DB-93BE-855E9E4C1268",
        ),
    ] {
        assert_eq!(uuid.as_string(), Some(expected));
    }
}

#[test]
fn the_challenge_does_not_show_in_debug_output() {
    assert!(!format!("{:?}", enrolment(whole_device(), "s3cr3t")).contains("s3cr3t"));
}

/// Against Apple's own schema, where a copy of it lies beside the workspace.
#[test]
fn payloads_have_only_keys_of_apples_schema() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/reference/apple/schema/mdm/profiles");
    if !folder.is_dir() {
        eprintln!("SKIPPED: no copy of Apple's schema at {}", folder.display());
        return;
    }
    let mut whole = enrolment(whole_device(), "secret");
    whole.capabilities = vec![
        ServerCapability::PerUserConnections,
        ServerCapability::BootstrapToken,
        ServerCapability::Token,
    ];
    let person = enrolment(
        Mode::UserOwned {
            managed_apple_account: "ada@example.com".to_owned(),
        },
        "secret",
    );
    for profile in [read(&whole), read(&person)] {
        let scep = payload(&profile, "com.apple.security.scep")["PayloadContent"]
            .as_dictionary()
            .unwrap()
            .clone();
        for (name, keys) in [
            ("com.apple.mdm", payload(&profile, "com.apple.mdm")),
            ("com.apple.security.scep", scep),
        ] {
            let text = std::fs::read_to_string(folder.join(format!("{name}.yaml"))).unwrap();
            let schema: serde_yaml_ng::Value = serde_yaml_ng::from_str(&text).unwrap();
            let known = match name {
                "com.apple.mdm" => &schema["payloadkeys"],
                _ => &schema["payloadkeys"][0]["subkeys"],
            };
            let known: Vec<_> = known
                .as_sequence()
                .unwrap()
                .iter()
                .map(|key| key["key"].as_str().unwrap())
                .collect();
            for key in keys.keys().filter(|key| !key.starts_with("Payload")) {
                assert!(known.contains(&key.as_str()), "{name}: {key}");
            }
        }
    }
}
