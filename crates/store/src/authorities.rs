//! Issuing authorities of this instance: the one that issues now, and those that were put aside.

use mandate_model::Timestamp;
use sqlx::FromRow;

use crate::db::arguments;
use crate::{Session, StoreError};

/// Whether an authority issues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorityState {
    /// It issues; there is one.
    Current,
    /// It answers for what it issued, and issues nothing more.
    Retired,
}

impl AuthorityState {
    /// As it stands in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Retired => "retired",
        }
    }
}

/// An issuing authority. Its keys are secrets named after its key id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorityRecord {
    /// Key id of its certificate, lower-case hexadecimal.
    pub key_id: String,
    /// Whether it issues.
    pub state: AuthorityState,
    /// Its certificate, DER.
    pub certificate: Vec<u8>,
    /// The certificates above it, PEM, the root last; empty if it is its own root.
    pub chain: String,
    /// The certificate of its registration authority, DER.
    pub registration: Option<Vec<u8>>,
    /// `built-in`, `imported` or `rollover`.
    pub origin: String,
    /// When it was made or imported.
    pub created_at: Timestamp,
    /// Until when its certificate is valid.
    pub not_after: Timestamp,
}

#[derive(FromRow)]
struct AuthorityRow {
    key_id: String,
    state: String,
    certificate: Vec<u8>,
    chain: String,
    registration: Option<Vec<u8>>,
    origin: String,
    created_at: i64,
    not_after: i64,
}

impl From<AuthorityRow> for AuthorityRecord {
    fn from(row: AuthorityRow) -> Self {
        let state = if row.state == AuthorityState::Current.name() {
            AuthorityState::Current
        } else {
            AuthorityState::Retired
        };
        Self {
            key_id: row.key_id,
            state,
            certificate: row.certificate,
            chain: row.chain,
            registration: row.registration,
            origin: row.origin,
            created_at: Timestamp(row.created_at),
            not_after: Timestamp(row.not_after),
        }
    }
}

const LIST: &str = "
    SELECT key_id, state, certificate, chain, registration, origin, created_at, not_after
    FROM authority ORDER BY created_at, key_id";
const RETIRE: &str = "UPDATE authority SET state = 'retired' WHERE state = 'current'";
const PUT: &str = "
    INSERT INTO authority (key_id, state, certificate, chain, registration, origin, created_at, not_after)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (key_id) DO UPDATE SET
        state = excluded.state, certificate = excluded.certificate, chain = excluded.chain,
        registration = excluded.registration, not_after = excluded.not_after";
const NUMBER: &str = "SELECT value FROM counter WHERE name = 'authority'";
const COUNT: &str = "UPDATE counter SET value = value + 1 WHERE name = 'authority' RETURNING value";

impl Session {
    /// All authorities, in the order in which they were made.
    pub async fn list_authorities(&mut self) -> Result<Vec<AuthorityRecord>, StoreError> {
        let rows: Vec<AuthorityRow> = self.all(LIST, &[]).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Makes an authority the current one, puts the present one aside, and raises the number of authorities. One that is
    /// there already gets the new certificates.
    pub async fn set_current_authority(
        &mut self,
        record: &AuthorityRecord,
    ) -> Result<(), StoreError> {
        // The counter first: it makes two that do this at once wait for one another.
        self.number(COUNT, &[]).await?;
        self.execute(RETIRE, &[]).await?;
        let values = arguments![
            &record.key_id,
            AuthorityState::Current.name(),
            record.certificate.clone(),
            &record.chain,
            record.registration.clone(),
            &record.origin,
            record.created_at,
            record.not_after,
        ];
        self.execute(PUT, values).await.map(drop)
    }

    /// A number that grows whenever authorities change.
    pub async fn authority_number(&mut self) -> Result<i64, StoreError> {
        self.number(NUMBER, &[]).await
    }
}
