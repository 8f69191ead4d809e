//! Signing and verifying with the keys of one moment.

use mandate_model::{TenantId, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::audience::is_graph;
use super::jwt::{self, Algorithm, Header, Unverified};
use super::{AccessClaims, KeyRing};

/// Seconds for which a token is valid.
pub const TOKEN_LIFETIME: i64 = 3600;
/// Seconds by which clocks of several servers may differ.
pub(super) const LEEWAY: i64 = 60;

/// Why a token is not made or not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Signing failed.
    #[error("signing failed: {0}")]
    Signing(String),
    /// No JSON Web Token.
    #[error("the token is not a JSON Web Token signed with RS256")]
    Malformed,
    /// Signed with a key that is not ours, or no longer.
    #[error("the token's signature is not by a key of this server")]
    UnknownKey,
    /// Not signed by the key that it names.
    #[error("the token's signature is not by the key that it names")]
    Signature,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Its time has not come.
    #[error("the token is not valid yet")]
    NotYet,
    /// For another resource.
    #[error("the token is for `{0}`, not for this API")]
    Audience(String),
    /// Of another tenant.
    #[error("the token is of another tenant")]
    Tenant,
}

/// Issues and verifies tokens of one tenant with the keys that it had at one moment.
pub struct TokenService {
    ring: KeyRing,
}

impl std::fmt::Debug for TokenService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let keys: Vec<&str> = self.ring.keys.iter().map(|key| key.id.as_str()).collect();
        f.debug_struct("TokenService")
            .field("tenant", &self.ring.tenant)
            .field("keys", &keys)
            .finish_non_exhaustive()
    }
}

impl TokenService {
    pub(crate) fn new(ring: KeyRing) -> Self {
        Self { ring }
    }

    pub(super) fn ring(&self) -> &KeyRing {
        &self.ring
    }

    /// The tenant of all tokens.
    pub fn tenant(&self) -> TenantId {
        self.ring.tenant
    }

    /// The issuer of tokens that a client gets at `base_url` (scheme and host).
    pub fn issuer(&self, base_url: &str) -> String {
        format!("{base_url}/{}/v2.0", self.tenant())
    }

    /// A token that says this.
    pub fn sign(&self, claims: &impl Serialize, now: Timestamp) -> Result<String, TokenError> {
        let key = self
            .ring
            .signing(now)
            .ok_or_else(|| TokenError::Signing("no key signs yet".to_owned()))?;
        jwt::sign(&Header::new(&key.id), claims, &key.private).map_err(TokenError::Signing)
    }

    /// What an access token says that is in force for an API at `host` (with or without port).
    pub fn verify(
        &self,
        token: &str,
        host: &str,
        now: Timestamp,
    ) -> Result<AccessClaims, TokenError> {
        let claims: AccessClaims = self.read(token, now)?;
        self.check(&claims, host, now.unix_seconds())?;
        Ok(claims)
    }

    /// What a token says that one of our keys signed; its time and purpose are for the caller to look at.
    pub fn read<T: DeserializeOwned>(&self, token: &str, now: Timestamp) -> Result<T, TokenError> {
        let token = Unverified::parse(token).ok_or(TokenError::Malformed)?;
        if token.header.alg != Algorithm::Rs256 {
            return Err(TokenError::Malformed);
        }
        let key = token.header.kid.as_deref();
        let key = key
            .and_then(|id| self.ring.verifying(id, now))
            .ok_or(TokenError::UnknownKey)?;
        if !token.is_signed_by(&key.public) {
            return Err(TokenError::Signature);
        }
        token.claims().ok_or(TokenError::Malformed)
    }

    /// The public keys, as a JSON Web Key Set.
    pub fn key_set(&self, now: Timestamp) -> Value {
        self.ring.key_set(now)
    }

    /// The issuer's host is not compared: with name overrides a client signs in at one of our names and calls the
    /// API at another. The signature says that it was us.
    fn check(&self, claims: &AccessClaims, host: &str, now: i64) -> Result<(), TokenError> {
        if now >= claims.exp.saturating_add(LEEWAY) {
            return Err(TokenError::Expired);
        }
        if now.saturating_add(LEEWAY) < claims.nbf {
            return Err(TokenError::NotYet);
        }
        let tenant = self.tenant().to_string();
        if claims.tid != tenant || !claims.iss.ends_with(&format!("/{tenant}/v2.0")) {
            return Err(TokenError::Tenant);
        }
        if !is_graph(&claims.aud, host) {
            return Err(TokenError::Audience(claims.aud.clone()));
        }
        Ok(())
    }
}
