//! Adding, changing, listing and removing providers.

use mandate_model::{Timestamp, UserId};
use mandate_store::{IdentityProviderRecord, Session};
use serde::Serialize;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::ProviderFault;
use super::named::{name_taken, take_name, written};
use super::settings::{How, Provider, ProviderSettings};
use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError, Powers, Reach, Who};

const SECRET_LENGTH: usize = 4096;

/// A provider on the page where people sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderButton {
    /// Its name, as in addresses.
    pub name: String,
    /// Its name for people.
    pub display_name: String,
}

/// An account of a provider that was matched with a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderLink {
    /// What the provider calls the account.
    pub subject: String,
    /// Who that is here.
    pub user: UserId,
    /// When they were matched.
    pub created_at: Timestamp,
}

/// A step of trying a provider, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TryStep {
    /// What was tried.
    pub step: &'static str,
    /// Whether it went well.
    pub good: bool,
    /// What was found, or what went wrong.
    pub outcome: String,
}

impl Provider {
    /// The provider as it is written in the management API, without its secret.
    pub fn to_map(&self) -> Map<String, Value> {
        let mut map = self.settings.to_map();
        map.insert("name".to_owned(), self.name.clone().into());
        map.insert("hasSecret".to_owned(), self.has_secret.into());
        map.insert(
            "createdDateTime".to_owned(),
            self.created_at.to_string().into(),
        );
        map
    }
}

impl Engine {
    /// All providers, by name.
    pub async fn list_providers(&self, actor: &Actor) -> Result<Vec<Provider>, EngineError> {
        actor.require(Action::SignInRead)?;
        let mut session = self.store().read().await?;
        providers(&mut session).await
    }

    /// A provider by its name.
    pub async fn find_provider(
        &self,
        actor: &Actor,
        name: &str,
    ) -> Result<Option<Provider>, EngineError> {
        actor.require(Action::SignInRead)?;
        let mut session = self.store().read().await?;
        match session.find_identity_provider(name).await? {
            Some(record) => Ok(Some(read(&mut session, record).await?)),
            None => Ok(None),
        }
    }

    /// Providers for the page where people sign in: those that people are sent to.
    pub async fn provider_buttons(&self) -> Result<Vec<ProviderButton>, EngineError> {
        let mut session = self.store().read().await?;
        let all = providers(&mut session).await?;
        let sent_to = all
            .into_iter()
            .filter(|provider| matches!(provider.settings.how, How::Oidc(_)));
        Ok(sent_to
            .map(|provider| ProviderButton {
                display_name: if provider.settings.display_name.is_empty() {
                    provider.name.clone()
                } else {
                    provider.settings.display_name
                },
                name: provider.name,
            })
            .collect())
    }

    /// Adds a provider. `body` is what the management API takes: `name`, `kind`, settings, and the secret.
    pub async fn create_provider(
        &self,
        actor: &Actor,
        mut body: Map<String, Value>,
    ) -> Result<Provider, EngineError> {
        Self::require_power_over_sign_in(actor)?;
        let name = take_name(&mut body)?;
        let secret = take_secret(&mut body)?;
        let settings = ProviderSettings::read(body)?;
        let secret = fitting(secret, &settings)?.flatten();
        self.check_groups(&settings).await?;
        let record = IdentityProviderRecord {
            name: name.clone(),
            kind: settings.kind().to_owned(),
            settings: written(&settings)?,
            created_at: self.now(),
        };
        let mut session = self.store().write().await?;
        session
            .insert_identity_provider(&record)
            .await
            .map_err(name_taken("identity provider", &name))?;
        if let Some(secret) = secret {
            let kept_as = secret_name(&name);
            self.keep_secret(&mut session, &kept_as, secret.as_bytes())
                .await?;
        }
        let provider = read(&mut session, record).await?;
        let after = Value::Object(provider.to_map());
        let change = Change::create("identityProvider", &name, &name, after);
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(provider)
    }

    /// Changes what `body` names of a provider; a secret of `null` removes it. Its kind stays.
    pub async fn update_provider(
        &self,
        actor: &Actor,
        name: &str,
        mut body: Map<String, Value>,
    ) -> Result<Provider, EngineError> {
        Self::require_power_over_sign_in(actor)?;
        let secret = take_secret(&mut body)?;
        let mut session = self.store().write().await?;
        let record = session
            .find_identity_provider(name)
            .await?
            .ok_or_else(|| EngineError::not_found("identity provider", name))?;
        let before = read(&mut session, record.clone()).await?;
        let mut settings = before.settings.to_map();
        settings.extend(body);
        let settings = ProviderSettings::read(settings)?;
        if settings.kind() != before.settings.kind() {
            let rule = "cannot be changed; add another provider instead";
            return Err(EngineError::invalid("kind", rule, None));
        }
        let secret = fitting(secret, &settings)?;
        if leads_elsewhere(&before.settings, &settings) && before.has_secret && secret.is_none() {
            let rule = "is to be given again, as the provider is another one now";
            let property = settings.secret_property();
            return Err(EngineError::invalid(property, rule, None));
        }
        for id in settings.groups.values() {
            if session.find_group(*id).await?.is_none() {
                return Err(EngineError::not_found("group", id));
            }
        }
        match &secret {
            Some(Some(secret)) => {
                self.keep_secret(&mut session, &secret_name(name), secret.as_bytes())
                    .await?;
            }
            Some(None) => session.delete_secret(&secret_name(name)).await?,
            None => {}
        }
        let record = IdentityProviderRecord {
            settings: written(&settings)?,
            ..record
        };
        session
            .update_identity_provider(name, &record.settings)
            .await?;
        let after = read(&mut session, record).await?;
        if after != before || secret.is_some() {
            let (was, mut is) = (before.to_map(), after.to_map());
            if secret.is_some() {
                is.insert(
                    format!("{}Changed", settings.secret_property()),
                    true.into(),
                );
            }
            let (was, is) = (Value::Object(was), Value::Object(is));
            let change = Change::update("identityProvider", name, name, &was, &is);
            self.audit(&mut session, actor, change).await?;
        }
        session.commit().await?;
        self.cache().providers.forget(name);
        Ok(after)
    }

    /// Removes a provider, with its secret and what was known of people there. What it mapped stays as it is.
    pub async fn delete_provider(&self, actor: &Actor, name: &str) -> Result<(), EngineError> {
        Self::require_power_over_sign_in(actor)?;
        let mut session = self.store().write().await?;
        let record = session
            .find_identity_provider(name)
            .await?
            .ok_or_else(|| EngineError::not_found("identity provider", name))?;
        let provider = read(&mut session, record).await?;
        session.delete_identity_provider(name).await?;
        session.delete_secret(&secret_name(name)).await?;
        let before = Value::Object(provider.to_map());
        let change = Change::delete("identityProvider", name, name, before);
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        self.cache().providers.forget(name);
        Ok(())
    }

    /// Accounts of a provider that were matched with people, by subject, from the one after `after`.
    pub async fn list_provider_links(
        &self,
        actor: &Actor,
        provider: &str,
        after: &str,
        limit: u32,
    ) -> Result<Vec<ProviderLink>, EngineError> {
        actor.require(Action::SignInRead)?;
        let mut session = self.store().read().await?;
        let links = session.list_identity_links(provider, after, limit).await?;
        Ok(links
            .into_iter()
            .map(|link| ProviderLink {
                subject: link.subject,
                user: link.user,
                created_at: link.created_at,
            })
            .collect())
    }

    /// Whoever says how people sign in can become anybody, and whoever maps groups can give every role: so only those
    /// may who could do all that anyhow.
    pub(crate) fn require_power_over_sign_in(actor: &Actor) -> Result<(), EngineError> {
        actor.require(Action::SignInUpdate)?;
        actor.require(Action::DirectoryRolesAssign)?;
        let is_everything = match actor.powers() {
            // A client of its own has nothing but what its token carries.
            Powers::Everything => match actor.who() {
                Who::App { .. } => Action::ALL.iter().all(|action| actor.may(*action)),
                Who::System | Who::Person { .. } => true,
            },
            Powers::Granted(grants) => grants.iter().any(|grant| {
                grant.tags.is_none()
                    && grant.people == Reach::All
                    && Action::ALL
                        .iter()
                        .all(|action| grant.actions.contains(action))
            }),
        };
        if is_everything {
            Ok(())
        } else {
            Err(EngineError::NotAllowed {
                action: Action::SignInUpdate,
                lacking: crate::Lacking::Role,
            })
        }
    }

    async fn check_groups(&self, settings: &ProviderSettings) -> Result<(), EngineError> {
        let mut session = self.store().read().await?;
        for id in settings.groups.values() {
            if session.find_group(*id).await?.is_none() {
                return Err(EngineError::not_found("group", id));
            }
        }
        Ok(())
    }

    /// A provider that people are sent to, with its secret.
    pub(super) async fn oidc_provider(
        &self,
        name: &str,
    ) -> Result<(Provider, Option<Zeroizing<Vec<u8>>>), ProviderFault> {
        let mut session = self.store().read().await?;
        let record = session.find_identity_provider(name).await?;
        let record = record
            .filter(|record| record.kind == "oidc")
            .ok_or_else(|| ProviderFault::NoProvider(name.to_owned()))?;
        let provider = read(&mut session, record).await?;
        let secret = self.provider_secret(&mut session, name).await?;
        Ok((provider, secret))
    }

    /// All providers.
    pub(crate) async fn all_providers(&self) -> Result<Vec<Provider>, EngineError> {
        let mut session = self.store().read().await?;
        providers(&mut session).await
    }

    pub(super) async fn provider_secret(
        &self,
        session: &mut Session,
        provider: &str,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, EngineError> {
        self.kept_secret(session, &secret_name(provider)).await
    }
}

async fn providers(session: &mut Session) -> Result<Vec<Provider>, EngineError> {
    let mut all = Vec::new();
    for record in session.list_identity_providers().await? {
        all.push(read(session, record).await?);
    }
    Ok(all)
}

async fn read(
    session: &mut Session,
    record: IdentityProviderRecord,
) -> Result<Provider, EngineError> {
    let settings = serde_json::from_str(&record.settings).map_err(|error| {
        EngineError::Internal(format!("identity provider `{}`: {error}", record.name))
    })?;
    let has_secret = session
        .find_secret(&secret_name(&record.name))
        .await?
        .is_some();
    Ok(Provider {
        name: record.name,
        settings,
        has_secret,
        created_at: record.created_at,
    })
}

/// What the database calls the secret of a provider.
fn secret_name(provider: &str) -> String {
    format!("provider/{provider}")
}

/// Whether a secret that is kept would be sent to somebody else than it was given for.
fn leads_elsewhere(before: &ProviderSettings, after: &ProviderSettings) -> bool {
    match (&before.how, &after.how) {
        (How::Oidc(before), How::Oidc(after)) => before.issuer != after.issuer,
        (How::Ldap(before), How::Ldap(after)) => before.url != after.url,
        (How::Oidc(_), How::Ldap(_)) | (How::Ldap(_), How::Oidc(_)) => true,
    }
}

/// A secret of a body with its property: `None` if it names none, `Some(None)` if it is to go.
type Given = Option<(&'static str, Option<Zeroizing<String>>)>;

fn take_secret(body: &mut Map<String, Value>) -> Result<Given, EngineError> {
    let mut given = None;
    for property in ["clientSecret", "searchPassword"] {
        let secret = match body.remove(property) {
            None => continue,
            Some(Value::Null) => None,
            Some(Value::String(secret)) => Some(Zeroizing::new(secret)),
            Some(_) => return Err(EngineError::invalid(property, "must be a text", None)),
        };
        let is_good =
            |secret: &Zeroizing<String>| !secret.is_empty() && secret.len() <= SECRET_LENGTH;
        if secret.as_ref().is_some_and(|secret| !is_good(secret)) {
            let rule = "must have 1 to 4,096 characters";
            return Err(EngineError::invalid(property, rule, None));
        }
        given = Some((property, secret));
    }
    Ok(given)
}

/// The secret, if it is of the kind that such a provider has.
#[expect(clippy::option_option, reason = "absent, `null`, or a text")]
fn fitting(
    given: Given,
    settings: &ProviderSettings,
) -> Result<Option<Option<Zeroizing<String>>>, EngineError> {
    match given {
        Some((property, _)) if property != settings.secret_property() => {
            let rule = "is no property of such a provider";
            Err(EngineError::invalid(property, rule, None))
        }
        Some((_, secret)) => Ok(Some(secret)),
        None => Ok(None),
    }
}
