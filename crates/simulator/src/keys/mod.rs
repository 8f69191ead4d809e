//! RSA keys and the pool that devices share.
//!
//! Making a 2,048-bit key takes some 50 ms, using one 0.2 ms. A fleet therefore draws its keys from a pool made once; what
//! distinguishes devices is their certificates.

mod pool;
mod rsa_sha1;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{
    KeySize, Pkcs1PrivateDecryptingKey, Pkcs1PublicEncryptingKey, PrivateDecryptingKey,
    PublicEncryptingKey,
};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use std::fmt;
use thiserror::Error;

pub use pool::KeyPool;

use crate::asn1;

/// An RSA key that cannot be made, read or used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyError {
    /// The library refused to make a key.
    #[error("cannot make an RSA key")]
    Generate,
    /// Not a PKCS#8 RSA key, or one the library refuses.
    #[error("not a usable RSA key")]
    Rejected,
    /// Signing, encrypting or decrypting failed.
    #[error("RSA operation failed")]
    Operation,
}

/// The digest that a signature is made over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Digest {
    /// Real devices on older releases, mdmb, Fleet's client.
    Sha1,
    /// Everything of today.
    #[default]
    Sha256,
}

impl Digest {
    /// Dotted object identifier of the digest.
    pub fn oid(self) -> &'static str {
        match self {
            Self::Sha1 => asn1::oid::SHA1,
            Self::Sha256 => asn1::oid::SHA256,
        }
    }

    /// Dotted object identifier of RSA with this digest.
    pub fn rsa_oid(self) -> &'static str {
        match self {
            Self::Sha1 => asn1::oid::SHA1_RSA,
            Self::Sha256 => asn1::oid::SHA256_RSA,
        }
    }

    /// The digest of `data`.
    pub fn of(self, data: &[u8]) -> Vec<u8> {
        use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
        let algorithm = match self {
            Self::Sha1 => &SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &SHA256,
        };
        digest(algorithm, data).as_ref().to_vec()
    }
}

/// A private RSA key with everything that CMS and SCEP do with it.
pub struct Key {
    id: u32,
    pkcs8: Vec<u8>,
    signer: RsaKeyPair,
    decryptor: Pkcs1PrivateDecryptingKey,
    public: Vec<u8>,
    legacy: rsa_sha1::PrivateExponent,
}

impl Key {
    /// A fresh key of 2,048 bits; `id` is its place in the pool.
    pub fn generate(id: u32) -> Result<Self, KeyError> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::Generate)?;
        let pkcs8 = pair.as_der().map_err(|_| KeyError::Generate)?;
        Self::from_pkcs8(id, pkcs8.as_ref())
    }

    /// A key from PKCS#8 DER.
    pub fn from_pkcs8(id: u32, pkcs8: &[u8]) -> Result<Self, KeyError> {
        let signer = RsaKeyPair::from_pkcs8(pkcs8).map_err(|_| KeyError::Rejected)?;
        let decrypting = PrivateDecryptingKey::from_pkcs8(pkcs8).map_err(|_| KeyError::Rejected)?;
        let decryptor =
            Pkcs1PrivateDecryptingKey::new(decrypting).map_err(|_| KeyError::Rejected)?;
        let public = signer
            .public_key()
            .as_der()
            .map_err(|_| KeyError::Rejected)?
            .as_ref()
            .to_vec();
        let legacy = rsa_sha1::PrivateExponent::from_pkcs8(pkcs8).ok_or(KeyError::Rejected)?;
        Ok(Self {
            id,
            pkcs8: pkcs8.to_vec(),
            signer,
            decryptor,
            public,
            legacy,
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

    /// PKCS#1 v1.5 signature over `message`.
    pub fn sign(&self, digest: Digest, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        match digest {
            Digest::Sha1 => Ok(self.legacy.sign(&Digest::Sha1.of(message))),
            Digest::Sha256 => {
                let mut signature = vec![0; self.signer.public_modulus_len()];
                self.signer
                    .sign(
                        &RSA_PKCS1_SHA256,
                        &SystemRandom::new(),
                        message,
                        &mut signature,
                    )
                    .map_err(|_| KeyError::Operation)?;
                Ok(signature)
            }
        }
    }

    /// What PKCS#1 v1.5 encryption to this key hid.
    pub fn decrypt(&self, ciphertext: &[u8]) -> Result<Vec<u8>, KeyError> {
        let mut plain = vec![0; self.decryptor.min_output_size()];
        let found = self
            .decryptor
            .decrypt(ciphertext, &mut plain)
            .map_err(|_| KeyError::Operation)?;
        Ok(found.to_vec())
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

/// PKCS#1 v1.5 encryption to a `SubjectPublicKeyInfo`.
pub fn encrypt_to(public: &[u8], message: &[u8]) -> Result<Vec<u8>, KeyError> {
    let key = PublicEncryptingKey::from_der(public).map_err(|_| KeyError::Rejected)?;
    let key = Pkcs1PublicEncryptingKey::new(key).map_err(|_| KeyError::Rejected)?;
    let mut out = vec![0; key.ciphertext_size()];
    let length = key
        .encrypt(message, &mut out)
        .map_err(|_| KeyError::Operation)?
        .len();
    out.truncate(length);
    Ok(out)
}

/// Whether `signature` is a PKCS#1 v1.5 signature of `message` by the given `SubjectPublicKeyInfo`.
pub fn verifies(public: &[u8], digest: Digest, message: &[u8], signature: &[u8]) -> bool {
    use aws_lc_rs::signature::{
        ParsedPublicKey, RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
        RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
    };
    let algorithm: &'static dyn aws_lc_rs::signature::VerificationAlgorithm = match digest {
        Digest::Sha1 => &RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
        Digest::Sha256 => &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
    };
    ParsedPublicKey::new(algorithm, public)
        .is_ok_and(|key| key.verify_sig(message, signature).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_digests_sign_what_verifies() {
        let key = KeyPool::shared().key(0);
        for digest in [Digest::Sha1, Digest::Sha256] {
            let signature = key.sign(digest, b"checked in").unwrap();
            assert!(verifies(key.public(), digest, b"checked in", &signature));
            assert!(!verifies(key.public(), digest, b"checked out", &signature));
        }
    }

    #[test]
    fn the_holder_reads_what_was_encrypted_to_the_key() {
        let key = KeyPool::shared().key(1);
        let hidden = encrypt_to(key.public(), b"content key").unwrap();
        assert_eq!(key.decrypt(&hidden).unwrap(), b"content key");
    }
}
