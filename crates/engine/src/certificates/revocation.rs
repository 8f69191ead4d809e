//! The list of revoked certificates, as the world sees it.

use mandate_model::Timestamp;
use mandate_pki::authority::{RevocationReason, RevokedEntry};

use crate::{Engine, EngineError};

/// A list is valid for a week and made anew after an hour, so that a reader never meets a stale one.
const VALID_FOR: i64 = 7 * Timestamp::DAY;
const FRESH_FOR: i64 = Timestamp::HOUR;

/// A signed list, and what it says.
#[derive(Debug, Clone)]
pub(crate) struct RevocationList {
    der: Vec<u8>,
    serials: Vec<String>,
    made_at: Timestamp,
}

impl Engine {
    /// The list of revoked certificates (RFC 5280 §5), DER. A revocation is in it at once.
    pub async fn revocation_list(&self) -> Result<Vec<u8>, EngineError> {
        let now = self.now();
        let issuer = self.issuer_id();
        let mut cached = self.cache().revocations.lock().await;
        let revoked = self.store().read().await?.list_revoked(now, &issuer).await?;
        let serials: Vec<String> = revoked.iter().map(|entry| entry.serial.clone()).collect();
        if let Some(list) = cached
            .as_ref()
            .filter(|list| list.serials == serials && now.since(list.made_at) < FRESH_FOR)
        {
            return Ok(list.der.clone());
        }
        let entries: Vec<RevokedEntry> = revoked
            .into_iter()
            .map(|entry| RevokedEntry {
                serial: from_hex(&entry.serial),
                revoked_at: entry.revoked_at.unix_seconds(),
                reason: RevocationReason::from_code(entry.reason),
            })
            .collect();
        let mut session = self.store().write().await?;
        let number = u64::try_from(session.next_crl_number().await?).unwrap_or_default();
        session.commit().await?;
        let until = now.plus(VALID_FOR).unix_seconds();
        let der = self
            .authority()
            .revocation_list(&entries, number, now.unix_seconds(), until)?;
        *cached = Some(RevocationList {
            der: der.clone(),
            serials,
            made_at: now,
        });
        Ok(der)
    }
}

fn from_hex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes();
    digits
        .chunks(2)
        .filter_map(|pair| std::str::from_utf8(pair).ok())
        .filter_map(|pair| u8::from_str_radix(pair, 16).ok())
        .collect()
}
