//! What certificates say in their extensions (RFC 5280 §4.2), and names as text.

use super::{Certificate, fields, name};
use crate::asn1::{self, Node};

/// `emailAddress` in a subject (RFC 2985 §5.2.1).
const EMAIL_ADDRESS: &str = "1.2.840.113549.1.9.1";

impl Certificate {
    /// The octets inside `extnValue` of the extension of that dotted type.
    pub fn extension(&self, dotted: &str) -> Option<Vec<u8>> {
        let fields = fields(&self.der).ok()?;
        fields.extensions.iter().find_map(|extension| {
            let parts = extension.children().ok()?;
            if parts.first()?.object_id()? != dotted {
                return None;
            }
            asn1::octets(parts.last()?).ok()
        })
    }

    /// The serial number's octets, big-endian, as [`RevocationList`](super::RevocationList) wants them.
    pub fn serial_number(&self) -> Vec<u8> {
        let serial = self.serial();
        asn1::parse(&serial).map_or_else(|_| Vec::new(), |node| node.content.to_vec())
    }

    /// The subject key identifier, when the certificate says it.
    pub fn subject_key_identifier(&self) -> Option<Vec<u8>> {
        let value = self.extension(asn1::oid::SUBJECT_KEY_IDENTIFIER)?;
        asn1::octets(&asn1::parse(&value).ok()?).ok()
    }

    /// The first eight bits of the key usage, `digitalSignature` leftmost; `None` when it is not limited.
    pub fn key_usage(&self) -> Option<u8> {
        let value = self.extension(asn1::oid::KEY_USAGE)?;
        let bits = asn1::parse(&value).ok()?;
        Some(bits.content.get(1).copied().unwrap_or(0))
    }

    /// Mail addresses: `rfc822Name` of the alternative names, then `emailAddress` of the subject.
    pub fn addresses(&self) -> Vec<String> {
        let mut addresses = self.alternative_names(0x81);
        addresses.extend(self.subject_attribute(EMAIL_ADDRESS));
        addresses.dedup();
        addresses
    }

    /// `dNSName` of the alternative names.
    pub fn host_names(&self) -> Vec<String> {
        self.alternative_names(0x82)
    }

    /// The user principal name: `otherName` 1.3.6.1.4.1.311.20.2.3 of the alternative names.
    pub fn principal_name(&self) -> Option<String> {
        let value = self.extension(asn1::oid::SUBJECT_ALT_NAME)?;
        let names = asn1::parse(&value).ok()?.children().ok()?;
        names.iter().find_map(|name| {
            let parts = name.children().ok().filter(|_| name.tag == 0xA0)?;
            if parts.first()?.object_id()? != asn1::oid::NT_PRINCIPAL_NAME {
                return None;
            }
            Some(parts.get(1)?.children().ok()?.first()?.text())
        })
    }

    /// The subject as text: attributes in order, such as `CN=ada, OU=Research`, for people to read.
    pub fn subject_text(&self) -> String {
        let subject = self.subject();
        asn1::parse(&subject).map_or_else(|_| String::new(), |name| name::text(&name))
    }

    /// Whether subject and issuer are the same name.
    pub fn is_self_issued(&self) -> bool {
        self.subject() == self.issuer()
    }

    /// Whether the certificate is an authority's (basic constraints with `cA` true).
    pub fn is_authority(&self) -> bool {
        let constraints = self.extension(asn1::oid::BASIC_CONSTRAINTS);
        constraints.is_some_and(|value| {
            asn1::parse(&value)
                .and_then(|outer| outer.children())
                .is_ok_and(|parts| {
                    parts
                        .first()
                        .is_some_and(|node| node.tag == 0x01 && node.content != [0])
                })
        })
    }

    fn alternative_names(&self, tag: u8) -> Vec<String> {
        let Some(value) = self.extension(asn1::oid::SUBJECT_ALT_NAME) else {
            return Vec::new();
        };
        let names = asn1::parse(&value)
            .and_then(|outer| outer.children())
            .unwrap_or_default();
        names
            .iter()
            .filter(|name| name.tag == tag)
            .map(Node::text)
            .collect()
    }
}
