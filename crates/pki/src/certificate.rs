//! X.509 certificates as they were received, and what can be read from them.

mod alternative_name;
mod extensions;

use std::fmt::Write;

pub use alternative_name::SubjectAltName;
pub use extensions::KeyUsages;

pub(crate) use extensions::{Extension, Extensions};

use crate::{
    Error, Legacy, Oid, Result,
    asn1::{Element, Reader, reader::trim_zeros, tag, time},
    keys::{PublicKey, SignatureAlgorithm},
    name::DistinguishedName,
    pem, sha1, sha256,
};

/// A certificate: the DER it came in and its fields. Peers' are taken as they are, with long serial numbers and odd extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    to_be_signed: Vec<u8>,
    signature_algorithm: Vec<u8>,
    signature: Vec<u8>,
    /// As received: with the zero that keeps it positive, or without it where a peer made it negative.
    serial: Vec<u8>,
    issuer: Vec<u8>,
    subject: Vec<u8>,
    not_before: i64,
    not_after: i64,
    public_key_info: Vec<u8>,
    extensions: Extensions,
}

/// How a certificate stands at a given time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// Within its time.
    Valid,
    /// Its time has not begun.
    NotYet,
    /// Its time is over.
    Expired,
}

impl Certificate {
    /// Reads exactly one certificate.
    pub fn from_der(der: &[u8]) -> Result<Self> {
        Self::read(der).map_err(|_| Error::Malformed("certificate"))
    }

    /// Reads the first `CERTIFICATE` block.
    pub fn from_pem(text: &str) -> Result<Self> {
        Self::from_der(&pem::decode("CERTIFICATE", text)?)
    }

    /// Reads every `CERTIFICATE` block, as of a chain.
    pub fn all_from_pem(text: &str) -> Result<Vec<Self>> {
        pem::decode_all("CERTIFICATE", text)?
            .iter()
            .map(|der| Self::from_der(der))
            .collect()
    }

    /// RFC 5280 §4.1
    fn read(der: &[u8]) -> Result<Self> {
        let mut outer = Reader::sequence_only(der)?;
        let to_be_signed = outer.expect(tag::SEQUENCE)?;
        let signature_algorithm = outer.expect(tag::SEQUENCE)?.raw.to_vec();
        let signature = outer.bit_string()?.to_vec();
        outer.finish()?;

        let mut fields = to_be_signed.reader();
        fields.optional(tag::context_constructed(0))?;
        let serial = fields.expect(tag::INTEGER)?.content.to_vec();
        let inner_algorithm = fields.expect(tag::SEQUENCE)?.raw;
        let issuer = fields.expect(tag::SEQUENCE)?.raw.to_vec();
        let mut validity = fields.sequence()?;
        let (not_before, not_after) = (
            time::decode(&validity.element()?)?,
            time::decode(&validity.element()?)?,
        );
        let subject = fields.expect(tag::SEQUENCE)?.raw.to_vec();
        let public_key_info = fields.expect(tag::SEQUENCE)?.raw.to_vec();
        // Unique ids of version 2; never seen, but legal.
        fields.optional(tag::context(1))?;
        fields.optional(tag::context(2))?;
        let extensions = match fields.optional(tag::context_constructed(3))? {
            Some(field) => Extensions::read(&Element::only(field.content)?)?,
            None => Extensions::default(),
        };
        fields.finish()?;
        if inner_algorithm != signature_algorithm {
            return Err(Error::Malformed("certificate"));
        }
        Ok(Self {
            der: der.to_vec(),
            to_be_signed: to_be_signed.raw.to_vec(),
            signature_algorithm,
            signature,
            serial,
            issuer,
            subject,
            not_before,
            not_after,
            public_key_info,
            extensions,
        })
    }

    /// The DER as received.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// As a `CERTIFICATE` block.
    pub fn to_pem(&self) -> String {
        pem::encode("CERTIFICATE", &self.der)
    }

    /// The serial number as an unsigned big-endian number without leading zeros.
    pub fn serial(&self) -> &[u8] {
        trim_zeros(&self.serial)
    }

    /// The content octets of the serial number as received.
    pub(crate) fn raw_serial(&self) -> &[u8] {
        &self.serial
    }

    /// The serial number in lower-case hexadecimal digits.
    pub fn serial_hex(&self) -> String {
        hex(self.serial())
    }

    /// The issuer's name in DER.
    pub fn issuer_der(&self) -> &[u8] {
        &self.issuer
    }

    /// The subject's name in DER.
    pub fn subject_der(&self) -> &[u8] {
        &self.subject
    }

    /// The issuer's name, where all its values are strings.
    pub fn issuer_name(&self) -> Result<DistinguishedName> {
        DistinguishedName::from_der(&self.issuer)
    }

    /// The subject's name, where all its values are strings.
    pub fn subject_name(&self) -> Result<DistinguishedName> {
        DistinguishedName::from_der(&self.subject)
    }

    /// The subject's name as text by RFC 4514; as `#` and DER in hexadecimal where it cannot be read.
    pub fn subject(&self) -> String {
        readable(&self.subject)
    }

    /// The issuer's name, likewise.
    pub fn issuer(&self) -> String {
        readable(&self.issuer)
    }

    /// The value of an attribute of the subject, such as [`crate::oid::USER_ID`] for the topic of a push certificate.
    pub fn subject_attribute(&self, oid: &Oid) -> Option<String> {
        self.subject_name().ok()?.attribute(oid).map(str::to_owned)
    }

    /// The subject's common name.
    pub fn common_name(&self) -> Option<String> {
        self.subject_attribute(&crate::oid::COMMON_NAME)
    }

    /// Begin of validity in seconds since 1970.
    pub fn not_before(&self) -> i64 {
        self.not_before
    }

    /// Last second of validity, since 1970.
    pub fn not_after(&self) -> i64 {
        self.not_after
    }

    /// Where `now`, in seconds since 1970, lies.
    pub fn validity_at(&self, now: i64) -> Validity {
        if now < self.not_before {
            Validity::NotYet
        } else if now > self.not_after {
            Validity::Expired
        } else {
            Validity::Valid
        }
    }

    /// `SubjectPublicKeyInfo` in DER.
    pub fn public_key_info(&self) -> &[u8] {
        &self.public_key_info
    }

    /// The public key, where it is of a supported kind.
    pub fn public_key(&self) -> Result<PublicKey> {
        PublicKey::from_der(&self.public_key_info)
    }

    /// Whether `basicConstraints` make it an authority's.
    pub fn is_ca(&self) -> bool {
        self.extensions.is_ca()
    }

    /// How many authorities may stand between this one and a leaf, if that is restricted.
    pub fn path_length(&self) -> Option<u32> {
        self.extensions.path_length()
    }

    /// Whether it names itself as its issuer.
    pub fn is_self_issued(&self) -> bool {
        self.issuer == self.subject
    }

    /// Whether it may be used so: it does not restrict its key's usages, or these are among them.
    pub fn permits(&self, usages: KeyUsages) -> bool {
        self.key_usages().is_none_or(|own| own.contains(usages))
    }

    /// The key usages, if it restricts them.
    pub fn key_usages(&self) -> Option<KeyUsages> {
        self.extensions.key_usages()
    }

    /// The extended key usages; none if it does not restrict them.
    pub fn extended_key_usages(&self) -> Vec<Oid> {
        self.extensions.extended_key_usages()
    }

    /// The alternative names of the kinds we know; others are passed over.
    pub fn subject_alt_names(&self) -> Vec<SubjectAltName> {
        self.extensions.subject_alt_names()
    }

    /// The subject key id.
    pub fn subject_key_id(&self) -> Option<&[u8]> {
        self.extensions.subject_key_id()
    }

    /// The SHA-256 fingerprint.
    pub fn sha256(&self) -> [u8; 32] {
        sha256(&self.der)
    }

    /// The SHA-1 fingerprint, which some of Apple's messages name certificates by.
    pub fn sha1(&self) -> [u8; 20] {
        sha1(&self.der)
    }

    /// Whether `issuer` signed this certificate and bears the name it gives. Neither time nor revocation are looked at.
    pub fn verify_signed_by(&self, issuer: &Self) -> Result<()> {
        self.verify_signed_by_with(issuer, Legacy::Refuse)
    }

    /// The same where an authority of long ago may have signed with SHA-1, as those of Apple's devices do.
    pub fn verify_signed_by_with(&self, issuer: &Self, legacy: Legacy) -> Result<()> {
        if self.issuer != issuer.subject {
            return Err(Error::OtherIssuer);
        }
        let algorithm = SignatureAlgorithm::from_der(&self.signature_algorithm)?;
        issuer
            .public_key()?
            .verify(algorithm, legacy, &self.to_be_signed, &self.signature)
    }

    /// Whether this is the certificate that issuer and serial number name in a CMS message.
    pub(crate) fn has_issuer_and_serial(&self, issuer: &[u8], serial: &[u8]) -> bool {
        self.issuer == issuer && self.serial() == trim_zeros(serial)
    }

    /// Whether this is the certificate that a key id names, be it written in it or made from its key.
    pub(crate) fn has_key_id(&self, id: &[u8]) -> bool {
        match self.subject_key_id() {
            Some(own) => own == id,
            None => self.public_key().is_ok_and(|key| key.key_id() == id),
        }
    }
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(octets: &[u8]) -> String {
    octets.iter().fold(
        String::with_capacity(octets.len() * 2),
        |mut text, octet| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{octet:02x}");
            text
        },
    )
}

fn readable(name: &[u8]) -> String {
    DistinguishedName::from_der(name)
        .map_or_else(|_| format!("#{}", hex(name)), |name| name.to_string())
}
