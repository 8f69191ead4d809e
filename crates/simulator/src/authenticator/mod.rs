//! What people carry to prove who they are: a passkey authenticator in software (WebAuthn level 3, ES256, attestation
//! `none`), and an app that shows one-time codes (RFC 6238).

mod cbor;
mod codes;

pub use codes::CodeApp;

use anyhow::{Context as _, ensure};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// Authenticator data, §6.1: the user was there.
const USER_PRESENT: u8 = 0x01;
/// The user was verified.
const USER_VERIFIED: u8 = 0x04;
/// Credential data follow.
const ATTESTED: u8 = 0x40;

/// Holds passkeys.
#[derive(Debug)]
pub struct Authenticator {
    /// Whether it verifies its user, as with a fingerprint.
    pub verifies_user: bool,
    credentials: Vec<Credential>,
}

#[derive(Debug)]
struct Credential {
    id: Vec<u8>,
    party: String,
    handle: Vec<u8>,
    pkcs8: Vec<u8>,
    counter: u32,
}

impl Default for Authenticator {
    fn default() -> Self {
        Self {
            verifies_user: true,
            credentials: Vec::new(),
        }
    }
}

impl Authenticator {
    /// One without passkeys.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a passkey: from `PublicKeyCredentialCreationOptions` as JSON to what a browser's page sends back.
    pub fn create(&mut self, options: &Value, origin: &str) -> anyhow::Result<Value> {
        let party = text(options, "/rp/id")?;
        let handle = URL_SAFE_NO_PAD.decode(text(options, "/user/id")?)?;
        let key =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new())?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, key.as_ref())?;
        let id = digest(&SHA256, pair.public_key().as_ref())
            .as_ref()
            .to_vec();
        let mut data = self.data(party, ATTESTED, 0);
        data.extend([0; 16]);
        data.extend(u16::try_from(id.len())?.to_be_bytes());
        data.extend(&id);
        data.extend(cbor::es256_key(pair.public_key().as_ref())?);
        let client = client_data("webauthn.create", text(options, "/challenge")?, origin);
        let answer = json!({
            "id": URL_SAFE_NO_PAD.encode(&id),
            "rawId": URL_SAFE_NO_PAD.encode(&id),
            "type": "public-key",
            "extensions": {},
            "response": {
                "clientDataJSON": URL_SAFE_NO_PAD.encode(client),
                "attestationObject": URL_SAFE_NO_PAD.encode(cbor::without_attestation(&data)),
            },
        });
        self.credentials.push(Credential {
            id,
            party: party.to_owned(),
            handle,
            pkcs8: key.as_ref().to_vec(),
            counter: 0,
        });
        Ok(answer)
    }

    /// Uses a passkey: from `PublicKeyCredentialRequestOptions` as JSON to what a browser's page sends back. The newest
    /// that fits is used.
    pub fn get(&mut self, options: &Value, origin: &str) -> anyhow::Result<Value> {
        let party = text(options, "/rpId")?.to_owned();
        let allowed: Vec<Vec<u8>> = options["allowCredentials"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|allowed| URL_SAFE_NO_PAD.decode(allowed["id"].as_str()?).ok())
            .collect();
        let fits = |credential: &Credential| {
            credential.party == party && (allowed.is_empty() || allowed.contains(&credential.id))
        };
        let at = self.credentials.iter().rposition(fits);
        let at = at.context("no passkey fits")?;
        self.credentials[at].counter += 1;
        let credential = &self.credentials[at];
        let data = self.data(&party, 0, credential.counter);
        let client = client_data("webauthn.get", text(options, "/challenge")?, origin);
        let mut signed = data.clone();
        signed.extend(digest(&SHA256, client.as_bytes()).as_ref());
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &credential.pkcs8)?;
        let signature = pair.sign(&SystemRandom::new(), &signed)?;
        Ok(json!({
            "id": URL_SAFE_NO_PAD.encode(&credential.id),
            "rawId": URL_SAFE_NO_PAD.encode(&credential.id),
            "type": "public-key",
            "extensions": {},
            "response": {
                "clientDataJSON": URL_SAFE_NO_PAD.encode(client),
                "authenticatorData": URL_SAFE_NO_PAD.encode(data),
                "signature": URL_SAFE_NO_PAD.encode(signature),
                "userHandle": URL_SAFE_NO_PAD.encode(&credential.handle),
            },
        }))
    }

    /// Puts the counter of all passkeys back, as a copy of them would have it.
    pub fn rewind(&mut self) {
        for credential in &mut self.credentials {
            credential.counter = 0;
        }
    }

    fn data(&self, party: &str, flags: u8, counter: u32) -> Vec<u8> {
        let verified = if self.verifies_user { USER_VERIFIED } else { 0 };
        let mut data = digest(&SHA256, party.as_bytes()).as_ref().to_vec();
        data.push(USER_PRESENT | verified | flags);
        data.extend(counter.to_be_bytes());
        data
    }
}

/// §5.8.1
fn client_data(kind: &str, challenge: &str, origin: &str) -> String {
    let challenge = challenge.trim_end_matches('=');
    json!({ "type": kind, "challenge": challenge, "origin": origin, "crossOrigin": false })
        .to_string()
}

fn text<'a>(options: &'a Value, pointer: &str) -> anyhow::Result<&'a str> {
    let found = options.pointer(pointer).and_then(Value::as_str);
    let found = found.with_context(|| format!("the options lack `{pointer}`"))?;
    ensure!(!found.is_empty(), "`{pointer}` is empty");
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> (Value, Value) {
        let challenge = URL_SAFE_NO_PAD.encode([7; 32]);
        let create = json!({
            "rp": { "id": "example.com" },
            "user": { "id": URL_SAFE_NO_PAD.encode([1; 16]) },
            "challenge": challenge,
        });
        (
            create,
            json!({ "rpId": "example.com", "challenge": challenge }),
        )
    }

    #[test]
    fn a_passkey_is_found_where_it_was_made_and_nowhere_else() {
        let mut authenticator = Authenticator::new();
        let (create, get) = options();
        let made = authenticator
            .create(&create, "https://example.com")
            .unwrap();
        let used = authenticator.get(&get, "https://example.com").unwrap();
        assert_eq!(made["rawId"], used["rawId"]);
        let elsewhere = json!({ "rpId": "example.org", "challenge": "x" });
        assert!(
            authenticator
                .get(&elsewhere, "https://example.org")
                .is_err()
        );
    }

    #[test]
    fn the_counter_grows() {
        let mut authenticator = Authenticator::new();
        let (create, get) = options();
        authenticator
            .create(&create, "https://example.com")
            .unwrap();
        let mut counter = || {
            let used = authenticator.get(&get, "https://example.com").unwrap();
            let data = used["response"]["authenticatorData"].as_str().unwrap();
            let data = URL_SAFE_NO_PAD.decode(data).unwrap();
            u32::from_be_bytes(data[33..37].try_into().unwrap())
        };
        assert_eq!((counter(), counter()), (1, 2));
    }
}
