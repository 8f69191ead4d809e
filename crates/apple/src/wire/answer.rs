//! Bodies with which check-ins are answered; all others are answered with an empty one.

use plist::{Dictionary, Value};

use super::property_list;

/// Answer to Apple `GetBootstrapToken`; without a token an empty dictionary.
pub fn bootstrap_token(token: Option<&[u8]>) -> Vec<u8> {
    let mut answer = Dictionary::new();
    if let Some(token) = token {
        answer.insert("BootstrapToken".to_owned(), Value::Data(token.to_vec()));
    }
    property_list::write(answer)
}

/// Answer to Apple `UserAuthenticate` that goes on without a password: an empty `DigestChallenge`.
pub fn no_digest_challenge() -> Vec<u8> {
    property_list::write(Dictionary::from_iter([(
        "DigestChallenge",
        Value::String(String::new()),
    )]))
}

/// Answer to Apple `GetToken`.
pub fn token(token: &[u8]) -> Vec<u8> {
    property_list::write(Dictionary::from_iter([(
        "TokenData",
        Value::Data(token.to_vec()),
    )]))
}
