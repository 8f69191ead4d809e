//! PKCS#10 requests (RFC 2986), made for SCEP and read for stand-in authorities.

use super::{Extension, from_pem};
use crate::asn1::{self, Asn1Error};
use crate::keys::{Digest, Key, KeyError};

/// A parsed and verified request; the stand-in authorities read it.
#[derive(Debug, Clone)]
pub struct SigningRequest {
    /// Subject's name as a whole element.
    pub subject: Vec<u8>,
    /// `SubjectPublicKeyInfo`.
    pub public: Vec<u8>,
    /// `challengePassword`.
    pub challenge: Option<String>,
    /// Requested extensions, each a whole element.
    pub extensions: Vec<Vec<u8>>,
}

impl SigningRequest {
    /// Writes and signs a request.
    pub fn create(
        key: &Key,
        digest: Digest,
        subject: &[u8],
        challenge: Option<&str>,
        extensions: &[Extension],
    ) -> Result<Vec<u8>, KeyError> {
        let mut attributes = Vec::new();
        if let Some(challenge) = challenge {
            let value = if is_printable(challenge) {
                asn1::printable(challenge)
            } else {
                asn1::utf8(challenge)
            };
            attributes.push(attribute(asn1::oid::CHALLENGE_PASSWORD, &value));
        }
        if !extensions.is_empty() {
            let list: Vec<Vec<u8>> = extensions.iter().map(Extension::der).collect();
            attributes.push(attribute(
                asn1::oid::EXTENSION_REQUEST,
                &asn1::tlv(0x30, &list.concat()),
            ));
        }
        attributes.sort();
        let info = asn1::sequence(&[
            &asn1::integer(0),
            subject,
            key.public(),
            &asn1::context(0, &attributes.concat()),
        ]);
        let signature = key.sign(digest, &info)?;
        Ok(asn1::sequence(&[
            &info,
            &key.signature_algorithm(digest),
            &asn1::bit_string(&signature),
        ]))
    }

    /// Reads a DER or PEM request; the signature is checked over the received bytes.
    pub fn from_der_or_pem(bytes: &[u8]) -> Result<Self, Asn1Error> {
        const WHAT: &str = "a certificate signing request";
        let decoded;
        let der = if bytes.first() == Some(&0x30) {
            bytes
        } else {
            decoded = from_pem(bytes).ok_or(Asn1Error::Unexpected(WHAT))?;
            &decoded
        };
        let parts = asn1::parse(der)?.children()?;
        let [info, algorithm, signature] = parts.as_slice() else {
            return Err(Asn1Error::Unexpected(WHAT));
        };
        let fields = info.children()?;
        let (Some(subject), Some(public)) = (fields.get(1), fields.get(2)) else {
            return Err(Asn1Error::Unexpected(WHAT));
        };
        let digest = algorithm
            .children()?
            .first()
            .and_then(asn1::Node::object_id)
            .and_then(|kind| Digest::from_oid(&kind))
            .unwrap_or_default();
        let bits = signature.content.get(1..).unwrap_or_default();
        if !crate::keys::verifies(public.raw, digest, info.raw, bits) {
            return Err(Asn1Error::Unexpected(
                "a signing request with a valid signature",
            ));
        }
        let mut request = Self {
            subject: subject.raw.to_vec(),
            public: public.raw.to_vec(),
            challenge: None,
            extensions: Vec::new(),
        };
        for attribute in fields
            .get(3)
            .map(asn1::Node::children)
            .transpose()?
            .unwrap_or_default()
        {
            request.read_attribute(&attribute)?;
        }
        Ok(request)
    }

    fn read_attribute(&mut self, attribute: &asn1::Node<'_>) -> Result<(), Asn1Error> {
        let parts = attribute.children()?;
        let values = parts
            .get(1)
            .map(asn1::Node::children)
            .transpose()?
            .unwrap_or_default();
        let (Some(kind), Some(value)) = (
            parts.first().and_then(asn1::Node::object_id),
            values.first(),
        ) else {
            return Ok(());
        };
        match kind.as_str() {
            asn1::oid::CHALLENGE_PASSWORD => self.challenge = Some(value.text()),
            asn1::oid::EXTENSION_REQUEST => {
                self.extensions = value
                    .children()?
                    .iter()
                    .map(|extension| extension.raw.to_vec())
                    .collect();
            }
            _ => {}
        }
        Ok(())
    }
}

/// `GeneralName` elements of a SCEP payload's `SubjectAltName` dictionary; unknown keys are left out.
pub fn alternative_names(dictionary: &plist::Dictionary) -> Vec<Vec<u8>> {
    let mut names = Vec::new();
    for (key, tag) in [
        ("rfc822Name", 1),
        ("dNSName", 2),
        ("uniformResourceIdentifier", 6),
    ] {
        for text in strings(dictionary.get(key)) {
            names.push(asn1::context_primitive(tag, text.as_bytes()));
        }
    }
    for text in strings(dictionary.get("ntPrincipalName")) {
        let value = asn1::context(0, &asn1::utf8(&text));
        names.push(asn1::context(
            0,
            &[asn1::object_id(asn1::oid::NT_PRINCIPAL_NAME), value].concat(),
        ));
    }
    names
}

fn strings(value: Option<&plist::Value>) -> Vec<String> {
    match value {
        Some(plist::Value::String(text)) => vec![text.clone()],
        Some(plist::Value::Array(items)) => items
            .iter()
            .filter_map(|item| item.as_string().map(str::to_owned))
            .collect(),
        _ => Vec::new(),
    }
}

fn attribute(dotted: &str, value: &[u8]) -> Vec<u8> {
    asn1::sequence(&[&asn1::object_id(dotted), &asn1::tlv(0x31, value)])
}

fn is_printable(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&byte))
}
