//! Clients of the management API and how they prove who they are.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mandate_model::AppId;
use mandate_store::AppRecord;

use super::{Actor, Permission};
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
        actor.require(Permission::DirectoryReadWrite)?;
        if name.trim().is_empty() || name.chars().count() > 120 {
            return Err(EngineError::invalid(
                "displayName",
                "must have 1 to 120 characters",
                Some(name),
            ));
        }
        let now = self.now();
        let secret = URL_SAFE_NO_PAD.encode(self.chance().key());
        let record = AppRecord {
            id: AppId(self.chance().id(now)),
            name: name.trim().to_owned(),
            secret_hash: mandate_pki::sha256(secret.as_bytes()).to_vec(),
            permissions: permissions
                .iter()
                .map(|permission| permission.name())
                .collect::<Vec<_>>()
                .join(" "),
            created_at: now,
        };
        let mut session = self.store().write().await?;
        session.insert_app(&record).await?;
        let changes = serde_json::json!({ "permissions": record.permissions });
        let change = Change {
            activity: "create",
            kind: "app",
            id: record.id.to_string(),
            name: &record.name,
            changes,
        };
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(NewApp {
            app: app(record),
            secret,
        })
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
