//! Profiles and payloads for tests.

use mandate_simulator::certificates::Certificate;
use mandate_simulator::chance::Chance;
use mandate_simulator::cms::{ContentCipher, Envelope, envelope_for};
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

/// A PKCS#12 payload; without a password when it is empty.
pub(crate) fn pkcs12_payload(uuid: &str, file: &[u8], password: &str) -> Value {
    let mut keys = vec![("PayloadContent", Value::Data(file.to_vec()))];
    if !password.is_empty() {
        keys.push(("Password", password.into()));
    }
    let identifier = format!("com.example.identity.{uuid}");
    payload("com.apple.security.pkcs12", uuid, &identifier, &keys)
}

/// A trusted root, or any certificate.
pub(crate) fn root_payload(uuid: &str, certificate: &Certificate) -> Value {
    let identifier = format!("com.example.root.{uuid}");
    let content = Value::Data(certificate.der().to_vec());
    payload(
        "com.apple.security.root",
        uuid,
        &identifier,
        &[("PayloadContent", content)],
    )
}

/// A profile whose payloads only the holder of a certificate can read.
pub(crate) fn encrypted_profile(
    recipient: &Certificate,
    identifier: &str,
    uuid: &str,
    payloads: Vec<Value>,
) -> Vec<u8> {
    let mut clear = Vec::new();
    Value::Array(payloads).to_writer_xml(&mut clear).unwrap();
    let how = Envelope {
        cipher: ContentCipher::Aes256,
        constructed: false,
    };
    let hidden = envelope_for(recipient, &clear, how, &mut Chance::new(5)).unwrap();
    let mut top = payload("Configuration", uuid, identifier, &[])
        .into_dictionary()
        .unwrap();
    top.insert("EncryptedPayloadContent".into(), Value::Data(hidden));
    top.insert("IsEncrypted".into(), true.into());
    xml(top)
}
