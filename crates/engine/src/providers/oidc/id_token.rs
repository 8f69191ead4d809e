//! Checking an ID token (OpenID Connect Core §3.1.3.7).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mandate_model::Timestamp;
use mandate_pki::{constant_time_eq, sha256};
use serde_json::{Map, Value};

use super::key_set::{Algorithm, Found, KeySet};

/// By how much clocks may differ, and how long before we asked a token may have been made.
const LEEWAY: i64 = 5 * 60;
const LONGEST: usize = 64 * 1024;
/// OpenID Connect Core §2: `sub` has at most 255 characters.
const LONGEST_SUBJECT: usize = 255;

/// What a token must say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    /// When somebody was sent for it.
    pub(super) asked_at: Timestamp,
    pub(super) now: Timestamp,
    /// The access token that came with it.
    pub(super) access_token: Option<&'a str>,
}

/// Why a token is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Signed by a key that is not in the set; it may be newer than the set.
    UnknownKey,
    /// It is wrong.
    Wrong(String),
}

impl From<&str> for Refusal {
    fn from(reason: &str) -> Self {
        Self::Wrong(reason.to_owned())
    }
}

/// The claims of a token that says what it must.
pub(super) fn check(
    token: &str,
    keys: &KeySet,
    expected: Expected<'_>,
) -> Result<Map<String, Value>, Refusal> {
    let claims = verified(token, keys)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(expected.issuer) {
        return Err("the ID token is of another issuer".into());
    }
    check_audience(&claims, expected.client_id)?;
    check_time(&claims, expected)?;
    let nonce = text("nonce").unwrap_or_default();
    if !constant_time_eq(nonce.as_bytes(), expected.nonce.as_bytes()) {
        return Err("the ID token is the answer to another request (`nonce`)".into());
    }
    let subject = text("sub").unwrap_or_default();
    if subject.is_empty() || subject.len() > LONGEST_SUBJECT {
        return Err("the ID token names nobody (`sub`)".into());
    }
    if let (Some(hash), Some(access_token)) = (text("at_hash"), expected.access_token) {
        // OpenID Connect Core §3.1.3.6; all algorithms that are taken go with SHA-256.
        let half = URL_SAFE_NO_PAD.encode(&sha256(access_token.as_bytes())[..16]);
        if hash != half {
            return Err("the access token is not the one of the ID token (`at_hash`)".into());
        }
    }
    Ok(claims)
}

/// The claims of a token that is signed by one of these keys.
fn verified(token: &str, keys: &KeySet) -> Result<Map<String, Value>, Refusal> {
    if token.len() > LONGEST {
        return Err("the ID token is too long".into());
    }
    let malformed = || Refusal::from("the ID token is not a signed JSON Web Token");
    let (message, signature) = token.rsplit_once('.').ok_or_else(malformed)?;
    let (header, payload) = message.split_once('.').ok_or_else(malformed)?;
    let header = object(header).ok_or_else(malformed)?;
    if header.contains_key("crit") {
        return Err("the ID token demands extensions that are not known here (`crit`)".into());
    }
    let name = header
        .get("alg")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let algorithm = Algorithm::parse(name).ok_or_else(|| {
        Refusal::Wrong(format!(
            "the ID token is signed with `{}`, not with RS256, PS256 or ES256",
            name.chars().take(16).collect::<String>()
        ))
    })?;
    let id = header.get("kid").and_then(Value::as_str);
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| malformed())?;
    if keys.find(id, algorithm) == Found::No {
        return Err(Refusal::UnknownKey);
    }
    if !keys.verifies(id, algorithm, message.as_bytes(), &signature) {
        return Err("the signature of the ID token is wrong".into());
    }
    object(payload).ok_or_else(malformed)
}

fn object(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

fn check_audience(claims: &Map<String, Value>, client_id: &str) -> Result<(), Refusal> {
    let audiences: Vec<&str> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !audiences.contains(&client_id) {
        return Err("the ID token is for another client (`aud`)".into());
    }
    match claims.get("azp") {
        None if audiences.len() > 1 => {
            Err("the ID token is for several clients and names none (`azp`)".into())
        }
        None => Ok(()),
        Some(Value::String(party)) if party == client_id => Ok(()),
        Some(_) => Err("the ID token was made for another client (`azp`)".into()),
    }
}

fn check_time(claims: &Map<String, Value>, expected: Expected<'_>) -> Result<(), Refusal> {
    // Seconds may come with a fraction (RFC 7519 §2).
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole seconds are enough, and it saturates"
    )]
    let seconds = |name: &str| {
        let number = claims.get(name)?.as_f64()?;
        Some(number.floor() as i64)
    };
    let now = expected.now.unix_seconds();
    let ends = seconds("exp").ok_or("the ID token has no end (`exp`)")?;
    if now >= ends.saturating_add(LEEWAY) {
        return Err("the ID token has expired (`exp`)".into());
    }
    let made = seconds("iat").ok_or("the ID token does not say when it was made (`iat`)")?;
    if made > now.saturating_add(LEEWAY) {
        return Err("the ID token is from the future (`iat`)".into());
    }
    if made < expected.asked_at.unix_seconds().saturating_sub(LEEWAY) {
        return Err("the ID token is older than the request (`iat`)".into());
    }
    if seconds("nbf").is_some_and(|begins| begins > now.saturating_add(LEEWAY)) {
        return Err("the ID token is not valid yet (`nbf`)".into());
    }
    Ok(())
}
