//! A stand-in for an OpenID Connect provider that lies when it is told to.
//!
//! It has no pages: [`IdentityProvider::consent`] is what a person does there. Codes are good once, with the verifier of
//! their challenge and the address that they were asked for. What it says and how it signs is its [`Manner`].

mod serve;
mod token;

use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpListener;

use crate::asn1;
use crate::chance::Chance;

/// How an ID token is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signing {
    /// RS256 with the key that is published.
    Published,
    /// RS256 with a key of somebody else, under the id of the published one.
    SomebodyElse,
    /// Not at all (`alg` is `none`).
    Nobody,
    /// HS256 with a secret.
    Secret(String),
    /// HS256 with the published modulus as the secret, as of a checker that takes any key for any algorithm.
    PublicKeyAsSecret,
}

/// How an end point answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Answering {
    /// As it should.
    #[default]
    Well,
    /// With more than anybody wants to read.
    WithoutEnd,
    /// By sending on to another address of this provider, which answers well.
    Elsewhere,
    /// Never.
    Never,
    /// With HTTP status 500.
    Failing,
}

/// What the provider says.
#[derive(Debug, Clone)]
pub struct Manner {
    /// Claims of the ID token besides those that must be; the same name replaces one, `null` leaves it out.
    pub claims: Map<String, Value>,
    /// What replaces something in the metadata; `null` leaves it out.
    pub metadata: Map<String, Value>,
    /// What user information says; none for no end point.
    pub user_info: Option<Map<String, Value>>,
    /// How ID tokens are signed.
    pub signing: Signing,
    /// The `kid` of ID tokens: that of the key, unless said otherwise; empty for none.
    pub key_id: Option<String>,
    /// How the key set is given.
    pub keys: Answering,
    /// How tokens are given.
    pub tokens: Answering,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            claims: Map::new(),
            metadata: Map::new(),
            user_info: None,
            signing: Signing::Published,
            key_id: None,
            keys: Answering::Well,
            tokens: Answering::Well,
        }
    }
}

/// A code that was given.
#[derive(Debug, Clone)]
struct Grant {
    asked: BTreeMap<String, String>,
}

/// The running provider; it stops when dropped.
pub struct IdentityProvider {
    shared: Arc<Shared>,
    task: tokio::task::JoinHandle<()>,
}

struct Shared {
    address: SocketAddr,
    clock: Box<dyn Fn() -> i64 + Send + Sync>,
    stranger: KeyPair,
    inside: Mutex<Inside>,
}

struct Inside {
    key: Arc<KeyPair>,
    generation: u32,
    manner: Manner,
    codes: BTreeMap<String, Grant>,
    chance: Chance,
    asked: Vec<String>,
    authorizations: Vec<String>,
}

impl IdentityProvider {
    /// Starts on a free loopback port, without TLS; `clock` is seconds since 1970.
    pub async fn start(clock: impl Fn() -> i64 + Send + Sync + 'static) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let shared = Arc::new(Shared {
            address: listener.local_addr()?,
            clock: Box::new(clock),
            stranger: key()?,
            inside: Mutex::new(Inside {
                key: Arc::new(key()?),
                generation: 0,
                manner: Manner::default(),
                codes: BTreeMap::new(),
                chance: Chance::new(u64::from(std::process::id())),
                asked: Vec::new(),
                authorizations: Vec::new(),
            }),
        });
        let task = tokio::spawn(serve::accept(listener, Arc::clone(&shared)));
        Ok(Self { shared, task })
    }

    /// Its issuer.
    pub fn issuer(&self) -> String {
        self.shared.issuer()
    }

    /// Changes what it says from now on.
    pub fn behave(&self, change: impl FnOnce(&mut Manner)) {
        change(&mut self.shared.lock().manner);
    }

    /// From now on it signs with another key, and publishes that alone.
    pub fn rotate_key(&self) -> std::io::Result<()> {
        let new = Arc::new(key()?);
        let mut inside = self.shared.lock();
        inside.key = new;
        inside.generation += 1;
        Ok(())
    }

    /// How often a path was asked for.
    pub fn times_asked(&self, path: &str) -> usize {
        let inside = self.shared.lock();
        inside.asked.iter().filter(|asked| *asked == path).count()
    }

    /// `Authorization` of requests for tokens, empty where there was none.
    pub fn authorizations(&self) -> Vec<String> {
        self.shared.lock().authorizations.clone()
    }

    /// What somebody who was sent to `location` and consents comes back with, by name: `state`, `code` and `iss`.
    pub fn consent(&self, location: &str) -> BTreeMap<String, String> {
        let asked = query(location.split_once('?').map_or("", |(_, query)| query));
        let state = asked.get("state").cloned().unwrap_or_default();
        let mut inside = self.shared.lock();
        let code = format!("code-{:016x}", inside.chance.bits());
        inside.codes.insert(code.clone(), Grant { asked });
        BTreeMap::from([
            ("state".to_owned(), state),
            ("code".to_owned(), code),
            ("iss".to_owned(), self.issuer()),
        ])
    }
}

impl Drop for IdentityProvider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl std::fmt::Debug for IdentityProvider {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("IdentityProvider")
            .field("issuer", &self.issuer())
            .finish_non_exhaustive()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn issuer(&self) -> String {
        format!("http://{}", self.address)
    }

    fn metadata(&self, manner: &Manner) -> Value {
        let issuer = self.issuer();
        let mut metadata = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/keys"),
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        });
        if manner.user_info.is_some() {
            metadata["userinfo_endpoint"] = json!(format!("{issuer}/me"));
        }
        replaced(metadata, &manner.metadata)
    }
}

impl Inside {
    fn key_id(&self) -> String {
        format!("key-{}", self.generation)
    }

    fn key_set(&self) -> Value {
        let (modulus, exponent) = numbers(&self.key);
        json!({ "keys": [{
            "kty": "RSA", "use": "sig", "kid": self.key_id(),
            "n": URL_SAFE_NO_PAD.encode(modulus),
            "e": URL_SAFE_NO_PAD.encode(exponent),
        }] })
    }
}

/// Modulus and public exponent, big-endian, of `RSAPublicKey` (RFC 8017 A.1.1).
fn numbers(key: &KeyPair) -> (Vec<u8>, Vec<u8>) {
    let numbers = asn1::parse(key.public_key().as_ref()).and_then(|key| key.children());
    let numbers = numbers.unwrap_or_default();
    let number = |place: usize| -> Vec<u8> {
        let content = numbers.get(place).map_or(&[][..], |number| number.content);
        content
            .iter()
            .copied()
            .skip_while(|octet| *octet == 0)
            .collect()
    };
    (number(0), number(1))
}

fn key() -> std::io::Result<KeyPair> {
    KeyPair::generate(KeySize::Rsa2048).map_err(|_| std::io::Error::other("cannot make a key"))
}

/// An object with other values; `null` leaves one out.
fn replaced(object: Value, with: &Map<String, Value>) -> Value {
    let mut object = match object {
        Value::Object(object) => object,
        other => return other,
    };
    for (name, value) in with {
        if value.is_null() {
            object.remove(name);
        } else {
            object.insert(name.clone(), value.clone());
        }
    }
    Value::Object(object)
}

/// Fields of a query or a form.
fn query(text: &str) -> BTreeMap<String, String> {
    text.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

fn decoded(text: &str) -> String {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let pair = after
            .get(..2)
            .and_then(|pair| std::str::from_utf8(pair).ok())
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match (first, pair) {
            (b'%', Some(octet)) => {
                octets.push(octet);
                rest = &after[2..];
            }
            (b'+', _) => {
                octets.push(b' ');
                rest = after;
            }
            _ => {
                octets.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&octets).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_decoded() {
        let fields = query("a=b%20c&d=%c3%a4+e&f=%zz&g");
        assert_eq!(fields["a"], "b c");
        assert_eq!(fields["d"], "ä e");
        assert_eq!(fields["f"], "%zz");
        assert!(!fields.contains_key("g"));
    }
}
