//! What is said of a client.

use mandate_model::{AppId, Timestamp};
use mandate_store::{AppRecord, Session};
use serde_json::{Value, json};

use super::{CertificateCredential, Redirect, SecretCredential};
use crate::{Action, Actor, Engine, EngineError, Permission};

/// A registered client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Client id.
    pub id: AppId,
    /// Name for administrators.
    pub name: String,
    /// What it may do by itself (`roles` of its tokens).
    pub permissions: Vec<Permission>,
    /// What it may do for the person who uses it, as far as they may (`scp` of its tokens).
    pub delegated: Vec<Permission>,
    /// Whether it may begin device codes, and refresh what came of them, without proving who it is. Whether a code has to
    /// be redeemed with proof is said by the kind of its redirect address alone, as with Entra.
    pub is_public: bool,
    /// When it was registered.
    pub created_at: Timestamp,
}

/// A client with all that belongs to it; secrets only by their first characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The client.
    pub app: App,
    /// Where answers to it may be sent.
    pub redirects: Vec<Redirect>,
    /// Its secrets, the oldest first.
    pub secrets: Vec<SecretCredential>,
    /// Its certificates, the oldest first.
    pub certificates: Vec<CertificateCredential>,
}

impl Engine {
    /// The client with this id.
    pub async fn find_app(&self, id: AppId) -> Result<Option<App>, EngineError> {
        Ok(self.store().read().await?.find_app(id).await?.map(app))
    }

    /// All clients, in the order of their registration.
    pub async fn list_apps(&self, actor: &Actor) -> Result<Vec<App>, EngineError> {
        actor.require(Action::AppsRead)?;
        let records = self.store().read().await?.list_apps().await?;
        Ok(records.into_iter().map(app).collect())
    }

    /// Where answers to a client may be sent; nowhere if there is none.
    pub async fn app_redirects(&self, id: AppId) -> Result<Vec<Redirect>, EngineError> {
        let records = self.store().read().await?.app_redirects(id).await?;
        Ok(records.iter().filter_map(Redirect::of).collect())
    }

    /// The addresses of all pages that sign people in by themselves.
    pub async fn page_addresses(&self) -> Result<Vec<String>, EngineError> {
        Ok(self.store().read().await?.page_addresses().await?)
    }

    /// A client with all that belongs to it.
    pub async fn find_registration(
        &self,
        actor: &Actor,
        id: AppId,
    ) -> Result<Option<Registration>, EngineError> {
        actor.require(Action::AppsRead)?;
        let mut session = self.store().read().await?;
        match session.find_app(id).await? {
            Some(record) => Ok(Some(registration(&mut session, record).await?)),
            None => Ok(None),
        }
    }

    /// All clients with what belongs to them, in the order of their registration.
    pub async fn list_registrations(
        &self,
        actor: &Actor,
    ) -> Result<Vec<Registration>, EngineError> {
        actor.require(Action::AppsRead)?;
        let mut session = self.store().read().await?;
        let mut all = Vec::new();
        for record in session.list_apps().await? {
            all.push(registration(&mut session, record).await?);
        }
        Ok(all)
    }
}

pub(super) async fn registration(
    session: &mut Session,
    record: AppRecord,
) -> Result<Registration, EngineError> {
    let id = record.id;
    let redirects = session.app_redirects(id).await?;
    let certificates = session.app_certificates(id).await?;
    Ok(Registration {
        redirects: redirects.iter().filter_map(Redirect::of).collect(),
        secrets: session
            .app_secrets(id)
            .await?
            .into_iter()
            .map(Into::into)
            .collect(),
        certificates: certificates.into_iter().map(Into::into).collect(),
        app: app(record),
    })
}

pub(super) async fn held(session: &mut Session, id: AppId) -> Result<AppRecord, EngineError> {
    session
        .find_app(id)
        .await?
        .ok_or_else(|| EngineError::not_found("app", id))
}

pub(super) fn app(record: AppRecord) -> App {
    App {
        permissions: permissions(&record.permissions),
        delegated: permissions(&record.delegated),
        id: record.id,
        name: record.name,
        is_public: record.is_public,
        created_at: record.created_at,
    }
}

pub(super) fn permissions(names: &str) -> Vec<Permission> {
    names.split(' ').filter_map(Permission::parse).collect()
}

/// The form in which permissions are kept: sorted, each once.
pub(super) fn joined(permissions: &[Permission]) -> String {
    let all: std::collections::BTreeSet<Permission> = permissions.iter().copied().collect();
    let names: Vec<_> = all.iter().map(|permission| permission.name()).collect();
    names.join(" ")
}

/// What the audit says of a client.
pub(super) fn audited(record: &AppRecord, redirects: &[Redirect]) -> Value {
    let names = |joined: &str| -> Vec<String> { joined.split(' ').map(str::to_owned).collect() };
    let redirects: Vec<String> = redirects
        .iter()
        .map(|redirect| format!("{} {}", redirect.kind.name(), redirect.address))
        .collect();
    json!({
        "displayName": record.name,
        "applicationPermissions": names(&record.permissions),
        "delegatedPermissions": names(&record.delegated),
        "isPublicClient": record.is_public,
        "redirectUris": redirects,
    })
}
