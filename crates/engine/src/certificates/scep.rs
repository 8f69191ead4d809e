//! SCEP: who may have which certificate (RFC 8894).

use mandate_model::{CertificateSpec, Timestamp};
use mandate_pki::certificate::{Certificate, SubjectAltName};
use mandate_pki::csr::CertificateSigningRequest;
use mandate_pki::scep::{self, FailInfo, Policy, Request, Responder};
use mandate_store::{CertificateRecord, ChallengeRecord, Session};

use super::issue;
use crate::{Engine, EngineError};

/// An answer to a SCEP message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScepAnswer {
    /// A signed reply, DER; it may say that the request failed.
    Reply(Vec<u8>),
    /// The message is no SCEP message, so no reply can be addressed.
    Unreadable(String),
}

/// Why a request is refused: what the client is told, and what the log is.
struct Refused {
    fail_info: FailInfo,
    cause: &'static str,
}

impl Engine {
    /// What this server can do, one word a line (RFC 8894 §3.5.2).
    pub fn scep_capabilities(&self) -> String {
        scep::capabilities(self.scep_policy())
    }

    /// The certificate that answers SCEP, DER. One certificate and no chain: some clients take nothing else.
    pub fn scep_certificate(&self) -> &[u8] {
        self.authority().issuing().der()
    }

    /// Answers a `PKIOperation`.
    pub async fn scep(&self, message: &[u8]) -> Result<ScepAnswer, EngineError> {
        let authority = self.authority();
        let responder = Responder {
            key: authority.issuing_key(),
            certificate: authority.issuing(),
        };
        let mut nonce = [0; 16];
        self.chance().fill(&mut nonce);
        let request = match scep::parse_request(
            message,
            authority.issuing_key(),
            authority.issuing(),
            self.scep_policy(),
        ) {
            Ok(request) => request,
            Err(refusal) => {
                tracing::info!("refused a SCEP request: {}", refusal.cause);
                return Ok(match scep::failure(&refusal, responder, &nonce) {
                    Ok(reply) => ScepAnswer::Reply(reply),
                    Err(_) => ScepAnswer::Unreadable(refusal.cause.to_string()),
                });
            }
        };
        let reply = match self.redeem(&request).await? {
            Ok(certificate) => scep::success(&request, &certificate, &[], responder, &nonce)?,
            Err(refused) => {
                tracing::info!(
                    transaction = request.transaction_id,
                    "refused a SCEP request: {}",
                    refused.cause
                );
                scep::failure(&request.refuse(refused.fail_info), responder, &nonce)?
            }
        };
        Ok(ScepAnswer::Reply(reply))
    }

    fn scep_policy(&self) -> Policy {
        let legacy = self.options().legacy_clients;
        Policy {
            allow_single_des: legacy,
            allow_sha1: legacy,
        }
    }

    /// Takes a challenge and gives the certificate that it is for.
    async fn redeem(&self, request: &Request) -> Result<Result<Certificate, Refused>, EngineError> {
        let Some(id) = request
            .csr
            .challenge_password()
            .and_then(|text| self.challenge_id(text))
        else {
            return Ok(refuse(
                FailInfo::BadMessageCheck,
                "no challenge of this server",
            ));
        };
        let mut session = self.store().read().await?;
        let Some(challenge) = session.find_challenge(id).await? else {
            return Ok(refuse(
                FailInfo::BadMessageCheck,
                "the challenge was withdrawn or used long ago",
            ));
        };
        if challenge.uses_left < 1 {
            return self.repeat(&mut session, &challenge, request).await;
        }
        drop(session);
        if challenge.expires_at <= self.now() {
            return Ok(refuse(
                FailInfo::BadMessageCheck,
                "the challenge has expired",
            ));
        }
        let spec: CertificateSpec = serde_json::from_str(&challenge.spec)
            .map_err(|error| EngineError::Internal(format!("challenge {id}: {error}")))?;
        if let Err(cause) = matches(&request.csr, &spec)? {
            return Ok(refuse(FailInfo::BadRequest, cause));
        }
        // Signed before the transaction, so that nobody waits for the signature; using the challenge up decides.
        let certificate = self.issue(&spec, request.csr.public_key_info())?;
        let mut session = self.store().write().await?;
        if !session
            .use_challenge(id, &certificate.sha256(), &request.transaction_id)
            .await?
        {
            return Ok(refuse(
                FailInfo::BadMessageCheck,
                "the challenge was used at the same time",
            ));
        }
        session
            .insert_certificate(&self.certificate_record(&certificate, &challenge))
            .await?;
        self.note_renewal(&mut session, &challenge, &spec, &certificate)
            .await?;
        session.commit().await?;
        Ok(Ok(certificate))
    }

    /// A client that did not get its answer asks again with the same transaction and key, and gets the same
    /// certificate; anything else is a replay.
    async fn repeat(
        &self,
        session: &mut Session,
        challenge: &ChallengeRecord,
        request: &Request,
    ) -> Result<Result<Certificate, Refused>, EngineError> {
        let same = challenge.transaction_id.as_deref() == Some(&request.transaction_id);
        let issued = challenge
            .issued
            .as_deref()
            .and_then(|sha256| <[u8; 32]>::try_from(sha256).ok());
        if let (true, Some(sha256)) = (same, issued)
            && let Some(record) = session.find_certificate(&sha256).await?
        {
            let certificate = Certificate::from_der(&record.der)?;
            if certificate.public_key_info() == request.csr.public_key_info()
                && record.revoked_at.is_none()
            {
                return Ok(Ok(certificate));
            }
        }
        Ok(refuse(
            FailInfo::BadMessageCheck,
            "the challenge was used already",
        ))
    }

    fn certificate_record(
        &self,
        certificate: &Certificate,
        challenge: &ChallengeRecord,
    ) -> CertificateRecord {
        let spec: Option<CertificateSpec> = serde_json::from_str(&challenge.spec).ok();
        CertificateRecord {
            sha256: certificate.sha256().to_vec(),
            serial: certificate.serial_hex(),
            issuer: self.issuer_id(),
            der: certificate.der().to_vec(),
            subject: certificate.subject(),
            purpose: challenge.purpose.clone(),
            ticket_id: challenge.ticket_id,
            device_id: challenge.device_id,
            user_id: spec.as_ref().and_then(|spec| spec.user),
            profile_id: challenge.profile_id,
            slot: spec.map(|spec| spec.slot.0),
            not_before: Timestamp::from_unix_seconds(certificate.not_before()),
            not_after: Timestamp::from_unix_seconds(certificate.not_after()),
            issued_at: self.now(),
            revoked_at: None,
            revocation_reason: None,
        }
    }

    /// Notes when the certificate of a profile is to be renewed.
    async fn note_renewal(
        &self,
        session: &mut Session,
        challenge: &ChallengeRecord,
        spec: &CertificateSpec,
        certificate: &Certificate,
    ) -> Result<(), EngineError> {
        let (Some(device), Some(profile)) = (challenge.device_id, challenge.profile_id) else {
            return Ok(());
        };
        let until = Timestamp::from_unix_seconds(certificate.not_after());
        let life = until.since(self.now());
        let renew_at = until
            .plus(-(life / 100).saturating_mul(spec.renewal_threshold_percentage.clamp(1, 99)));
        Ok(session.set_renewal(device, profile, renew_at).await?)
    }
}

fn refuse(fail_info: FailInfo, cause: &'static str) -> Result<Certificate, Refused> {
    Err(Refused { fail_info, cause })
}

/// Whether a request asks for what its challenge is for, and for nothing else (CRT-5).
fn matches(
    csr: &CertificateSigningRequest,
    spec: &CertificateSpec,
) -> Result<Result<(), &'static str>, EngineError> {
    if !csr.has_subject(&issue::subject(spec)?) {
        return Ok(Err("the subject is not the one that the challenge is for"));
    }
    let allowed = issue::subject_alt_names(spec);
    let foreign = |name: &SubjectAltName| !allowed.contains(name);
    if csr.subject_alt_names().iter().any(foreign) {
        return Ok(Err(
            "an alternative name is not among those that the challenge is for",
        ));
    }
    if !csr.public_key().is_rsa()
        || csr.key_bits() != usize::try_from(spec.key.bits).unwrap_or_default()
    {
        return Ok(Err("the key has not the size that the challenge is for"));
    }
    Ok(Ok(()))
}
