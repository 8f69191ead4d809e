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
    /// What it may do by itself: Graph permission names, separated by blanks.
    pub permissions: String,
    /// What it may do for the person who uses it: the same.
    pub delegated: String,
    /// Whether it may sign people in without proving who it is.
    pub is_public: bool,
    /// When it was registered.
    pub created_at: Timestamp,
}

#[derive(FromRow)]
struct AppRow {
    id: Uuid,
    name: String,
    permissions: String,
    delegated: String,
    is_public: i64,
    created_at: i64,
}

impl From<AppRow> for AppRecord {
    fn from(row: AppRow) -> Self {
        Self {
            id: AppId(row.id),
            name: row.name,
            permissions: row.permissions,
            delegated: row.delegated,
            is_public: row.is_public != 0,
            created_at: Timestamp(row.created_at),
        }
    }
}

const FIND: &str = "
    SELECT id, name, permissions, delegated, is_public, created_at FROM app WHERE id = $1";
const LIST: &str = "
    SELECT id, name, permissions, delegated, is_public, created_at FROM app ORDER BY created_at, id";
const UPDATE: &str =
    "UPDATE app SET name = $2, permissions = $3, delegated = $4, is_public = $5 WHERE id = $1";
const DELETE: &str = "DELETE FROM app WHERE id = $1";
const INSERT: &str = "
    INSERT INTO app (id, name, permissions, delegated, is_public, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
/// What goes with a client, in this order.
const DELETE_WITH: [&str; 7] = [
    "DELETE FROM app_secret WHERE app_id = $1",
    "DELETE FROM app_certificate WHERE app_id = $1",
    "DELETE FROM app_redirect WHERE app_id = $1",
    "DELETE FROM app_assertion WHERE app_id = $1",
    "DELETE FROM authorization_code WHERE app_id = $1",
    "DELETE FROM refresh_token WHERE app_id = $1",
    "DELETE FROM device_code WHERE app_id = $1",
];

impl Session {
    /// A client by its id.
    pub async fn find_app(&mut self, id: AppId) -> Result<Option<AppRecord>, StoreError> {
        Ok(self
            .one::<AppRow>(FIND, arguments![id])
            .await?
            .map(Into::into))
    }

    /// All clients in the order of their registration.
    pub async fn list_apps(&mut self) -> Result<Vec<AppRecord>, StoreError> {
        Ok(self
            .all::<AppRow>(LIST, &[])
            .await?
            .into_iter()
            .map(Into::into)
            .collect())
    }

    /// Replaces what may change of a client; whether there was one.
    pub async fn update_app(&mut self, app: &AppRecord) -> Result<bool, StoreError> {
        let values = arguments![
            app.id,
            &app.name,
            &app.permissions,
            &app.delegated,
            app.is_public
        ];
        Ok(self.execute(UPDATE, values).await? == 1)
    }

    /// Removes a client with its credentials and all that was granted to it; whether there was one.
    pub async fn delete_app(&mut self, id: AppId) -> Result<bool, StoreError> {
        for statement in DELETE_WITH {
            self.execute(statement, arguments![id]).await?;
        }
        Ok(self.execute(DELETE, arguments![id]).await? == 1)
    }

    /// Registers a client.
    pub async fn insert_app(&mut self, app: &AppRecord) -> Result<(), StoreError> {
        let values = arguments![
            app.id,
            &app.name,
            &app.permissions,
            &app.delegated,
            app.is_public,
            app.created_at
        ];
        self.execute(INSERT, values).await.map(drop)
    }
}
