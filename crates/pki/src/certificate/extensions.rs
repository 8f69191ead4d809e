use std::ops::BitOr;

use super::SubjectAltName;
use crate::{
    Error, Oid, Result,
    asn1::{Element, oid, tag, writer},
};

/// What a key may be used for (RFC 5280 §4.2.1.3); combined by `|`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct KeyUsages(u16);

impl KeyUsages {
    /// Signatures other than on certificates; TLS and `Mdm-Signature`
    pub const DIGITAL_SIGNATURE: Self = Self(1);
    /// Signatures that bind their signer; X.509 calls it `contentCommitment` since 2005
    pub const NON_REPUDIATION: Self = Self(1 << 1);
    /// Encryption of keys, which CMS and SCEP need
    pub const KEY_ENCIPHERMENT: Self = Self(1 << 2);
    /// Encryption of data itself
    pub const DATA_ENCIPHERMENT: Self = Self(1 << 3);
    /// Key agreement
    pub const KEY_AGREEMENT: Self = Self(1 << 4);
    /// Signatures on certificates
    pub const KEY_CERT_SIGN: Self = Self(1 << 5);
    /// Signatures on revocation lists
    pub const CRL_SIGN: Self = Self(1 << 6);

    /// None at all.
    pub const fn empty() -> Self {
        Self(0)
    }

    /// Whether none is set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all of `other` are among these.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both together, in constants.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn to_der(self) -> Vec<u8> {
        writer::named_bits(self.0)
    }

    fn read(bits: &Element<'_>) -> Option<Self> {
        let (_unused, octets) = bits.content.split_first()?;
        let bit = |number: usize| {
            octets
                .get(number / 8)
                .is_some_and(|octet| octet & (0x80 >> (number % 8)) != 0)
        };
        Some(Self(
            (0..9)
                .filter(|&number| bit(number))
                .fold(0, |sum, number| sum | 1 << number),
        ))
    }
}

impl BitOr for KeyUsages {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.union(other)
    }
}

/// One extension in its envelope (RFC 5280 §4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Extension {
    /// The content octets, since identifiers may have arcs too large for [`Oid`].
    id: Vec<u8>,
    value: Vec<u8>,
}

impl Extension {
    /// Encodes an extension around a value in DER.
    pub(crate) fn to_der(id: &Oid, critical: bool, value: &[u8]) -> Vec<u8> {
        let critical = if critical {
            writer::boolean(true)
        } else {
            Vec::new()
        };
        writer::sequence([&writer::oid(id), &critical, &writer::octet_string(value)])
    }
}

/// The extensions of a certificate or request. What cannot be read counts as absent: a device's own transient certificate
/// decides nothing, and certificates of our own are well formed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extensions(Vec<Extension>);

impl Extensions {
    /// Reads a SEQUENCE OF Extension.
    pub(crate) fn read(sequence: &Element<'_>) -> Result<Self> {
        if sequence.tag != tag::SEQUENCE {
            return Err(Error::Malformed("extensions"));
        }
        let mut reader = sequence.reader();
        let mut extensions = Vec::new();
        while !reader.is_empty() {
            let mut fields = reader.sequence()?;
            let id = fields.oid()?.content.to_vec();
            fields.optional(tag::BOOLEAN)?;
            let value = fields.expect(tag::OCTET_STRING)?.content.to_vec();
            fields.finish()?;
            extensions.push(Extension { id, value });
        }
        Ok(Self(extensions))
    }

    fn find(&self, id: &Oid) -> Option<Element<'_>> {
        let extension = self
            .0
            .iter()
            .find(|extension| extension.id == id.as_bytes())?;
        Element::only(&extension.value).ok()
    }

    pub(crate) fn is_ca(&self) -> bool {
        self.find(&oid::BASIC_CONSTRAINTS)
            .and_then(|value| value.reader().optional(tag::BOOLEAN).ok().flatten())
            .is_some_and(|ca| ca.content != [0])
    }

    /// `pathLenConstraint`; a number too large to count with is none.
    pub(crate) fn path_length(&self) -> Option<u32> {
        let value = self.find(&oid::BASIC_CONSTRAINTS)?;
        let mut fields = value.reader();
        fields.optional(tag::BOOLEAN).ok()?;
        let octets = fields.optional(tag::INTEGER).ok()??.unsigned();
        (octets.len() <= 3).then(|| {
            octets
                .iter()
                .fold(0, |sum, &octet| sum << 8 | u32::from(octet))
        })
    }

    /// Whether any kind of extension stands there twice, which RFC 5280 §4.2 forbids: readers would differ in which they see.
    pub(crate) fn repeat(&self) -> bool {
        let mut ids: Vec<_> = self.0.iter().map(|extension| &extension.id).collect();
        ids.sort();
        ids.windows(2).any(|pair| pair[0] == pair[1])
    }

    pub(crate) fn key_usages(&self) -> Option<KeyUsages> {
        self.find(&oid::KEY_USAGE)
            .filter(|value| value.tag == tag::BIT_STRING)
            .and_then(|bits| KeyUsages::read(&bits))
    }

    pub(crate) fn extended_key_usages(&self) -> Vec<Oid> {
        self.elements(&oid::EXTENDED_KEY_USAGE)
            .iter()
            .filter(|usage| usage.tag == tag::OID)
            .filter_map(|usage| Oid::from_bytes(usage.content).ok())
            .collect()
    }

    pub(crate) fn subject_alt_names(&self) -> Vec<SubjectAltName> {
        self.elements(&oid::SUBJECT_ALT_NAME)
            .iter()
            .filter_map(SubjectAltName::read)
            .collect()
    }

    pub(crate) fn subject_key_id(&self) -> Option<&[u8]> {
        self.find(&oid::SUBJECT_KEY_ID)
            .filter(|value| value.tag == tag::OCTET_STRING)
            .map(|value| value.content)
    }

    fn elements(&self, id: &Oid) -> Vec<Element<'_>> {
        let mut elements = Vec::new();
        let Some(sequence) = self.find(id).filter(|value| value.tag == tag::SEQUENCE) else {
            return elements;
        };
        let mut reader = sequence.reader();
        while let Ok(element) = reader.element() {
            elements.push(element);
        }
        elements
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_usages_come_back() {
        let usages =
            KeyUsages::DIGITAL_SIGNATURE | KeyUsages::KEY_ENCIPHERMENT | KeyUsages::CRL_SIGN;
        let der = usages.to_der();
        assert_eq!(KeyUsages::read(&Element::only(&der).unwrap()), Some(usages));
        assert!(usages.contains(KeyUsages::CRL_SIGN));
        assert!(!usages.contains(KeyUsages::CRL_SIGN | KeyUsages::KEY_CERT_SIGN));
    }

    #[test]
    fn unknown_and_broken_extensions_do_no_harm() {
        let unknown = Extension::to_der(&Oid::new_unwrap("1.2.3.4"), true, b"anything");
        let broken = Extension::to_der(&oid::SUBJECT_ALT_NAME, false, &[0x30, 0x7f]);
        let der = writer::sequence([&unknown, &broken]);
        let extensions = Extensions::read(&Element::only(&der).unwrap()).unwrap();
        assert!(extensions.subject_alt_names().is_empty());
        assert!(!extensions.is_ca());
    }
}
