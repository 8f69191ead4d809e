//! Telling authorities of others what was revoked here.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mandate_model::Timestamp;
use mandate_pki::authority::RevocationReason;
use mandate_store::{ExternalRevocationRecord, Session};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::gateway::IssuerRequest;
use super::issuers::read_settings;
use crate::audit::Change;
use crate::instance::hex;
use crate::pauses::Pauses;
use crate::{Action, Actor, Engine, EngineError};

/// Waits to be told.
const QUEUED: &str = "queued";
/// Somebody has to tell the issuer by hand: it has no address for it.
const MANUAL: &str = "manual";
/// The issuer was told.
const DONE: &str = "done";

/// How many are looked at in one round.
const PAGE: u32 = 100;
/// Revocations are written with the time at which their transaction began, and none takes as long as this.
const LATE: i64 = 5 * Timestamp::MINUTE;
/// Pauses between tries; the last one is kept.
const PAUSES: Pauses = Pauses(&[
    Timestamp::MINUTE,
    5 * Timestamp::MINUTE,
    30 * Timestamp::MINUTE,
    4 * Timestamp::HOUR,
    Timestamp::DAY,
]);
/// As much is kept of what an issuer says.
const RESULT_LENGTH: usize = 300;

/// A revocation that an external issuer is to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExternalRevocation {
    /// Its id.
    pub id: Uuid,
    /// Name of the issuer.
    pub issuer: String,
    /// Serial number in lower-case hexadecimal.
    pub serial: String,
    /// Subject as RFC 4514 text.
    pub subject: String,
    /// Why, in the words of RFC 5280 §5.3.1.
    pub reason: &'static str,
    /// `queued`, `manual` or `done`.
    pub state: String,
    /// How often it was tried in vain.
    pub attempts: i64,
    /// When it is tried next, RFC 3339.
    pub due_at: Option<String>,
    /// What became of the last try.
    pub result: Option<String>,
    /// When the certificate was revoked here, RFC 3339.
    pub revoked_at: Option<String>,
}

/// A reason in the words of RFC 5280 §5.3.1.
pub const fn reason_name(reason: RevocationReason) -> &'static str {
    match reason {
        RevocationReason::Unspecified => "unspecified",
        RevocationReason::KeyCompromise => "keyCompromise",
        RevocationReason::CaCompromise => "cACompromise",
        RevocationReason::AffiliationChanged => "affiliationChanged",
        RevocationReason::Superseded => "superseded",
        RevocationReason::CessationOfOperation => "cessationOfOperation",
        RevocationReason::CertificateHold => "certificateHold",
        RevocationReason::PrivilegeWithdrawn => "privilegeWithdrawn",
    }
}

impl Engine {
    /// Finds certificates of others that were revoked here, and notes that their issuers are to be told. Nobody is told yet.
    async fn note_external_revocations(&self) -> Result<(), EngineError> {
        let now = self.now();
        let since = *self
            .cache()
            .told_until
            .lock()
            .expect("nobody panics while holding it");
        let mut session = self.store().read().await?;
        let untold = session.untold_revocations(since, now, PAGE).await?;
        let is_last = untold.len() < PAGE as usize;
        if !untold.is_empty() {
            let mut addressed = Vec::new();
            for issuer in session.list_external_issuers().await? {
                if read_settings(&issuer)?.revocation_url.is_some() {
                    addressed.push(issuer.name);
                }
            }
            drop(session);
            let mut session = self.store().write().await?;
            for one in untold {
                let can_be_told = addressed.contains(&one.issuer);
                let record = ExternalRevocationRecord {
                    id: self.chance().id(now),
                    issuer: one.issuer,
                    sha256: one.sha256,
                    serial: one.serial,
                    reason: one.reason,
                    state: if can_be_told { QUEUED } else { MANUAL }.to_owned(),
                    attempts: 0,
                    due_at: can_be_told.then_some(now),
                    result: None,
                    created_at: now,
                    updated_at: now,
                };
                session.insert_external_revocation(&record).await?;
            }
            session.commit().await?;
        }
        if is_last {
            *self
                .cache()
                .told_until
                .lock()
                .expect("nobody panics while holding it") = now.plus(-LATE);
        }
        Ok(())
    }

    /// Tells external issuers what was revoked of theirs, one after another; whether there is more. Waits for them, so it is
    /// no part of the rounds that wake devices.
    pub async fn tell_revocations(&self) -> Result<bool, EngineError> {
        self.note_external_revocations().await?;
        let mut session = self.store().read().await?;
        let due = session.due_external_revocations(self.now(), PAGE).await?;
        drop(session);
        let more = due.len() == PAGE as usize;
        for record in due {
            self.tell_revocation(record).await?;
        }
        Ok(more)
    }

    async fn tell_revocation(
        &self,
        mut record: ExternalRevocationRecord,
    ) -> Result<(), EngineError> {
        let mut session = self.store().read().await?;
        let request = self.revocation_request(&mut session, &record).await?;
        drop(session);
        let result = match request {
            None => None,
            Some(request) => Some(match self.issuer_gateway().ask(request).await {
                Ok(answer) if (200..300).contains(&answer.status) => {
                    Ok(format!("HTTP status {}", answer.status))
                }
                Ok(answer) => Err(format!("HTTP status {}", answer.status)),
                Err(reason) => Err(reason.chars().take(RESULT_LENGTH).collect()),
            }),
        };
        let now = self.now();
        record.updated_at = now;
        match result {
            None => {
                MANUAL.clone_into(&mut record.state);
                record.due_at = None;
            }
            Some(Ok(text)) => {
                DONE.clone_into(&mut record.state);
                record.due_at = None;
                record.result = Some(text);
            }
            Some(Err(text)) => {
                tracing::warn!(
                    "the issuer `{}` could not be told of a revocation: {text}",
                    record.issuer
                );
                record.attempts += 1;
                record.due_at = Some(now.plus(PAUSES.after(record.attempts)));
                record.result = Some(text);
            }
        }
        let mut session = self.store().write().await?;
        session.update_external_revocation(&record).await?;
        Ok(session.commit().await?)
    }

    /// What an issuer is sent; nothing if it was removed or has no address for it.
    async fn revocation_request(
        &self,
        session: &mut Session,
        record: &ExternalRevocationRecord,
    ) -> Result<Option<IssuerRequest>, EngineError> {
        let Some(issuer) = session.find_external_issuer(&record.issuer).await? else {
            return Ok(None);
        };
        let Some(url) = read_settings(&issuer)?.revocation_url else {
            return Ok(None);
        };
        let bearer = self
            .issuer_secret(session, &record.issuer, "token")
            .await?
            .and_then(|token| String::from_utf8(token.to_vec()).ok())
            .map(Zeroizing::new);
        let sha256 = <[u8; 32]>::try_from(record.sha256.as_slice()).unwrap_or_default();
        let certificate = session.find_certificate(&sha256).await?;
        let revoked_at = certificate.as_ref().and_then(|found| found.revoked_at);
        let body = json!({
            "id": record.id,
            "issuer": record.issuer,
            "serialNumber": record.serial,
            "sha256": hex(&record.sha256),
            "certificate": certificate.as_ref().map(|found| STANDARD.encode(&found.der)),
            "reason": reason_name(RevocationReason::from_code(record.reason)),
            "reasonCode": record.reason,
            "revokedAt": revoked_at.map(|at| at.to_string()),
        });
        Ok(Some(IssuerRequest {
            url,
            body: Some(("application/json", body.to_string().into_bytes())),
            bearer,
        }))
    }

    /// All revocations that external issuers are or were to be told, oldest first.
    pub async fn external_revocations(
        &self,
        actor: &Actor,
    ) -> Result<Vec<ExternalRevocation>, EngineError> {
        actor.require_everywhere(Action::AuthoritiesRead)?;
        self.note_external_revocations().await?;
        let mut session = self.store().read().await?;
        let mut all = Vec::new();
        for record in session.list_external_revocations().await? {
            let sha256 = <[u8; 32]>::try_from(record.sha256.as_slice()).unwrap_or_default();
            let certificate = session.find_certificate(&sha256).await?;
            let (subject, revoked_at) = certificate.map_or((String::new(), None), |found| {
                (found.subject, found.revoked_at)
            });
            all.push(ExternalRevocation {
                id: record.id,
                issuer: record.issuer,
                serial: record.serial,
                subject,
                reason: reason_name(RevocationReason::from_code(record.reason)),
                state: record.state,
                attempts: record.attempts,
                due_at: record.due_at.map(|at| at.to_string()),
                result: record.result,
                revoked_at: revoked_at.map(|at| at.to_string()),
            });
        }
        Ok(all)
    }

    /// Notes that somebody told the issuer by hand.
    pub async fn settle_external_revocation(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<(), EngineError> {
        actor.require(Action::AuthoritiesUpdate)?;
        let now = self.now();
        let mut session = self.store().write().await?;
        let Some(mut record) = session.find_external_revocation(id).await? else {
            return Err(EngineError::not_found("revocation", id));
        };
        let before = json!({ "state": record.state, "result": record.result });
        DONE.clone_into(&mut record.state);
        record.due_at = None;
        record.result = Some(format!("told by hand ({})", actor.name()));
        record.updated_at = now;
        if !session.update_external_revocation(&record).await? {
            return Err(EngineError::NotPossible {
                reason: "the issuer was told already".to_owned(),
            });
        }
        let after =
            json!({ "state": record.state, "result": record.result, "issuer": record.issuer });
        let change = Change::act(
            "settle",
            "externalRevocation",
            id,
            &record.serial,
            before,
            after,
        );
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }
}
