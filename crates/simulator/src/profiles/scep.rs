//! `com.apple.security.scep`: keys sit in an inner dictionary.

use super::fields::{
    Kind, check_mac_switches, check_types, missing, optional_text, text, unsupported_value,
    wrong_type,
};
use super::{ErrorChain, System};
use crate::certificates::{Extension, Name, alternative_names};
use crate::scep::ScepRequest;
use plist::{Dictionary, Value};

const FIELDS: &[super::fields::Field] = &[
    ("Name", Kind::Text, (4, 0)),
    ("Challenge", Kind::Text, (4, 0)),
    ("Keysize", Kind::Number, (4, 0)),
    ("Key Type", Kind::Text, (4, 0)),
    ("Key Usage", Kind::Number, (4, 0)),
    ("CAFingerprint", Kind::Bytes, (4, 0)),
    ("Retries", Kind::Number, (4, 0)),
    ("RetryDelay", Kind::Number, (4, 0)),
    ("SubjectAltName", Kind::Dictionary, (4, 0)),
];
const SIGN: i64 = 1;
const ENCRYPT: i64 = 4;

/// The rules of the payload on a system.
pub(super) fn validate(payload: &Dictionary, system: System) -> Result<(), ErrorChain> {
    scep_request(payload)?;
    match payload.get("PayloadContent").and_then(Value::as_dictionary) {
        Some(content) => check_mac_switches(content, system),
        None => Ok(()),
    }
}

/// What the payload asks for; the subject is empty when none is given.
pub fn scep_request(payload: &Dictionary) -> Result<ScepRequest, ErrorChain> {
    let content = payload
        .get("PayloadContent")
        .ok_or_else(|| missing("PayloadContent"))?;
    let content = content
        .as_dictionary()
        .ok_or_else(|| wrong_type("PayloadContent"))?;
    let url = text(content, "URL")?;
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return Err(unsupported_value("URL"));
    }
    check_types(content, FIELDS, (99, 0))?;
    if let Some(size) = content.get("Keysize").and_then(Value::as_signed_integer)
        && ![1_024, 2_048, 4_096].contains(&size)
    {
        return Err(unsupported_value("Keysize"));
    }
    if !matches!(optional_text(content, "Key Type").as_str(), "" | "RSA") {
        return Err(unsupported_value("Key Type"));
    }
    let challenge = content
        .get("Challenge")
        .and_then(Value::as_string)
        .filter(|text| !text.is_empty());
    let retries = content
        .get("Retries")
        .and_then(Value::as_signed_integer)
        .unwrap_or(3);
    Ok(ScepRequest {
        url: url.to_owned(),
        key_bits: match content.get("Keysize").and_then(Value::as_signed_integer) {
            Some(4_096) => 4_096,
            _ => 2_048,
        },
        instance: optional_text(content, "Name"),
        subject: subject(content)?.der(),
        challenge: challenge.map(str::to_owned),
        extensions: extensions(content),
        fingerprint: content
            .get("CAFingerprint")
            .and_then(Value::as_data)
            .map(<[u8]>::to_vec),
        retries: u32::try_from(retries.clamp(0, 10)).unwrap_or(0),
    })
}

fn extensions(content: &Dictionary) -> Vec<Extension> {
    let mut extensions = Vec::new();
    let usage = content
        .get("Key Usage")
        .and_then(Value::as_signed_integer)
        .unwrap_or(0);
    let bits =
        (if usage & SIGN != 0 { 0x80 } else { 0 }) | (if usage & ENCRYPT != 0 { 0x20 } else { 0 });
    if bits != 0 {
        extensions.push(Extension::KeyUsage(bits));
    }
    let names = content
        .get("SubjectAltName")
        .and_then(Value::as_dictionary)
        .map(alternative_names)
        .unwrap_or_default();
    if !names.is_empty() {
        extensions.push(Extension::AlternativeNames(names));
    }
    extensions
}

/// `Subject`: relative names, each an array of pairs [type, value].
fn subject(content: &Dictionary) -> Result<Name, ErrorChain> {
    let wrong = || wrong_type("Subject");
    let Some(value) = content.get("Subject") else {
        return Ok(Name::default());
    };
    let mut name = Name::default();
    for relative in value.as_array().ok_or_else(wrong)? {
        let mut attributes = Vec::new();
        for pair in relative.as_array().ok_or_else(wrong)? {
            let parts: Vec<&str> = pair
                .as_array()
                .ok_or_else(wrong)?
                .iter()
                .filter_map(Value::as_string)
                .collect();
            let [kind, value] = parts.as_slice() else {
                return Err(wrong());
            };
            attributes.push(((*kind).to_owned(), (*value).to_owned()));
        }
        name.0.push(attributes);
    }
    Ok(name)
}
