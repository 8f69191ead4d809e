//! Content encryption in CBC mode.

use super::CmsError;
use crate::asn1::oid;
use aws_lc_rs::cipher::{
    AES_128, AES_192, AES_256, Algorithm, DecryptingKey, DecryptionContext, EncryptionContext,
    PaddedBlockDecryptingKey, PaddedBlockEncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;

/// A cipher for content, always CBC with PKCS#7 padding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentCipher {
    /// Single DES, of which only simulators and very old devices know.
    Des,
    /// 3DES with three keys.
    TripleDes,
    /// AES-128.
    Aes128,
    /// AES-192.
    Aes192,
    /// AES-256.
    Aes256,
}

impl ContentCipher {
    /// By dotted object identifier.
    pub fn from_oid(dotted: &str) -> Option<Self> {
        [
            Self::Des,
            Self::TripleDes,
            Self::Aes128,
            Self::Aes192,
            Self::Aes256,
        ]
        .into_iter()
        .find(|cipher| cipher.oid() == dotted)
    }

    /// Dotted object identifier.
    pub fn oid(self) -> &'static str {
        match self {
            Self::Des => oid::DES_CBC,
            Self::TripleDes => oid::DES_EDE3_CBC,
            Self::Aes128 => oid::AES128_CBC,
            Self::Aes192 => oid::AES192_CBC,
            Self::Aes256 => oid::AES256_CBC,
        }
    }

    /// Octets of the content key.
    pub fn key_length(self) -> usize {
        match self {
            Self::Des => 8,
            Self::TripleDes | Self::Aes192 => 24,
            Self::Aes128 => 16,
            Self::Aes256 => 32,
        }
    }

    /// Octets of the initialisation vector.
    pub fn iv_length(self) -> usize {
        match self {
            Self::Des | Self::TripleDes => 8,
            Self::Aes128 | Self::Aes192 | Self::Aes256 => 16,
        }
    }

    /// Encrypts with padding.
    pub fn encrypt(self, key: &[u8], iv: &[u8], plain: &[u8]) -> Result<Vec<u8>, CmsError> {
        let key =
            UnboundCipherKey::new(self.algorithm(), key).map_err(|_| CmsError::Undecryptable)?;
        let key = PaddedBlockEncryptingKey::cbc_pkcs7(key).map_err(|_| CmsError::Undecryptable)?;
        let context = match self.iv_length() {
            8 => EncryptionContext::Iv64(
                FixedLength::<8>::try_from(iv).map_err(|_| CmsError::Undecryptable)?,
            ),
            _ => EncryptionContext::Iv128(
                FixedLength::<16>::try_from(iv).map_err(|_| CmsError::Undecryptable)?,
            ),
        };
        let mut data = plain.to_vec();
        key.less_safe_encrypt(&mut data, context)
            .map_err(|_| CmsError::Undecryptable)?;
        Ok(data)
    }

    /// Decrypts and takes the padding off.
    pub fn decrypt(self, key: &[u8], iv: &[u8], hidden: &[u8]) -> Result<Vec<u8>, CmsError> {
        let key =
            UnboundCipherKey::new(self.algorithm(), key).map_err(|_| CmsError::Undecryptable)?;
        let key = PaddedBlockDecryptingKey::cbc_pkcs7(key).map_err(|_| CmsError::Undecryptable)?;
        let mut data = hidden.to_vec();
        let plain = key
            .decrypt(&mut data, self.start(iv)?)
            .map_err(|_| CmsError::Undecryptable)?;
        Ok(plain.to_vec())
    }

    /// Decrypts whole blocks that have no padding.
    pub(super) fn decrypt_blocks(
        self,
        key: &[u8],
        iv: &[u8],
        hidden: &[u8],
    ) -> Result<Vec<u8>, CmsError> {
        let key =
            UnboundCipherKey::new(self.algorithm(), key).map_err(|_| CmsError::Undecryptable)?;
        let key = DecryptingKey::cbc(key).map_err(|_| CmsError::Undecryptable)?;
        let mut data = hidden.to_vec();
        key.decrypt(&mut data, self.start(iv)?)
            .map_err(|_| CmsError::Undecryptable)?;
        Ok(data)
    }

    fn start(self, iv: &[u8]) -> Result<DecryptionContext, CmsError> {
        Ok(match self.iv_length() {
            8 => DecryptionContext::Iv64(
                FixedLength::<8>::try_from(iv).map_err(|_| CmsError::Undecryptable)?,
            ),
            _ => DecryptionContext::Iv128(
                FixedLength::<16>::try_from(iv).map_err(|_| CmsError::Undecryptable)?,
            ),
        })
    }

    #[expect(
        deprecated,
        reason = "old SCEP clients use these ciphers, and the simulator plays them"
    )]
    fn algorithm(self) -> &'static Algorithm {
        use aws_lc_rs::cipher::{DES_EDE3_FOR_LEGACY_USE_ONLY, DES_FOR_LEGACY_USE_ONLY};
        match self {
            Self::Des => &DES_FOR_LEGACY_USE_ONLY,
            Self::TripleDes => &DES_EDE3_FOR_LEGACY_USE_ONLY,
            Self::Aes128 => &AES_128,
            Self::Aes192 => &AES_192,
            Self::Aes256 => &AES_256,
        }
    }
}
