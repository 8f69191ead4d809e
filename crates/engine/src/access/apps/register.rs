//! Registering clients, changing and removing them.

use std::collections::BTreeSet;

use mandate_model::AppId;
use mandate_store::{AppRecord, Session};

use super::credentials::{SecretLife, new_secret};
use super::view::{app, audited, held, joined, permissions};
use super::{App, NewSecret, Redirect, RedirectKind};
use crate::access::escalation::require_grant;
use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError, Grant, Lacking, Permission, Reach, Who};

/// Redirect addresses of one client at most.
const MOST_REDIRECTS: usize = 256;

/// A client to be registered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewRegistration {
    /// Client id; made if not given. A client of others that is known by an id works unchanged with it.
    pub id: Option<AppId>,
    /// Name for administrators.
    pub name: String,
    /// What it may do by itself.
    pub permissions: Vec<Permission>,
    /// What it may do for the person who uses it.
    pub delegated: Vec<Permission>,
    /// Whether it may begin device codes, and refresh what came of them, without proving who it is. Whether a code has to
    /// be redeemed with proof is said by the kind of its redirect address alone, as with Entra.
    pub is_public: bool,
    /// Where answers to it may be sent.
    pub redirects: Vec<Redirect>,
}

/// What of a registration is to be different.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RegistrationChange {
    /// Another name.
    pub name: Option<String>,
    /// Other permissions of its own.
    pub permissions: Option<Vec<Permission>>,
    /// Other permissions for the person who uses it.
    pub delegated: Option<Vec<Permission>>,
    /// Whether it may sign people in without proving who it is.
    pub is_public: Option<bool>,
    /// Other addresses.
    pub redirects: Option<Vec<Redirect>>,
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
    /// Registers a client that works by itself, with a secret for the usual time.
    pub async fn create_app(
        &self,
        actor: &Actor,
        name: &str,
        permissions: Vec<Permission>,
    ) -> Result<NewApp, EngineError> {
        let new = NewRegistration {
            name: name.to_owned(),
            permissions,
            ..NewRegistration::default()
        };
        let mut session = self.store().write().await?;
        let record = self.insert_registration(&mut session, actor, new).await?;
        let NewSecret { secret, .. } =
            new_secret(self, &mut session, &record, "", SecretLife::default()).await?;
        session.commit().await?;
        Ok(NewApp {
            app: app(record),
            secret,
        })
    }

    /// Registers a client. Nobody gives it what they lack; people who may give directory roles lack nothing.
    pub async fn register_app(
        &self,
        actor: &Actor,
        new: NewRegistration,
    ) -> Result<App, EngineError> {
        let mut session = self.store().write().await?;
        let record = self.insert_registration(&mut session, actor, new).await?;
        session.commit().await?;
        Ok(app(record))
    }

    async fn insert_registration(
        &self,
        session: &mut Session,
        actor: &Actor,
        new: NewRegistration,
    ) -> Result<AppRecord, EngineError> {
        actor.require(Action::AppsUpdate)?;
        let now = self.now();
        let record = AppRecord {
            id: new.id.unwrap_or_else(|| AppId(self.chance().id(now))),
            name: checked_name(&new.name)?,
            permissions: joined(&new.permissions),
            delegated: joined(&new.delegated),
            is_public: new.is_public,
            created_at: now,
        };
        let redirects = checked_redirects(new.redirects)?;
        require_gifts(session, actor, &record).await?;
        if session.find_app(record.id).await?.is_some() {
            return Err(EngineError::AlreadyExists {
                what: "app",
                property: "appId",
                value: record.id.to_string(),
            });
        }
        session.insert_app(&record).await?;
        let rows: Vec<_> = redirects.iter().map(Redirect::record).collect();
        session.set_app_redirects(record.id, &rows).await?;
        let after = audited(&record, &redirects);
        let change = Change::create("app", record.id, &record.name, after);
        self.audit(session, actor, change).await?;
        Ok(record)
    }

    /// Changes a registration. What a client may no longer do counts at once, what it may do besides with its next token.
    pub async fn change_app(
        &self,
        actor: &Actor,
        id: AppId,
        wanted: RegistrationChange,
    ) -> Result<App, EngineError> {
        actor.require(Action::AppsUpdate)?;
        let mut session = self.store().write().await?;
        let before = held(&mut session, id).await?;
        let had = session.app_redirects(id).await?;
        let had: Vec<Redirect> = had.iter().filter_map(Redirect::of).collect();
        let mut record = before.clone();
        if let Some(name) = wanted.name {
            record.name = checked_name(&name)?;
        }
        if let Some(own) = wanted.permissions {
            record.permissions = joined(&own);
        }
        if let Some(delegated) = wanted.delegated {
            record.delegated = joined(&delegated);
        }
        record.is_public = wanted.is_public.unwrap_or(record.is_public);
        let redirects = match wanted.redirects {
            Some(redirects) => checked_redirects(redirects)?,
            None => had.clone(),
        };
        // To send its answers elsewhere, or to let anybody speak for it, is to take it over.
        let is_opened = redirects.iter().any(|redirect| !had.contains(redirect))
            || (record.is_public && !before.is_public);
        if is_opened {
            require_gifts(&mut session, actor, &record).await?;
        } else {
            let gained = AppRecord {
                permissions: gained(&before.permissions, &record.permissions),
                delegated: gained(&before.delegated, &record.delegated),
                ..record.clone()
            };
            require_gifts(&mut session, actor, &gained).await?;
        }
        if record != before {
            session.update_app(&record).await?;
        }
        if redirects != had {
            let rows: Vec<_> = redirects.iter().map(Redirect::record).collect();
            session.set_app_redirects(id, &rows).await?;
        }
        let (was, is) = (audited(&before, &had), audited(&record, &redirects));
        let change = Change::update("app", id, &record.name, &was, &is);
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(app(record))
    }

    /// Replaces what a client may do by itself.
    pub async fn set_app_permissions(
        &self,
        actor: &Actor,
        id: AppId,
        permissions: Vec<Permission>,
    ) -> Result<App, EngineError> {
        let change = RegistrationChange {
            permissions: Some(permissions),
            ..RegistrationChange::default()
        };
        self.change_app(actor, id, change).await
    }

    /// Removes a client with all that was granted to it. Its tokens are refused from now on.
    pub async fn delete_app(&self, actor: &Actor, id: AppId) -> Result<App, EngineError> {
        actor.require(Action::AppsUpdate)?;
        let mut session = self.store().write().await?;
        let record = held(&mut session, id).await?;
        let redirects = session.app_redirects(id).await?;
        let redirects: Vec<Redirect> = redirects.iter().filter_map(Redirect::of).collect();
        session.delete_app(id).await?;
        let before = audited(&record, &redirects);
        let change = Change::delete("app", id, &record.name, before);
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(app(record))
    }
}

/// Refuses unless the actor has all that a client with these permissions has: whoever registers a client, or makes a
/// secret for one, can act as it. What it may do for a person is theirs as well, so only a client that acts for itself is
/// asked for it.
pub(super) async fn require_gifts(
    session: &mut Session,
    actor: &Actor,
    record: &AppRecord,
) -> Result<(), EngineError> {
    // A person who may give every role has what all roles give, whatever their client's token carries. A client of its own
    // has nothing but what its token carries.
    let is_app = matches!(actor.who(), Who::App { .. });
    if !is_app && actor.require(Action::DirectoryRolesAssign).is_ok() {
        return Ok(());
    }
    let own = permissions(&record.permissions);
    let delegated = permissions(&record.delegated);
    let all: BTreeSet<Permission> = own.iter().chain(&delegated).copied().collect();
    for permission in all {
        if !actor.carries(permission) {
            let action = action_of(permission).unwrap_or(Action::DirectoryRolesAssign);
            return Err(EngineError::NotAllowed {
                action,
                lacking: Lacking::Permission,
            });
        }
    }
    let actions = Action::ALL
        .into_iter()
        .filter(|action| own.iter().any(|held| held.includes(action.permission())));
    let grant = Grant {
        actions: actions.collect(),
        tags: None,
        people: Reach::All,
    };
    require_grant(session, actor, &grant).await
}

fn action_of(permission: Permission) -> Option<Action> {
    Action::ALL
        .into_iter()
        .find(|action| action.permission() == permission)
}

/// The names that are in the second list alone.
fn gained(before: &str, after: &str) -> String {
    let before: Vec<&str> = before.split(' ').collect();
    let new = after.split(' ').filter(|name| !before.contains(name));
    new.collect::<Vec<_>>().join(" ")
}

fn checked_name(name: &str) -> Result<String, EngineError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 120 || name.chars().any(char::is_control) {
        return Err(EngineError::invalid(
            "displayName",
            "must have 1 to 120 characters",
            Some(name),
        ));
    }
    Ok(name.to_owned())
}

/// Sorted as the database lists them; an address has one kind.
fn checked_redirects(mut redirects: Vec<Redirect>) -> Result<Vec<Redirect>, EngineError> {
    redirects.sort_by(|a, b| (a.kind.name(), &a.address).cmp(&(b.kind.name(), &b.address)));
    redirects.dedup();
    if redirects.len() > MOST_REDIRECTS {
        return Err(EngineError::invalid(
            "redirectUris",
            "must be 256 at most",
            None,
        ));
    }
    let mut seen = BTreeSet::new();
    for redirect in &redirects {
        redirect.check()?;
        if !seen.insert(redirect.address.as_str()) {
            let kinds = RedirectKind::ALL.map(RedirectKind::name).join(", ");
            return Err(EngineError::invalid(
                "redirectUris",
                &format!("must have one kind of {kinds}"),
                Some(&redirect.address),
            ));
        }
    }
    Ok(redirects)
}
