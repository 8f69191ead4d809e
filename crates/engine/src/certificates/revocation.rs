//! The lists of revoked certificates, as the world sees them, and revoking by hand.

use mandate_model::Timestamp;
use mandate_pki::authority::{RevocationReason, RevokedEntry};
use serde_json::json;

use crate::access::scope::require_device;
use crate::audit::Change;
use crate::instance::{IssuingAuthority, from_hex};
use crate::{Action, Actor, Engine, EngineError, IssuedCertificate};

/// A list is valid for a week and made anew after an hour, so that a reader never meets a stale one.
const VALID_FOR: i64 = 7 * Timestamp::DAY;
const FRESH_FOR: i64 = Timestamp::HOUR;
/// Revocations are written with the time at which their transaction began, and none takes as long as this.
const LATE: i64 = Timestamp::HOUR;

/// A signed list, and how to find out whether it says everything.
#[derive(Debug, Clone)]
pub(crate) struct RevocationList {
    der: Vec<u8>,
    made_at: Timestamp,
    /// Revocations from this moment on are counted.
    since: Timestamp,
    recent: i64,
}

impl Engine {
    /// The list of revoked certificates of the authority that issues now (RFC 5280 §5), DER. A revocation is in it at once.
    pub async fn revocation_list(&self) -> Result<Vec<u8>, EngineError> {
        let current = self.authorities().current().clone();
        self.list_of(&current).await
    }

    /// The same of the authority with this key id, lower-case hexadecimal.
    pub async fn revocation_list_of(&self, key_id: &str) -> Result<Option<Vec<u8>>, EngineError> {
        match self.authorities().find(key_id) {
            Some(authority) => self.list_of(authority).await.map(Some),
            None => Ok(None),
        }
    }

    async fn list_of(&self, issuer: &IssuingAuthority) -> Result<Vec<u8>, EngineError> {
        let now = self.now();
        let mut cached = issuer.revocations.lock().await;
        let mut session = self.store().read().await?;
        if let Some(list) = cached
            .as_ref()
            .filter(|list| now.since(list.made_at) < FRESH_FOR)
            && session
                .count_revoked_since(&issuer.key_id, list.since)
                .await?
                == list.recent
        {
            return Ok(list.der.clone());
        }
        // Counted before it is read: what comes in between makes the next look count more.
        let since = now.plus(-LATE);
        let recent = session.count_revoked_since(&issuer.key_id, since).await?;
        let revoked = session.list_revoked(now, &issuer.key_id).await?;
        drop(session);
        let entries: Vec<RevokedEntry> = revoked
            .into_iter()
            .map(|entry| RevokedEntry {
                serial: from_hex(&entry.serial).unwrap_or_default(),
                revoked_at: entry.revoked_at.unix_seconds(),
                reason: RevocationReason::from_code(entry.reason),
            })
            .collect();
        let mut session = self.store().write().await?;
        let number = u64::try_from(session.next_crl_number().await?).unwrap_or_default();
        session.commit().await?;
        let until = now.plus(VALID_FOR).unix_seconds();
        let der = issuer
            .authority
            .revocation_list(&entries, number, now.unix_seconds(), until)?;
        *cached = Some(RevocationList {
            der: der.clone(),
            made_at: now,
            since,
            recent,
        });
        Ok(der)
    }

    /// Revokes the certificate with this serial number (hexadecimal, colons allowed). One of an external issuer is passed on
    /// to it. The device that holds it gets another one at its next contact, unless it is its identity.
    pub async fn revoke_certificate(
        &self,
        actor: &Actor,
        serial: &str,
        reason: RevocationReason,
    ) -> Result<IssuedCertificate, EngineError> {
        actor.require(Action::CertificatesRevoke)?;
        let serial = plain_serial(serial);
        let now = self.now();
        let mut session = self.store().write().await?;
        let mut found = session.certificates_of_serial(&serial).await?;
        let Some(record) = found.pop() else {
            return Err(EngineError::not_found("certificate", &serial));
        };
        if !found.is_empty() {
            return Err(EngineError::NotPossible {
                reason: format!(
                    "several issuers gave out a certificate `{serial}`; revoke it there"
                ),
            });
        }
        match record.device_id {
            Some(device) => {
                session.hold_device(device).await?;
                let found = session.find_device_of(device).await?;
                let found = found.ok_or_else(|| EngineError::not_found("device", device))?;
                let action = Action::CertificatesRevoke;
                require_device(&mut session, actor, action, &found.device).await?;
            }
            None => actor.require_everywhere(Action::CertificatesRevoke)?,
        }
        let code = i64::from(reason.code());
        if !session
            .revoke_certificate(&record.sha256, now, code)
            .await?
        {
            return Err(EngineError::NotPossible {
                reason: format!("the certificate `{serial}` was revoked already"),
            });
        }
        let after = json!({ "revoked": true, "reason": code });
        let name = record.subject.clone();
        let before = json!({ "revoked": false });
        let change = Change::act("revoke", "certificate", serial, &name, before, after);
        self.audit(&mut session, actor, change).await?;
        if let Some(device) = record.device_id {
            session.delete_revoked_certificate_keys(device).await?;
            // An identity that is revoked ends the service of its device; anything else is to be replaced.
            if record.purpose != super::challenge::IDENTITY {
                let slot = record.slot.as_deref().unwrap_or_default();
                session
                    .renew_now((device, record.profile_id), slot, now)
                    .await?;
                session.mark_stale(device, now).await?;
            }
        }
        session.commit().await?;
        super::issued(mandate_store::CertificateRecord {
            revoked_at: Some(now),
            revocation_reason: Some(code),
            ..record
        })
    }
}

/// A serial number as the database has it.
fn plain_serial(text: &str) -> String {
    let digits: String = text
        .chars()
        .filter(|c| *c != ':' && !c.is_whitespace())
        .collect::<String>()
        .to_lowercase();
    let mut digits = digits.trim_start_matches("0x");
    // Numbers are kept as whole octets without leading zeros.
    while digits.len() > 2 && digits.starts_with("00") {
        digits = &digits[2..];
    }
    if digits.len().is_multiple_of(2) {
        digits.to_owned()
    } else {
        format!("0{digits}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_number_is_found_in_every_spelling() {
        for text in ["0A:BC", "0abc", "abc", "0x0ABC", "00:0a:bc"] {
            assert_eq!(plain_serial(text), "0abc", "{text}");
        }
    }
}
