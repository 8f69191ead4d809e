use std::fmt;

use super::CertificateSigningRequest;
use crate::{
    Oid, Result,
    asn1::{oid, tag, writer},
    authority::{alt_name_extension, key_usage_extensions},
    certificate::{KeyUsages, SubjectAltName},
    keys::PrivateKey,
    name::{DistinguishedName, is_printable},
};

/// What a request of our own asks for besides a name.
#[derive(Clone, Default)]
pub struct RequestedAttributes {
    /// The challenge password
    pub challenge_password: Option<String>,
    /// Alternative names
    pub subject_alt_names: Vec<SubjectAltName>,
    /// Key usages
    pub key_usages: KeyUsages,
    /// Extended key usages
    pub extended_key_usages: Vec<Oid>,
}

/// Without the challenge password.
impl fmt::Debug for RequestedAttributes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RequestedAttributes")
            .field("subject_alt_names", &self.subject_alt_names)
            .field("key_usages", &self.key_usages)
            .field("extended_key_usages", &self.extended_key_usages)
            .finish_non_exhaustive()
    }
}

/// Makes a request, such as for a certificate of Apple's push service.
pub fn build(
    key: &PrivateKey,
    subject: &DistinguishedName,
    requested: &RequestedAttributes,
) -> Result<CertificateSigningRequest> {
    let mut attributes = Vec::new();
    if let Some(password) = &requested.challenge_password {
        let tag = if is_printable(password) {
            tag::PRINTABLE_STRING
        } else {
            tag::UTF8_STRING
        };
        attributes.push(attribute(
            &oid::CHALLENGE_PASSWORD,
            writer::element(tag, password.as_bytes()),
        ));
    }
    let mut extensions = key_usage_extensions(requested.key_usages, &requested.extended_key_usages);
    extensions.extend(alt_name_extension(&requested.subject_alt_names, false)?);
    if !extensions.is_empty() {
        attributes.push(attribute(
            &oid::EXTENSION_REQUEST,
            writer::sequence_of(&extensions),
        ));
    }
    attributes.sort();
    let message = writer::sequence([
        &writer::integer(0),
        &subject.to_der(),
        &key.public_key_info(),
        &writer::context(0, &attributes.concat()),
    ]);
    let signature = writer::bit_string(&key.sign(&message)?);
    let der = writer::sequence([&message, &key.signature_algorithm().to_der()?, &signature]);
    CertificateSigningRequest::from_der(&der)
}

pub(super) fn attribute(id: &Oid, value: Vec<u8>) -> Vec<u8> {
    writer::sequence([&writer::oid(id), &writer::set_of(vec![value])])
}
