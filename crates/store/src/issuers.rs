//! Authorities of others that are asked for certificates, and what they are to be told of revocations.

use mandate_model::Timestamp;
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// An authority of others, asked by SCEP. Its challenge and the key of our registration authority are secrets named after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalIssuerRecord {
    /// Its name.
    pub name: String,
    /// Its SCEP address.
    pub url: String,
    /// How to speak with it, as JSON.
    pub settings: String,
    /// The certificate of the authority that was pinned, DER.
    pub certificate: Vec<u8>,
    /// When it was added.
    pub created_at: Timestamp,
}

/// A revocation that an external issuer is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalRevocationRecord {
    /// Its id.
    pub id: Uuid,
    /// Name of the issuer.
    pub issuer: String,
    /// SHA-256 of the certificate.
    pub sha256: Vec<u8>,
    /// Serial number in lower-case hexadecimal.
    pub serial: String,
    /// RFC 5280 §5.3.1 reason.
    pub reason: i64,
    /// `queued`, `manual` or `done`.
    pub state: String,
    /// How often it was tried in vain.
    pub attempts: i64,
    /// When to try next; absent when nothing is to be tried.
    pub due_at: Option<Timestamp>,
    /// What became of the last try.
    pub result: Option<String>,
    /// When the certificate was found revoked.
    pub created_at: Timestamp,
    /// When this last changed.
    pub updated_at: Timestamp,
}

/// A revoked certificate of an external issuer that nobody was told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UntoldRevocation {
    /// Name of the issuer.
    pub issuer: String,
    /// SHA-256 of the certificate.
    pub sha256: Vec<u8>,
    /// Serial number in lower-case hexadecimal.
    pub serial: String,
    /// RFC 5280 §5.3.1 reason.
    pub reason: i64,
}

#[derive(FromRow)]
struct IssuerRow {
    name: String,
    url: String,
    settings: String,
    certificate: Vec<u8>,
    created_at: i64,
}

impl From<IssuerRow> for ExternalIssuerRecord {
    fn from(row: IssuerRow) -> Self {
        Self {
            name: row.name,
            url: row.url,
            settings: row.settings,
            certificate: row.certificate,
            created_at: Timestamp(row.created_at),
        }
    }
}

#[derive(FromRow)]
struct RevocationRow {
    id: Uuid,
    issuer: String,
    sha256: Vec<u8>,
    serial: String,
    reason: i64,
    state: String,
    attempts: i64,
    due_at: Option<i64>,
    result: Option<String>,
    created_at: i64,
    updated_at: i64,
}

impl From<RevocationRow> for ExternalRevocationRecord {
    fn from(row: RevocationRow) -> Self {
        Self {
            id: row.id,
            issuer: row.issuer,
            sha256: row.sha256,
            serial: row.serial,
            reason: row.reason,
            state: row.state,
            attempts: row.attempts,
            due_at: row.due_at.map(Timestamp),
            result: row.result,
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
        }
    }
}

macro_rules! revocation {
    () => {
        "id, issuer, sha256, serial, reason, state, attempts, due_at, result, created_at, updated_at"
    };
}

const FIND: &str =
    "SELECT name, url, settings, certificate, created_at FROM external_issuer WHERE name = $1";
const LIST: &str =
    "SELECT name, url, settings, certificate, created_at FROM external_issuer ORDER BY name";
const INSERT: &str = "
    INSERT INTO external_issuer (name, url, settings, certificate, created_at) VALUES ($1, $2, $3, $4, $5)";
const DELETE: &str = "DELETE FROM external_issuer WHERE name = $1";
// What is not from an authority of ours is from somebody else, also when its issuer was removed since.
const UNTOLD: &str = "
    SELECT c.issuer, c.sha256, c.serial, coalesce(c.revocation_reason, 0)
    FROM certificate c
    WHERE c.revoked_at IS NOT NULL AND c.revoked_at >= $1 AND c.not_after > $2
        AND NOT EXISTS (SELECT 1 FROM authority a WHERE a.key_id = c.issuer)
        AND NOT EXISTS (SELECT 1 FROM external_revocation r WHERE r.sha256 = c.sha256)
    ORDER BY c.revoked_at LIMIT $3";
const INSERT_REVOCATION: &str = "
    INSERT INTO external_revocation
        (id, issuer, sha256, serial, reason, state, attempts, due_at, result, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT (sha256) DO NOTHING";
const UPDATE_REVOCATION: &str = "
    UPDATE external_revocation
    SET state = $2, attempts = $3, due_at = $4, result = $5, updated_at = $6
    WHERE id = $1 AND state <> 'done'";
const FIND_REVOCATION: &str = concat!(
    "SELECT ",
    revocation!(),
    " FROM external_revocation WHERE id = $1"
);
const LIST_REVOCATIONS: &str = concat!(
    "SELECT ",
    revocation!(),
    " FROM external_revocation ORDER BY id"
);
const DUE_REVOCATIONS: &str = concat!(
    "SELECT ",
    revocation!(),
    " FROM external_revocation WHERE due_at IS NOT NULL AND due_at <= $1 ORDER BY due_at LIMIT $2"
);

impl Session {
    /// An external issuer by its name.
    pub async fn find_external_issuer(
        &mut self,
        name: &str,
    ) -> Result<Option<ExternalIssuerRecord>, StoreError> {
        Ok(self
            .one::<IssuerRow>(FIND, arguments![name])
            .await?
            .map(Into::into))
    }

    /// All external issuers, by name.
    pub async fn list_external_issuers(&mut self) -> Result<Vec<ExternalIssuerRecord>, StoreError> {
        let rows: Vec<IssuerRow> = self.all(LIST, &[]).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Adds an external issuer; [`StoreError::Duplicate`] if the name is taken.
    pub async fn insert_external_issuer(
        &mut self,
        record: &ExternalIssuerRecord,
    ) -> Result<(), StoreError> {
        let values = arguments![
            &record.name,
            &record.url,
            &record.settings,
            record.certificate.clone(),
            record.created_at,
        ];
        self.execute(INSERT, values).await.map(drop)
    }

    /// Removes an external issuer; whether there was one.
    pub async fn delete_external_issuer(&mut self, name: &str) -> Result<bool, StoreError> {
        Ok(self.execute(DELETE, arguments![name]).await? == 1)
    }

    /// Certificates of others that were revoked here at or after `since`, are still valid by themselves, and are on no list
    /// of what their issuers are to be told.
    pub async fn untold_revocations(
        &mut self,
        since: Timestamp,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<UntoldRevocation>, StoreError> {
        let values = arguments![since, now, i64::from(limit)];
        let rows: Vec<(String, Vec<u8>, String, i64)> = self.all(UNTOLD, values).await?;
        Ok(rows
            .into_iter()
            .map(|(issuer, sha256, serial, reason)| UntoldRevocation {
                issuer,
                sha256,
                serial,
                reason,
            })
            .collect())
    }

    /// Notes a revocation that an issuer is to be told; nothing if it is noted already.
    pub async fn insert_external_revocation(
        &mut self,
        record: &ExternalRevocationRecord,
    ) -> Result<(), StoreError> {
        let values = arguments![
            record.id,
            &record.issuer,
            record.sha256.clone(),
            &record.serial,
            record.reason,
            &record.state,
            record.attempts,
            record.due_at,
            record.result.clone(),
            record.created_at,
            record.updated_at,
        ];
        self.execute(INSERT_REVOCATION, values).await.map(drop)
    }

    /// Writes what became of it; whether it was not done already.
    pub async fn update_external_revocation(
        &mut self,
        record: &ExternalRevocationRecord,
    ) -> Result<bool, StoreError> {
        let values = arguments![
            record.id,
            &record.state,
            record.attempts,
            record.due_at,
            record.result.clone(),
            record.updated_at,
        ];
        Ok(self.execute(UPDATE_REVOCATION, values).await? == 1)
    }

    /// A revocation by its id.
    pub async fn find_external_revocation(
        &mut self,
        id: Uuid,
    ) -> Result<Option<ExternalRevocationRecord>, StoreError> {
        Ok(self
            .one::<RevocationRow>(FIND_REVOCATION, arguments![id])
            .await?
            .map(Into::into))
    }

    /// All revocations of external issuers, oldest first.
    pub async fn list_external_revocations(
        &mut self,
    ) -> Result<Vec<ExternalRevocationRecord>, StoreError> {
        let rows: Vec<RevocationRow> = self.all(LIST_REVOCATIONS, &[]).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Revocations that are to be told now.
    pub async fn due_external_revocations(
        &mut self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<ExternalRevocationRecord>, StoreError> {
        let rows: Vec<RevocationRow> = self
            .all(DUE_REVOCATIONS, arguments![now, i64::from(limit)])
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}
