//! RSA keys (RFC 8017).

use super::rsa_numbers::RsaNumbers;
use super::{Digest, KeyError, rsa_padding};
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{
    KeySize, OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384,
    OAEP_SHA512_MGF1SHA512, OaepPrivateDecryptingKey, Pkcs1PrivateDecryptingKey,
    PrivateDecryptingKey,
};
use aws_lc_rs::signature::{
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RsaEncoding, RsaKeyPair,
};
use std::ops::RangeInclusive;

/// PKCS#8 of a fresh key.
pub(super) fn generate(bits: u32) -> Result<Vec<u8>, KeyError> {
    let size = match bits {
        2_048 => KeySize::Rsa2048,
        3_072 => KeySize::Rsa3072,
        4_096 => KeySize::Rsa4096,
        _ => return Err(KeyError::Generate),
    };
    let pair = RsaKeyPair::generate(size).map_err(|_| KeyError::Generate)?;
    let pkcs8 = pair.as_der().map_err(|_| KeyError::Generate)?;
    Ok(pkcs8.as_ref().to_vec())
}

/// Sizes of keys that devices use, in bits.
const SIZES: RangeInclusive<usize> = 1_024..=8_192;

/// The smallest that the library uses.
const LEAST_OF_LIBRARY: usize = 2_048;

/// A private RSA key.
pub(super) struct RsaKey {
    numbers: RsaNumbers,
    /// For what the library does with keys of this size.
    library: Option<Library>,
}

struct Library {
    signer: RsaKeyPair,
    decrypting: PrivateDecryptingKey,
}

impl RsaKey {
    pub(super) fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, KeyError> {
        let numbers = RsaNumbers::from_pkcs8(pkcs8).ok_or(KeyError::Rejected)?;
        if !SIZES.contains(&numbers.bits()) {
            return Err(KeyError::Rejected);
        }
        let library = (numbers.bits() >= LEAST_OF_LIBRARY)
            .then(|| Library::from_pkcs8(pkcs8))
            .transpose()?;
        Ok(Self { numbers, library })
    }

    pub(super) fn public(&self) -> Vec<u8> {
        self.numbers.public()
    }

    /// PKCS#1 v1.5 (§8.2).
    pub(super) fn sign(&self, digest: Digest, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        match (&self.library, digest) {
            (Some(library), Digest::Sha256) => library.sign(&RSA_PKCS1_SHA256, message),
            (Some(library), Digest::Sha384) => library.sign(&RSA_PKCS1_SHA384, message),
            (Some(library), Digest::Sha512) => library.sign(&RSA_PKCS1_SHA512, message),
            (_, Digest::Sha1) | (None, _) => {
                rsa_padding::for_signature(digest, message, self.numbers.octets())
                    .and_then(|encoded| self.numbers.raise(&encoded))
                    .ok_or(KeyError::Operation)
            }
        }
    }

    /// PKCS#1 v1.5 (§7.2).
    pub(super) fn decrypt(&self, ciphertext: &[u8]) -> Result<Vec<u8>, KeyError> {
        match &self.library {
            Some(library) => library.decrypt(ciphertext),
            None => (self.numbers.raise(ciphertext))
                .and_then(|encoded| rsa_padding::within_pkcs1(&encoded))
                .ok_or(KeyError::Operation),
        }
    }

    /// OAEP without a label (§7.1).
    pub(super) fn decrypt_oaep(
        &self,
        digest: Digest,
        ciphertext: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        match &self.library {
            Some(library) => library.decrypt_oaep(digest, ciphertext),
            None => (self.numbers.raise(ciphertext))
                .and_then(|encoded| rsa_padding::within_oaep(digest, &encoded))
                .ok_or(KeyError::Operation),
        }
    }
}

impl Library {
    fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, KeyError> {
        Ok(Self {
            signer: RsaKeyPair::from_pkcs8(pkcs8).map_err(|_| KeyError::Rejected)?,
            decrypting: PrivateDecryptingKey::from_pkcs8(pkcs8).map_err(|_| KeyError::Rejected)?,
        })
    }

    fn sign(&self, padding: &'static dyn RsaEncoding, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let mut signature = vec![0; self.signer.public_modulus_len()];
        self.signer
            .sign(padding, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| KeyError::Operation)?;
        Ok(signature)
    }

    fn decrypt(&self, ciphertext: &[u8]) -> Result<Vec<u8>, KeyError> {
        let key = Pkcs1PrivateDecryptingKey::new(self.decrypting.clone())
            .map_err(|_| KeyError::Operation)?;
        let mut plain = vec![0; key.min_output_size()];
        let found = key
            .decrypt(ciphertext, &mut plain)
            .map_err(|_| KeyError::Operation)?;
        Ok(found.to_vec())
    }

    fn decrypt_oaep(&self, digest: Digest, ciphertext: &[u8]) -> Result<Vec<u8>, KeyError> {
        let algorithm = match digest {
            Digest::Sha1 => &OAEP_SHA1_MGF1SHA1,
            Digest::Sha256 => &OAEP_SHA256_MGF1SHA256,
            Digest::Sha384 => &OAEP_SHA384_MGF1SHA384,
            Digest::Sha512 => &OAEP_SHA512_MGF1SHA512,
        };
        let key = OaepPrivateDecryptingKey::new(self.decrypting.clone())
            .map_err(|_| KeyError::Operation)?;
        let mut plain = vec![0; key.min_output_size()];
        let found = key
            .decrypt(algorithm, ciphertext, &mut plain, None)
            .map_err(|_| KeyError::Operation)?;
        Ok(found.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{KeyPool, encrypt_to, verifies};
    use proptest::prelude::*;

    /// A key of the library's size that does everything by its numbers.
    fn by_numbers() -> RsaKey {
        RsaKey {
            library: None,
            ..RsaKey::from_pkcs8(KeyPool::shared().key(0).pkcs8()).unwrap()
        }
    }

    #[test]
    fn the_numbers_do_what_the_library_does() {
        let (key, public) = (by_numbers(), by_numbers().public());
        assert_eq!(public, KeyPool::shared().key(0).public());
        for digest in [Digest::Sha1, Digest::Sha256, Digest::Sha384, Digest::Sha512] {
            let signature = key.sign(digest, b"message").unwrap();
            assert!(verifies(&public, digest, b"message", &signature));
            assert!(!verifies(&public, digest, b"massage", &signature));
        }
        let hidden = encrypt_to(&public, b"content key").unwrap();
        assert_eq!(key.decrypt(&hidden).unwrap(), b"content key");
        assert_eq!(
            key.decrypt_oaep(Digest::Sha256, &hidden),
            Err(KeyError::Operation)
        );
        for length in [0, 255, 257] {
            assert_eq!(key.decrypt(&vec![1; length]), Err(KeyError::Operation));
        }
        assert_eq!(key.decrypt(&[0xFF; 256]), Err(KeyError::Operation));
    }

    #[test]
    fn oaep_goes_back_by_the_same_digest() {
        use aws_lc_rs::rsa::{OaepPublicEncryptingKey, PublicEncryptingKey};
        let key = by_numbers();
        let public = PublicEncryptingKey::from_der(&key.public()).unwrap();
        let public = OaepPublicEncryptingKey::new(public).unwrap();
        for (digest, algorithm) in [
            (Digest::Sha1, &OAEP_SHA1_MGF1SHA1),
            (Digest::Sha512, &OAEP_SHA512_MGF1SHA512),
        ] {
            let mut hidden = vec![0; public.ciphertext_size()];
            public
                .encrypt(algorithm, b"content key", &mut hidden, None)
                .unwrap();
            assert_eq!(key.decrypt_oaep(digest, &hidden).unwrap(), b"content key");
            let other = key.decrypt_oaep(Digest::Sha384, &hidden);
            assert_eq!(other, Err(KeyError::Operation));
        }
    }

    proptest! {
        #[test]
        fn padding_of_any_octets_is_survived(encoded in proptest::collection::vec(any::<u8>(), 0..80)) {
            let zero = [&[0, 2], encoded.as_slice()].concat();
            for encoded in [&encoded, &zero] {
                let _ = rsa_padding::within_pkcs1(encoded);
                let _ = rsa_padding::within_oaep(Digest::Sha1, encoded);
            }
        }
    }
}
