//! Keys that sign tokens; the private halves are sealed in `secret`.

use mandate_model::Timestamp;
use sqlx::FromRow;

use crate::db::arguments;
use crate::{Session, StoreError};

/// A key that signs tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenKeyRecord {
    /// Its id, as in `kid`.
    pub id: String,
    /// From when on it signs.
    pub signs_from: Timestamp,
    /// Until when what it signed is taken; none while it has no successor.
    pub verifies_until: Option<Timestamp>,
    /// A certificate around the public half, DER.
    pub certificate: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
}

#[derive(FromRow)]
struct TokenKeyRow {
    id: String,
    signs_from: i64,
    verifies_until: Option<i64>,
    certificate: Vec<u8>,
    created_at: i64,
}

impl From<TokenKeyRow> for TokenKeyRecord {
    fn from(row: TokenKeyRow) -> Self {
        Self {
            id: row.id,
            signs_from: Timestamp(row.signs_from),
            verifies_until: row.verifies_until.map(Timestamp),
            certificate: row.certificate,
            created_at: Timestamp(row.created_at),
        }
    }
}

const LIST: &str = "
    SELECT id, signs_from, verifies_until, certificate, created_at FROM token_key ORDER BY signs_from, id";
const INSERT: &str = "
    INSERT INTO token_key (id, signs_from, verifies_until, certificate, created_at) VALUES ($1, $2, $3, $4, $5)";
const UPDATE: &str = "UPDATE token_key SET signs_from = $2, verifies_until = $3 WHERE id = $1";
const DELETE: &str = "DELETE FROM token_key WHERE id = $1";
const NUMBER: &str = "SELECT value FROM counter WHERE name = 'token'";
const RAISE: &str = "UPDATE counter SET value = value + 1 WHERE name = 'token' RETURNING value";

impl Session {
    /// All keys, in the order in which they sign.
    pub async fn list_token_keys(&mut self) -> Result<Vec<TokenKeyRecord>, StoreError> {
        let rows = self.all::<TokenKeyRow>(LIST, &[]).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Keeps a new key.
    pub async fn insert_token_key(&mut self, key: &TokenKeyRecord) -> Result<(), StoreError> {
        let values = arguments![
            &key.id,
            key.signs_from,
            key.verifies_until,
            key.certificate.clone(),
            key.created_at
        ];
        self.execute(INSERT, values).await.map(drop)
    }

    /// Changes when a key signs and verifies.
    pub async fn update_token_key(&mut self, key: &TokenKeyRecord) -> Result<(), StoreError> {
        let values = arguments![&key.id, key.signs_from, key.verifies_until];
        self.execute(UPDATE, values).await.map(drop)
    }

    /// Forgets a key.
    pub async fn delete_token_key(&mut self, id: &str) -> Result<(), StoreError> {
        self.execute(DELETE, arguments![id]).await.map(drop)
    }

    /// The number that grows with every change of the keys.
    pub async fn token_key_number(&mut self) -> Result<i64, StoreError> {
        self.number(NUMBER, &[]).await
    }

    /// Notes a change of the keys. Who comes second waits until the first is done.
    pub async fn raise_token_key_number(&mut self) -> Result<(), StoreError> {
        self.number(RAISE, &[]).await.map(drop)
    }
}
