//! Issuing: self-signed requesters' certificates, and the stand-in authorities that play Apple's and a test server's.

use super::{Certificate, Name};
use crate::asn1;
use crate::keys::{Digest, Key, KeyError};
use std::sync::Arc;

/// An X.509 extension.
#[derive(Debug, Clone)]
pub enum Extension {
    /// Basic constraints with `cA` true, critical.
    Authority,
    /// Key usage, critical; the octet holds the named bits from the left (digitalSignature is 0x80).
    KeyUsage(u8),
    /// Extended key usage, dotted.
    ExtendedKeyUsage(Vec<&'static str>),
    /// Subject alternative name: `GeneralName` elements.
    AlternativeNames(Vec<Vec<u8>>),
    /// Subject key identifier: SHA-1 of the public key's bits (RFC 5280 §4.2.1.2, method 1), of this `SubjectPublicKeyInfo`.
    KeyIdentifier(Vec<u8>),
    /// Any other, as a whole `Extension` element, copied from a request.
    Copied(Vec<u8>),
}

impl Extension {
    /// The `Extension` element.
    pub(super) fn der(&self) -> Vec<u8> {
        let (dotted, critical, value) = match self {
            Self::Authority => (
                asn1::oid::BASIC_CONSTRAINTS,
                true,
                asn1::sequence(&[&asn1::yes()]),
            ),
            Self::KeyUsage(bits) => (asn1::oid::KEY_USAGE, true, key_usage(*bits)),
            Self::ExtendedKeyUsage(purposes) => {
                let purposes: Vec<Vec<u8>> = purposes
                    .iter()
                    .map(|purpose| asn1::object_id(purpose))
                    .collect();
                (
                    asn1::oid::EXTENDED_KEY_USAGE,
                    false,
                    asn1::tlv(0x30, &purposes.concat()),
                )
            }
            Self::AlternativeNames(names) => (
                asn1::oid::SUBJECT_ALT_NAME,
                false,
                asn1::tlv(0x30, &names.concat()),
            ),
            Self::KeyIdentifier(public) => (
                asn1::oid::SUBJECT_KEY_IDENTIFIER,
                false,
                asn1::octet_string(&key_identifier(public)),
            ),
            Self::Copied(element) => return element.clone(),
        };
        let critical = if critical { asn1::yes() } else { Vec::new() };
        asn1::sequence(&[
            &asn1::object_id(dotted),
            &critical,
            &asn1::octet_string(&value),
        ])
    }
}

/// What a certificate is to say.
#[derive(Debug, Clone)]
pub struct Template {
    /// Subject's name as a whole element.
    pub subject: Vec<u8>,
    /// `SubjectPublicKeyInfo`.
    pub public: Vec<u8>,
    /// Serial number, big-endian, positive.
    pub serial: Vec<u8>,
    /// First and last second, since 1970.
    pub validity: (i64, i64),
    /// Extensions in order.
    pub extensions: Vec<Extension>,
}

/// Somebody who signs certificates.
#[derive(Debug, Clone)]
pub struct Issuer {
    /// The issuer's key.
    pub key: Arc<Key>,
    /// The issuer's name as a whole element.
    pub name: Vec<u8>,
    /// The issuer's own certificate; `None` while it signs that one.
    pub certificate: Option<Certificate>,
}

impl Issuer {
    /// A self-signed authority.
    pub fn authority(key: Arc<Key>, name: &Name, validity: (i64, i64)) -> Result<Self, KeyError> {
        let mut issuer = Self {
            name: name.der(),
            certificate: None,
            key,
        };
        let template = Template {
            subject: issuer.name.clone(),
            public: issuer.key.public().to_vec(),
            serial: vec![1],
            validity,
            extensions: authority_extensions(&issuer.key),
        };
        issuer.certificate = Some(issuer.issue(&template, Digest::Sha256)?);
        Ok(issuer)
    }

    /// An authority below this one.
    pub fn subordinate(
        &self,
        key: Arc<Key>,
        name: &Name,
        serial: &[u8],
        validity: (i64, i64),
    ) -> Result<Self, KeyError> {
        let template = Template {
            subject: name.der(),
            public: key.public().to_vec(),
            serial: serial.to_vec(),
            validity,
            extensions: authority_extensions(&key),
        };
        let certificate = self.issue(&template, Digest::Sha256)?;
        Ok(Self {
            name: template.subject,
            certificate: Some(certificate),
            key,
        })
    }

    /// A self-signed certificate that is no authority, such as a SCEP requester's.
    pub fn self_signed(
        key: &Arc<Key>,
        template: &Template,
        digest: Digest,
    ) -> Result<Certificate, KeyError> {
        let issuer = Self {
            key: Arc::clone(key),
            name: template.subject.clone(),
            certificate: None,
        };
        issuer.issue(template, digest)
    }

    /// Signs a certificate (RFC 5280 §4.1).
    pub fn issue(&self, template: &Template, digest: Digest) -> Result<Certificate, KeyError> {
        let algorithm = self.key.signature_algorithm(digest);
        let extensions: Vec<Vec<u8>> = template.extensions.iter().map(Extension::der).collect();
        let extensions = if extensions.is_empty() {
            Vec::new()
        } else {
            asn1::context(3, &asn1::tlv(0x30, &extensions.concat()))
        };
        let to_be_signed = asn1::sequence(&[
            &asn1::context(0, &asn1::integer(2)),
            &asn1::unsigned(&template.serial),
            &algorithm,
            &self.name,
            &asn1::sequence(&[
                &asn1::time(template.validity.0),
                &asn1::time(template.validity.1),
            ]),
            &template.subject,
            &template.public,
            &extensions,
        ]);
        let signature = self.key.sign(digest, &to_be_signed)?;
        let der = asn1::sequence(&[&to_be_signed, &algorithm, &asn1::bit_string(&signature)]);
        Certificate::from_der(&der).map_err(|_| KeyError::Operation)
    }
}

fn authority_extensions(key: &Key) -> Vec<Extension> {
    vec![
        Extension::Authority,
        Extension::KeyUsage(0xA6),
        Extension::KeyIdentifier(key.public().to_vec()),
    ]
}

/// SHA-1 of the bits of `subjectPublicKey`, without the octet that counts unused bits.
fn key_identifier(public: &[u8]) -> Vec<u8> {
    let fields = asn1::parse(public)
        .and_then(|outer| outer.children())
        .unwrap_or_default();
    let bits = fields
        .get(1)
        .and_then(|bits| bits.content.get(1..))
        .unwrap_or_default();
    Digest::Sha1.of(bits)
}

/// `KeyUsage ::= BIT STRING`, trailing zero bits left out (X.690 §11.2.2).
pub(super) fn key_usage(bits: u8) -> Vec<u8> {
    let unused = u8::try_from(bits.trailing_zeros().min(7)).unwrap_or(7);
    asn1::tlv(0x03, &[unused, bits])
}
