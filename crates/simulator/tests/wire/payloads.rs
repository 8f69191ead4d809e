//! Profiles and payloads for tests.

use plist::{Dictionary, Value};

/// The enrolment profile, `version` goes into its payload UUIDs.
pub(crate) fn enrolment_profile(url: &str, version: &str) -> Vec<u8> {
    let scep = scep_payload(url, &format!("SCEP-{version}"), "com.example.enrol.scep");
    let mdm = payload(
        "com.apple.mdm",
        "MDM-1",
        "com.example.enrol.mdm",
        &[
            ("ServerURL", format!("{url}/mdm").into()),
            ("CheckInURL", format!("{url}/mdm").into()),
            ("Topic", "com.apple.mgmt.External.test".into()),
            ("SignMessage", true.into()),
            ("AccessRights", 8191.into()),
            ("CheckOutWhenRemoved", true.into()),
            ("IdentityCertificateUUID", format!("SCEP-{version}").into()),
        ],
    );
    profile(
        "com.example.enrol",
        &format!("ENROL-{version}"),
        vec![scep, mdm],
    )
}

pub(crate) fn scep_payload(url: &str, uuid: &str, identifier: &str) -> Value {
    let mut content = Dictionary::new();
    content.insert("URL".into(), format!("{url}/scep").into());
    content.insert("Challenge".into(), "s3cret".into());
    content.insert("Keysize".into(), 2048.into());
    content.insert("Key Usage".into(), 5.into());
    let pair =
        |kind: &str, value: &str| Value::Array(vec![Value::Array(vec![kind.into(), value.into()])]);
    content.insert(
        "Subject".into(),
        Value::Array(vec![pair("O", "Example"), pair("CN", uuid)]),
    );
    payload(
        "com.apple.security.scep",
        uuid,
        identifier,
        &[("PayloadContent", Value::Dictionary(content))],
    )
}

pub(crate) fn eas_payload(uuid: &str, keys: &[(&str, Value)]) -> Value {
    let mut all = vec![
        ("Host", "mail.example.com".into()),
        ("EmailAddress", "ada@example.com".into()),
        ("UserName", "ada@example.com".into()),
        ("SSL", true.into()),
    ];
    all.extend(keys.iter().cloned());
    payload(
        "com.apple.eas.account",
        uuid,
        "com.example.mail.account",
        &all,
    )
}

pub(crate) fn payload(kind: &str, uuid: &str, identifier: &str, keys: &[(&str, Value)]) -> Value {
    let mut payload = Dictionary::new();
    payload.insert("PayloadType".into(), kind.into());
    payload.insert("PayloadVersion".into(), 1.into());
    payload.insert("PayloadUUID".into(), uuid.into());
    payload.insert("PayloadIdentifier".into(), identifier.into());
    for (key, value) in keys {
        payload.insert((*key).into(), value.clone());
    }
    Value::Dictionary(payload)
}

pub(crate) fn profile(identifier: &str, uuid: &str, payloads: Vec<Value>) -> Vec<u8> {
    let mut top = payload("Configuration", uuid, identifier, &[])
        .into_dictionary()
        .unwrap();
    top.insert("PayloadDisplayName".into(), identifier.into());
    top.insert("PayloadContent".into(), Value::Array(payloads));
    xml(top)
}

pub(crate) fn xml(dictionary: Dictionary) -> Vec<u8> {
    let mut bytes = Vec::new();
    Value::Dictionary(dictionary)
        .to_writer_xml(&mut bytes)
        .unwrap();
    bytes
}
