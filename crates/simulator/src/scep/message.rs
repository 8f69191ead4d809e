//! `pkiMessage`: a signed envelope with SCEP's attributes (RFC 8894 §3).

use super::ScepMode;
use crate::asn1::{self, oid};
use crate::certificates::Certificate;
use crate::chance::Chance;
use crate::cms::{
    self, CmsError, Envelope, Identity, Signing, envelope_for, open_envelope, open_signed,
};

/// What is sent in a `PKCSReq`.
#[derive(Debug, Clone, Copy)]
pub struct PkiMessage<'a> {
    /// The PKCS#10 request.
    pub request: &'a [u8],
    /// Who reads the envelope: the CA or its registration authority.
    pub recipient: &'a Certificate,
    /// Who signs and gets the answer.
    pub signer: &'a Identity,
    /// Unique text; the answer repeats it.
    pub transaction: &'a str,
    /// 16 octets; the answer repeats them.
    pub nonce: [u8; 16],
}

/// What came back.
#[derive(Debug, Clone)]
pub enum Reply {
    /// Certificates: the issued one first.
    Success(CertificateReply),
    /// Refused: `failInfo` (RFC 8894 §3.2.1.4.4) as text.
    Failure(String),
    /// Ask again later.
    Pending,
}

/// The certificates of a successful answer.
#[derive(Debug, Clone)]
pub struct CertificateReply {
    /// In the order received.
    pub certificates: Vec<Certificate>,
}

const PKCS_REQ: &str = "19";
const SUCCESS: &str = "0";
const PENDING: &str = "3";

/// Writes a `PKCSReq`.
pub fn write_request(
    message: &PkiMessage<'_>,
    mode: ScepMode,
    now: i64,
    chance: &mut Chance,
) -> Result<Vec<u8>, CmsError> {
    let envelope = Envelope {
        cipher: mode.cipher(),
        constructed: mode == ScepMode::Mdmb,
    };
    let enveloped = envelope_for(message.recipient, message.request, envelope, chance)?;
    let attributes = vec![
        cms::attribute(oid::SCEP_MESSAGE_TYPE, &asn1::printable(PKCS_REQ)),
        cms::attribute(
            oid::SCEP_TRANSACTION_ID,
            &asn1::printable(message.transaction),
        ),
        cms::attribute(oid::SCEP_SENDER_NONCE, &asn1::octet_string(&message.nonce)),
        cms::signing_time(now),
    ];
    let how = Signing {
        digest: mode.digest(),
        attached: true,
        attributes: Some(attributes),
        indefinite: false,
        chain: Vec::new(),
        bare_algorithms: mode == ScepMode::Mdmb,
    };
    cms::sign(message.signer, &enveloped, &how)
}

/// Reads a `CertRep` and checks that it answers `message` (RFC 8894 §3.3.2).
pub fn read_reply(
    answer: &[u8],
    message: &PkiMessage<'_>,
    authority: &[Certificate],
) -> Result<Reply, CmsError> {
    let answered = open_signed(answer)?;
    let wrong = |what| CmsError::Structure(asn1::Asn1Error::Unexpected(what));
    let signer = answered.signers.first().ok_or(wrong("a signed CertRep"))?;
    let trusted = signer.certificate.as_ref().is_some_and(|certificate| {
        authority.contains(certificate)
            || authority
                .iter()
                .any(|issuer| certificate.is_signed_by(&issuer.public()))
    });
    if !trusted || !answered.is_intact(&answered.content) {
        return Err(wrong("a CertRep signed by the CA of GetCACert"));
    }
    if signer.text(oid::SCEP_MESSAGE_TYPE).as_deref() != Some("3") {
        return Err(wrong("a CertRep (messageType 3)"));
    }
    if signer.text(oid::SCEP_TRANSACTION_ID).as_deref() != Some(message.transaction) {
        return Err(wrong("an answer to this transactionID"));
    }
    if signer.octets(oid::SCEP_RECIPIENT_NONCE).as_deref() != Some(&message.nonce) {
        return Err(wrong("an answer to this senderNonce"));
    }
    match signer.text(oid::SCEP_PKI_STATUS).as_deref() {
        Some(SUCCESS) => {}
        Some(PENDING) => return Ok(Reply::Pending),
        _ => {
            return Ok(Reply::Failure(
                fail_info(signer.text(oid::SCEP_FAIL_INFO).as_deref()).to_owned(),
            ));
        }
    }
    let opened = open_envelope(&answered.content, std::slice::from_ref(message.signer))?;
    Ok(Reply::Success(CertificateReply {
        certificates: open_signed(&opened)?.certificates,
    }))
}

fn fail_info(code: Option<&str>) -> &'static str {
    match code {
        Some("0") => "badAlg",
        Some("1") => "badMessageCheck",
        Some("2") => "badRequest",
        Some("3") => "badTime",
        Some("4") => "badCertId",
        _ => "no failInfo",
    }
}
