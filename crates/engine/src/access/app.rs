//! Clients of the management API and how they prove who they are.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mandate_model::AppId;
use mandate_store::{AppRecord, Session};

use super::{Action, Actor, Permission};
use crate::audit::Change;
use crate::{Engine, EngineError};

/// A registered client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Client id.
    pub id: AppId,
    /// Name for administrators.
    pub name: String,
    /// What it may do.
    pub permissions: Vec<Permission>,
}

/// A client just registered, with its secret, which cannot be asked for again.
#[derive(Clone, PartialEq, Eq)]
pub struct NewApp {
    /// The client.
    pub app: App,
    /// Its secret.
    pub secret: String,
}

impl std::fmt::Debug for NewApp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewApp")
            .field("app", &self.app)
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// Registers a client of the management API.
    pub async fn create_app(
        &self,
        actor: &Actor,
        name: &str,
        permissions: Vec<Permission>,
    ) -> Result<NewApp, EngineError> {
        actor.require(Action::AppsUpdate)?;
        if name.trim().is_empty() || name.chars().count() > 120 {
            return Err(EngineError::invalid(
                "displayName",
                "must have 1 to 120 characters",
                Some(name),
            ));
        }
        let now = self.now();
        let (secret, secret_hash) = self.new_secret();
        let record = AppRecord {
            id: AppId(self.chance().id(now)),
            name: name.trim().to_owned(),
            secret_hash,
            permissions: joined(&permissions),
            created_at: now,
        };
        let mut session = self.store().write().await?;
        session.insert_app(&record).await?;
        self.audit(&mut session, actor, change("create", &record))
            .await?;
        session.commit().await?;
        Ok(NewApp {
            app: app(record),
            secret,
        })
    }

    /// All clients, in the order of their registration.
    pub async fn list_apps(&self, actor: &Actor) -> Result<Vec<App>, EngineError> {
        actor.require(Action::AppsRead)?;
        let records = self.store().read().await?.list_apps().await?;
        Ok(records.into_iter().map(app).collect())
    }

    /// Removes a client. Its tokens are refused from now on.
    pub async fn delete_app(&self, actor: &Actor, id: AppId) -> Result<App, EngineError> {
        actor.require(Action::AppsUpdate)?;
        let mut session = self.store().write().await?;
        let record = held(&mut session, id).await?;
        session.delete_app(id).await?;
        self.audit(&mut session, actor, change("delete", &record))
            .await?;
        session.commit().await?;
        Ok(app(record))
    }

    /// Replaces what a client may do. What it may no longer do counts at once, what it may do besides with its next
    /// token.
    pub async fn set_app_permissions(
        &self,
        actor: &Actor,
        id: AppId,
        permissions: Vec<Permission>,
    ) -> Result<App, EngineError> {
        actor.require(Action::AppsUpdate)?;
        let mut session = self.store().write().await?;
        let mut record = held(&mut session, id).await?;
        let before = std::mem::replace(&mut record.permissions, joined(&permissions));
        session.update_app(&record).await?;
        let mut change = change("update", &record);
        change.changes["before"] = serde_json::json!(before);
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(app(record))
    }

    /// Gives a client a new secret; the one before no longer opens anything. Tokens that it has stay good for the rest
    /// of their hour.
    pub async fn replace_app_secret(
        &self,
        actor: &Actor,
        id: AppId,
    ) -> Result<NewApp, EngineError> {
        actor.require(Action::AppsUpdate)?;
        let mut session = self.store().write().await?;
        let mut record = held(&mut session, id).await?;
        let (secret, secret_hash) = self.new_secret();
        record.secret_hash = secret_hash;
        session.update_app(&record).await?;
        self.audit(&mut session, actor, change("replaceSecret", &record))
            .await?;
        session.commit().await?;
        Ok(NewApp {
            app: app(record),
            secret,
        })
    }

    /// A secret and its SHA-256.
    fn new_secret(&self) -> (String, Vec<u8>) {
        let secret = URL_SAFE_NO_PAD.encode(self.chance().key());
        let hash = mandate_pki::sha256(secret.as_bytes()).to_vec();
        (secret, hash)
    }

    /// The client with this id, if the secret is its own. Takes the same time for every wrong secret.
    pub async fn authenticate_app(
        &self,
        id: AppId,
        secret: &str,
    ) -> Result<Option<App>, EngineError> {
        let record = self.store().read().await?.find_app(id).await?;
        let given = mandate_pki::sha256(secret.as_bytes());
        let known = record
            .as_ref()
            .map_or([0; 32].as_slice(), |record| record.secret_hash.as_slice());
        let right = mandate_pki::constant_time_eq(known, &given);
        Ok(record.filter(|_| right).map(app))
    }

    /// The client with this id.
    pub async fn find_app(&self, id: AppId) -> Result<Option<App>, EngineError> {
        Ok(self.store().read().await?.find_app(id).await?.map(app))
    }
}

async fn held(session: &mut Session, id: AppId) -> Result<AppRecord, EngineError> {
    session
        .find_app(id)
        .await?
        .ok_or_else(|| EngineError::not_found("app", id))
}

fn joined(permissions: &[Permission]) -> String {
    let names: Vec<_> = permissions
        .iter()
        .map(|permission| permission.name())
        .collect();
    names.join(" ")
}

fn change<'a>(activity: &'static str, record: &'a AppRecord) -> Change<'a> {
    Change {
        activity,
        kind: "app",
        id: record.id.to_string(),
        name: &record.name,
        changes: serde_json::json!({ "permissions": record.permissions }),
    }
}

fn app(record: AppRecord) -> App {
    let permissions = record
        .permissions
        .split(' ')
        .filter_map(Permission::parse)
        .collect();
    App {
        id: record.id,
        name: record.name,
        permissions,
    }
}
