//! SCEP: who may have which certificate (RFC 8894).

use mandate_model::{CertificateSpec, Timestamp};
use mandate_pki::authority::RevocationReason;
use mandate_pki::certificate::{Certificate, SubjectAltName};
use mandate_pki::csr::CertificateSigningRequest;
use mandate_pki::scep::{self, CaCertificates, FailInfo, Policy, Request};
use mandate_store::{CertificateRecord, ChallengeRecord, Session};

use super::{issue, manual};
use crate::instance::own_record;
use crate::{Engine, EngineError};

/// What challenges inside profiles are called in the database.
pub(super) const PROFILE: &str = "profile";
/// A certificate of a profile is not renewed sooner after it was issued.
const SOONEST_RENEWAL: i64 = Timestamp::HOUR;

/// An answer to a SCEP message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScepAnswer {
    /// A signed reply, DER; it may say that the request failed.
    Reply(Vec<u8>),
    /// The message is no SCEP message, so no reply can be addressed.
    Unreadable(String),
}

/// Why a request is refused: what the client is told, and what the log is.
pub(super) struct Refused {
    pub(super) fail_info: FailInfo,
    pub(super) cause: String,
}

/// Whether a request was encrypted for one of our authorities.
enum Recipient {
    Ours,
    Unknown,
}

impl Engine {
    /// What this server can do, one word a line (RFC 8894 §3.5.2).
    pub fn scep_capabilities(&self) -> String {
        scep::capabilities(self.scep_policy())
    }

    /// The certificate that SCEP presents as the authority, DER.
    pub fn scep_certificate(&self) -> Vec<u8> {
        self.authority().issuing().der().to_vec()
    }

    /// The answer to `GetCACert` (RFC 8894 §4.2): of the authority that issues now, or of the one with this key id, for those
    /// who were told its fingerprint before another one issued.
    pub fn scep_ca_certificates(&self, key_id: Option<&str>) -> Option<CaCertificates> {
        let authorities = self.authorities();
        let authority = match key_id {
            Some(key_id) => authorities.find(key_id)?,
            None => authorities.current(),
        };
        Some(scep::ca_certificates(&authority.authority))
    }

    /// Answers a `PKIOperation`. A request may be encrypted for any of our authorities; the current one issues.
    pub async fn scep(&self, message: &[u8]) -> Result<ScepAnswer, EngineError> {
        match self.answer_scep(message).await? {
            // Another process may have put in a new authority a moment ago.
            (_, Recipient::Unknown) if self.refresh_authorities().await? => {
                Ok(self.answer_scep(message).await?.0)
            }
            (answer, _) => Ok(answer),
        }
    }

    async fn answer_scep(&self, message: &[u8]) -> Result<(ScepAnswer, Recipient), EngineError> {
        let authorities = self.authorities();
        let responders = authorities.responders();
        let mut nonce = [0; 16];
        self.chance().fill(&mut nonce);
        let policy = self.scep_policy();
        let (request, responder) = match scep::parse_request_for(message, &responders, policy) {
            Ok(opened) => opened,
            Err(refusal) => {
                tracing::info!("refused a SCEP request: {}", refusal.cause);
                let recipient = match refusal.cause {
                    mandate_pki::Error::NotRecipient => Recipient::Unknown,
                    _ => Recipient::Ours,
                };
                let answer = match scep::failure(&refusal, responders[0], &nonce) {
                    Ok(reply) => ScepAnswer::Reply(reply),
                    Err(_) => ScepAnswer::Unreadable(refusal.cause.to_string()),
                };
                if matches!(recipient, Recipient::Ours) {
                    self.cache().meter.scep_refused.add();
                }
                return Ok((answer, recipient));
            }
        };
        let reply = match self.redeem(&request).await? {
            Ok(certificate) => {
                self.cache().meter.scep_issued.add();
                scep::success(&request, &certificate, &[], responder, &nonce)?
            }
            Err(refused) => {
                self.cache().meter.scep_refused.add();
                tracing::info!(
                    transaction = request.transaction_id,
                    "refused a SCEP request: {}",
                    refused.cause
                );
                scep::failure(&request.refuse(refused.fail_info), responder, &nonce)?
            }
        };
        Ok((ScepAnswer::Reply(reply), Recipient::Ours))
    }

    fn scep_policy(&self) -> Policy {
        let legacy = self.options().legacy_clients;
        Policy {
            allow_single_des: legacy,
            allow_sha1: legacy,
        }
    }

    /// Takes a challenge, or the signature by a certificate that is renewed, and gives a certificate.
    async fn redeem(&self, request: &Request) -> Result<Result<Certificate, Refused>, EngineError> {
        // Clients repeat their first challenge when they renew: one that is used up says nothing.
        if let Some(before) = self.renewed(request).await?
            && !self.has_open_challenge(request).await?
        {
            return self.renew(request, &before).await;
        }
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
        let spec = if challenge.purpose == manual::PURPOSE {
            manual::in_order_of(&request.csr, spec)?
        } else {
            spec
        };
        if let Err(cause) = matches(&request.csr, &spec)? {
            return Ok(refuse(FailInfo::BadRequest, cause));
        }
        let mut session = self.store().read().await?;
        if let Some(cause) = withdrawn(&mut session, &challenge, &spec).await? {
            return Ok(refuse(FailInfo::BadRequest, cause));
        }
        drop(session);
        // Made before the transaction, so that nobody waits for it; using the challenge up decides.
        let certificate = match &spec.issuer {
            None => match or_refused(self.issue(&spec, request.csr.public_key_info()))? {
                Ok(certificate) => certificate,
                Err(refused) => return Ok(Err(refused)),
            },
            Some(issuer) => match self.forward_to(issuer, &spec, &request.csr).await? {
                Ok(certificate) => certificate,
                Err(declined) => return Ok(refuse(declined.fail_info, declined.reason)),
            },
        };
        let record = self.certificate_record(&certificate, &challenge, &spec)?;
        let mut session = self.store().write().await?;
        if !session
            .use_challenge(id, &certificate.sha256(), &request.transaction_id)
            .await?
        {
            drop(session);
            self.waste(record).await?;
            return Ok(refuse(
                FailInfo::BadMessageCheck,
                "the challenge was used at the same time",
            ));
        }
        // Meanwhile the device may have gone, or the person.
        if let Some(cause) = withdrawn(&mut session, &challenge, &spec).await? {
            drop(session);
            self.waste(record).await?;
            return Ok(refuse(FailInfo::BadRequest, cause));
        }
        session.insert_certificate(&record).await?;
        self.note_renewal(&mut session, &challenge, &spec, &certificate)
            .await?;
        session.commit().await?;
        Ok(Ok(certificate))
    }

    /// A certificate of somebody else's that nobody will get is revoked there; one of ours was never given out.
    pub(super) async fn waste(&self, record: CertificateRecord) -> Result<(), EngineError> {
        if self.authorities().find(&record.issuer).is_some() {
            return Ok(());
        }
        let superseded = RevocationReason::Superseded.code();
        let mut session = self.store().write().await?;
        let record = CertificateRecord {
            revoked_at: Some(self.now()),
            revocation_reason: Some(i64::from(superseded)),
            ..record
        };
        session.insert_certificate(&record).await?;
        Ok(session.commit().await?)
    }

    async fn has_open_challenge(&self, request: &Request) -> Result<bool, EngineError> {
        let text = request.csr.challenge_password();
        let Some(id) = text.and_then(|text| self.challenge_id(text)) else {
            return Ok(false);
        };
        let challenge = self.store().read().await?.find_challenge(id).await?;
        Ok(challenge
            .is_some_and(|challenge| challenge.uses_left > 0 && challenge.expires_at > self.now()))
    }

    /// A client that did not get its answer asks again with the same transaction and key, and gets the same
    /// certificate; anything else is a replay.
    pub(super) async fn repeat(
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
        spec: &CertificateSpec,
    ) -> Result<CertificateRecord, EngineError> {
        let issuer = match &spec.issuer {
            Some(issuer) => issuer.clone(),
            None => self.issuer_of(certificate)?,
        };
        Ok(CertificateRecord {
            ticket_id: challenge.ticket_id,
            device_id: challenge.device_id,
            user_id: spec.user,
            profile_id: challenge.profile_id,
            slot: Some(spec.slot.0.clone()),
            ..own_record(certificate, issuer, &challenge.purpose, self.now())
        })
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
        let renew_at = renewal_time(self.now(), until, spec.renewal_threshold_percentage);
        Ok(session.set_renewal(device, profile, renew_at).await?)
    }
}

/// When a certificate is to be renewed of whose life `percentage` is to be left then. Never at once: a device whose
/// certificates cannot last would ask without end.
fn renewal_time(now: Timestamp, until: Timestamp, percentage: i64) -> Timestamp {
    let life = until.since(now);
    until
        .plus(-(life / 100).saturating_mul(percentage.clamp(1, 99)))
        .max(now.plus(SOONEST_RENEWAL))
}

/// Why what a profile offered is not to be had any more: challenges are out for a day, and people and devices go meanwhile.
async fn withdrawn(
    session: &mut Session,
    challenge: &ChallengeRecord,
    spec: &CertificateSpec,
) -> Result<Option<&'static str>, EngineError> {
    if challenge.purpose != PROFILE {
        return Ok(None);
    }
    let device = match challenge.device_id {
        Some(device) => session.find_device_of(device).await?,
        None => None,
    };
    if !device.is_some_and(|found| found.device.state.is_managed()) {
        return Ok(Some("the device is not managed any more"));
    }
    if let Some(user) = spec.user {
        let user = session.find_user(user).await?;
        if !user.is_some_and(|user| user.account_enabled) {
            return Ok(Some("the person is gone or may not use the account"));
        }
    }
    Ok(None)
}

/// What the authority cannot give is refused in the client's words; the administrator has to do something about it.
pub(super) fn or_refused(
    issued: Result<Certificate, EngineError>,
) -> Result<Result<Certificate, Refused>, EngineError> {
    match issued {
        Ok(certificate) => Ok(Ok(certificate)),
        Err(EngineError::NotPossible { reason }) => {
            tracing::error!("a certificate cannot be issued: {reason}");
            Ok(refuse(FailInfo::BadRequest, reason))
        }
        Err(error) => Err(error),
    }
}

pub(super) fn refuse(
    fail_info: FailInfo,
    cause: impl Into<String>,
) -> Result<Certificate, Refused> {
    let cause = cause.into();
    Err(Refused { fail_info, cause })
}

/// A reason in the words of RFC 8894 §3.2.1.4.3.
pub(super) const fn fail_words(fail_info: FailInfo) -> &'static str {
    match fail_info {
        FailInfo::BadAlg => "badAlg",
        FailInfo::BadMessageCheck => "badMessageCheck",
        FailInfo::BadRequest => "badRequest",
        FailInfo::BadTime => "badTime",
        FailInfo::BadCertId => "badCertId",
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_renewal_is_never_due_at_once() {
        let days = |days: i64| Timestamp(days * Timestamp::DAY);
        assert_eq!(renewal_time(days(0), days(100), 20), days(80));
        let soonest = Timestamp(SOONEST_RENEWAL);
        assert_eq!(renewal_time(days(0), days(1), 99), soonest);
        assert_eq!(renewal_time(days(0), days(-1), 20), soonest);
    }
}
