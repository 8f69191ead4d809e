//! The keys that a provider signs with (RFC 7517), and signatures by them (RFC 7515).

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// Algorithms that are taken (RFC 7518 §3.1). Everything else is not, above all `none` and those with shared secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// ECDSA with P-256 and SHA-256.
    Es256,
}

impl Algorithm {
    pub(super) fn parse(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "PS256" => Some(Self::Ps256),
            "ES256" => Some(Self::Es256),
            _ => None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
        }
    }
}

/// The public keys of a provider.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct KeySet {
    keys: Vec<Key>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    id: Option<String>,
    /// The only algorithm it is for, if it says so.
    algorithm: Option<String>,
    material: Material,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Material {
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
    /// Uncompressed point on P-256.
    P256(Vec<u8>),
}

/// Which keys may have signed something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// There is one of this id, or the set has only one that it can be.
    Yes,
    /// There is none; the provider may have others by now.
    No,
}

impl KeySet {
    /// Reads a key set. What is not a key for signatures that we take is passed over.
    pub(crate) fn read(text: &[u8]) -> Result<Self, String> {
        let set: Value =
            serde_json::from_slice(text).map_err(|_| "the key set is not JSON".to_owned())?;
        let keys = set
            .get("keys")
            .and_then(Value::as_array)
            .ok_or("the key set has no `keys`")?;
        Ok(Self {
            keys: keys.iter().filter_map(Key::read).collect(),
        })
    }

    /// How many keys there are that we take.
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(super) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Found {
        match self.candidate(id, algorithm) {
            Some(_) => Found::Yes,
            None => Found::No,
        }
    }

    /// Whether a signature is by the key of this id. Without an id there must be just one key that it can be (OpenID
    /// Connect Core §10.1).
    pub(super) fn verifies(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        self.candidate(id, algorithm)
            .is_some_and(|key| key.verifies(algorithm, message, signature))
    }

    fn candidate(&self, id: Option<&str>, algorithm: Algorithm) -> Option<&Key> {
        let mut fitting = self.keys.iter().filter(|key| key.fits(algorithm));
        if let Some(id) = id {
            return fitting.find(|key| key.id.as_deref() == Some(id));
        }
        let only = fitting.next()?;
        fitting.next().is_none().then_some(only)
    }
}

impl Key {
    fn read(value: &Value) -> Option<Self> {
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let octets = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?).ok();
        if text("use").is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let material = match (text("kty")?, text("crv")) {
            ("RSA", _) => Material::Rsa {
                modulus: octets("n")?,
                exponent: octets("e")?,
            },
            ("EC", Some("P-256")) => {
                let (x, y) = (octets("x")?, octets("y")?);
                if x.len() != 32 || y.len() != 32 {
                    return None;
                }
                Material::P256([&[4], x.as_slice(), y.as_slice()].concat())
            }
            _ => return None,
        };
        Some(Self {
            id: text("kid").map(str::to_owned),
            algorithm: text("alg").map(str::to_owned),
            material,
        })
    }

    fn fits(&self, algorithm: Algorithm) -> bool {
        let is_meant = self
            .algorithm
            .as_deref()
            .is_none_or(|only| only == algorithm.name());
        is_meant
            && match (&self.material, algorithm) {
                (Material::Rsa { .. }, Algorithm::Rs256 | Algorithm::Ps256)
                | (Material::P256(_), Algorithm::Es256) => true,
                (Material::Rsa { .. }, Algorithm::Es256)
                | (Material::P256(_), Algorithm::Rs256 | Algorithm::Ps256) => false,
            }
    }

    fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        match &self.material {
            Material::Rsa { modulus, exponent } => {
                let scheme = if algorithm == Algorithm::Ps256 {
                    &RSA_PSS_2048_8192_SHA256
                } else {
                    &RSA_PKCS1_2048_8192_SHA256
                };
                let key = RsaPublicKeyComponents {
                    n: modulus.as_slice(),
                    e: exponent.as_slice(),
                };
                key.verify(scheme, message, signature).is_ok()
            }
            Material::P256(point) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                .verify(message, signature)
                .is_ok(),
        }
    }
}
