//! Registered clients of the management API.

use mandate_model::{AppId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// A registered client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppRecord {
    /// Client id.
    pub id: AppId,
    /// Name for administrators.
    pub name: String,
    /// SHA-256 of the client secret, which is random and long, so that a slow hash would gain nothing.
    pub secret_hash: Vec<u8>,
    /// Graph permission names, separated by blanks.
    pub permissions: String,
    /// When it was registered.
    pub created_at: Timestamp,
}

#[derive(FromRow)]
struct AppRow {
    id: Uuid,
    name: String,
    secret_hash: Vec<u8>,
    permissions: String,
    created_at: i64,
}

impl From<AppRow> for AppRecord {
    fn from(row: AppRow) -> Self {
        Self {
            id: AppId(row.id),
            name: row.name,
            secret_hash: row.secret_hash,
            permissions: row.permissions,
            created_at: Timestamp(row.created_at),
        }
    }
}

const FIND: &str = "SELECT id, name, secret_hash, permissions, created_at FROM app WHERE id = $1";
const LIST: &str = "SELECT id, name, secret_hash, permissions, created_at FROM app ORDER BY id";
const UPDATE: &str = "UPDATE app SET name = $2, secret_hash = $3, permissions = $4 WHERE id = $1";
const DELETE: &str = "DELETE FROM app WHERE id = $1";
const INSERT: &str =
    "INSERT INTO app (id, name, secret_hash, permissions, created_at) VALUES ($1, $2, $3, $4, $5)";

impl Session {
    /// A client by its id.
    pub async fn find_app(&mut self, id: AppId) -> Result<Option<AppRecord>, StoreError> {
        Ok(self
            .one::<AppRow>(FIND, arguments![id])
            .await?
            .map(Into::into))
    }

    /// All clients by id, which is the order of their registration.
    pub async fn list_apps(&mut self) -> Result<Vec<AppRecord>, StoreError> {
        Ok(self
            .all::<AppRow>(LIST, &[])
            .await?
            .into_iter()
            .map(Into::into)
            .collect())
    }

    /// Replaces name, secret and permissions of a client; whether there was one.
    pub async fn update_app(&mut self, app: &AppRecord) -> Result<bool, StoreError> {
        let values = arguments![app.id, &app.name, app.secret_hash.clone(), &app.permissions];
        Ok(self.execute(UPDATE, values).await? == 1)
    }

    /// Removes a client; whether there was one.
    pub async fn delete_app(&mut self, id: AppId) -> Result<bool, StoreError> {
        Ok(self.execute(DELETE, arguments![id]).await? == 1)
    }

    /// Registers a client.
    pub async fn insert_app(&mut self, app: &AppRecord) -> Result<(), StoreError> {
        let values = arguments![
            app.id,
            &app.name,
            app.secret_hash.clone(),
            &app.permissions,
            app.created_at
        ];
        self.execute(INSERT, values).await.map(drop)
    }
}
