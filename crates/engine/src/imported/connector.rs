//! Connector keys: RSA keys of this server that the passwords of imported files are encrypted to.
//!
//! In Intune such a key is made on a Windows Server, in a key storage provider, and the import module asks for the
//! names of both. Here the names are only names; the key is sealed in the database.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mandate_model::Timestamp;
use mandate_model::catalogue::Violation;
use mandate_pki::keys::{KeyKind, PrivateKey, PublicKey};
use mandate_store::Session;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::audit::Change;
use crate::{Actor, Engine, EngineError, Permission};

/// The provider that is named unless another is: the one that every Windows has.
pub const DEFAULT_PROVIDER: &str = "Microsoft Software Key Storage Provider";
/// The name of the first key unless another is chosen.
pub const DEFAULT_KEY_NAME: &str = "mandate-connector";

/// The list of keys, oldest first; their private halves are secrets of their own.
const SETTING: &str = "connector.keys";
const NO_KEYS: &str = "[]";
const MAX_KEYS: usize = 20;

/// A connector key without its private half.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectorKey {
    /// What clients call it (`keyName`).
    pub name: String,
    /// The provider that clients name beside it (`providerName`).
    pub provider: String,
    /// Size of the modulus in bits.
    pub bits: u32,
    /// `SubjectPublicKeyInfo`, DER, in base64.
    public_key: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A connector key to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewConnectorKey {
    /// What clients are to call it.
    pub name: String,
    /// The provider that clients are to name beside it.
    pub provider: String,
    /// Size of the modulus: 2048, 3072 or 4096.
    pub bits: u32,
}

impl Default for NewConnectorKey {
    fn default() -> Self {
        Self {
            name: DEFAULT_KEY_NAME.to_owned(),
            provider: DEFAULT_PROVIDER.to_owned(),
            bits: 3072,
        }
    }
}

impl ConnectorKey {
    /// The public key as a `PUBLIC KEY` block (RFC 7468 §13).
    pub fn to_pem(&self) -> String {
        let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
        let mut rest = self.public_key.as_str();
        while !rest.is_empty() {
            let (line, after) = rest.split_at(rest.len().min(64));
            pem.push_str(line);
            pem.push('\n');
            rest = after;
        }
        pem.push_str("-----END PUBLIC KEY-----\n");
        pem
    }

    /// The public key as Windows writes it (`RSAPUBLICBLOB`), which the import module reads beside PEM.
    pub fn to_blob(&self) -> Result<Vec<u8>, EngineError> {
        let info = STANDARD
            .decode(&self.public_key)
            .map_err(|error| EngineError::Internal(format!("setting `{SETTING}`: {error}")))?;
        PublicKey::from_der(&info)?
            .to_rsa_public_blob()
            .ok_or_else(|| EngineError::Internal("a connector key is not RSA".to_owned()))
    }
}

impl Engine {
    /// All connector keys, the newest last.
    pub async fn connector_keys(&self, actor: &Actor) -> Result<Vec<ConnectorKey>, EngineError> {
        actor.require(Permission::ConfigurationRead)?;
        self.known_connector_keys().await
    }

    /// The newest connector key. At first use there is none, and one is made of what `first` says.
    pub async fn connector_key(
        &self,
        actor: &Actor,
        first: NewConnectorKey,
    ) -> Result<ConnectorKey, EngineError> {
        actor.require(Permission::ConfigurationReadWrite)?;
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
        actor.require(Permission::ConfigurationReadWrite)?;
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
        self.audit(&mut session, actor, audited("create", &made))
            .await?;
        session.commit().await?;
        Ok(made)
    }

    /// Removes a connector key: what is encrypted to it and not yet imported cannot be imported any more. What was
    /// imported does not need it.
    pub async fn remove_connector_key(&self, actor: &Actor, name: &str) -> Result<(), EngineError> {
        actor.require(Permission::ConfigurationReadWrite)?;
        let mut session = self.store().write().await?;
        let mut keys = parse(&session.lock_setting(SETTING, NO_KEYS).await?)?;
        let index = keys
            .iter()
            .position(|key| key.name.eq_ignore_ascii_case(name))
            .ok_or_else(|| EngineError::not_found("connector key", name))?;
        let removed = keys.remove(index);
        session.delete_secret(&secret_name(&removed.name)).await?;
        self.keep_connector_keys(&mut session, &keys).await?;
        self.audit(&mut session, actor, audited("delete", &removed))
            .await?;
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

/// The key of these names among those there are.
fn named<'a>(
    keys: &'a [ConnectorKey],
    provider: Option<&str>,
    name: Option<&str>,
) -> Result<&'a ConnectorKey, Violation> {
    let wrong = |property: &str, rule: String, value: Option<&str>| match value {
        Some(value) => Violation::new(property, rule, &Value::from(value)),
        None => Violation::without_value(property, rule),
    };
    let names: Vec<String> = keys.iter().map(|key| format!("`{}`", key.name)).collect();
    let key = match (name, keys) {
        (_, []) => {
            let rule = "cannot name a connector key, as there is none yet: `mandate connector key` makes one";
            return Err(wrong("keyName", rule.to_owned(), None));
        }
        (None, [only]) => only,
        (None, _) => {
            let rule = format!(
                "is required, as there are several connector keys: {}",
                names.join(", ")
            );
            return Err(wrong("keyName", rule, None));
        }
        (Some(name), _) => keys
            .iter()
            .find(|key| key.name.eq_ignore_ascii_case(name))
            .ok_or_else(|| {
                let rule = format!("must be the name of a connector key ({})", names.join(", "));
                wrong("keyName", rule, Some(name))
            })?,
    };
    match provider {
        Some(provider) if !provider.eq_ignore_ascii_case(&key.provider) => {
            let rule = format!(
                "must be `{}`, the provider of the connector key `{}`",
                key.provider, key.name
            );
            Err(wrong("providerName", rule, Some(provider)))
        }
        _ => Ok(key),
    }
}

fn checked(new: &NewConnectorKey) -> Result<KeyKind, EngineError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ' ');
    let name = &new.name;
    if name.trim().is_empty()
        || name.trim() != name
        || name.len() > 64
        || !name.chars().all(is_plain)
    {
        let rule = "must have 1 to 64 letters, digits, blanks and . _ -, no blank first or last";
        return Err(EngineError::invalid("keyName", rule, Some(name)));
    }
    let provider = &new.provider;
    if provider.trim().is_empty()
        || provider.chars().count() > 128
        || provider.chars().any(char::is_control)
    {
        let rule = "must have 1 to 128 printable characters";
        return Err(EngineError::invalid("providerName", rule, Some(provider)));
    }
    match new.bits {
        2048 => Ok(KeyKind::Rsa2048),
        3072 => Ok(KeyKind::Rsa3072),
        4096 => Ok(KeyKind::Rsa4096),
        other => Err(EngineError::invalid(
            "size",
            "must be 2048, 3072 or 4096",
            Some(&other.to_string()),
        )),
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

fn audited<'a>(activity: &'static str, key: &'a ConnectorKey) -> Change<'a> {
    Change {
        activity,
        kind: "connectorKey",
        id: key.name.clone(),
        name: &key.name,
        changes: json!({ "providerName": key.provider, "bits": key.bits }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> ConnectorKey {
        ConnectorKey {
            name: name.to_owned(),
            provider: "KSP".to_owned(),
            bits: 2048,
            public_key: String::new(),
            created_at: Timestamp(0),
        }
    }

    #[test]
    fn a_wrong_name_is_answered_with_the_names_there_are() {
        let keys = [key("old"), key("new")];
        assert_eq!(named(&keys, Some("ksp"), Some("NEW")).unwrap().name, "new");
        let wrong = named(&keys, None, Some("other")).unwrap_err();
        assert_eq!(wrong.property, "keyName");
        assert!(wrong.message.contains("`old`, `new`") && wrong.message.contains("`other`"));
        assert_eq!(named(&keys, None, None).unwrap_err().property, "keyName");
        assert_eq!(named(&keys[..1], None, None).unwrap().name, "old");
        assert_eq!(
            named(&keys, Some("TPM"), Some("new")).unwrap_err().property,
            "providerName"
        );
        assert!(
            named(&[], None, Some("x"))
                .unwrap_err()
                .message
                .contains("mandate connector key")
        );
    }

    #[test]
    fn the_public_key_comes_in_both_forms() {
        let private = PrivateKey::generate(KeyKind::Rsa2048).unwrap();
        let key = ConnectorKey {
            public_key: STANDARD.encode(private.public_key_info()),
            ..key("x")
        };
        let blob = key.to_blob().unwrap();
        let (modulus, exponent) = private.rsa_public_components().unwrap();
        assert_eq!(&blob[..4], b"RSA1");
        assert_eq!(blob[4..8], 2048_u32.to_le_bytes());
        assert_eq!(blob[8..12], 3_u32.to_le_bytes());
        assert_eq!(blob[12..16], 256_u32.to_le_bytes());
        assert_eq!(blob[16..24], [0; 8]);
        assert_eq!(blob[24..], [exponent, modulus].concat());
        let pem = key.to_pem();
        assert!(pem.lines().all(|line| line.len() <= 64));
        let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        assert_eq!(STANDARD.decode(body).unwrap(), private.public_key_info());
    }

    #[test]
    fn odd_names_and_sizes_are_refused_by_property() {
        let property = |new: NewConnectorKey| match checked(&new) {
            Err(EngineError::Invalid(violations)) => violations[0].property.clone(),
            other => panic!("{other:?}"),
        };
        let new = NewConnectorKey::default();
        assert_eq!(checked(&new).unwrap(), KeyKind::Rsa3072);
        for name in ["", " x", "a/b", "ä", &"x".repeat(65)] {
            let name = name.to_owned();
            assert_eq!(
                property(NewConnectorKey {
                    name,
                    ..new.clone()
                }),
                "keyName"
            );
        }
        let provider = "\n".to_owned();
        assert_eq!(
            property(NewConnectorKey {
                provider,
                ..new.clone()
            }),
            "providerName"
        );
        assert_eq!(property(NewConnectorKey { bits: 1024, ..new }), "size");
    }
}
