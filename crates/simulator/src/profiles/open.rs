//! From bytes to a checked profile.

use super::fields::{optional_text, switch};
use super::{ErrorChain, Payload, System};
use crate::certificates::Certificate;
use crate::cms::{Identity, open_envelope, open_signed};
use plist::{Dictionary, Value};
use std::collections::HashSet;
use std::io::Cursor;

/// A profile whose form is right.
#[derive(Debug, Clone)]
pub struct Profile {
    /// `PayloadIdentifier`.
    pub identifier: String,
    /// `PayloadUUID`.
    pub uuid: String,
    /// `PayloadVersion`.
    pub version: i64,
    /// `PayloadDisplayName`; empty when absent.
    pub display_name: String,
    /// `PayloadOrganization`.
    pub organization: String,
    /// `PayloadDescription`.
    pub description: String,
    /// `PayloadRemovalDisallowed`.
    pub removal_disallowed: bool,
    /// Whether the payloads came encrypted.
    pub encrypted: bool,
    /// Certificates of the signature; empty for an unsigned profile.
    pub signers: Vec<Certificate>,
    /// The payloads in order.
    pub payloads: Vec<Payload>,
}

impl Profile {
    /// The only payload of that type; `None` when there is none.
    pub fn payload(&self, kind: &str) -> Option<&Payload> {
        self.payloads.iter().find(|payload| payload.kind == kind)
    }

    /// Refuses what the system refuses: the second half of [`open`].
    pub fn validate(&self, system: System) -> Result<(), ErrorChain> {
        let installing = |chain: ErrorChain| chain.installing(&self.display_name);
        check_unique(self).map_err(installing)?;
        for payload in &self.payloads {
            payload
                .validate(&self.payloads, system)
                .map_err(installing)?;
        }
        Ok(())
    }
}

/// Unwraps the signature, decrypts with one of `identities`, and validates every payload for a system (`(17, 5)` is iOS 17.5).
pub fn open(
    bytes: &[u8],
    identities: &[Identity],
    system: impl Into<System>,
) -> Result<Profile, ErrorChain> {
    let profile = read(bytes, identities)?;
    profile.validate(system.into())?;
    Ok(profile)
}

/// The first half of [`open`]: payloads have their outline and are not validated.
pub fn read(bytes: &[u8], identities: &[Identity]) -> Result<Profile, ErrorChain> {
    let (xml, signers) = unwrap_signature(bytes)?;
    let top = read_dictionary(&xml).ok_or_else(malformed)?;
    let mut profile = read_top(&top)?;
    profile.signers = signers;
    let display_name = profile.display_name.clone();
    let contents = payload_contents(&top, &mut profile, identities)
        .map_err(|chain| chain.installing(&display_name))?;
    for content in contents {
        profile
            .payloads
            .push(Payload::read(content).map_err(|chain| chain.installing(&display_name))?);
    }
    Ok(profile)
}

fn unwrap_signature(bytes: &[u8]) -> Result<(Vec<u8>, Vec<Certificate>), ErrorChain> {
    if bytes.first() != Some(&0x30) {
        return Ok((bytes.to_vec(), Vec::new()));
    }
    let signed = open_signed(bytes).map_err(|_| malformed())?;
    if !signed.is_intact(&signed.content) {
        return Err(ErrorChain::profile(
            1004,
            "The profile's signature is not valid.",
        ));
    }
    Ok((signed.content, signed.certificates))
}

fn read_dictionary(bytes: &[u8]) -> Option<Dictionary> {
    Value::from_reader(Cursor::new(bytes))
        .ok()?
        .into_dictionary()
}

fn read_top(top: &Dictionary) -> Result<Profile, ErrorChain> {
    let required = |key: &str| match top.get(key) {
        None => Err(ErrorChain::profile(
            1002,
            format!("The required field “{key}” is missing."),
        )),
        Some(Value::String(text)) if text.is_empty() => Err(ErrorChain::profile(
            1002,
            format!("The required field “{key}” is missing."),
        )),
        Some(value) => value
            .as_string()
            .map(str::to_owned)
            .ok_or_else(|| wrong_type(key)),
    };
    if required("PayloadType")? != "Configuration" {
        return Err(ErrorChain::profile(
            1010,
            "The field “PayloadType” contains an unsupported value.",
        ));
    }
    let version = top
        .get("PayloadVersion")
        .ok_or_else(|| {
            ErrorChain::profile(1002, "The required field “PayloadVersion” is missing.")
        })?
        .as_signed_integer()
        .ok_or_else(|| wrong_type("PayloadVersion"))?;
    if version != 1 {
        return Err(ErrorChain::profile(
            1001,
            format!("Profile version {version} is not supported."),
        ));
    }
    Ok(Profile {
        identifier: required("PayloadIdentifier")?,
        uuid: required("PayloadUUID")?,
        version,
        display_name: optional_text(top, "PayloadDisplayName"),
        organization: optional_text(top, "PayloadOrganization"),
        description: optional_text(top, "PayloadDescription"),
        removal_disallowed: switch(top, "PayloadRemovalDisallowed", false),
        encrypted: false,
        signers: Vec::new(),
        payloads: Vec::new(),
    })
}

/// The payload dictionaries, from the clear or from `EncryptedPayloadContent` (CMS `EnvelopedData` over the array).
fn payload_contents(
    top: &Dictionary,
    profile: &mut Profile,
    identities: &[Identity],
) -> Result<Vec<Dictionary>, ErrorChain> {
    let array = match (
        top.get("PayloadContent"),
        top.get("EncryptedPayloadContent"),
    ) {
        (Some(clear), None) => clear
            .as_array()
            .cloned()
            .ok_or_else(|| wrong_type("PayloadContent"))?,
        (_, Some(hidden)) => {
            let hidden = hidden
                .as_data()
                .ok_or_else(|| wrong_type("EncryptedPayloadContent"))?;
            profile.encrypted = true;
            let plain = open_envelope(hidden, identities)
                .map_err(|_| ErrorChain::profile(1006, "The profile could not be decrypted."))?;
            let value = Value::from_reader(Cursor::new(plain)).map_err(|_| malformed())?;
            match value {
                Value::Array(array) => array,
                // Also read by devices: a dictionary that holds the array.
                Value::Dictionary(inner) => inner
                    .get("PayloadContent")
                    .and_then(Value::as_array)
                    .cloned()
                    .ok_or_else(malformed)?,
                _ => return Err(malformed()),
            }
        }
        (None, None) => {
            return Err(ErrorChain::profile(
                1002,
                "The required field “PayloadContent” is missing.",
            ));
        }
    };
    if array.is_empty() {
        return Err(ErrorChain::profile(1005, "The profile is empty."));
    }
    array
        .into_iter()
        .map(|item| {
            item.into_dictionary()
                .ok_or_else(|| wrong_type("PayloadContent"))
        })
        .collect()
}

fn check_unique(profile: &Profile) -> Result<(), ErrorChain> {
    let mut uuids = HashSet::from([profile.uuid.to_uppercase()]);
    let mut identifiers = HashSet::new();
    for payload in &profile.payloads {
        if !uuids.insert(payload.uuid.to_uppercase()) {
            let text = format!("The UUID “{}” is used more than once.", payload.uuid);
            return Err(ErrorChain::single("MCInstallationErrorDomain", 4002, text));
        }
        if !identifiers.insert(payload.identifier.as_str()) {
            let text = format!(
                "The payload identifier “{}” is used more than once.",
                payload.identifier
            );
            return Err(ErrorChain::profile(1008, text));
        }
    }
    Ok(())
}

fn malformed() -> ErrorChain {
    ErrorChain::profile(1000, "The profile is malformed.")
}

fn wrong_type(key: &str) -> ErrorChain {
    ErrorChain::profile(
        1003,
        format!("The field “{key}” contains a value of the wrong type."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profiles::kind;
    use proptest::prelude::*;

    fn any_plist() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[a-zA-Z0-9:/.%-]{0,12}".prop_map(Value::from),
            proptest::collection::vec(any::<u8>(), 0..24).prop_map(Value::Data),
        ];
        leaf.prop_recursive(4, 48, 6, |inner| {
            let key = prop_oneof![
                Just("PayloadContent"),
                Just("PayloadType"),
                Just("PayloadVersion"),
                Just("PayloadUUID"),
                Just("PayloadIdentifier"),
                Just("EncryptedPayloadContent"),
                Just("URL"),
                Just("Subject"),
                Just("Host"),
                Just("SubjectAltName"),
                Just("UserName"),
            ];
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
                proptest::collection::vec((key, inner), 0..8).prop_map(|pairs| Value::Dictionary(
                    pairs
                        .into_iter()
                        .map(|(key, value)| (key.to_owned(), value))
                        .collect()
                )),
            ]
        })
    }

    fn bytes_of(value: &Value) -> Vec<u8> {
        let mut bytes = Vec::new();
        value.to_writer_xml(&mut bytes).unwrap();
        bytes
    }

    proptest! {
        #[test]
        fn opening_never_panics_on_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = open(&bytes, &[], (18, 0));
        }

        #[test]
        fn opening_never_panics_on_any_plist(value in any_plist(), kind in prop_oneof![
            Just(kind::EAS), Just(kind::SCEP), Just(kind::MDM), Just(kind::ROOT), Just(kind::PKCS12)
        ]) {
            let mut payload = value.clone().into_dictionary().unwrap_or_default();
            payload.insert("PayloadType".into(), kind.into());
            payload.insert("PayloadVersion".into(), 1.into());
            payload.insert("PayloadUUID".into(), "A".into());
            payload.insert("PayloadIdentifier".into(), "a".into());
            let mut top = Dictionary::new();
            top.insert("PayloadType".into(), "Configuration".into());
            top.insert("PayloadVersion".into(), 1.into());
            top.insert("PayloadUUID".into(), "B".into());
            top.insert("PayloadIdentifier".into(), "b".into());
            top.insert("PayloadContent".into(), Value::Array(vec![Value::Dictionary(payload)]));
            let _ = open(&bytes_of(&value), &[], (18, 0));
            let _ = open(&bytes_of(&Value::Dictionary(top.clone())), &[], (11, 0));
            let _ = open(&bytes_of(&Value::Dictionary(top)), &[], System::mac(14, 0));
        }
    }
}
