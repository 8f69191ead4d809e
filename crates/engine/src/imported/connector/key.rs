//! A connector key: its names, and the forms of its public half.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mandate_model::Timestamp;
use mandate_pki::keys::PublicKey;
use serde::{Deserialize, Serialize};

use crate::EngineError;

/// The provider that is named unless another is: the one that every Windows has.
pub const DEFAULT_PROVIDER: &str = "Microsoft Software Key Storage Provider";
/// The name of the first key unless another is chosen.
pub const DEFAULT_KEY_NAME: &str = "mandate-connector";

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
    pub(super) public_key: String,
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
        let info = STANDARD.decode(&self.public_key).map_err(|error| {
            EngineError::Internal(format!("a connector key cannot be read: {error}"))
        })?;
        PublicKey::from_der(&info)?
            .to_rsa_public_blob()
            .ok_or_else(|| EngineError::Internal("a connector key is not RSA".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use mandate_pki::keys::{KeyKind, PrivateKey};

    use super::*;

    #[test]
    fn the_public_key_comes_in_both_forms() {
        let private = PrivateKey::generate(KeyKind::Rsa2048).unwrap();
        let key = ConnectorKey {
            public_key: STANDARD.encode(private.public_key_info()),
            name: "x".to_owned(),
            provider: "KSP".to_owned(),
            bits: 2048,
            created_at: Timestamp(0),
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
}
