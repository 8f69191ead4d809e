//! Private keys, sealed, of certificates that the server itself made for devices.

use mandate_model::{DeviceId, Timestamp, UserId};
use sqlx::FromRow;

use crate::db::arguments;
use crate::{Session, StoreError};

/// A key that the server made, as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct CertificateKeyRecord {
    /// SHA-256 of the certificate's DER form.
    pub sha256: Vec<u8>,
    /// The private key, PKCS#8 DER, sealed.
    pub sealed: Vec<u8>,
    /// What it was made for, as JSON.
    pub spec: String,
}

impl std::fmt::Debug for CertificateKeyRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CertificateKeyRecord")
            .field("spec", &self.spec)
            .finish_non_exhaustive()
    }
}

#[derive(FromRow)]
struct CertificateKeyRow {
    sha256: Vec<u8>,
    sealed: Vec<u8>,
    spec: String,
}

impl From<CertificateKeyRow> for CertificateKeyRecord {
    fn from(row: CertificateKeyRow) -> Self {
        Self {
            sha256: row.sha256,
            sealed: row.sealed,
            spec: row.spec,
        }
    }
}

const INSERT: &str = "
    INSERT INTO certificate_key (sha256, sealed, spec) VALUES ($1, $2, $3)";
const NEWEST: &str = "
    SELECT k.sha256, k.sealed, k.spec
    FROM certificate c JOIN certificate_key k ON k.sha256 = c.sha256
    WHERE c.device_id = $1 AND c.slot = $2 AND c.revoked_at IS NULL
    ORDER BY c.issued_at DESC, c.sha256 LIMIT 1";
const DELETE_REVOKED: &str = "
    DELETE FROM certificate_key WHERE sha256 IN
        (SELECT sha256 FROM certificate WHERE device_id = $1 AND revoked_at IS NOT NULL)";
const REVOKE_OF_USER: &str = "
    UPDATE certificate SET revoked_at = $2, revocation_reason = $3
    WHERE user_id = $1 AND purpose <> 'identity' AND revoked_at IS NULL";
const DELETE_REVOKED_OF_USER: &str = "
    DELETE FROM certificate_key WHERE sha256 IN
        (SELECT sha256 FROM certificate WHERE user_id = $1 AND revoked_at IS NOT NULL)";
const RENEW_OF_USER: &str = "
    UPDATE device_profile SET renew_at = $2
    WHERE renew_at > $2 AND device_id IN (SELECT id FROM device WHERE user_id = $1)";

impl Session {
    /// Keeps the sealed key of a certificate that is noted already.
    pub async fn insert_certificate_key(
        &mut self,
        record: &CertificateKeyRecord,
    ) -> Result<(), StoreError> {
        let values = arguments![record.sha256.clone(), record.sealed.clone(), &record.spec,];
        self.execute(INSERT, values).await.map(drop)
    }

    /// The newest key that a device has for a slot and whose certificate is not revoked.
    pub async fn newest_certificate_key(
        &mut self,
        device: DeviceId,
        slot: &str,
    ) -> Result<Option<CertificateKeyRecord>, StoreError> {
        Ok(self
            .one::<CertificateKeyRow>(NEWEST, arguments![device, slot])
            .await?
            .map(Into::into))
    }

    /// Forgets the keys of a device whose certificates are revoked; how many.
    pub async fn delete_revoked_certificate_keys(
        &mut self,
        device: DeviceId,
    ) -> Result<u64, StoreError> {
        self.execute(DELETE_REVOKED, arguments![device]).await
    }

    /// Revokes what speaks for a person, forgets its keys, and has it renewed should the person come back; how many
    /// certificates. The identities of the person's devices stay: they are how the devices learn what is to go.
    pub async fn revoke_certificates_of_user(
        &mut self,
        user: UserId,
        now: Timestamp,
        reason: i64,
    ) -> Result<u64, StoreError> {
        let revoked = self
            .execute(REVOKE_OF_USER, arguments![user, now, reason])
            .await?;
        if revoked > 0 {
            self.execute(DELETE_REVOKED_OF_USER, arguments![user])
                .await?;
            self.execute(RENEW_OF_USER, arguments![user, now]).await?;
        }
        Ok(revoked)
    }
}
