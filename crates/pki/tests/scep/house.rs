//! A SCEP server made of nothing but this crate.

use std::{
    sync::{Arc, Mutex},
    time::SystemTime,
};

use mandate_pki::{
    DigestAlgorithm,
    authority::{
        Authority, AuthorityRequest, CertificateRequest, Delegation, SerialNumber, create,
    },
    certificate::{Certificate, KeyUsages},
    cms::ContentCipher,
    keys::KeyKind,
    oid,
    scep::{
        FailInfo, MessageType, Policy, Request, Responder, ca_certificates, capabilities, failure,
        parse_request, success,
    },
};

use crate::http::{self, Answer};

/// The only challenge that is right.
pub(crate) const CHALLENGE: &str = "s3cret";
pub(crate) const DAY: i64 = 86_400;

/// A server that issues to whoever knows the challenge or holds a certificate of its own.
pub(crate) struct House {
    pub(crate) url: String,
    pub(crate) authority: Authority,
    granted: Arc<Mutex<Vec<Granted>>>,
}

/// A request that was granted.
#[derive(Clone, Debug)]
pub(crate) struct Granted {
    pub(crate) message_type: MessageType,
    pub(crate) cipher: ContentCipher,
    pub(crate) digest: DigestAlgorithm,
    /// The certificate that stood for the challenge.
    pub(crate) renewed: Option<Certificate>,
    pub(crate) issued: Certificate,
}

impl House {
    /// A house with an authority of this kind; one of elliptic curves answers through a registration authority.
    pub(crate) fn open(issuing_kind: KeyKind, policy: Policy) -> Self {
        let authority = authority(issuing_kind);
        let granted = Arc::new(Mutex::new(Vec::new()));
        let (server, list) = (authority.clone(), Arc::clone(&granted));
        let address = http::serve(move |asked| {
            if asked.target.contains("operation=GetCACaps") {
                return answer("text/plain", capabilities(policy).into_bytes());
            }
            if asked.target.contains("operation=GetCACert") {
                let certificates = ca_certificates(&server);
                return answer(certificates.content_type, certificates.body);
            }
            let mut list = list.lock().unwrap();
            let reply = operate(&server, policy, &asked.message(), &mut list);
            answer("application/x-pki-message", reply)
        });
        Self {
            url: format!("http://{address}/scep"),
            authority,
            granted,
        }
    }

    /// The last request that was granted.
    pub(crate) fn last_granted(&self) -> Granted {
        self.granted.lock().unwrap().last().unwrap().clone()
    }

    pub(crate) fn count_granted(&self) -> usize {
        self.granted.lock().unwrap().len()
    }
}

/// Seconds since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "programs from outside live in the real time"
)]
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    i64::try_from(since.unwrap().as_secs()).unwrap()
}

fn authority(issuing_kind: KeyKind) -> Authority {
    let mut request = AuthorityRequest::new("House", now(), [serial(1), serial(2)]);
    (request.root_kind, request.issuing_kind) = (KeyKind::Rsa2048, issuing_kind);
    let authority = create(&request).unwrap().authority().unwrap();
    if !authority.needs_registration() {
        return authority;
    }
    let delegation = Delegation {
        serial: serial(3),
        not_before: now() - DAY / 24,
        not_after: now() + 365 * DAY,
    };
    let registration = authority
        .issue_registration(KeyKind::Rsa2048, delegation)
        .unwrap();
    authority.with_registration(registration).unwrap()
}

fn serial(octet: u8) -> SerialNumber {
    SerialNumber::from_random([octet; 16])
}

fn answer(content_type: &str, body: Vec<u8>) -> Answer {
    Answer {
        content_type: content_type.to_owned(),
        body,
    }
}

fn operate(
    authority: &Authority,
    policy: Policy,
    message: &[u8],
    granted: &mut Vec<Granted>,
) -> Vec<u8> {
    let responder = Responder::of(authority);
    let nonce = [9; 16];
    let request = match parse_request(message, responder.key, responder.certificate, policy) {
        Ok(request) => request,
        Err(refusal) => return failure(&refusal, responder, &nonce).unwrap_or_default(),
    };
    let renewed = request.renewed_certificate(authority).cloned();
    if renewed.is_none() && request.csr.challenge_password() != Some(CHALLENGE) {
        let refusal = request.refuse(FailInfo::BadMessageCheck);
        return failure(&refusal, responder, &nonce).unwrap();
    }
    let number = u8::try_from(granted.len()).unwrap() + 10;
    let issued = authority.issue(&wanted(&request, serial(number))).unwrap();
    let reply = success(&request, &issued, &[], responder, &nonce).unwrap();
    granted.push(Granted {
        message_type: request.message_type,
        cipher: request.cipher,
        digest: request.digest,
        renewed,
        issued,
    });
    reply
}

fn wanted(request: &Request, serial: SerialNumber) -> CertificateRequest {
    let mut wanted = CertificateRequest::new(
        request.csr.public_key_info().to_vec(),
        request.csr.subject_name().unwrap(),
        serial,
    );
    wanted.subject_alt_names = request.csr.subject_alt_names();
    wanted.key_usages = KeyUsages::DIGITAL_SIGNATURE | KeyUsages::KEY_ENCIPHERMENT;
    wanted.extended_key_usages = vec![oid::CLIENT_AUTH];
    (wanted.not_before, wanted.not_after) = (now() - DAY / 24, now() + 30 * DAY);
    wanted
}
