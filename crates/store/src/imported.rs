//! Certificates imported for people, with their sealed keys.

use std::collections::BTreeSet;

use mandate_model::{ImportPurpose, ImportedCertificate, Timestamp, UserId};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// An imported certificate as it is kept, without certificate and key themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedRecord {
    /// Whose it is.
    pub user_id: UserId,
    /// That person's sign-in name; read, never written.
    pub user_principal_name: String,
    /// What it says of itself.
    pub certificate: ImportedCertificate,
    /// Provider of the key that its password came encrypted to; empty if it came in clear, on this machine.
    pub provider_name: String,
    /// Name of that key.
    pub key_name: String,
    /// How its password was padded (`userPfxPaddingScheme`).
    pub padding_scheme: String,
    /// When it was imported.
    pub created_at: Timestamp,
    /// When it, or what it is for, last changed.
    pub modified_at: Timestamp,
}

/// A certificate with what belongs to it and its sealed key.
#[derive(Clone, PartialEq, Eq)]
pub struct ImportedKeyRecord {
    /// The certificate, DER.
    pub der: Vec<u8>,
    /// Authorities above it that came along, PEM.
    pub chain: String,
    /// The private key, sealed PKCS#8.
    pub sealed: Vec<u8>,
}

impl std::fmt::Debug for ImportedKeyRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImportedKeyRecord").finish_non_exhaustive()
    }
}

#[derive(FromRow)]
struct ImportedRow {
    user_id: Uuid,
    principal_name: String,
    thumbprint: String,
    sha256: Vec<u8>,
    purpose: String,
    subject: String,
    addresses: String,
    provider_name: String,
    key_name: String,
    padding_scheme: String,
    not_before: i64,
    not_after: i64,
    created_at: i64,
    modified_at: i64,
}

impl ImportedRow {
    fn inconsistent(&self, column: &'static str, problem: String) -> StoreError {
        StoreError::Inconsistent {
            table: "imported_certificate",
            column,
            id: format!("{}, {}", self.user_id, self.thumbprint),
            problem,
        }
    }
}

impl TryFrom<ImportedRow> for ImportedRecord {
    type Error = StoreError;

    fn try_from(row: ImportedRow) -> Result<Self, StoreError> {
        let purpose = ImportPurpose::parse(&row.purpose).ok_or_else(|| {
            row.inconsistent("purpose", format!("`{}` is no purpose", row.purpose))
        })?;
        let addresses = serde_json::from_str(&row.addresses)
            .map_err(|error| row.inconsistent("addresses", error.to_string()))?;
        Ok(Self {
            user_id: UserId(row.user_id),
            user_principal_name: row.principal_name,
            certificate: ImportedCertificate {
                sha256: hex(&row.sha256),
                thumbprint: row.thumbprint,
                purpose,
                subject: row.subject,
                addresses,
                not_before: Timestamp(row.not_before),
                not_after: Timestamp(row.not_after),
            },
            provider_name: row.provider_name,
            key_name: row.key_name,
            padding_scheme: row.padding_scheme,
            created_at: Timestamp(row.created_at),
            modified_at: Timestamp(row.modified_at),
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT i.user_id, p.principal_name, i.thumbprint, i.sha256, i.purpose, i.subject, i.addresses,
                 i.provider_name, i.key_name, i.padding_scheme, i.not_before, i.not_after, i.created_at, i.modified_at
             FROM imported_certificate i JOIN person p ON p.id = i.user_id ",
            $rest
        )
    };
}

const FIND: &str = select!("WHERE i.user_id = $1 AND i.thumbprint = $2");
const LIST: &str =
    select!("WHERE (i.user_id, i.thumbprint) > ($1, $2) ORDER BY i.user_id, i.thumbprint LIMIT $3");
const WITH_THUMBPRINT: &str = select!("WHERE i.thumbprint = $1 ORDER BY i.user_id");
// Of two that began alike the order must not depend on the database.
const OF_USER: &str = select!("WHERE i.user_id = $1 ORDER BY i.not_before DESC, i.thumbprint");
const KEY: &str =
    "SELECT der, chain, sealed_key FROM imported_certificate WHERE user_id = $1 AND sha256 = $2";
const INSERT: &str = "
    INSERT INTO imported_certificate
        (user_id, thumbprint, sha256, purpose, der, chain, subject, addresses, sealed_key, provider_name, key_name,
         padding_scheme, not_before, not_after, created_at, modified_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
const UPDATE: &str = "
    UPDATE imported_certificate
    SET purpose = $3, provider_name = $4, key_name = $5, padding_scheme = $6, modified_at = $7
    WHERE user_id = $1 AND thumbprint = $2";
const UPDATE_KEY: &str = "
    UPDATE imported_certificate SET chain = $3, sealed_key = $4 WHERE user_id = $1 AND thumbprint = $2";
const DELETE: &str = "DELETE FROM imported_certificate WHERE user_id = $1 AND thumbprint = $2";
const DELETE_OF_USER: &str = "DELETE FROM imported_certificate WHERE user_id = $1";
const USERS_WITH: &str = "SELECT DISTINCT user_id FROM imported_certificate WHERE purpose = $1";
const COUNT: &str = "SELECT count(*) FROM imported_certificate";
// Touches the row so that the next one waits who wants to do the same.
const LOCK_SETTING: &str = "
    INSERT INTO setting (name, value) VALUES ($1, $2)
    ON CONFLICT (name) DO UPDATE SET value = setting.value RETURNING value";

impl Session {
    /// An imported certificate by owner and thumbprint, which is SHA-1 in hexadecimal of either case.
    pub async fn find_imported(
        &mut self,
        user: UserId,
        thumbprint: &str,
    ) -> Result<Option<ImportedRecord>, StoreError> {
        let values = arguments![user, thumbprint.to_ascii_lowercase()];
        self.one::<ImportedRow>(FIND, values)
            .await?
            .map(TryInto::try_into)
            .transpose()
    }

    /// Imported certificates of everybody, by owner and thumbprint, from the one after `after`.
    pub async fn list_imported(
        &mut self,
        after: Option<(UserId, &str)>,
        limit: u32,
    ) -> Result<Vec<ImportedRecord>, StoreError> {
        let (user, thumbprint) = after.unwrap_or((UserId(Uuid::nil()), ""));
        records(
            self.all(LIST, arguments![user, thumbprint, i64::from(limit)])
                .await?,
        )
    }

    /// The same certificate, whoever has it: a key may be shared by several people.
    pub async fn list_imported_with_thumbprint(
        &mut self,
        thumbprint: &str,
    ) -> Result<Vec<ImportedRecord>, StoreError> {
        let values = arguments![thumbprint.to_ascii_lowercase()];
        records(self.all(WITH_THUMBPRINT, values).await?)
    }

    /// Everything that was imported for somebody, the newest start first.
    pub async fn list_imported_of_user(
        &mut self,
        user: UserId,
    ) -> Result<Vec<ImportedRecord>, StoreError> {
        records(self.all(OF_USER, arguments![user]).await?)
    }

    /// The certificates alone, the newest start first: what profiles are compiled from.
    pub async fn imported_of_user(
        &mut self,
        user: UserId,
    ) -> Result<Vec<ImportedCertificate>, StoreError> {
        let records = self.list_imported_of_user(user).await?;
        Ok(records
            .into_iter()
            .map(|record| record.certificate)
            .collect())
    }

    /// Certificate, chain and sealed key by owner and SHA-256 in hexadecimal.
    pub async fn imported_key(
        &mut self,
        user: UserId,
        sha256: &str,
    ) -> Result<Option<ImportedKeyRecord>, StoreError> {
        let Some(sha256) = octets(sha256) else {
            return Ok(None);
        };
        let row: Option<(Vec<u8>, String, Vec<u8>)> =
            self.one(KEY, arguments![user, sha256]).await?;
        Ok(row.map(|(der, chain, sealed)| ImportedKeyRecord { der, chain, sealed }))
    }

    /// Adds a certificate with its key. [`StoreError::Duplicate`] if its owner has it already.
    pub async fn insert_imported(
        &mut self,
        record: &ImportedRecord,
        key: &ImportedKeyRecord,
    ) -> Result<(), StoreError> {
        let certificate = &record.certificate;
        let values = arguments![
            record.user_id,
            &certificate.thumbprint,
            octets(&certificate.sha256).unwrap_or_default(),
            certificate.purpose.name(),
            key.der.clone(),
            &key.chain,
            &certificate.subject,
            serde_json::Value::from(certificate.addresses.clone()).to_string(),
            key.sealed.clone(),
            &record.provider_name,
            &record.key_name,
            &record.padding_scheme,
            certificate.not_before,
            certificate.not_after,
            record.created_at,
            record.modified_at,
        ];
        self.execute(INSERT, values).await.map(drop)
    }

    /// Changes what is said of a certificate, and its chain and key where they came anew; whether it is there.
    pub async fn update_imported(
        &mut self,
        record: &ImportedRecord,
        key: Option<&ImportedKeyRecord>,
    ) -> Result<bool, StoreError> {
        let thumbprint = &record.certificate.thumbprint;
        if let Some(key) = key {
            let values = arguments![record.user_id, thumbprint, &key.chain, key.sealed.clone()];
            self.execute(UPDATE_KEY, values).await?;
        }
        let values = arguments![
            record.user_id,
            thumbprint,
            record.certificate.purpose.name(),
            &record.provider_name,
            &record.key_name,
            &record.padding_scheme,
            record.modified_at,
        ];
        Ok(self.execute(UPDATE, values).await? == 1)
    }

    /// Removes a certificate and its key; whether there was one.
    pub async fn delete_imported(
        &mut self,
        user: UserId,
        thumbprint: &str,
    ) -> Result<bool, StoreError> {
        let values = arguments![user, thumbprint.to_ascii_lowercase()];
        Ok(self.execute(DELETE, values).await? == 1)
    }

    /// Removes everything that was imported for somebody; how many there were.
    pub async fn delete_imported_of_user(&mut self, user: UserId) -> Result<u64, StoreError> {
        self.execute(DELETE_OF_USER, arguments![user]).await
    }

    /// The people for whom a certificate of a purpose was imported.
    pub async fn users_with_imported(
        &mut self,
        purpose: ImportPurpose,
    ) -> Result<BTreeSet<UserId>, StoreError> {
        let rows: Vec<(Uuid,)> = self.all(USERS_WITH, arguments![purpose.name()]).await?;
        Ok(rows.into_iter().map(|(user,)| UserId(user)).collect())
    }

    /// The value of a setting, `default` if it has none yet, which nobody else changes before the end of this transaction.
    pub async fn lock_setting(&mut self, name: &str, default: &str) -> Result<String, StoreError> {
        let row: Option<(String,)> = self.one(LOCK_SETTING, arguments![name, default]).await?;
        row.map(|(value,)| value)
            .ok_or(StoreError::Unavailable(sqlx::Error::RowNotFound))
    }

    /// How many certificates were imported for everybody together.
    pub async fn count_imported(&mut self) -> Result<i64, StoreError> {
        self.number(COUNT, &[]).await
    }
}

fn records(rows: Vec<ImportedRow>) -> Result<Vec<ImportedRecord>, StoreError> {
    rows.into_iter().map(TryInto::try_into).collect()
}

fn hex(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len() * 2);
    for octet in octets {
        for digit in [octet >> 4, octet & 15] {
            text.extend(char::from_digit(u32::from(digit), 16));
        }
    }
    text
}

/// The octets of hexadecimal digits; nothing if they are none.
fn octets(hex: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = hex
        .chars()
        .map(|digit| {
            digit
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        })
        .collect();
    let digits = digits?;
    (digits.len() % 2 == 0).then(|| {
        digits
            .chunks_exact(2)
            .map(|pair| pair[0] << 4 | pair[1])
            .collect()
    })
}
