use super::content_info;
use crate::{
    DigestAlgorithm, Error, Oid, Result,
    asn1::{oid, tag, time, writer},
    certificate::Certificate,
    keys::PrivateKey,
};

/// A message to be signed.
pub(crate) struct Signing<'a> {
    pub(crate) key: &'a PrivateKey,
    pub(crate) certificate: &'a Certificate,
    /// Sent along after the signer's own
    pub(crate) chain: &'a [Certificate],
    /// Seconds since 1970
    pub(crate) time: Option<i64>,
    /// Further signed attributes: identifier and value in DER
    pub(crate) attributes: Vec<(Oid, Vec<u8>)>,
    /// The digest the peer would like
    pub(crate) digest: DigestAlgorithm,
}

/// Whether the message carries its content.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carry {
    Attached,
    Detached,
}

/// `SignedData` in DER around `content`, such as a signed profile. `chain` is sent along after the signer's certificate,
/// `signing_time` is in seconds since 1970.
pub fn sign_attached(
    content: &[u8],
    key: &PrivateKey,
    certificate: &Certificate,
    chain: &[Certificate],
    signing_time: i64,
) -> Result<Vec<u8>> {
    Signing::new(key, certificate, chain, signing_time).sign(content, Carry::Attached)
}

/// `SignedData` in DER without its content, such as an `Mdm-Signature`.
pub fn sign_detached(
    content: &[u8],
    key: &PrivateKey,
    certificate: &Certificate,
    chain: &[Certificate],
    signing_time: i64,
) -> Result<Vec<u8>> {
    Signing::new(key, certificate, chain, signing_time).sign(content, Carry::Detached)
}

/// A bag of certificates: `SignedData` without content and signer (RFC 8894 §3.4), in the given order.
pub fn degenerate(certificates: &[Certificate]) -> Vec<u8> {
    let signed_data = writer::sequence([
        &writer::integer(1),
        &writer::set_of(Vec::new()),
        &writer::sequence([&writer::oid(&oid::CMS_DATA)]),
        &bag(certificates.iter()),
        &writer::set_of(Vec::new()),
    ]);
    content_info(&oid::CMS_SIGNED, &signed_data)
}

impl<'a> Signing<'a> {
    fn new(
        key: &'a PrivateKey,
        certificate: &'a Certificate,
        chain: &'a [Certificate],
        signing_time: i64,
    ) -> Self {
        Self {
            key,
            certificate,
            chain,
            time: Some(signing_time),
            attributes: Vec::new(),
            digest: DigestAlgorithm::Sha256,
        }
    }

    /// RFC 5652 §5
    pub(crate) fn sign(&self, content: &[u8], carry: Carry) -> Result<Vec<u8>> {
        if self.certificate.public_key_info() != self.key.public_key_info() {
            return Err(Error::KeyMismatch);
        }
        let algorithm = self.key.signature_algorithm_for(self.digest);
        let digest = algorithm.digest;
        let attributes = writer::set_of(self.attributes(&digest.digest(content)));
        let signature = self.key.sign_with(algorithm, &attributes)?;
        // RFC 3370 §3.2: for RSA the key's algorithm, which every reader takes.
        let algorithm = match algorithm.scheme {
            crate::keys::SignatureScheme::RsaPkcs1 => {
                writer::algorithm(&oid::RSA_ENCRYPTION, &writer::null())
            }
            _ => algorithm.to_der()?,
        };
        let signer = writer::sequence([
            &writer::integer(1),
            &issuer_and_serial(self.certificate),
            &digest.to_der(),
            &implicit_set(0, &attributes),
            &algorithm,
            &writer::octet_string(&signature),
        ]);
        let encapsulated = match carry {
            Carry::Attached => writer::context(0, &writer::octet_string(content)),
            Carry::Detached => Vec::new(),
        };
        let signed_data = writer::sequence([
            &writer::integer(1),
            &writer::set_of(vec![digest.to_der()]),
            &writer::sequence([&writer::oid(&oid::CMS_DATA), &encapsulated]),
            &bag(std::iter::once(self.certificate).chain(self.chain)),
            &writer::set_of(vec![signer]),
        ]);
        Ok(content_info(&oid::CMS_SIGNED, &signed_data))
    }

    fn attributes(&self, digest: &[u8]) -> Vec<Vec<u8>> {
        let mut attributes = vec![
            attribute(&oid::CONTENT_TYPE, writer::oid(&oid::CMS_DATA)),
            attribute(&oid::MESSAGE_DIGEST, writer::octet_string(digest)),
        ];
        attributes.extend(
            self.time
                .map(|time| attribute(&oid::SIGNING_TIME, time::encode(time))),
        );
        attributes.extend(
            self.attributes
                .iter()
                .map(|(id, value)| attribute(id, value.clone())),
        );
        attributes
    }
}

/// `IssuerAndSerialNumber` (RFC 5652 §10.2.4).
pub(super) fn issuer_and_serial(certificate: &Certificate) -> Vec<u8> {
    writer::sequence([
        certificate.issuer_der(),
        &writer::element(tag::INTEGER, certificate.raw_serial()),
    ])
}

fn attribute(id: &Oid, value: Vec<u8>) -> Vec<u8> {
    writer::sequence([&writer::oid(id), &writer::set_of(vec![value])])
}

/// `[number] IMPLICIT` in place of the tag of a SET.
fn implicit_set(number: u8, set: &[u8]) -> Vec<u8> {
    let mut tagged = set.to_vec();
    if let Some(first) = tagged.first_mut() {
        *first = tag::context_constructed(number);
    }
    tagged
}

/// The certificates, each once, in the given order: SCEP clients take the first as theirs.
fn bag<'a>(certificates: impl Iterator<Item = &'a Certificate>) -> Vec<u8> {
    let mut once: Vec<&Certificate> = Vec::new();
    for certificate in certificates {
        if !once.contains(&certificate) {
            once.push(certificate);
        }
    }
    let content: Vec<_> = once.into_iter().map(Certificate::der).collect();
    writer::context(0, &content.concat())
}
