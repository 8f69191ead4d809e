//! How clients prove who they are, and where answers to them may go.

use mandate_model::{AppId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// A secret of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppSecretRecord {
    /// Its id.
    pub id: Uuid,
    /// Client.
    pub app: AppId,
    /// Name for administrators.
    pub name: String,
    /// Its first characters.
    pub hint: String,
    /// SHA-256; the secret is random and long, so that a slow hash would gain nothing.
    pub hash: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// A certificate whose key a client signs with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppCertificateRecord {
    /// Its id.
    pub id: Uuid,
    /// Client.
    pub app: AppId,
    /// Name for administrators.
    pub name: String,
    /// SHA-256 of the certificate.
    pub sha256: Vec<u8>,
    /// SHA-1 of the certificate, by which most clients name it.
    pub sha1: Vec<u8>,
    /// The certificate, DER.
    pub der: Vec<u8>,
    /// Valid from.
    pub not_before: Timestamp,
    /// Valid until.
    pub not_after: Timestamp,
    /// When it was added.
    pub created_at: Timestamp,
}

/// Where answers to a client may be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppRedirectRecord {
    /// `web`, `spa` or `publicClient`.
    pub kind: String,
    /// The address.
    pub address: String,
}

#[derive(FromRow)]
struct SecretRow {
    id: Uuid,
    app_id: Uuid,
    name: String,
    hint: String,
    hash: Vec<u8>,
    created_at: i64,
    expires_at: i64,
}

#[derive(FromRow)]
struct CertificateRow {
    id: Uuid,
    app_id: Uuid,
    name: String,
    sha256: Vec<u8>,
    sha1: Vec<u8>,
    der: Vec<u8>,
    not_before: i64,
    not_after: i64,
    created_at: i64,
}

impl From<SecretRow> for AppSecretRecord {
    fn from(row: SecretRow) -> Self {
        Self {
            id: row.id,
            app: AppId(row.app_id),
            name: row.name,
            hint: row.hint,
            hash: row.hash,
            created_at: Timestamp(row.created_at),
            expires_at: Timestamp(row.expires_at),
        }
    }
}

impl From<CertificateRow> for AppCertificateRecord {
    fn from(row: CertificateRow) -> Self {
        Self {
            id: row.id,
            app: AppId(row.app_id),
            name: row.name,
            sha256: row.sha256,
            sha1: row.sha1,
            der: row.der,
            not_before: Timestamp(row.not_before),
            not_after: Timestamp(row.not_after),
            created_at: Timestamp(row.created_at),
        }
    }
}

const SECRETS: &str = "
    SELECT id, app_id, name, hint, hash, created_at, expires_at FROM app_secret
    WHERE app_id = $1 ORDER BY created_at, id";
const INSERT_SECRET: &str = "
    INSERT INTO app_secret (id, app_id, name, hint, hash, created_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const DELETE_SECRET: &str = "DELETE FROM app_secret WHERE app_id = $1 AND id = $2";
const CERTIFICATES: &str = "
    SELECT id, app_id, name, sha256, sha1, der, not_before, not_after, created_at FROM app_certificate
    WHERE app_id = $1 ORDER BY created_at, id";
const INSERT_CERTIFICATE: &str = "
    INSERT INTO app_certificate (id, app_id, name, sha256, sha1, der, not_before, not_after, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const DELETE_CERTIFICATE: &str = "DELETE FROM app_certificate WHERE app_id = $1 AND id = $2";
const REDIRECTS: &str =
    "SELECT kind, address FROM app_redirect WHERE app_id = $1 ORDER BY kind, address";
const PAGES: &str = "SELECT DISTINCT address FROM app_redirect WHERE kind = 'spa'";
const DELETE_REDIRECTS: &str = "DELETE FROM app_redirect WHERE app_id = $1";
const INSERT_REDIRECT: &str =
    "INSERT INTO app_redirect (app_id, kind, address) VALUES ($1, $2, $3)";

impl Session {
    /// The secrets of a client, the oldest first.
    pub async fn app_secrets(&mut self, app: AppId) -> Result<Vec<AppSecretRecord>, StoreError> {
        let rows = self.all::<SecretRow>(SECRETS, arguments![app]).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Gives a client one more secret.
    pub async fn insert_app_secret(&mut self, secret: &AppSecretRecord) -> Result<(), StoreError> {
        let values = arguments![
            secret.id,
            secret.app,
            &secret.name,
            &secret.hint,
            secret.hash.clone(),
            secret.created_at,
            secret.expires_at
        ];
        self.execute(INSERT_SECRET, values).await.map(drop)
    }

    /// Takes a secret away; whether there was one.
    pub async fn delete_app_secret(&mut self, app: AppId, id: Uuid) -> Result<bool, StoreError> {
        Ok(self.execute(DELETE_SECRET, arguments![app, id]).await? == 1)
    }

    /// The certificates of a client, the oldest first.
    pub async fn app_certificates(
        &mut self,
        app: AppId,
    ) -> Result<Vec<AppCertificateRecord>, StoreError> {
        let rows = self
            .all::<CertificateRow>(CERTIFICATES, arguments![app])
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Gives a client one more certificate.
    pub async fn insert_app_certificate(
        &mut self,
        certificate: &AppCertificateRecord,
    ) -> Result<(), StoreError> {
        let values = arguments![
            certificate.id,
            certificate.app,
            &certificate.name,
            certificate.sha256.clone(),
            certificate.sha1.clone(),
            certificate.der.clone(),
            certificate.not_before,
            certificate.not_after,
            certificate.created_at
        ];
        self.execute(INSERT_CERTIFICATE, values).await.map(drop)
    }

    /// Takes a certificate away; whether there was one.
    pub async fn delete_app_certificate(
        &mut self,
        app: AppId,
        id: Uuid,
    ) -> Result<bool, StoreError> {
        Ok(self
            .execute(DELETE_CERTIFICATE, arguments![app, id])
            .await?
            == 1)
    }

    /// Where answers to a client may go, by kind.
    pub async fn app_redirects(
        &mut self,
        app: AppId,
    ) -> Result<Vec<AppRedirectRecord>, StoreError> {
        let rows: Vec<(String, String)> = self.all(REDIRECTS, arguments![app]).await?;
        Ok(rows
            .into_iter()
            .map(|(kind, address)| AppRedirectRecord { kind, address })
            .collect())
    }

    /// Replaces where answers to a client may go.
    pub async fn set_app_redirects(
        &mut self,
        app: AppId,
        redirects: &[AppRedirectRecord],
    ) -> Result<(), StoreError> {
        self.execute(DELETE_REDIRECTS, arguments![app]).await?;
        for redirect in redirects {
            let values = arguments![app, &redirect.kind, &redirect.address];
            self.execute(INSERT_REDIRECT, values).await?;
        }
        Ok(())
    }

    /// The addresses of all pages that sign people in by themselves (`spa`).
    pub async fn page_addresses(&mut self) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(String,)> = self.all(PAGES, &[]).await?;
        Ok(rows.into_iter().map(|(address,)| address).collect())
    }
}
