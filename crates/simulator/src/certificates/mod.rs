//! X.509 as a device sees it: certificates are bytes, and fields are looked up in them (RFC 5280 §4.1).

mod extensions;
mod issue;
mod name;
mod request;
mod revocation;

pub use issue::{Extension, Issuer, Template};
pub use name::Name;
pub use request::{SigningRequest, alternative_names};
pub use revocation::RevocationList;

use crate::asn1::{self, Asn1Error, Node};
use crate::keys::Digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A certificate, kept as the bytes that were received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
}

/// The fields of `TBSCertificate` that are ever asked for.
struct Fields<'a> {
    serial: Node<'a>,
    issuer: Node<'a>,
    validity: Node<'a>,
    subject: Node<'a>,
    public: Node<'a>,
    extensions: Vec<Node<'a>>,
}

impl Certificate {
    /// Checks the outline of a DER certificate.
    pub fn from_der(der: &[u8]) -> Result<Self, Asn1Error> {
        let raw = asn1::parse(der)?.raw;
        fields(raw)?;
        Ok(Self { der: raw.to_vec() })
    }

    /// DER, or PEM of which the first block counts.
    pub fn from_der_or_pem(bytes: &[u8]) -> Result<Self, Asn1Error> {
        if bytes.first() == Some(&0x30) {
            return Self::from_der(bytes);
        }
        let der = from_pem(bytes).ok_or(Asn1Error::Unexpected("a certificate"))?;
        Self::from_der(&der)
    }

    /// The bytes.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// PEM text.
    pub fn pem(&self) -> String {
        to_pem("CERTIFICATE", &self.der)
    }

    /// SHA-256 of the bytes, lower-case hex.
    pub fn fingerprint(&self) -> String {
        hex(&Digest::Sha256.of(&self.der))
    }

    /// The serial number as a whole INTEGER element.
    pub fn serial(&self) -> Vec<u8> {
        self.field(|fields| fields.serial.raw.to_vec())
    }

    /// The issuer's name as a whole element.
    pub fn issuer(&self) -> Vec<u8> {
        self.field(|fields| fields.issuer.raw.to_vec())
    }

    /// The subject's name as a whole element.
    pub fn subject(&self) -> Vec<u8> {
        self.field(|fields| fields.subject.raw.to_vec())
    }

    /// `SubjectPublicKeyInfo` as a whole element.
    pub fn public(&self) -> Vec<u8> {
        self.field(|fields| fields.public.raw.to_vec())
    }

    /// First and last second of validity, since 1970.
    pub fn validity(&self) -> Option<(i64, i64)> {
        let fields = fields(&self.der).ok()?;
        let times = fields.validity.children().ok()?;
        Some((
            asn1::unix_time(times.first()?.content)?,
            asn1::unix_time(times.get(1)?.content)?,
        ))
    }

    /// The first subject attribute of that type.
    pub fn subject_attribute(&self, dotted: &str) -> Option<String> {
        name::attribute(&asn1::parse(&self.subject()).ok()?, dotted)
    }

    /// The common name; empty when there is none.
    pub fn common_name(&self) -> String {
        self.subject_attribute(asn1::oid::COMMON_NAME)
            .unwrap_or_default()
    }

    /// Whether `key` (`SubjectPublicKeyInfo`) signed this certificate: RSA (PKCS#1 v1.5) or ECDSA.
    pub fn is_signed_by(&self, key: &[u8]) -> bool {
        let Ok(parts) = asn1::parse(&self.der).and_then(|outer| outer.children()) else {
            return false;
        };
        let [tbs, algorithm, signature] = parts.as_slice() else {
            return false;
        };
        let Some(digest) = algorithm
            .children()
            .ok()
            .and_then(|parts| Digest::from_oid(&parts.first()?.object_id()?))
        else {
            return false;
        };
        signature
            .content
            .split_first()
            .is_some_and(|(_, bits)| crate::keys::verifies(key, digest, tbs.raw, bits))
    }

    fn field(&self, pick: impl Fn(&Fields<'_>) -> Vec<u8>) -> Vec<u8> {
        fields(&self.der)
            .map(|fields| pick(&fields))
            .unwrap_or_default()
    }
}

impl Serialize for Certificate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(&self.der))
    }
}

impl<'de> Deserialize<'de> for Certificate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;
        let der = BASE64
            .decode(String::deserialize(deserializer)?)
            .map_err(D::Error::custom)?;
        Self::from_der(&der).map_err(D::Error::custom)
    }
}

fn fields(der: &[u8]) -> Result<Fields<'_>, Asn1Error> {
    const WHAT: &str = "a certificate";
    let outer = asn1::parse(der)?.expect(0x30, WHAT)?.children()?;
    let tbs = outer
        .first()
        .ok_or(Asn1Error::Unexpected(WHAT))?
        .expect(0x30, WHAT)?
        .children()?;
    let first = usize::from(tbs.first().is_some_and(|node| node.tag == 0xA0));
    let at = |index: usize, tag: u8| -> Result<Node<'_>, Asn1Error> {
        tbs.get(first + index)
            .ok_or(Asn1Error::Unexpected(WHAT))?
            .expect(tag, WHAT)
    };
    let extensions = tbs
        .iter()
        .find(|node| node.tag == 0xA3)
        .map(|explicit| {
            explicit
                .children()?
                .first()
                .map_or(Ok(Vec::new()), Node::children)
        })
        .transpose()?
        .unwrap_or_default();
    Ok(Fields {
        extensions,
        serial: at(0, 0x02)?,
        issuer: at(2, 0x30)?,
        validity: at(3, 0x30)?,
        subject: at(4, 0x30)?,
        public: at(5, 0x30)?,
    })
}

/// The bytes of the first PEM block, whatever its label.
pub fn from_pem(text: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text).ok()?;
    let begin = text.find("-----BEGIN ")?;
    let body = &text[begin..];
    let body = &body[body.find('\n')? + 1..];
    let body: String = body[..body.find("-----END")?]
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .collect();
    BASE64.decode(body).ok()
}

/// A PEM block.
pub fn to_pem(label: &str, der: &[u8]) -> String {
    let encoded = BASE64.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in encoded.as_bytes().chunks(64) {
        text.push_str(&String::from_utf8_lossy(line));
        text.push('\n');
    }
    text.push_str("-----END ");
    text.push_str(label);
    text.push_str("-----\n");
    text
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
