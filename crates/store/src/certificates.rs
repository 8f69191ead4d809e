//! Certificates that the authority of this instance issued.

use mandate_model::{DeviceId, ProfileId, Timestamp, UserId};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// An issued certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateRecord {
    /// SHA-256 of the DER form.
    pub sha256: Vec<u8>,
    /// Serial number in lower-case hexadecimal.
    pub serial: String,
    /// Key id (lower-case hexadecimal) of the authority of this instance that issued it, or the name of an external issuer.
    pub issuer: String,
    /// The certificate, DER.
    pub der: Vec<u8>,
    /// Subject as RFC 4514 text.
    pub subject: String,
    /// `identity`, `profile` or `server`.
    pub purpose: String,
    /// Ticket that an identity was issued for.
    pub ticket_id: Option<Uuid>,
    /// Device that holds the key.
    pub device_id: Option<DeviceId>,
    /// Person it speaks for.
    pub user_id: Option<UserId>,
    /// Profile that asked for it.
    pub profile_id: Option<ProfileId>,
    /// Place in that profile.
    pub slot: Option<String>,
    /// Valid from.
    pub not_before: Timestamp,
    /// Valid until.
    pub not_after: Timestamp,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// RFC 5280 §5.3.1 reason.
    pub revocation_reason: Option<i64>,
}

/// What the world is told of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CertificateStatus {
    /// When it was revoked, and why (RFC 5280 §5.3.1).
    pub revoked: Option<(Timestamp, i64)>,
}

/// An entry for the list of revoked certificates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokedRecord {
    /// Serial number in lower-case hexadecimal.
    pub serial: String,
    /// When it was revoked.
    pub revoked_at: Timestamp,
    /// RFC 5280 §5.3.1 reason.
    pub reason: i64,
}

#[derive(FromRow)]
struct CertificateRow {
    sha256: Vec<u8>,
    serial: String,
    issuer: String,
    der: Vec<u8>,
    subject: String,
    purpose: String,
    ticket_id: Option<Uuid>,
    device_id: Option<Uuid>,
    user_id: Option<Uuid>,
    profile_id: Option<Uuid>,
    slot: Option<String>,
    not_before: i64,
    not_after: i64,
    issued_at: i64,
    revoked_at: Option<i64>,
    revocation_reason: Option<i64>,
}

impl From<CertificateRow> for CertificateRecord {
    fn from(row: CertificateRow) -> Self {
        Self {
            sha256: row.sha256,
            serial: row.serial,
            issuer: row.issuer,
            der: row.der,
            subject: row.subject,
            purpose: row.purpose,
            ticket_id: row.ticket_id,
            device_id: row.device_id.map(DeviceId),
            user_id: row.user_id.map(UserId),
            profile_id: row.profile_id.map(ProfileId),
            slot: row.slot,
            not_before: Timestamp(row.not_before),
            not_after: Timestamp(row.not_after),
            issued_at: Timestamp(row.issued_at),
            revoked_at: row.revoked_at.map(Timestamp),
            revocation_reason: row.revocation_reason,
        }
    }
}

macro_rules! columns {
    () => {
        "sha256, serial, issuer, der, subject, purpose, ticket_id, device_id, user_id, profile_id, slot, not_before, not_after,
         issued_at, revoked_at, revocation_reason"
    };
}

const FIND: &str = concat!("SELECT ", columns!(), " FROM certificate WHERE sha256 = $1");
const OF_DEVICE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM certificate WHERE device_id = $1 ORDER BY issued_at, sha256"
);
const OF_PROFILE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM certificate WHERE profile_id = $1 AND sha256 > $2 ORDER BY sha256 LIMIT $3"
);
const INSERT: &str = "
    INSERT INTO certificate
        (sha256, serial, issuer, der, subject, purpose, ticket_id, device_id, user_id, profile_id, slot, not_before,
         not_after, issued_at, revoked_at, revocation_reason)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
const BIND: &str = "UPDATE certificate SET device_id = $2, user_id = $3 WHERE sha256 = $1";
const REVOKE: &str = "
    UPDATE certificate SET revoked_at = $2, revocation_reason = $3 WHERE sha256 = $1 AND revoked_at IS NULL";
const REVOKE_DEVICE: &str = "
    UPDATE certificate SET revoked_at = $2, revocation_reason = $3 WHERE device_id = $1 AND revoked_at IS NULL";
const REVOKE_PROFILE: &str = "
    UPDATE certificate SET revoked_at = $3, revocation_reason = $4
    WHERE device_id = $1 AND profile_id = $2 AND revoked_at IS NULL";
const REVOKE_OTHER_IDENTITIES: &str = "
    UPDATE certificate SET revoked_at = $3, revocation_reason = $4
    WHERE device_id = $1 AND sha256 <> $2 AND purpose = 'identity' AND revoked_at IS NULL";
const REVOKE_SINCE: &str = "
    UPDATE certificate SET revoked_at = $4, revocation_reason = $5
    WHERE device_id = $1 AND profile_id = $2 AND issued_at >= $3 AND revoked_at IS NULL";
const REVOKED: &str = "
    SELECT serial, revoked_at, coalesce(revocation_reason, 0)
    FROM certificate WHERE issuer = $2 AND revoked_at IS NOT NULL AND not_after > $1 ORDER BY revoked_at";

const STATUS: &str = "
    SELECT revoked_at, revocation_reason FROM certificate WHERE issuer = $1 AND serial = $2";
const OF_SERIAL: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM certificate WHERE serial = $1 ORDER BY issued_at, sha256"
);
const REVOKED_SINCE: &str = "
    SELECT count(*) FROM certificate WHERE issuer = $1 AND revoked_at IS NOT NULL AND revoked_at >= $2";
const COUNTS: &str = "
    SELECT count(*), count(revoked_at) FROM certificate WHERE issuer = $1 AND not_after > $2";

impl Session {
    /// What became of the certificate with this serial number (lower-case hexadecimal), if this issuer issued one.
    pub async fn certificate_status(
        &mut self,
        issuer: &str,
        serial: &str,
    ) -> Result<Option<CertificateStatus>, StoreError> {
        let row: Option<(Option<i64>, Option<i64>)> =
            self.one(STATUS, arguments![issuer, serial]).await?;
        Ok(row.map(|(at, reason)| CertificateStatus {
            revoked: at.map(|at| (Timestamp(at), reason.unwrap_or_default())),
        }))
    }

    /// Certificates with this serial number (lower-case hexadecimal), of whatever issuer.
    pub async fn certificates_of_serial(
        &mut self,
        serial: &str,
    ) -> Result<Vec<CertificateRecord>, StoreError> {
        Ok(self
            .all::<CertificateRow>(OF_SERIAL, arguments![serial])
            .await?
            .into_iter()
            .map(Into::into)
            .collect())
    }

    /// How many certificates of an issuer were revoked at or after a moment.
    pub async fn count_revoked_since(
        &mut self,
        issuer: &str,
        since: Timestamp,
    ) -> Result<i64, StoreError> {
        self.number(REVOKED_SINCE, arguments![issuer, since]).await
    }

    /// How many unexpired certificates an issuer issued, and how many of them are revoked.
    pub async fn count_certificates(
        &mut self,
        issuer: &str,
        now: Timestamp,
    ) -> Result<(i64, i64), StoreError> {
        let row: Option<(i64, i64)> = self.one(COUNTS, arguments![issuer, now]).await?;
        row.ok_or(StoreError::Unavailable(sqlx::Error::RowNotFound))
    }

    /// A certificate by its SHA-256.
    pub async fn find_certificate(
        &mut self,
        sha256: &[u8; 32],
    ) -> Result<Option<CertificateRecord>, StoreError> {
        Ok(self
            .one::<CertificateRow>(FIND, arguments![sha256])
            .await?
            .map(Into::into))
    }

    /// All certificates issued to a device, oldest first.
    pub async fn certificates_of_device(
        &mut self,
        id: DeviceId,
    ) -> Result<Vec<CertificateRecord>, StoreError> {
        Ok(self
            .all::<CertificateRow>(OF_DEVICE, arguments![id])
            .await?
            .into_iter()
            .map(Into::into)
            .collect())
    }

    /// Certificates issued for a profile, by SHA-256, from the one after `after`.
    pub async fn certificates_of_profile(
        &mut self,
        id: ProfileId,
        after: &[u8],
        limit: u32,
    ) -> Result<Vec<CertificateRecord>, StoreError> {
        let values = arguments![id, after, i64::from(limit)];
        Ok(self
            .all::<CertificateRow>(OF_PROFILE, values)
            .await?
            .into_iter()
            .map(Into::into)
            .collect())
    }

    /// Notes an issued certificate.
    pub async fn insert_certificate(
        &mut self,
        record: &CertificateRecord,
    ) -> Result<(), StoreError> {
        let values = arguments![
            record.sha256.clone(),
            &record.serial,
            &record.issuer,
            record.der.clone(),
            &record.subject,
            &record.purpose,
            record.ticket_id,
            record.device_id,
            record.user_id,
            record.profile_id,
            record.slot.clone(),
            record.not_before,
            record.not_after,
            record.issued_at,
            record.revoked_at,
            record.revocation_reason,
        ];
        self.execute(INSERT, values).await.map(drop)
    }

    /// Binds an identity to the device that authenticated with it.
    pub async fn bind_certificate(
        &mut self,
        sha256: &[u8],
        device: DeviceId,
        user: Option<UserId>,
    ) -> Result<(), StoreError> {
        self.execute(BIND, arguments![sha256, device, user])
            .await
            .map(drop)
    }

    /// Revokes one certificate; whether it was not revoked before.
    pub async fn revoke_certificate(
        &mut self,
        sha256: &[u8],
        now: Timestamp,
        reason: i64,
    ) -> Result<bool, StoreError> {
        Ok(self
            .execute(REVOKE, arguments![sha256, now, reason])
            .await?
            == 1)
    }

    /// Revokes all certificates of a device; how many.
    pub async fn revoke_certificates_of_device(
        &mut self,
        device: DeviceId,
        now: Timestamp,
        reason: i64,
    ) -> Result<u64, StoreError> {
        self.execute(REVOKE_DEVICE, arguments![device, now, reason])
            .await
    }

    /// Revokes what a device got for one profile; how many.
    pub async fn revoke_certificates_of_profile(
        &mut self,
        device: DeviceId,
        profile: ProfileId,
        now: Timestamp,
        reason: i64,
    ) -> Result<u64, StoreError> {
        self.execute(REVOKE_PROFILE, arguments![device, profile, now, reason])
            .await
    }

    /// Revokes the identities of a device but one.
    pub async fn revoke_other_identities(
        &mut self,
        device: DeviceId,
        kept: &[u8],
        now: Timestamp,
        reason: i64,
    ) -> Result<u64, StoreError> {
        self.execute(
            REVOKE_OTHER_IDENTITIES,
            arguments![device, kept, now, reason],
        )
        .await
    }

    /// Revokes what a device got for one profile at or after a moment.
    pub async fn revoke_certificates_since(
        &mut self,
        (device, profile): (DeviceId, ProfileId),
        since: Timestamp,
        now: Timestamp,
        reason: i64,
    ) -> Result<u64, StoreError> {
        self.execute(
            REVOKE_SINCE,
            arguments![device, profile, since, now, reason],
        )
        .await
    }

    /// Revoked certificates of one issuer that have not expired by themselves.
    pub async fn list_revoked(
        &mut self,
        now: Timestamp,
        issuer: &str,
    ) -> Result<Vec<RevokedRecord>, StoreError> {
        let rows: Vec<(String, i64, i64)> = self.all(REVOKED, arguments![now, issuer]).await?;
        Ok(rows
            .into_iter()
            .map(|(serial, at, reason)| RevokedRecord {
                serial,
                revoked_at: Timestamp(at),
                reason,
            })
            .collect())
    }
}
