use super::{
    Refusal, Request,
    attributes::{CERT_REP, FAILURE, SUCCESS, nonce, text},
};
use crate::{
    DigestAlgorithm, Error, Oid, Result,
    asn1::oid,
    certificate::Certificate,
    cms::{self, Carry, ContentCipher, Signing},
    keys::PrivateKey,
};

/// Who answers: the certificate that requests are encrypted for, which is the issuing one or a registration authority's.
#[derive(Clone, Copy, Debug)]
pub struct Responder<'a> {
    /// Its key
    pub key: &'a PrivateKey,
    /// The certificate
    pub certificate: &'a Certificate,
}

/// `CertRep` with the issued certificate (RFC 8894 §3.3.2.1), encrypted for the signer of the request by the request's own
/// cipher. The issued certificate stands first in it, as clients expect, then `chain`. `sender_nonce` is 16 random octets.
pub fn success(
    request: &Request,
    issued: &Certificate,
    chain: &[Certificate],
    responder: Responder<'_>,
    sender_nonce: &[u8; 16],
) -> Result<Vec<u8>> {
    let mut certificates = vec![issued.clone()];
    certificates.extend_from_slice(chain);
    let cipher = match request.cipher {
        // Those we only read.
        ContentCipher::Aes128Gcm => ContentCipher::Aes128Cbc,
        ContentCipher::Aes192Gcm | ContentCipher::Aes256Gcm => ContentCipher::Aes256Cbc,
        cipher => cipher,
    };
    let envelope = cms::encrypt(
        std::slice::from_ref(&request.signer),
        &cms::degenerate(&certificates),
        cipher,
    )?;
    let attributes = vec![
        text(oid::SCEP_PKI_STATUS, SUCCESS),
        text(oid::SCEP_TRANSACTION_ID, &request.transaction_id),
        nonce(oid::SCEP_RECIPIENT_NONCE, &request.sender_nonce),
    ];
    sign(
        &envelope,
        request.digest,
        attributes,
        responder,
        sender_nonce,
    )
}

/// `CertRep` with a reason and nothing else (RFC 8894 §3.3.2.2). A request without a readable transaction cannot be answered.
///
/// Its content is there but empty, as with other servers: certmonger cannot verify a signature over none.
pub fn failure(
    refusal: &Refusal,
    responder: Responder<'_>,
    sender_nonce: &[u8; 16],
) -> Result<Vec<u8>> {
    let transaction_id = refusal
        .transaction_id
        .as_deref()
        .ok_or(Error::Malformed("SCEP transaction"))?;
    let mut attributes = vec![
        text(oid::SCEP_PKI_STATUS, FAILURE),
        text(oid::SCEP_FAIL_INFO, refusal.fail_info.code()),
        text(oid::SCEP_TRANSACTION_ID, transaction_id),
    ];
    if let Some(value) = &refusal.sender_nonce {
        attributes.push(nonce(oid::SCEP_RECIPIENT_NONCE, value));
    }
    sign(&[], refusal.digest, attributes, responder, sender_nonce)
}

fn sign(
    content: &[u8],
    digest: DigestAlgorithm,
    mut attributes: Vec<(Oid, Vec<u8>)>,
    responder: Responder<'_>,
    sender_nonce: &[u8; 16],
) -> Result<Vec<u8>> {
    attributes.push(text(oid::SCEP_MESSAGE_TYPE, CERT_REP));
    attributes.push(nonce(oid::SCEP_SENDER_NONCE, sender_nonce));
    let signing = Signing {
        key: responder.key,
        certificate: responder.certificate,
        chain: &[],
        time: None,
        attributes,
        digest,
    };
    signing.sign(content, Carry::Attached)
}
