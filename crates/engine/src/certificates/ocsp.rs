//! Answers about single certificates (RFC 6960), from the list of what was issued.

use std::sync::Arc;

use mandate_model::Timestamp;
use mandate_pki::authority::{Delegation, RevocationReason};
use mandate_pki::certificate::Certificate;
use mandate_pki::keys::{KeyKind, PrivateKey};
use mandate_pki::ocsp::{self, CertId, CertStatus, FailureStatus, Request, Responder, Times};

use crate::instance::{IssuingAuthority, serial};
use crate::{Engine, EngineError};

/// A responder's certificate cannot be revoked (RFC 6960 §4.2.2.2.1), so it is short-lived; its key is only in memory.
const RESPONDER_VALID_FOR: i64 = 7 * Timestamp::DAY;
const RESPONDER_RENEWED_AFTER: i64 = 3 * Timestamp::DAY;
/// An answer may be kept for as long; a revocation reaches everybody within it.
const ANSWER_VALID_FOR: i64 = Timestamp::HOUR;
/// Clocks of those who ask run slow.
const BACKDATED: i64 = 5 * Timestamp::MINUTE;

/// Who answers for an authority.
pub(crate) struct OcspIdentity {
    key: PrivateKey,
    certificate: Certificate,
    made_at: Timestamp,
}

/// An answer to a question about certificates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OcspAnswer {
    /// The response, DER.
    pub body: Vec<u8>,
    /// From when to when anybody may keep it; none for answers to one asker alone (RFC 5019 §6).
    pub kept: Option<(Timestamp, Timestamp)>,
}

impl Engine {
    /// Answers an OCSP request, DER. Whatever is wrong with it is said in the protocol's own words.
    pub async fn ocsp(&self, request: &[u8]) -> Result<OcspAnswer, EngineError> {
        let failed = |status| OcspAnswer {
            body: ocsp::failure(status),
            kept: None,
        };
        let Ok(request) = Request::parse(request) else {
            return Ok(failed(FailureStatus::MalformedRequest));
        };
        // One signature is one authority's: what is asked about others in the same breath stays unknown.
        let Some(issuer) = self.asked_about(request.certificate_ids()) else {
            return Ok(failed(FailureStatus::Unauthorized));
        };
        let now = self.now();
        let mut statuses = Vec::new();
        let mut session = self.store().glance().await?;
        for id in request.certificate_ids() {
            let status = if id.names_issuer(issuer.authority.issuing()) {
                let found = session
                    .certificate_status(&issuer.key_id, &id.serial_hex())
                    .await?;
                status_of(found)
            } else {
                CertStatus::Unknown
            };
            statuses.push((id.clone(), status));
        }
        drop(session);
        let responder = self.ocsp_identity(&issuer, now).await?;
        let until = now.plus(ANSWER_VALID_FOR);
        let times = Times {
            produced_at: now.unix_seconds(),
            this_update: now.unix_seconds(),
            next_update: until.unix_seconds(),
        };
        let responder = Responder {
            certificate: &responder.certificate,
            key: &responder.key,
        };
        Ok(OcspAnswer {
            body: ocsp::respond(&request, &statuses, responder, times)?,
            kept: request.nonce().is_none().then_some((now, until)),
        })
    }

    /// The first of our authorities that any of the questions is about.
    fn asked_about(&self, ids: &[CertId]) -> Option<Arc<IssuingAuthority>> {
        let authorities = self.authorities();
        ids.iter().find_map(|id| {
            authorities
                .all()
                .iter()
                .rev()
                .find(|one| id.names_issuer(one.authority.issuing()))
                .cloned()
        })
    }

    /// Who answers for an authority, made anew in time. Whoever asks meanwhile waits for the key; nobody else does.
    async fn ocsp_identity(
        &self,
        issuer: &IssuingAuthority,
        now: Timestamp,
    ) -> Result<Arc<OcspIdentity>, EngineError> {
        let mut responder = issuer.responder.lock().await;
        let fresh = |known: &&Arc<OcspIdentity>| {
            (0..RESPONDER_RENEWED_AFTER).contains(&now.since(known.made_at))
        };
        if let Some(known) = responder.as_ref().filter(fresh) {
            return Ok(known.clone());
        }
        // Every client reads signatures of its issuer's kind.
        let kind = match issuer.authority.issuing_key().kind() {
            KeyKind::Rsa2048 | KeyKind::Rsa3072 | KeyKind::Rsa4096 => KeyKind::Rsa2048,
            kind @ (KeyKind::P256 | KeyKind::P384) => kind,
        };
        let key = tokio::task::spawn_blocking(move || PrivateKey::generate(kind))
            .await
            .map_err(|error| EngineError::Internal(error.to_string()))??;
        let delegation = Delegation {
            serial: serial(self.chance()),
            not_before: now.plus(-BACKDATED).unix_seconds(),
            not_after: now.plus(RESPONDER_VALID_FOR).unix_seconds(),
        };
        let certificate = issuer.authority.issue_responder(&key, delegation)?;
        let made = Arc::new(OcspIdentity {
            key,
            certificate,
            made_at: now,
        });
        *responder = Some(made.clone());
        Ok(made)
    }
}

fn status_of(found: Option<mandate_store::CertificateStatus>) -> CertStatus {
    match found {
        None => CertStatus::Unknown,
        Some(status) => match status.revoked {
            None => CertStatus::Good,
            Some((at, reason)) => CertStatus::Revoked {
                at: at.unix_seconds(),
                reason: RevocationReason::from_code(reason),
            },
        },
    }
}
