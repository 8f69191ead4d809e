//! The three operations in order: capabilities, CA certificate, enrolment.

use super::{PkiMessage, Reply, ScepMode, read_reply, write_request};
use crate::certificates::{Certificate, Extension, Issuer, SigningRequest, Template, hex};
use crate::chance::Chance;
use crate::cms::{CmsError, Identity, open_signed};
use crate::http::{Answer, Http, HttpError, Request};
use crate::keys::{Digest, Key, KeyError};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD as BASE64, URL_SAFE};
use hyper::Method;
use std::fmt::Write as _;
use std::sync::Arc;
use thiserror::Error;

/// An enrolment that failed, by the step at which it did.
#[derive(Debug, Error)]
pub enum ScepError {
    /// The CA cannot be reached.
    #[error("the SCEP server cannot be reached: {0}")]
    Network(#[from] HttpError),
    /// `GetCACaps` did not answer 200.
    #[error("GetCACaps answered {0}")]
    Capabilities(u16),
    /// `GetCACert` gave nothing usable.
    #[error("GetCACert is unusable: {0}")]
    Authority(String),
    /// `CAFingerprint` of the payload fits none of the CA's certificates.
    #[error("no CA certificate has the fingerprint of the payload")]
    Fingerprint,
    /// The request cannot be made.
    #[error("the signing request cannot be made: {0}")]
    Request(#[from] KeyError),
    /// `PKIOperation` answered with an HTTP error.
    #[error("PKIOperation answered {status}: {body}")]
    Operation {
        /// HTTP status.
        status: u16,
        /// Beginning of the body.
        body: String,
    },
    /// The CA refused; `failInfo`.
    #[error("the CA refused: {0}")]
    Refused(String),
    /// The answer cannot be read or does not belong to the request.
    #[error("the CA's answer is unusable: {0}")]
    Answer(#[from] CmsError),
    /// The issued certificate is for another key.
    #[error("the CA answered with a certificate for another key")]
    WrongKey,
}

/// What a SCEP payload asks the device to do.
#[derive(Debug, Clone)]
pub struct ScepRequest {
    /// `URL`.
    pub url: String,
    /// `Name` of the CA instance.
    pub instance: String,
    /// Subject's name as a whole element.
    pub subject: Vec<u8>,
    /// `Keysize`: 2,048 or 4,096. A payload that asks for less gets 2,048, the smallest size that the library makes.
    pub key_bits: u32,
    /// `Challenge`.
    pub challenge: Option<String>,
    /// Extensions for the request.
    pub extensions: Vec<Extension>,
    /// `CAFingerprint`: SHA-1, SHA-256 or (old) MD5 octets; MD5 is not checked.
    pub fingerprint: Option<Vec<u8>>,
    /// How often a PENDING answer is asked again.
    pub retries: u32,
}

/// Enrols `key`. `other_key` signs the exchange in the mode that uses another key than the request's.
pub async fn enrol(
    http: &Http,
    request: &ScepRequest,
    key: &Arc<Key>,
    other_key: &Arc<Key>,
    mode: ScepMode,
    chance: &mut Chance,
) -> Result<Certificate, ScepError> {
    let capabilities = http
        .fetch(&operation(&request.url, "GetCACaps", &request.instance))
        .await?;
    if !capabilities.is_success() {
        return Err(ScepError::Capabilities(capabilities.status));
    }
    let capabilities = String::from_utf8_lossy(&capabilities.body).into_owned();
    let offers = |word: &str| {
        capabilities
            .split_whitespace()
            .any(|offered| offered.eq_ignore_ascii_case(word))
    };
    let post = offers("POSTPKIOperation") || offers("SCEPStandard");

    let authority = authority_certificates(
        &http
            .fetch(&operation(&request.url, "GetCACert", &request.instance))
            .await?,
    )?;
    check_fingerprint(request.fingerprint.as_deref(), &authority)?;
    let recipient = encryption_certificate(&authority);

    let signing_request = SigningRequest::create(
        key,
        mode.digest(),
        &request.subject,
        request.challenge.as_deref(),
        &request.extensions,
    )?;
    let signer = requester(request, key, other_key, mode, http.now(), chance)?;
    let transaction = transaction_id(key, mode, chance);
    let message = PkiMessage {
        request: &signing_request,
        recipient,
        signer: &signer,
        transaction: &transaction,
        nonce: chance.bytes(),
    };
    for _ in 0..=request.retries {
        let sent = write_request(&message, mode, http.now(), chance)?;
        let answer = send(http, request, &sent, post, mode).await?;
        match read_reply(&answer.body, &message, &authority)? {
            Reply::Pending => {}
            Reply::Failure(reason) => return Err(ScepError::Refused(reason)),
            Reply::Success(reply) => {
                return reply
                    .certificates
                    .into_iter()
                    .next()
                    .filter(|certificate| certificate.public() == key.public())
                    .ok_or(ScepError::WrongKey);
            }
        }
    }
    Err(ScepError::Refused(
        "still pending after all retries".to_owned(),
    ))
}

async fn send(
    http: &Http,
    request: &ScepRequest,
    sent: &[u8],
    post: bool,
    mode: ScepMode,
) -> Result<Answer, ScepError> {
    let url = operation(&request.url, "PKIOperation", "");
    let answer = match (post, mode) {
        (true, ScepMode::Mdmb) => {
            let url = format!("{url}&message={}", percent_encode(sent));
            let request =
                Request::new(Method::POST, &url).body("application/octet-stream", sent.to_vec())?;
            http.send(&request).await?
        }
        (true, ScepMode::Modern | ScepMode::TripleDes) => {
            let request = Request::new(Method::POST, &url)
                .body("application/x-pki-message", sent.to_vec())?;
            http.send(&request).await?
        }
        (false, ScepMode::Mdmb) => {
            let url = format!("{url}&message={}", URL_SAFE.encode(sent));
            http.send(&Request::new(Method::GET, &url)).await?
        }
        (false, ScepMode::Modern | ScepMode::TripleDes) => {
            let url = format!(
                "{url}&message={}",
                percent_encode(BASE64.encode(sent).as_bytes())
            );
            http.send(&Request::new(Method::GET, &url)).await?
        }
    };
    if answer.status != 200 {
        return Err(ScepError::Operation {
            status: answer.status,
            body: answer.excerpt(),
        });
    }
    Ok(answer)
}

/// The certificate that stands for the requester until it has one (RFC 8894 §2.3).
fn requester(
    request: &ScepRequest,
    key: &Arc<Key>,
    other_key: &Arc<Key>,
    mode: ScepMode,
    now: i64,
    chance: &mut Chance,
) -> Result<Identity, KeyError> {
    const HOUR: i64 = 3_600;
    let (key, subject) = match mode {
        ScepMode::Modern | ScepMode::TripleDes => (key, request.subject.clone()),
        ScepMode::Mdmb => (
            other_key,
            crate::certificates::Name::common("SCEP SIGNER").der(),
        ),
    };
    let template = Template {
        subject,
        public: key.public().to_vec(),
        serial: chance.bytes::<16>().to_vec(),
        validity: (now - HOUR, now + HOUR),
        extensions: vec![Extension::KeyUsage(0xA0)],
    };
    let certificate = Issuer::self_signed(key, &template, Digest::Sha256)?;
    Ok(Identity {
        key: Arc::clone(key),
        certificate,
    })
}

/// Devices share keys here, so the digest of the key alone would not be unique: some chance goes in.
fn transaction_id(key: &Key, mode: ScepMode, chance: &mut Chance) -> String {
    let mut input = key.public().to_vec();
    input.extend(chance.bytes::<16>());
    let digest = Digest::Sha256.of(&input);
    match mode {
        ScepMode::Modern | ScepMode::TripleDes => hex(&digest).to_uppercase(),
        ScepMode::Mdmb => BASE64.encode(digest),
    }
}

fn authority_certificates(answer: &Answer) -> Result<Vec<Certificate>, ScepError> {
    let unusable = |what: &str| ScepError::Authority(what.to_owned());
    if !answer.is_success() {
        return Err(unusable(&format!("status {}", answer.status)));
    }
    let media = answer
        .content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim();
    let certificates = match media {
        "application/x-x509-ca-cert" => {
            vec![
                Certificate::from_der(&answer.body)
                    .map_err(|_| unusable("not one DER certificate"))?,
            ]
        }
        "application/x-x509-ca-ra-cert" => {
            open_signed(&answer.body)
                .map_err(|_| unusable("not a certificate list"))?
                .certificates
        }
        other => return Err(unusable(&format!("content type `{other}`"))),
    };
    if certificates.is_empty() {
        Err(unusable("no certificate"))
    } else {
        Ok(certificates)
    }
}

fn check_fingerprint(expected: Option<&[u8]>, authority: &[Certificate]) -> Result<(), ScepError> {
    let digest = match expected.map(<[u8]>::len) {
        Some(20) => Digest::Sha1,
        Some(32) => Digest::Sha256,
        _ => return Ok(()),
    };
    let fits = authority
        .iter()
        .any(|certificate| Some(digest.of(certificate.der()).as_slice()) == expected);
    if fits {
        Ok(())
    } else {
        Err(ScepError::Fingerprint)
    }
}

/// Who reads the request: of those with RSA keys a registration authority that may decipher keys, else the CA nearest to the
/// requester (RFC 8894 §3.5.1).
fn encryption_certificate(authority: &[Certificate]) -> &Certificate {
    const KEY_ENCIPHERMENT: u8 = 0x20;
    let rsa = crate::asn1::object_id(crate::asn1::oid::RSA);
    let is_rsa = |certificate: &&Certificate| {
        certificate
            .public()
            .windows(rsa.len())
            .take(8)
            .any(|window| window == rsa)
    };
    let may_decipher = |certificate: &&Certificate| {
        certificate
            .key_usage()
            .is_none_or(|bits| bits & KEY_ENCIPHERMENT != 0)
    };
    let readers = || authority.iter().filter(is_rsa);
    readers()
        .filter(may_decipher)
        .find(|certificate| !certificate.is_authority())
        .or_else(|| readers().find(|certificate| !certificate.is_self_issued()))
        .or_else(|| readers().next())
        .unwrap_or(&authority[0])
}

fn operation(url: &str, name: &str, message: &str) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    let mut url = format!("{url}{separator}operation={name}");
    if !message.is_empty() {
        let _ = write!(url, "&message={}", percent_encode(message.as_bytes()));
    }
    url
}

fn percent_encode(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
                text.push(char::from(*byte));
            } else {
                let _ = write!(text, "%{byte:02X}");
            }
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificates::Name;
    use crate::keys::{Curve, KeyPool};

    const VALIDITY: (i64, i64) = (1_600_000_000, 2_600_000_000);

    fn registration(issuer: &Issuer, usage: u8) -> Certificate {
        let template = Template {
            subject: Name::common("Registration").der(),
            public: KeyPool::shared().key(2).public().to_vec(),
            serial: vec![3],
            validity: VALIDITY,
            extensions: vec![Extension::KeyUsage(usage)],
        };
        issuer.issue(&template, Digest::Sha256).unwrap()
    }

    #[test]
    fn requests_are_encrypted_to_who_may_read_them() {
        let pool = KeyPool::shared();
        let root = Issuer::authority(pool.key(0), &Name::common("Root"), VALIDITY).unwrap();
        let curve = Arc::new(Key::generate_on(0, Curve::P256).unwrap());
        for key in [pool.key(1), curve] {
            let rsa = key.public() == pool.key(1).public();
            let issuing = root
                .subordinate(key, &Name::common("Issuing"), &[2], VALIDITY)
                .unwrap();
            let [signs, deciphers] = [0x80, 0x20].map(|usage| registration(&issuing, usage));
            assert!(deciphers.is_signed_by(issuing.key.public()));
            let own = issuing.certificate.clone().unwrap();
            let top = root.certificate.clone().unwrap();
            let all = [own.clone(), signs, deciphers.clone(), top.clone()];
            assert_eq!(encryption_certificate(&all), &deciphers);
            let without = [top.clone(), own.clone()];
            let nearest = if rsa { &own } else { &top };
            assert_eq!(encryption_certificate(&without), nearest);
            assert_eq!(encryption_certificate(&without[..1]), &top);
        }
    }
}
