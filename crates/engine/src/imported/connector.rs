//! Connector keys: RSA keys of this server that the passwords of imported files are encrypted to.
//!
//! In Intune such a key is made on a Windows Server, in a key storage provider, and the import module asks for the
//! names of both. Here the names are only names; the key is sealed in the database.

mod key;
mod names;

pub use key::{ConnectorKey, DEFAULT_KEY_NAME, DEFAULT_PROVIDER, NewConnectorKey};
use names::{checked, named};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mandate_pki::keys::PrivateKey;
use mandate_store::Session;
use serde_json::{Value, json};

use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError};

/// The list of keys, oldest first; their private halves are secrets of their own.
const SETTING: &str = "connector.keys";
const NO_KEYS: &str = "[]";
const MAX_KEYS: usize = 20;

impl Engine {
    /// All connector keys, the newest last.
    pub async fn connector_keys(&self, actor: &Actor) -> Result<Vec<ConnectorKey>, EngineError> {
        actor.require(Action::ConnectorsRead)?;
        self.known_connector_keys().await
    }

    /// The newest connector key. At first use there is none, and one is made of what `first` says.
    pub async fn connector_key(
        &self,
        actor: &Actor,
        first: NewConnectorKey,
    ) -> Result<ConnectorKey, EngineError> {
        actor.require(Action::ConnectorsUpdate)?;
        if let Some(newest) = self.known_connector_keys().await?.pop() {
            return Ok(newest);
        }
        match self.create_connector_key(actor, first).await {
            // Somebody else was faster.
            Err(EngineError::AlreadyExists { value, .. }) => {
                let keys = self.known_connector_keys().await?;
                keys.into_iter()
                    .find(|key| key.name.eq_ignore_ascii_case(&value))
                    .ok_or_else(|| EngineError::not_found("connector key", value))
            }
            made => made,
        }
    }

    /// Makes another connector key. Those there were stay readable until they are removed.
    pub async fn create_connector_key(
        &self,
        actor: &Actor,
        new: NewConnectorKey,
    ) -> Result<ConnectorKey, EngineError> {
        actor.require(Action::ConnectorsUpdate)?;
        let kind = checked(&new)?;
        let key = tokio::task::spawn_blocking(move || PrivateKey::generate(kind))
            .await
            .map_err(|error| EngineError::Internal(error.to_string()))??;
        let now = self.now();
        let made = ConnectorKey {
            name: new.name,
            provider: new.provider,
            bits: new.bits,
            public_key: STANDARD.encode(key.public_key_info()),
            created_at: now,
        };
        let mut session = self.store().write().await?;
        let mut keys = parse(&session.lock_setting(SETTING, NO_KEYS).await?)?;
        if keys
            .iter()
            .any(|key| key.name.eq_ignore_ascii_case(&made.name))
        {
            return Err(EngineError::AlreadyExists {
                what: "connector key",
                property: "keyName",
                value: made.name,
            });
        }
        if keys.len() >= MAX_KEYS {
            return Err(EngineError::NotPossible {
                reason: format!(
                    "there are {MAX_KEYS} connector keys; remove one that nobody uses first"
                ),
            });
        }
        keys.push(made.clone());
        let secret = secret_name(&made.name);
        let sealed = self.seal().seal(&secret, &key.to_pkcs8())?;
        session.set_secret(&secret, &sealed, now).await?;
        self.keep_connector_keys(&mut session, &keys).await?;
        let change = Change::create(KIND, &made.name, &made.name, properties(&made));
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(made)
    }

    /// Removes a connector key: what is encrypted to it and not yet imported cannot be imported any more. What was
    /// imported does not need it.
    pub async fn remove_connector_key(&self, actor: &Actor, name: &str) -> Result<(), EngineError> {
        actor.require(Action::ConnectorsUpdate)?;
        let mut session = self.store().write().await?;
        let mut keys = parse(&session.lock_setting(SETTING, NO_KEYS).await?)?;
        let index = keys
            .iter()
            .position(|key| key.name.eq_ignore_ascii_case(name))
            .ok_or_else(|| EngineError::not_found("connector key", name))?;
        let removed = keys.remove(index);
        session.delete_secret(&secret_name(&removed.name)).await?;
        self.keep_connector_keys(&mut session, &keys).await?;
        let change = Change::delete(KIND, &removed.name, &removed.name, properties(&removed));
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }

    /// The key that a request names, with its private half. Without names it is the only one there is.
    pub(super) async fn named_connector_key(
        &self,
        provider: Option<&str>,
        name: Option<&str>,
    ) -> Result<(ConnectorKey, PrivateKey), EngineError> {
        let keys = self.known_connector_keys().await?;
        let found =
            named(&keys, provider, name).map_err(|wrong| EngineError::Invalid(vec![wrong]))?;
        let secret = secret_name(&found.name);
        let mut session = self.store().read().await?;
        let sealed = session
            .find_secret(&secret)
            .await?
            .ok_or_else(|| EngineError::Internal(format!("secret `{secret}` is missing")))?;
        let key = PrivateKey::from_pkcs8(&self.seal().open(&secret, &sealed)?)?;
        Ok((found.clone(), key))
    }

    async fn known_connector_keys(&self) -> Result<Vec<ConnectorKey>, EngineError> {
        let text = self.store().read().await?.find_setting(SETTING).await?;
        parse(text.as_deref().unwrap_or(NO_KEYS))
    }

    async fn keep_connector_keys(
        &self,
        session: &mut Session,
        keys: &[ConnectorKey],
    ) -> Result<(), EngineError> {
        let text = serde_json::to_string(keys)
            .map_err(|error| EngineError::Internal(error.to_string()))?;
        Ok(session.set_setting(SETTING, &text).await?)
    }
}

fn parse(text: &str) -> Result<Vec<ConnectorKey>, EngineError> {
    serde_json::from_str(text).map_err(|error| {
        EngineError::Internal(format!("setting `{SETTING}` cannot be read: {error}"))
    })
}

fn secret_name(key: &str) -> String {
    format!("connector.key/{key}")
}

/// What the audit calls these keys.
const KIND: &str = "connectorKey";

fn properties(key: &ConnectorKey) -> Value {
    json!({ "keyName": key.name, "providerName": key.provider, "bits": key.bits })
}
