use super::{
    FailInfo, MessageType, Responder,
    attributes::{read_sender_nonce, read_transaction_id},
};
use crate::{
    DigestAlgorithm, Error, Legacy, Result,
    authority::Authority,
    certificate::Certificate,
    cms::{self, ContentCipher, Decrypted, SignedMessage},
    csr::CertificateSigningRequest,
    keys::PrivateKey,
};

/// Which weak algorithms a request may use. By default none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Single DES, as simulators and `scepclient` encrypt
    pub allow_single_des: bool,
    /// Signatures over SHA-1, as simulators and old devices make
    pub allow_sha1: bool,
}

impl Policy {
    pub(super) fn legacy(self) -> Legacy {
        if self.allow_sha1 {
            Legacy::AllowSha1
        } else {
            Legacy::Refuse
        }
    }

    pub(super) fn ciphers(self) -> cms::Policy {
        if self.allow_single_des {
            cms::Policy::AllowSingleDes
        } else {
            cms::Policy::Strong
        }
    }
}

/// A request for a certificate. Both its signatures, that of the message and that of the CSR, were checked; they may be of
/// different keys. Nothing is known yet about who the signer is.
#[derive(Clone, Debug)]
pub struct Request {
    /// What is asked for: [`MessageType::PkcsReq`], [`MessageType::RenewalReq`] or [`MessageType::UpdateReq`]
    pub message_type: MessageType,
    /// Chosen by the requester, echoed in the answer
    pub transaction_id: String,
    /// Chosen by the requester, echoed as `recipientNonce`
    pub sender_nonce: Vec<u8>,
    /// Who signed: on renewal with the old certificate, else with one the requester made for himself
    pub signer: Certificate,
    /// What is to be certified
    pub csr: CertificateSigningRequest,
    /// The cipher of the request, used for the answer as well
    pub cipher: ContentCipher,
    /// The digest of the request, used for the answer as well unless it is SHA-1
    pub digest: DigestAlgorithm,
}

/// A request that is refused, with as much as could be read of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The reason to answer
    pub fail_info: FailInfo,
    /// The reason to log
    pub cause: Error,
    /// The transaction, where it was readable; without it there is no answer but an HTTP error
    pub transaction_id: Option<String>,
    /// The requester's nonce, where it was readable
    pub sender_nonce: Option<Vec<u8>>,
    /// The digest of the request, where it was readable
    pub digest: DigestAlgorithm,
}

impl Request {
    /// The certificate that the requester holds already, if the request is signed with one of `authority`'s (RFC 8894 §2.3).
    /// Whether it is valid, not revoked and of the same subject is the caller's to tell; then it stands for a challenge.
    ///
    /// The kind of message does not matter: clients of the drafts before RFC 8894, certmonger 0.79 among them, renew by `PKCSReq`.
    pub fn renewed_certificate(&self, authority: &Authority) -> Option<&Certificate> {
        authority
            .verify_chain(&self.signer)
            .is_ok()
            .then_some(&self.signer)
    }

    /// Refuses the request after all, such as for a wrong challenge.
    pub fn refuse(&self, fail_info: FailInfo) -> Refusal {
        Refusal {
            fail_info,
            cause: Error::Scep(fail_info),
            transaction_id: Some(self.transaction_id.clone()),
            sender_nonce: Some(self.sender_nonce.clone()),
            digest: self.digest,
        }
    }
}

/// Opens a `PKIOperation` (RFC 8894 §3.3.1) by the key and certificate it was encrypted for. Of the other requests that SCEP
/// knows none is supported; they are refused with `badRequest`.
pub fn parse_request(
    bytes: &[u8],
    key: &PrivateKey,
    certificate: &Certificate,
    policy: Policy,
) -> Result<Request, Box<Refusal>> {
    let responder = Responder { key, certificate };
    parse_request_for(bytes, &[responder], policy).map(|(request, _)| request)
}

/// Opens a `PKIOperation` as [`parse_request`] does, by whichever of several it was encrypted for, and says by whom: clients that
/// asked for certificates before an authority was replaced still use the old ones.
pub fn parse_request_for<'a>(
    bytes: &[u8],
    responders: &[Responder<'a>],
    policy: Policy,
) -> Result<(Request, Responder<'a>), Box<Refusal>> {
    let message = SignedMessage::from_ber(bytes).map_err(|cause| {
        Box::new(Refusal {
            fail_info: fail_info(&cause),
            cause,
            transaction_id: None,
            sender_nonce: None,
            digest: DigestAlgorithm::Sha256,
        })
    })?;
    open(&message, responders, policy).map_err(|cause| {
        Box::new(Refusal {
            fail_info: fail_info(&cause),
            cause,
            transaction_id: read_transaction_id(&message),
            sender_nonce: read_sender_nonce(&message),
            digest: message.digest().unwrap_or(DigestAlgorithm::Sha256),
        })
    })
}

fn open<'a>(
    message: &SignedMessage,
    responders: &[Responder<'a>],
    policy: Policy,
) -> Result<(Request, Responder<'a>)> {
    let (signer, envelope) = message.verify_attached(policy.legacy())?;
    let message_type = MessageType::read(message).ok_or(Error::Scep(FailInfo::BadRequest))?;
    let transaction_id = read_transaction_id(message).ok_or(Error::Scep(FailInfo::BadRequest))?;
    let sender_nonce = read_sender_nonce(message).ok_or(Error::Scep(FailInfo::BadRequest))?;
    match message_type {
        MessageType::PkcsReq | MessageType::RenewalReq | MessageType::UpdateReq => {}
        MessageType::CertPoll | MessageType::GetCert | MessageType::GetCrl => {
            return Err(Error::Scep(FailInfo::BadRequest));
        }
    }
    let (decrypted, responder) = decrypt(envelope, responders, policy)?;
    let csr = CertificateSigningRequest::from_der_with(&decrypted.content, policy.legacy())
        .map_err(|error| match error {
            // A wrong content key gives garbage where it does not fail; the two must look alike.
            Error::Malformed(_) => Error::Decryption,
            other => other,
        })?;
    let request = Request {
        message_type,
        transaction_id,
        sender_nonce,
        signer: signer.clone(),
        csr,
        cipher: decrypted.cipher,
        digest: message.digest().unwrap_or(DigestAlgorithm::Sha256),
    };
    Ok((request, responder))
}

/// The content, and for whom it was encrypted. Only the name of the recipient decides who tries, never the outcome of trying.
fn decrypt<'a>(
    envelope: &[u8],
    responders: &[Responder<'a>],
    policy: Policy,
) -> Result<(Decrypted, Responder<'a>)> {
    for responder in responders {
        let Responder { key, certificate } = responder;
        match cms::decrypt_with(envelope, key, certificate, policy.ciphers()) {
            Err(Error::NotRecipient) => {}
            outcome => return outcome.map(|decrypted| (decrypted, *responder)),
        }
    }
    Err(Error::NotRecipient)
}

fn fail_info(cause: &Error) -> FailInfo {
    match cause {
        Error::Scep(fail_info) => *fail_info,
        Error::Unsupported(_)
        | Error::UnsupportedAlgorithm(_)
        | Error::UnsupportedKey(_)
        | Error::Forbidden(_) => FailInfo::BadAlg,
        Error::Malformed(_) => FailInfo::BadRequest,
        Error::BadSignature
        | Error::ContentMismatch
        | Error::SignerMissing
        | Error::NotRecipient
        | Error::Decryption
        | Error::OtherIssuer
        | Error::KeyMismatch
        | Error::Sealed
        | Error::Authority(_)
        | Error::ForeignAnswer(_)
        | Error::PasswordNeeded
        | Error::WrongPassword
        | Error::TooMuchWork
        | Error::Name { .. }
        | Error::Library(_) => FailInfo::BadMessageCheck,
    }
}
