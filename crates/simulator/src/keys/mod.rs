//! Private keys, RSA and on elliptic curves, and the pool that devices share.
//!
//! Making a 2,048-bit RSA key takes some 50 ms, using one 0.2 ms. A fleet therefore draws its keys from a pool made once; what
//! distinguishes devices is their certificates. Keys on curves, and RSA keys of old sizes, come with PKCS#12 files only.

mod curve;
mod digest;
mod pool;
mod rsa;
mod rsa_numbers;
mod rsa_padding;
mod verify;

use std::fmt;
use thiserror::Error;

pub use curve::Curve;
pub use digest::Digest;
pub use pool::KeyPool;
pub use verify::{encrypt_to, verifies};

use crate::asn1;
use curve::CurveKey;
use rsa::RsaKey;

/// A key that cannot be made, read or used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyError {
    /// The library refused to make a key.
    #[error("cannot make a key")]
    Generate,
    /// Not a PKCS#8 key (RSA of 1,024 to 8,192 bits, P-256, P-384, P-521), or one the library refuses.
    #[error("not a usable key")]
    Rejected,
    /// Signing, encrypting or decrypting failed, or the key is of a kind that cannot do it.
    #[error("the key's operation failed")]
    Operation,
}

/// A private key with everything that CMS, SCEP and TLS do with it.
pub struct Key {
    id: u32,
    pkcs8: Vec<u8>,
    public: Vec<u8>,
    kind: Kind,
}

enum Kind {
    Rsa(Box<RsaKey>),
    Curve(CurveKey),
}

impl Key {
    /// A fresh RSA key of 2,048 bits; `id` is its place in the pool.
    pub fn generate(id: u32) -> Result<Self, KeyError> {
        Self::generate_bits(id, 2_048)
    }

    /// A fresh RSA key of 2,048, 3,072 or 4,096 bits.
    pub fn generate_bits(id: u32, bits: u32) -> Result<Self, KeyError> {
        Self::from_pkcs8(id, &rsa::generate(bits)?)
    }

    /// A fresh key on a curve.
    pub fn generate_on(id: u32, curve: Curve) -> Result<Self, KeyError> {
        Self::from_pkcs8(id, &curve.generate()?)
    }

    /// A key from PKCS#8 DER: RSA of 1,024 to 8,192 bits, P-256, P-384 or P-521.
    pub fn from_pkcs8(id: u32, pkcs8: &[u8]) -> Result<Self, KeyError> {
        let (kind, public) = if let Ok(key) = RsaKey::from_pkcs8(pkcs8) {
            let public = key.public();
            (Kind::Rsa(Box::new(key)), public)
        } else {
            let key = CurveKey::from_pkcs8(pkcs8)?;
            let public = key.public()?;
            (Kind::Curve(key), public)
        };
        Ok(Self {
            id,
            pkcs8: pkcs8.to_vec(),
            public,
            kind,
        })
    }

    /// Place in the pool.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// PKCS#8 DER.
    pub fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// `SubjectPublicKeyInfo` DER.
    pub fn public(&self) -> &[u8] {
        &self.public
    }

    /// The digest that signatures are made over when `wanted` is asked for: a key on a curve has its own.
    pub fn digest(&self, wanted: Digest) -> Digest {
        match &self.kind {
            Kind::Rsa(_) => wanted,
            Kind::Curve(key) => key.curve.digest(),
        }
    }

    /// `AlgorithmIdentifier` of signatures by this key, as certificates and requests name it.
    pub fn signature_algorithm(&self, wanted: Digest) -> Vec<u8> {
        match &self.kind {
            Kind::Rsa(_) => asn1::algorithm(wanted.rsa_oid()),
            Kind::Curve(key) => asn1::algorithm_bare(key.curve.signature_oid()),
        }
    }

    /// The same as CMS names it: `rsaEncryption` for RSA (RFC 3370 §3.2), digest and curve together else (RFC 5753 §2.1).
    pub fn message_signature_algorithm(&self) -> Vec<u8> {
        match &self.kind {
            Kind::Rsa(_) => asn1::algorithm(asn1::oid::RSA),
            Kind::Curve(key) => asn1::algorithm_bare(key.curve.signature_oid()),
        }
    }

    /// A signature over `message`: PKCS#1 v1.5 with the digest, or ECDSA with the curve's own digest.
    pub fn sign(&self, digest: Digest, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        match &self.kind {
            Kind::Rsa(key) => key.sign(digest, message),
            Kind::Curve(key) => key.sign(message),
        }
    }

    /// What PKCS#1 v1.5 encryption to this key hid; RSA only.
    pub fn decrypt(&self, ciphertext: &[u8]) -> Result<Vec<u8>, KeyError> {
        match &self.kind {
            Kind::Rsa(key) => key.decrypt(ciphertext),
            Kind::Curve(_) => Err(KeyError::Operation),
        }
    }

    /// What OAEP encryption (RFC 8017 §7.1, the digest also for MGF1, no label) to this key hid; RSA only.
    pub fn decrypt_oaep(&self, digest: Digest, ciphertext: &[u8]) -> Result<Vec<u8>, KeyError> {
        match &self.kind {
            Kind::Rsa(key) => key.decrypt_oaep(digest, ciphertext),
            Kind::Curve(_) => Err(KeyError::Operation),
        }
    }

    /// What this key and a peer's point on its curve agree on by ECDH; keys on curves only.
    pub fn agree(&self, point: &[u8]) -> Result<Vec<u8>, KeyError> {
        match &self.kind {
            Kind::Rsa(_) => Err(KeyError::Operation),
            Kind::Curve(key) => key.agree(point),
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Key")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digest_signs_what_verifies() {
        let key = KeyPool::shared().key(0);
        for digest in [Digest::Sha1, Digest::Sha256, Digest::Sha384, Digest::Sha512] {
            let signature = key.sign(digest, b"checked in").unwrap();
            assert!(verifies(key.public(), digest, b"checked in", &signature));
            assert!(!verifies(key.public(), digest, b"checked out", &signature));
        }
    }

    #[test]
    fn keys_on_curves_sign_and_do_not_decrypt() {
        for curve in [Curve::P256, Curve::P384, Curve::P521] {
            let key = Key::generate_on(0, curve).unwrap();
            let digest = key.digest(Digest::Sha1);
            let signature = key.sign(digest, b"checked in").unwrap();
            assert!(verifies(key.public(), digest, b"checked in", &signature));
            assert!(!verifies(key.public(), digest, b"checked out", &signature));
            assert_eq!(key.decrypt(&signature), Err(KeyError::Operation));
        }
    }

    #[test]
    fn the_holder_reads_what_was_encrypted_to_the_key() {
        let key = KeyPool::shared().key(1);
        let hidden = encrypt_to(key.public(), b"content key").unwrap();
        assert_eq!(key.decrypt(&hidden).unwrap(), b"content key");
        assert_eq!(
            key.decrypt_oaep(Digest::Sha256, &hidden),
            Err(KeyError::Operation)
        );
    }
}
