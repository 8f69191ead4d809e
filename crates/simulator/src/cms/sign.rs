//! `SignedData` (RFC 5652 §5), in the forms that real clients send.

use super::{CmsError, Identity};
use crate::asn1::{self, oid};
use crate::certificates::Certificate;
use crate::keys::Digest;

/// How a message is signed.
#[derive(Debug, Clone)]
pub struct Signing {
    /// Digest of content and attributes.
    pub digest: Digest,
    /// Whether the content travels inside.
    pub attached: bool,
    /// Signed attributes besides content type and digest, each a whole element; `None` signs the content directly.
    pub attributes: Option<Vec<Vec<u8>>>,
    /// BER with indefinite lengths instead of DER.
    pub indefinite: bool,
    /// Further certificates to carry, such as those of the signer's authorities.
    pub chain: Vec<Certificate>,
    /// Algorithm identifiers without NULL, and `sha1WithRSA` in place of `rsaEncryption`, as mdmb's library writes them.
    pub bare_algorithms: bool,
}

impl Signing {
    /// DER, SHA-256, signed attributes with the time of signing, detached.
    pub fn clean(now: i64) -> Self {
        Self {
            digest: Digest::Sha256,
            attached: false,
            attributes: Some(vec![signing_time(now)]),
            indefinite: false,
            chain: Vec::new(),
            bare_algorithms: false,
        }
    }

    /// What real devices have been seen to send: BER, SHA-1, no signed attributes, detached.
    pub fn device() -> Self {
        Self {
            digest: Digest::Sha1,
            attached: false,
            attributes: None,
            indefinite: true,
            chain: Vec::new(),
            bare_algorithms: false,
        }
    }

    /// Fleet's test client: the body travels inside the signature.
    pub fn attached(now: i64) -> Self {
        Self {
            attached: true,
            ..Self::clean(now)
        }
    }
}

/// Signs `content`.
pub fn sign(identity: &Identity, content: &[u8], how: &Signing) -> Result<Vec<u8>, CmsError> {
    let digest = identity.key.digest(how.digest);
    let (attributes, signed) = match &how.attributes {
        None => (Vec::new(), content.to_vec()),
        Some(extra) => {
            let mut all = extra.clone();
            all.push(attribute(oid::CONTENT_TYPE, &asn1::object_id(oid::DATA)));
            all.push(attribute(
                oid::MESSAGE_DIGEST,
                &asn1::octet_string(&digest.of(content)),
            ));
            let as_set = asn1::set_of(all);
            // The signature covers the SET; inside the message it is tagged [0] (RFC 5652 §5.4).
            let mut implicit = as_set.clone();
            if let Some(tag) = implicit.first_mut() {
                *tag = 0xA0;
            }
            (implicit, as_set)
        }
    };
    let signature = identity.key.sign(digest, &signed)?;
    let certificate = &identity.certificate;
    let (digest_algorithm, signature_algorithm) = if how.bare_algorithms {
        (
            asn1::algorithm_bare(digest.oid()),
            asn1::algorithm_bare(digest.rsa_oid()),
        )
    } else {
        (
            asn1::algorithm(digest.oid()),
            identity.key.message_signature_algorithm(),
        )
    };
    let signer_info = asn1::sequence(&[
        &asn1::integer(1),
        &asn1::sequence(&[&certificate.issuer(), &certificate.serial()]),
        &digest_algorithm,
        &attributes,
        &signature_algorithm,
        &asn1::octet_string(&signature),
    ]);
    let content = how.attached.then_some(content);
    let message = Parts {
        digest_algorithm,
        content,
        certificates: std::iter::once(certificate)
            .chain(&how.chain)
            .flat_map(|certificate| certificate.der().to_vec())
            .collect(),
        signer_info,
    };
    Ok(if how.indefinite {
        message.ber()
    } else {
        message.der()
    })
}

/// The degenerate form that only carries certificates (RFC 8894 §3.4); stand-in servers answer with it.
pub fn certificates_only(certificates: &[&Certificate]) -> Vec<u8> {
    let all: Vec<u8> = certificates
        .iter()
        .flat_map(|certificate| certificate.der().to_vec())
        .collect();
    let signed = asn1::sequence(&[
        &asn1::integer(1),
        &asn1::tlv(0x31, &[]),
        &asn1::sequence(&[&asn1::object_id(oid::DATA)]),
        &asn1::context(0, &all),
        &asn1::tlv(0x31, &[]),
    ]);
    asn1::sequence(&[
        &asn1::object_id(oid::SIGNED_DATA),
        &asn1::context(0, &signed),
    ])
}

/// One attribute with one value.
pub(crate) fn attribute(dotted: &str, value: &[u8]) -> Vec<u8> {
    asn1::sequence(&[&asn1::object_id(dotted), &asn1::tlv(0x31, value)])
}

/// The `signingTime` attribute.
pub(crate) fn signing_time(now: i64) -> Vec<u8> {
    attribute(oid::SIGNING_TIME, &asn1::time(now))
}

struct Parts<'a> {
    digest_algorithm: Vec<u8>,
    content: Option<&'a [u8]>,
    certificates: Vec<u8>,
    signer_info: Vec<u8>,
}

impl Parts<'_> {
    fn der(&self) -> Vec<u8> {
        let content = self
            .content
            .map(|content| asn1::context(0, &asn1::octet_string(content)))
            .unwrap_or_default();
        let signed = asn1::sequence(&[
            &asn1::integer(1),
            &asn1::tlv(0x31, &self.digest_algorithm),
            &asn1::sequence(&[&asn1::object_id(oid::DATA), &content]),
            &asn1::context(0, &self.certificates),
            &asn1::tlv(0x31, &self.signer_info),
        ]);
        asn1::sequence(&[
            &asn1::object_id(oid::SIGNED_DATA),
            &asn1::context(0, &signed),
        ])
    }

    fn ber(&self) -> Vec<u8> {
        let content = self
            .content
            .map(|content| {
                asn1::indefinite(
                    0xA0,
                    &[&asn1::indefinite(0x24, &[&asn1::octet_string(content)])],
                )
            })
            .unwrap_or_default();
        let signed = asn1::indefinite(
            0x30,
            &[
                &asn1::integer(1),
                &asn1::tlv(0x31, &self.digest_algorithm),
                &asn1::indefinite(0x30, &[&asn1::object_id(oid::DATA), &content]),
                &asn1::indefinite(0xA0, &[&self.certificates]),
                &asn1::tlv(0x31, &self.signer_info),
            ],
        );
        asn1::indefinite(
            0x30,
            &[
                &asn1::object_id(oid::SIGNED_DATA),
                &asn1::indefinite(0xA0, &[&signed]),
            ],
        )
    }
}
