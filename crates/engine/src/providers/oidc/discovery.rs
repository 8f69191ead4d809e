//! What a provider says of itself (OpenID Connect Discovery 1.0 §3), and its keys; both are remembered for an hour.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mandate_model::Timestamp;
use serde::Deserialize;

use super::key_set::KeySet;
use crate::Engine;
use crate::providers::gateway::ProviderRequest;
use crate::providers::settings::{OidcSettings, is_safe_address};

/// How long answers are good.
const FRESH_FOR: i64 = Timestamp::HOUR;
/// How often a provider is asked for its keys again because a token names an unknown one.
const PAUSE: i64 = Timestamp::MINUTE;
/// How long a provider that could not be asked is left alone: nobody else has to wait for it in vain meanwhile.
const LEFT_ALONE: i64 = 15 * Timestamp::SECOND;

/// What a provider says of itself, as far as we need it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Metadata {
    issuer: String,
    pub(super) authorization_endpoint: String,
    pub(super) token_endpoint: String,
    pub(super) jwks_uri: String,
    pub(super) userinfo_endpoint: Option<String>,
    pub(super) end_session_endpoint: Option<String>,
    /// OpenID Connect Discovery: `client_secret_basic` unless it says otherwise.
    #[serde(default = "basic")]
    pub(super) token_endpoint_auth_methods_supported: Vec<String>,
    /// RFC 9207 §3
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
}

fn basic() -> Vec<String> {
    vec!["client_secret_basic".to_owned()]
}

impl Metadata {
    /// Reads the document of an issuer, which must be the one that was asked.
    pub(super) fn read(text: &[u8], issuer: &str) -> Result<Self, String> {
        let metadata: Self = serde_json::from_slice(text)
            .map_err(|error| format!("its metadata cannot be read: {error}"))?;
        if metadata.issuer != issuer {
            return Err(format!(
                "its metadata is of the issuer `{}`, not of `{issuer}`",
                metadata.issuer
            ));
        }
        let addresses = [
            Some(&metadata.authorization_endpoint),
            Some(&metadata.token_endpoint),
            Some(&metadata.jwks_uri),
            metadata.userinfo_endpoint.as_ref(),
            metadata.end_session_endpoint.as_ref(),
        ];
        let unsafe_one = addresses
            .into_iter()
            .flatten()
            .find(|address| !is_safe_address(address));
        match unsafe_one {
            Some(address) => Err(format!(
                "its metadata names `{address}`, which is not HTTPS"
            )),
            None => Ok(metadata),
        }
    }
}

/// What is remembered of one provider.
#[derive(Debug, Clone)]
pub(super) struct Known {
    issuer: String,
    pub(super) metadata: Arc<Metadata>,
    pub(super) keys: Arc<KeySet>,
    read_at: Timestamp,
    keys_read_at: Timestamp,
}

/// That a provider could not be asked.
#[derive(Debug, Clone)]
struct Failure {
    issuer: String,
    reason: String,
    at: Timestamp,
}

/// What is remembered of providers, by name.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    known: Mutex<HashMap<String, Known>>,
    failed: Mutex<HashMap<String, Failure>>,
}

impl Memory {
    fn entries(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failures(&self) -> MutexGuard<'_, HashMap<String, Failure>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn forget(&self, provider: &str) {
        self.entries().remove(provider);
        self.failures().remove(provider);
    }

    /// Why a provider could not be asked a moment ago.
    fn failure(&self, issuer: Issuer<'_>, now: Timestamp) -> Option<String> {
        let failures = self.failures();
        let failure = failures.get(issuer.name)?;
        let is_recent = now.since(failure.at) < LEFT_ALONE;
        (is_recent && failure.issuer == issuer.settings.issuer).then(|| failure.reason.clone())
    }

    fn note_failure(&self, issuer: Issuer<'_>, reason: &str, at: Timestamp) {
        let failure = Failure {
            issuer: issuer.settings.issuer.clone(),
            reason: reason.to_owned(),
            at,
        };
        self.failures().insert(issuer.name.to_owned(), failure);
    }
}

/// A provider that is asked by OpenID Connect.
#[derive(Debug, Clone, Copy)]
pub(super) struct Issuer<'a> {
    pub(super) name: &'a str,
    pub(super) settings: &'a OidcSettings,
    pub(super) roots: Option<&'a String>,
}

impl Issuer<'_> {
    /// A request to it.
    pub(super) fn request(&self, url: &str) -> ProviderRequest {
        ProviderRequest {
            url: url.to_owned(),
            form: None,
            authorization: None,
            roots: self.roots.cloned(),
        }
    }
}

impl Engine {
    /// What a provider says of itself, asked for at most once an hour; one that could not be asked is left alone for a
    /// short while.
    pub(super) async fn known_issuer(&self, issuer: Issuer<'_>) -> Result<Known, String> {
        let now = self.now();
        let remembered = self.cache().providers.entries().get(issuer.name).cloned();
        if let Some(known) = remembered
            && known.issuer == issuer.settings.issuer
            && now.since(known.read_at) < FRESH_FOR
        {
            return Ok(known);
        }
        if let Some(reason) = self.cache().providers.failure(issuer, now) {
            return Err(reason);
        }
        let known = self.ask_issuer(issuer, now).await.inspect_err(|reason| {
            // Since it did not answer, which may have taken a while.
            let at = self.now();
            self.cache().providers.note_failure(issuer, reason, at);
        })?;
        self.cache().providers.failures().remove(issuer.name);
        self.remember(issuer.name, known.clone());
        Ok(known)
    }

    async fn ask_issuer(&self, issuer: Issuer<'_>, now: Timestamp) -> Result<Known, String> {
        let metadata = self.read_metadata(issuer).await?;
        let keys = self.read_keys(issuer, &metadata).await?;
        Ok(Known {
            issuer: issuer.settings.issuer.clone(),
            metadata: Arc::new(metadata),
            keys: Arc::new(keys),
            read_at: now,
            keys_read_at: now,
        })
    }

    /// The same with newer keys, unless they were asked for a moment ago.
    pub(super) async fn with_newer_keys(
        &self,
        issuer: Issuer<'_>,
        known: Known,
    ) -> Result<Known, String> {
        let now = self.now();
        // Somebody else may have asked meanwhile.
        let newest = self.cache().providers.entries().get(issuer.name).cloned();
        let known = newest
            .filter(|newest| newest.keys_read_at > known.keys_read_at)
            .unwrap_or(known);
        if now.since(known.keys_read_at) < PAUSE {
            return Ok(known);
        }
        // Noted first: a provider that fails is left alone for as long.
        let asking = Known {
            keys_read_at: now,
            ..known
        };
        self.remember(issuer.name, asking.clone());
        let keys = self.read_keys(issuer, &asking.metadata).await?;
        let known = Known {
            keys: Arc::new(keys),
            ..asking
        };
        self.remember(issuer.name, known.clone());
        Ok(known)
    }

    fn remember(&self, name: &str, known: Known) {
        self.cache()
            .providers
            .entries()
            .insert(name.to_owned(), known);
    }

    pub(super) async fn read_metadata(&self, issuer: Issuer<'_>) -> Result<Metadata, String> {
        let base = issuer.settings.issuer.trim_end_matches('/');
        let url = format!("{base}/.well-known/openid-configuration");
        let body = self.read_document(issuer, &url).await?;
        Metadata::read(&body, &issuer.settings.issuer)
    }

    pub(super) async fn read_keys(
        &self,
        issuer: Issuer<'_>,
        metadata: &Metadata,
    ) -> Result<KeySet, String> {
        KeySet::read(&self.read_document(issuer, &metadata.jwks_uri).await?)
    }

    async fn read_document(&self, issuer: Issuer<'_>, url: &str) -> Result<Vec<u8>, String> {
        let answer = self
            .provider_gateway()
            .ask(issuer.request(url))
            .await
            .map_err(|error| format!("`{url}`: {error}"))?;
        if answer.status == 200 {
            Ok(answer.body)
        } else {
            Err(format!(
                "`{url}` was answered with HTTP status {}",
                answer.status
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn metadata_must_be_of_the_issuer_that_was_asked() {
        let document = json!({
            "issuer": "https://id.example.com",
            "authorization_endpoint": "https://id.example.com/a",
            "token_endpoint": "https://id.example.com/t",
            "jwks_uri": "https://id.example.com/j",
        });
        let read = |document: &serde_json::Value, issuer: &str| {
            Metadata::read(document.to_string().as_bytes(), issuer)
        };
        let metadata = read(&document, "https://id.example.com").unwrap();
        assert_eq!(
            metadata.token_endpoint_auth_methods_supported,
            ["client_secret_basic"]
        );
        assert!(!metadata.authorization_response_iss_parameter_supported);
        // Also a slash makes another one (OpenID Connect Discovery §4.3).
        assert!(read(&document, "https://id.example.com/").is_err());
        let mut plain = document.clone();
        plain["token_endpoint"] = json!("http://id.example.com/t");
        assert!(read(&plain, "https://id.example.com").is_err());
    }
}
