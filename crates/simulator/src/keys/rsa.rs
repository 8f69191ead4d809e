//! RSA keys (RFC 8017).

use super::rsa_sha1::PrivateExponent;
use super::{Digest, KeyError};
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{
    KeySize, OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384,
    OAEP_SHA512_MGF1SHA512, OaepPrivateDecryptingKey, Pkcs1PrivateDecryptingKey,
    PrivateDecryptingKey,
};
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RsaKeyPair,
};

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

/// A private RSA key.
pub(super) struct RsaKey {
    signer: RsaKeyPair,
    decrypting: PrivateDecryptingKey,
    legacy: PrivateExponent,
}

impl RsaKey {
    pub(super) fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, KeyError> {
        Ok(Self {
            signer: RsaKeyPair::from_pkcs8(pkcs8).map_err(|_| KeyError::Rejected)?,
            decrypting: PrivateDecryptingKey::from_pkcs8(pkcs8).map_err(|_| KeyError::Rejected)?,
            legacy: PrivateExponent::from_pkcs8(pkcs8).ok_or(KeyError::Rejected)?,
        })
    }

    pub(super) fn public(&self) -> Result<Vec<u8>, KeyError> {
        let der = self.signer.public_key().as_der();
        Ok(der.map_err(|_| KeyError::Rejected)?.as_ref().to_vec())
    }

    /// PKCS#1 v1.5 (§8.2).
    pub(super) fn sign(&self, digest: Digest, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let padding: &'static dyn aws_lc_rs::signature::RsaEncoding = match digest {
            Digest::Sha1 => return Ok(self.legacy.sign(&Digest::Sha1.of(message))),
            Digest::Sha256 => &RSA_PKCS1_SHA256,
            Digest::Sha384 => &RSA_PKCS1_SHA384,
            Digest::Sha512 => &RSA_PKCS1_SHA512,
        };
        let mut signature = vec![0; self.signer.public_modulus_len()];
        self.signer
            .sign(padding, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| KeyError::Operation)?;
        Ok(signature)
    }

    /// PKCS#1 v1.5 (§7.2).
    pub(super) fn decrypt(&self, ciphertext: &[u8]) -> Result<Vec<u8>, KeyError> {
        let key = Pkcs1PrivateDecryptingKey::new(self.decrypting.clone())
            .map_err(|_| KeyError::Operation)?;
        let mut plain = vec![0; key.min_output_size()];
        let found = key
            .decrypt(ciphertext, &mut plain)
            .map_err(|_| KeyError::Operation)?;
        Ok(found.to_vec())
    }

    /// OAEP without a label (§7.1).
    pub(super) fn decrypt_oaep(
        &self,
        digest: Digest,
        ciphertext: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
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
