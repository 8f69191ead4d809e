//! Everything that is sealed, wherever it stands: so that all of it can be checked, and sealed with another key.

use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, Store, StoreError};

/// Where sealed values stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SealedKind {
    /// `secret`: keys of authorities, of TLS, of tokens, of push, of issuers.
    Secret,
    /// `device.unlock_token`.
    UnlockToken,
    /// `certificate_key`: keys that the server made for devices.
    CertificateKey,
    /// `imported_certificate.sealed_key`: keys that were imported for people.
    ImportedKey,
    /// `credential_totp`: secrets of apps that show one-time codes.
    TotpSecret,
}

/// What names a sealed value within its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SealedAt {
    /// Name of a secret.
    Secret(String),
    /// A device.
    UnlockToken(Uuid),
    /// SHA-256 of a certificate.
    CertificateKey(Vec<u8>),
    /// A person, and the thumbprint of the certificate.
    ImportedKey(Uuid, String),
    /// A person.
    TotpSecret(Uuid),
}

/// A sealed value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedRecord {
    /// Where it stands.
    pub at: SealedAt,
    /// The sealed bytes.
    pub sealed: Vec<u8>,
}

impl SealedKind {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Secret,
        Self::UnlockToken,
        Self::CertificateKey,
        Self::ImportedKey,
        Self::TotpSecret,
    ];

    /// What it is, for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Secret => "secrets of the instance",
            Self::UnlockToken => "unlock tokens of devices",
            Self::CertificateKey => "keys made for devices",
            Self::ImportedKey => "keys imported for people",
            Self::TotpSecret => "secrets of one-time codes",
        }
    }
}

const SECRETS: &str = "SELECT name, sealed FROM secret WHERE name > $1 ORDER BY name LIMIT $2";
const UNLOCK_TOKENS: &str = "
    SELECT id, unlock_token FROM device WHERE id > $1 AND unlock_token IS NOT NULL ORDER BY id LIMIT $2";
const CERTIFICATE_KEYS: &str =
    "SELECT sha256, sealed FROM certificate_key WHERE sha256 > $1 ORDER BY sha256 LIMIT $2";
const IMPORTED_KEYS: &str = "
    SELECT user_id, thumbprint, sealed_key FROM imported_certificate
    WHERE user_id > $1 OR (user_id = $1 AND thumbprint > $2)
    ORDER BY user_id, thumbprint LIMIT $3";
const TOTP_SECRETS: &str =
    "SELECT user_id, sealed FROM credential_totp WHERE user_id > $1 ORDER BY user_id LIMIT $2";
const SET_TOTP_SECRET: &str = "UPDATE credential_totp SET sealed = $2 WHERE user_id = $1";
const SET_SECRET: &str = "UPDATE secret SET sealed = $2 WHERE name = $1";
const SET_UNLOCK_TOKEN: &str = "UPDATE device SET unlock_token = $2 WHERE id = $1";
const SET_CERTIFICATE_KEY: &str = "UPDATE certificate_key SET sealed = $2 WHERE sha256 = $1";
const SET_IMPORTED_KEY: &str =
    "UPDATE imported_certificate SET sealed_key = $3 WHERE user_id = $1 AND thumbprint = $2";

/// Names the lock among the advisory locks of a PostgreSQL database: `mandate` in ASCII.
const LOCK: i64 = 0x6d_61_6e_64_61_74_65;
const HOLD: &str =
    "SELECT CASE WHEN pg_try_advisory_lock_shared($1) THEN CAST(1 AS BIGINT) ELSE 0 END";
const HOLD_ALONE: &str =
    "SELECT CASE WHEN pg_try_advisory_xact_lock($1) THEN CAST(1 AS BIGINT) ELSE 0 END";
const RELEASE: &str = "SELECT pg_advisory_unlock_shared($1)";

impl Store {
    /// Says, until this store is closed, that somebody works on this database with its key in memory, which
    /// [`Session::holds_alone`] of others then sees; `false` if somebody is sealing everything anew at this moment. Several
    /// may say it at once. A file is guarded by the locks of its data directory instead.
    pub async fn hold(&self) -> Result<bool, StoreError> {
        let mut session = self.read().await?;
        if !session.is_postgres() {
            return Ok(true);
        }
        let held = session.number(HOLD, arguments![LOCK]).await? == 1;
        if held {
            self.keep(session);
        }
        Ok(held)
    }
}

/// Lets go of what [`Store::hold`] took. Somebody who waits for it need not wait until PostgreSQL sees the connection end.
pub(crate) async fn release(mut session: Session) -> Result<(), StoreError> {
    session.execute(RELEASE, arguments![LOCK]).await?;
    Ok(())
}

impl Session {
    /// Whether nobody works on this database with its key, and nobody can begin to before the end of this transaction.
    pub async fn holds_alone(&mut self) -> Result<bool, StoreError> {
        if !self.is_postgres() {
            return Ok(true);
        }
        Ok(self.number(HOLD_ALONE, arguments![LOCK]).await? == 1)
    }

    /// Sealed values of a kind in the order of their names, from the one after `after`.
    pub async fn sealed_values(
        &mut self,
        kind: SealedKind,
        after: Option<&SealedAt>,
        limit: u32,
    ) -> Result<Vec<SealedRecord>, StoreError> {
        let limit = i64::from(limit);
        let record = |at, sealed| SealedRecord { at, sealed };
        Ok(match kind {
            SealedKind::Secret => {
                let after = match after {
                    Some(SealedAt::Secret(name)) => name.as_str(),
                    _ => "",
                };
                let rows: Vec<(String, Vec<u8>)> =
                    self.all(SECRETS, arguments![after, limit]).await?;
                rows.into_iter()
                    .map(|(name, sealed)| record(SealedAt::Secret(name), sealed))
                    .collect()
            }
            SealedKind::UnlockToken => {
                let after = match after {
                    Some(SealedAt::UnlockToken(id)) => *id,
                    _ => Uuid::nil(),
                };
                let rows: Vec<(Uuid, Vec<u8>)> =
                    self.all(UNLOCK_TOKENS, arguments![after, limit]).await?;
                rows.into_iter()
                    .map(|(id, sealed)| record(SealedAt::UnlockToken(id), sealed))
                    .collect()
            }
            SealedKind::CertificateKey => {
                let after = match after {
                    Some(SealedAt::CertificateKey(sha256)) => sha256.as_slice(),
                    _ => &[],
                };
                let rows: Vec<(Vec<u8>, Vec<u8>)> =
                    self.all(CERTIFICATE_KEYS, arguments![after, limit]).await?;
                rows.into_iter()
                    .map(|(sha256, sealed)| record(SealedAt::CertificateKey(sha256), sealed))
                    .collect()
            }
            SealedKind::ImportedKey => {
                let (user, thumbprint) = match after {
                    Some(SealedAt::ImportedKey(user, thumbprint)) => (*user, thumbprint.as_str()),
                    _ => (Uuid::nil(), ""),
                };
                let values = arguments![user, thumbprint, limit];
                let rows: Vec<(Uuid, String, Vec<u8>)> = self.all(IMPORTED_KEYS, values).await?;
                rows.into_iter()
                    .map(|(user, thumbprint, sealed)| {
                        record(SealedAt::ImportedKey(user, thumbprint), sealed)
                    })
                    .collect()
            }
            SealedKind::TotpSecret => {
                let after = match after {
                    Some(SealedAt::TotpSecret(id)) => *id,
                    _ => Uuid::nil(),
                };
                let rows: Vec<(Uuid, Vec<u8>)> =
                    self.all(TOTP_SECRETS, arguments![after, limit]).await?;
                rows.into_iter()
                    .map(|(id, sealed)| record(SealedAt::TotpSecret(id), sealed))
                    .collect()
            }
        })
    }

    /// Puts other sealed bytes into the place of a value; whether it is still there.
    pub async fn set_sealed_value(
        &mut self,
        at: &SealedAt,
        sealed: &[u8],
    ) -> Result<bool, StoreError> {
        let touched = match at {
            SealedAt::Secret(name) => self.execute(SET_SECRET, arguments![name, sealed]).await?,
            SealedAt::UnlockToken(id) => {
                self.execute(SET_UNLOCK_TOKEN, arguments![*id, sealed])
                    .await?
            }
            SealedAt::CertificateKey(sha256) => {
                self.execute(SET_CERTIFICATE_KEY, arguments![sha256.as_slice(), sealed])
                    .await?
            }
            SealedAt::ImportedKey(user, thumbprint) => {
                self.execute(SET_IMPORTED_KEY, arguments![*user, thumbprint, sealed])
                    .await?
            }
            SealedAt::TotpSecret(id) => {
                self.execute(SET_TOTP_SECRET, arguments![*id, sealed])
                    .await?
            }
        };
        Ok(touched == 1)
    }
}
