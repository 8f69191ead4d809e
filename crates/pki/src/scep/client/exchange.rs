use super::{Algorithms, ServerCertificates};
use crate::{
    Error, Result,
    asn1::{oid, writer},
    authority::{CertificateRequest, SerialNumber},
    certificate::{Certificate, KeyUsages},
    cms::{self, Carry, ContentCipher, SignedMessage, Signing},
    csr::CertificateSigningRequest,
    keys::PrivateKey,
    name::DistinguishedName,
    scep::{
        FailInfo, MessageType, Policy,
        attributes::{self, CERT_REP, FAILURE, PENDING, SUCCESS},
    },
};

/// Who signs a request and for whom its answer is encrypted, by an RSA key: a certificate that the server knows (the old one on
/// renewal, a registration authority's), else one that the key signed itself.
#[derive(Clone, Copy, Debug)]
pub struct Identity<'a> {
    /// The certificate
    pub certificate: &'a Certificate,
    /// Its key
    pub key: &'a PrivateKey,
}

/// One transaction with a server: a request, and while the answer is [`Outcome::Pending`], polls with a new nonce each.
#[derive(Clone, Debug)]
pub struct Exchange<'a> {
    /// Names the transaction to the server, in the characters of a `PrintableString`. RFC 8894 §3.2.1.1 has it derived from the
    /// key, so that a request that is repeated is known again
    pub transaction_id: String,
    /// Random octets; the answer must repeat them
    pub sender_nonce: [u8; 16],
    /// Who asks
    pub signer: Identity<'a>,
    /// Who is asked
    pub server: &'a ServerCertificates,
    /// Cipher and digest of the request
    pub algorithms: Algorithms,
    /// Which weak algorithms both sides may use
    pub policy: Policy,
}

/// What a server made of a request (RFC 8894 §3.2.1.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Granted: the certificates in the server's order, never none. Which is the new one its public key tells
    Issued(Vec<Certificate>),
    /// To be asked for again by [`Exchange::poll`], such as while an administrator decides
    Pending,
    /// Refused
    Refused {
        /// Why
        fail_info: FailInfo,
        /// The same in the server's words, for people
        text: Option<String>,
    },
}

impl Outcome {
    /// The issued certificate for a key, given as `SubjectPublicKeyInfo` in DER.
    pub fn certificate_for(&self, public_key_info: &[u8]) -> Option<&Certificate> {
        match self {
            Self::Issued(certificates) => certificates
                .iter()
                .find(|certificate| certificate.public_key_info() == public_key_info),
            Self::Pending | Self::Refused { .. } => None,
        }
    }
}

impl Exchange<'_> {
    /// The message that asks for a certificate: [`MessageType::PkcsReq`], or [`MessageType::RenewalReq`] where the signer is the
    /// certificate to be replaced.
    pub fn request(
        &self,
        message_type: MessageType,
        csr: &CertificateSigningRequest,
    ) -> Result<Vec<u8>> {
        match message_type {
            MessageType::PkcsReq | MessageType::RenewalReq | MessageType::UpdateReq => {
                self.message(message_type, csr.der())
            }
            MessageType::CertPoll | MessageType::GetCert | MessageType::GetCrl => Err(
                Error::Unsupported("SCEP message with a certificate request"),
            ),
        }
    }

    /// The message that asks what became of an earlier request with the same transaction id (`CertPoll`, RFC 8894 §3.3.3).
    pub fn poll(&self, subject_der: &[u8]) -> Result<Vec<u8>> {
        let issuer_and_subject =
            writer::sequence([self.server.authority.subject_der(), subject_der]);
        self.message(MessageType::CertPoll, &issuer_and_subject)
    }

    fn message(&self, message_type: MessageType, content: &[u8]) -> Result<Vec<u8>> {
        if self.algorithms.cipher == ContentCipher::SingleDesCbc && !self.policy.allow_single_des {
            return Err(Error::Forbidden("single DES"));
        }
        if !self.signer.certificate.public_key()?.is_rsa() {
            return Err(Error::Unsupported("SCEP signer without an RSA key"));
        }
        let recipient = std::slice::from_ref(&self.server.encryption);
        let envelope = cms::encrypt(recipient, content, self.algorithms.cipher)?;
        let signing = Signing {
            key: self.signer.key,
            certificate: self.signer.certificate,
            chain: &[],
            time: None,
            attributes: vec![
                attributes::text(oid::SCEP_MESSAGE_TYPE, message_type.code()),
                attributes::text(oid::SCEP_TRANSACTION_ID, &self.transaction_id),
                attributes::nonce(oid::SCEP_SENDER_NONCE, &self.sender_nonce),
            ],
            digest: self.algorithms.digest,
        };
        signing.sign(&envelope, Carry::Attached)
    }

    /// Reads the answer, in BER or DER. It counts only with the signature of one of the server's certificates over this
    /// transaction and nonce; anything else is [`Error::ForeignAnswer`].
    pub fn read_response(&self, bytes: &[u8]) -> Result<Outcome> {
        let message = SignedMessage::from_ber(bytes)?.with_certificates(&self.server.signers);
        let content = message.content().unwrap_or_default().to_vec();
        let signer = message.verify_detached(&content, self.policy.legacy())?;
        if !self.server.signers.contains(signer) {
            return Err(Error::ForeignAnswer("another signer"));
        }
        let text = |id| attributes::read_text(&message, id);
        if text(oid::SCEP_MESSAGE_TYPE).as_deref() != Some(CERT_REP) {
            return Err(Error::ForeignAnswer("another kind of message"));
        }
        if text(oid::SCEP_TRANSACTION_ID).as_deref() != Some(&self.transaction_id) {
            return Err(Error::ForeignAnswer("another transaction"));
        }
        if attributes::read_nonce(&message, oid::SCEP_RECIPIENT_NONCE).as_deref()
            != Some(&self.sender_nonce)
        {
            return Err(Error::ForeignAnswer("another nonce"));
        }
        match text(oid::SCEP_PKI_STATUS).as_deref() {
            Some(SUCCESS) => self.open(&content),
            Some(PENDING) => Ok(Outcome::Pending),
            Some(FAILURE) => Ok(Outcome::Refused {
                fail_info: text(oid::SCEP_FAIL_INFO)
                    .and_then(|code| FailInfo::from_code(&code))
                    .unwrap_or(FailInfo::BadRequest),
                text: text(oid::SCEP_FAIL_INFO_TEXT),
            }),
            _ => Err(Error::Malformed("SCEP answer")),
        }
    }

    fn open(&self, envelope: &[u8]) -> Result<Outcome> {
        let Identity { certificate, key } = self.signer;
        let opened = cms::decrypt_with(envelope, key, certificate, self.policy.ciphers())?;
        let bag = SignedMessage::from_ber(&opened.content).map_err(|_| Error::Decryption)?;
        if bag.certificates().is_empty() {
            return Err(Error::Malformed("SCEP answer"));
        }
        Ok(Outcome::Issued(bag.certificates().to_vec()))
    }
}

/// A certificate that a key signs for itself to make a first request (RFC 8894 §2.3), valid for a week. `subject` is that of
/// the request, `now` in seconds since 1970.
pub fn transient_certificate(
    key: &PrivateKey,
    subject: DistinguishedName,
    serial: SerialNumber,
    now: i64,
) -> Result<Certificate> {
    const HOUR: i64 = 3600;
    let mut request = CertificateRequest::new(key.public_key_info(), subject, serial);
    (request.not_before, request.not_after) = (now - HOUR, now + 7 * 24 * HOUR);
    request.key_usages = KeyUsages::DIGITAL_SIGNATURE | KeyUsages::KEY_ENCIPHERMENT;
    request.self_sign(key)
}
