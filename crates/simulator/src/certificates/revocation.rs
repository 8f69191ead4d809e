//! Certificate revocation lists (RFC 5280 §5), for stand-in authorities.

use super::Issuer;
use crate::asn1;
use crate::keys::{Digest, KeyError};

/// What a list says.
#[derive(Debug, Clone)]
pub struct RevocationList {
    /// `cRLNumber`.
    pub number: u64,
    /// `thisUpdate` and `nextUpdate`, seconds since 1970.
    pub validity: (i64, i64),
    /// Serial numbers of revoked certificates, big-endian, each with the second of its revocation.
    pub revoked: Vec<(Vec<u8>, i64)>,
}

impl Issuer {
    /// A complete list in DER, signed by this issuer.
    pub fn revocation_list(&self, list: &RevocationList) -> Result<Vec<u8>, KeyError> {
        let algorithm = self.key.signature_algorithm(Digest::Sha256);
        let revoked: Vec<u8> = list
            .revoked
            .iter()
            .flat_map(|(serial, at)| asn1::sequence(&[&asn1::unsigned(serial), &asn1::time(*at)]))
            .collect();
        // An empty list is left out, not empty (RFC 5280 §5.1.2.6).
        let revoked = if revoked.is_empty() {
            Vec::new()
        } else {
            asn1::tlv(0x30, &revoked)
        };
        let to_be_signed = asn1::sequence(&[
            &asn1::integer(1),
            &algorithm,
            &self.name,
            &asn1::time(list.validity.0),
            &asn1::time(list.validity.1),
            &revoked,
            &asn1::context(0, &asn1::tlv(0x30, &self.list_extensions(list.number))),
        ]);
        let signature = self.key.sign(Digest::Sha256, &to_be_signed)?;
        Ok(asn1::sequence(&[
            &to_be_signed,
            &algorithm,
            &asn1::bit_string(&signature),
        ]))
    }

    /// Authority key identifier (when the issuer's certificate has one) and the number.
    fn list_extensions(&self, number: u64) -> Vec<u8> {
        let mut extensions = Vec::new();
        let identifier = self
            .certificate
            .as_ref()
            .and_then(super::Certificate::subject_key_identifier);
        if let Some(identifier) = identifier {
            let value = asn1::sequence(&[&asn1::context_primitive(0, &identifier)]);
            extensions.extend(extension(asn1::oid::AUTHORITY_KEY_IDENTIFIER, &value));
        }
        extensions.extend(extension(asn1::oid::CRL_NUMBER, &asn1::integer(number)));
        extensions
    }
}

fn extension(dotted: &str, value: &[u8]) -> Vec<u8> {
    asn1::sequence(&[&asn1::object_id(dotted), &asn1::octet_string(value)])
}
