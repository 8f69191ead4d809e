//! ID tokens, right and wrong.

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{Grant, Inside, Shared, Signing, numbers, replaced};

const LIFETIME: i64 = 300;

/// The ID token for a code, as the provider is told to make it.
pub(super) fn id_token(shared: &Shared, inside: &Inside, grant: &Grant) -> String {
    let manner = &inside.manner;
    let now = (shared.clock)();
    let asked = |name: &str| grant.asked.get(name).cloned().unwrap_or_default();
    let claims = json!({
        "iss": shared.issuer(),
        "sub": "u1",
        "aud": asked("client_id"),
        "nonce": asked("nonce"),
        "iat": now,
        "auth_time": now,
        "exp": now + LIFETIME,
        "preferred_username": "ada@contoso.com",
    });
    let claims = replaced(claims, &manner.claims);
    let algorithm = match manner.signing {
        Signing::Published | Signing::SomebodyElse => "RS256",
        Signing::Nobody => "none",
        Signing::Secret(_) | Signing::PublicKeyAsSecret => "HS256",
    };
    let mut header = json!({ "alg": algorithm, "typ": "JWT" });
    let key_id = manner.key_id.clone().unwrap_or_else(|| inside.key_id());
    if !key_id.is_empty() {
        header["kid"] = json!(key_id);
    }
    let message = format!("{}.{}", part(&header), part(&claims));
    let signature = match &manner.signing {
        Signing::Published => signed(&inside.key, &message),
        Signing::SomebodyElse => signed(&shared.stranger, &message),
        Signing::Nobody => Vec::new(),
        Signing::Secret(secret) => authenticated(secret.as_bytes(), &message),
        Signing::PublicKeyAsSecret => {
            let (modulus, _) = numbers(&inside.key);
            authenticated(&modulus, &message)
        }
    };
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// RS256. A key of our own making signs; if not, the token is one without a signature.
fn signed(key: &KeyPair, message: &str) -> Vec<u8> {
    let mut signature = vec![0; key.public_modulus_len()];
    let random = SystemRandom::new();
    match key.sign(
        &RSA_PKCS1_SHA256,
        &random,
        message.as_bytes(),
        &mut signature,
    ) {
        Ok(()) => signature,
        Err(_) => Vec::new(),
    }
}

/// HS256.
fn authenticated(secret: &[u8], message: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    hmac::sign(&key, message.as_bytes()).as_ref().to_vec()
}
