//! Issuing and verifying.

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode,
};
use mandate_model::{AppId, TenantId, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Claims, GRAPH_ID, GRAPH_URL};

/// Why a token is not made or not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// A signing key that is no RSA key in PKCS#8.
    #[error("token key `{0}` cannot be used: {1}")]
    Key(String, String),
    /// Signing failed.
    #[error("signing failed: {0}")]
    Signing(String),
    /// No JSON Web Token.
    #[error("the token is not a JSON Web Token signed with RS256")]
    Malformed,
    /// Signed by nobody we know.
    #[error("the token's signature is not by a key of this server")]
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

/// What a token for an app is made of.
#[derive(Debug, Clone)]
pub struct AppGrant {
    /// Client id.
    pub app: AppId,
    /// Object id of the client in the directory.
    pub object_id: Uuid,
    /// Name of the client.
    pub name: String,
    /// Application permissions.
    pub roles: Vec<String>,
    /// Resource asked for.
    pub audience: String,
    /// Scheme and host that the client called.
    pub base_url: String,
    /// Unique id of the token.
    pub id: Uuid,
}

/// Issues and verifies tokens of one tenant.
#[derive(Debug)]
pub struct TokenService {
    tenant: TenantId,
    keys: Vec<Key>,
}

#[derive(Debug)]
struct Key {
    id: String,
    signing: EncodingKey,
    verifying: DecodingKey,
    modulus: String,
    exponent: String,
}

/// Seconds for which a token is valid.
const LIFETIME: i64 = 3600;
/// Seconds by which clocks of several servers may differ.
const LEEWAY: i64 = 60;

impl TokenService {
    /// A service that signs with the first key and accepts all; keys are PKCS#8 in DER with their ids.
    pub fn new(tenant: TenantId, keys: &[(String, &[u8])]) -> Result<Self, TokenError> {
        let keys = keys
            .iter()
            .map(|(id, pkcs8)| Key::read(id, pkcs8))
            .collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() {
            return Err(TokenError::Key(String::new(), "there is none".to_owned()));
        }
        Ok(Self { tenant, keys })
    }

    /// The tenant of all tokens.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Seconds for which a new token is valid.
    pub fn lifetime_seconds(&self) -> i64 {
        LIFETIME
    }

    /// A token for an app.
    pub fn issue(&self, grant: AppGrant, now: Timestamp) -> Result<String, TokenError> {
        let key = self
            .keys
            .first()
            .ok_or_else(|| TokenError::Signing("no key".to_owned()))?;
        let header = Header {
            kid: Some(key.id.clone()),
            ..Header::new(Algorithm::RS256)
        };
        let claims = self.claims(grant, now.unix_seconds());
        encode(&header, &claims, &key.signing)
            .map_err(|error| TokenError::Signing(error.to_string()))
    }

    /// The claims of a token that is in force for an API at `host` (with or without port).
    pub fn verify(&self, token: &str, host: &str, now: Timestamp) -> Result<Claims, TokenError> {
        let header = decode_header(token).map_err(|_| TokenError::Malformed)?;
        if header.alg != Algorithm::RS256 {
            return Err(TokenError::Malformed);
        }
        let key = self
            .keys
            .iter()
            .find(|key| header.kid.as_deref() == Some(&key.id))
            .ok_or(TokenError::Signature)?;
        // Time is checked below, by the clock that was passed in.
        let mut validation = Validation::new(Algorithm::RS256);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let claims = decode::<Claims>(token, &key.verifying, &validation).map_err(|error| {
            match error.kind() {
                ErrorKind::InvalidSignature => TokenError::Signature,
                _ => TokenError::Malformed,
            }
        })?;
        let claims = claims.claims;
        self.check(&claims, host, now.unix_seconds())?;
        Ok(claims)
    }

    /// The public keys, as a JSON Web Key Set.
    pub fn key_set(&self) -> Value {
        let keys: Vec<Value> = self
            .keys
            .iter()
            .map(|key| {
                json!({
                    "kty": "RSA", "use": "sig", "alg": "RS256", "kid": key.id, "n": key.modulus, "e": key.exponent,
                })
            })
            .collect();
        json!({ "keys": keys })
    }

    fn claims(&self, grant: AppGrant, now: i64) -> Claims {
        let app = grant.app.to_string();
        Claims {
            aud: grant.audience,
            iss: format!("{}/{}/v2.0", grant.base_url, self.tenant),
            iat: now,
            nbf: now,
            exp: now + LIFETIME,
            appid: app.clone(),
            azp: app,
            app_displayname: grant.name,
            idtyp: "app".to_owned(),
            oid: grant.object_id.to_string(),
            sub: grant.object_id.to_string(),
            tid: self.tenant.to_string(),
            roles: grant.roles,
            wids: Vec::new(),
            jti: grant.id.to_string(),
            uti: grant.id.to_string(),
            ver: "2.0".to_owned(),
        }
    }

    /// The issuer's host is not compared: with name overrides a client signs in at one of our names and calls the
    /// API at another. The signature says that it was us.
    fn check(&self, claims: &Claims, host: &str, now: i64) -> Result<(), TokenError> {
        if now >= claims.exp + LEEWAY {
            return Err(TokenError::Expired);
        }
        if now + LEEWAY < claims.nbf {
            return Err(TokenError::NotYet);
        }
        let tenant = self.tenant.to_string();
        if claims.tid != tenant || !claims.iss.ends_with(&format!("/{tenant}/v2.0")) {
            return Err(TokenError::Tenant);
        }
        if !is_graph(&claims.aud, host) {
            return Err(TokenError::Audience(claims.aud.clone()));
        }
        Ok(())
    }
}

impl Key {
    fn read(id: &str, pkcs8: &[u8]) -> Result<Self, TokenError> {
        let wrong =
            |error: jsonwebtoken::errors::Error| TokenError::Key(id.to_owned(), error.to_string());
        let inner =
            pkcs1(pkcs8).ok_or_else(|| TokenError::Key(id.to_owned(), "not PKCS#8".to_owned()))?;
        let signing = EncodingKey::from_rsa_der(inner);
        let public = Jwk::from_encoding_key(&signing, Algorithm::RS256).map_err(wrong)?;
        let verifying = DecodingKey::from_jwk(&public).map_err(wrong)?;
        let AlgorithmParameters::RSA(parameters) = public.algorithm else {
            return Err(TokenError::Key(id.to_owned(), "not an RSA key".to_owned()));
        };
        Ok(Self {
            id: id.to_owned(),
            signing,
            verifying,
            modulus: parameters.n,
            exponent: parameters.e,
        })
    }
}

/// The `RSAPrivateKey` inside PKCS#8 (RFC 5208 §5), the only form that `jsonwebtoken` takes.
fn pkcs1(pkcs8: &[u8]) -> Option<&[u8]> {
    let (0x30, content, []) = element(pkcs8)? else {
        return None;
    };
    let (0x02, _version, rest) = element(content)? else {
        return None;
    };
    let (0x30, _algorithm, rest) = element(rest)? else {
        return None;
    };
    let (0x04, key, _attributes) = element(rest)? else {
        return None;
    };
    Some(key)
}

/// Tag, content and remainder of a DER element.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (
                bytes
                    .iter()
                    .fold(0_usize, |length, byte| (length << 8) | usize::from(*byte)),
                rest,
            )
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

/// Whether a resource is this API: Microsoft's name or id for it, or a host that it is called at.
pub(super) fn is_graph(resource: &str, host: &str) -> bool {
    let resource = resource.trim_end_matches('/');
    if resource.eq_ignore_ascii_case(GRAPH_URL) || resource.eq_ignore_ascii_case(GRAPH_ID) {
        return true;
    }
    let name = resource
        .strip_prefix("https://")
        .or_else(|| resource.strip_prefix("http://"));
    name.is_some_and(|name| {
        name.eq_ignore_ascii_case(host) || name.eq_ignore_ascii_case(without_port(host))
    })
}

/// The SDKs derive the resource from the host name and drop the port.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An RSA key of 2048 bits made for these tests.
    const KEY: &[u8] = include_bytes!("testdata/rsa2048.pk8");
    const OTHER: &[u8] = include_bytes!("testdata/other2048.pk8");

    fn service(key: &[u8]) -> TokenService {
        TokenService::new(TenantId(Uuid::from_u128(1)), &[("k1".to_owned(), key)]).unwrap()
    }

    fn grant(audience: &str) -> AppGrant {
        AppGrant {
            app: AppId(Uuid::from_u128(2)),
            object_id: Uuid::from_u128(4),
            name: "backup".to_owned(),
            roles: vec!["User.Read.All".to_owned()],
            audience: audience.to_owned(),
            base_url: "https://mdm.example:8443".to_owned(),
            id: Uuid::from_u128(3),
        }
    }

    const NOON: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

    #[test]
    fn a_token_is_taken_for_an_hour_and_no_longer() {
        let service = service(KEY);
        let token = service.issue(grant(GRAPH_URL), NOON).unwrap();
        let claims = service.verify(&token, "mdm.example:8443", NOON).unwrap();
        assert_eq!(claims.roles, ["User.Read.All"]);
        assert_eq!((claims.idtyp.as_str(), claims.ver.as_str()), ("app", "2.0"));
        assert_eq!(
            claims.iss,
            format!("https://mdm.example:8443/{}/v2.0", service.tenant())
        );
        let later = NOON.plus(Timestamp::HOUR + Timestamp::MINUTE);
        assert_eq!(service.verify(&token, "x", later), Err(TokenError::Expired));
        let earlier = NOON.plus(-2 * Timestamp::MINUTE);
        assert_eq!(
            service.verify(&token, "x", earlier),
            Err(TokenError::NotYet)
        );
    }

    #[test]
    fn the_three_audiences_of_graph_are_taken_and_no_other() {
        let service = service(KEY);
        let taken = |audience: &str| {
            let token = service.issue(grant(audience), NOON).unwrap();
            service.verify(&token, "mdm.example:8443", NOON)
        };
        for audience in [
            GRAPH_URL,
            "https://graph.microsoft.com/",
            GRAPH_ID,
            "https://mdm.example",
            "https://mdm.example:8443",
            "http://MDM.example",
        ] {
            assert!(taken(audience).is_ok(), "{audience}");
        }
        for audience in [
            "https://other.example",
            "mdm.example",
            "",
            "https://mdm.example.evil",
        ] {
            assert_eq!(
                taken(audience),
                Err(TokenError::Audience(audience.to_owned()))
            );
        }
    }

    #[test]
    fn a_foreign_or_altered_token_is_refused() {
        let service = service(KEY);
        let foreign = self::service(OTHER).issue(grant(GRAPH_URL), NOON).unwrap();
        assert_eq!(
            service.verify(&foreign, "x", NOON),
            Err(TokenError::Signature)
        );
        let token = service.issue(grant(GRAPH_URL), NOON).unwrap();
        let (head, signature) = token.rsplit_once('.').unwrap();
        let swapped = format!("{head}.{}", signature.chars().rev().collect::<String>());
        assert!(service.verify(&swapped, "x", NOON).is_err());
        for garbage in ["", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "ä"] {
            assert!(service.verify(garbage, "x", NOON).is_err(), "{garbage}");
        }
    }

    #[test]
    fn a_token_of_another_tenant_is_refused() {
        let other =
            TokenService::new(TenantId(Uuid::from_u128(9)), &[("k1".to_owned(), KEY)]).unwrap();
        let token = other.issue(grant(GRAPH_URL), NOON).unwrap();
        assert_eq!(
            service(KEY).verify(&token, "x", NOON),
            Err(TokenError::Tenant)
        );
    }

    #[test]
    fn an_older_key_still_verifies_and_both_are_published() {
        let old = service(OTHER);
        let token = old.issue(grant(GRAPH_URL), NOON).unwrap();
        let both = TokenService::new(
            old.tenant(),
            &[("k2".to_owned(), KEY), ("k1".to_owned(), OTHER)],
        )
        .unwrap();
        assert!(both.verify(&token, "x", NOON).is_ok());
        let keys = both.key_set();
        assert_eq!(keys["keys"][0]["kid"], "k2");
        assert_eq!(keys["keys"][1]["kid"], "k1");
        assert_eq!(keys["keys"][0]["e"], "AQAB");
        assert!(keys["keys"][0].get("d").is_none());
    }

    #[test]
    fn what_is_no_key_is_refused_by_name() {
        assert!(matches!(
            TokenService::new(TenantId(Uuid::nil()), &[("k".to_owned(), b"nonsense")]),
            Err(TokenError::Key(name, _)) if name == "k"
        ));
    }
}
