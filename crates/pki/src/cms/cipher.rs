//! Content ciphers (RFC 3370 §5, RFC 3565, RFC 5084).

use aws_lc_rs::{
    aead::{AES_128_GCM, AES_192_GCM, AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    cipher::{
        AES_128, AES_192, AES_256, Algorithm, DecryptionContext, EncryptionContext,
        PaddedBlockDecryptingKey, PaddedBlockEncryptingKey, UnboundCipherKey,
    },
    iv::FixedLength,
    rand,
};
use zeroize::Zeroizing;

use crate::{
    Error, Oid, Result,
    asn1::{Element, oid, tag, writer},
};

/// How content is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentCipher {
    /// AES-128 in CBC mode
    Aes128Cbc,
    /// AES-192 in CBC mode
    Aes192Cbc,
    /// AES-256 in CBC mode
    Aes256Cbc,
    /// AES-128 in GCM mode; read only
    Aes128Gcm,
    /// AES-192 in GCM mode; read only
    Aes192Gcm,
    /// AES-256 in GCM mode; read only
    Aes256Gcm,
    /// Triple DES with three keys, in CBC mode; old SCEP clients
    TripleDesCbc,
    /// Single DES in CBC mode, which hides nothing; SCEP simulators
    SingleDesCbc,
}

const ALL: [ContentCipher; 8] = [
    ContentCipher::Aes128Cbc,
    ContentCipher::Aes192Cbc,
    ContentCipher::Aes256Cbc,
    ContentCipher::Aes128Gcm,
    ContentCipher::Aes192Gcm,
    ContentCipher::Aes256Gcm,
    ContentCipher::TripleDesCbc,
    ContentCipher::SingleDesCbc,
];

/// A cipher with the initialisation vector of one message.
pub(crate) struct Parameters {
    pub(crate) cipher: ContentCipher,
    iv: Vec<u8>,
}

impl ContentCipher {
    pub(crate) fn oid(self) -> Oid {
        match self {
            Self::Aes128Cbc => oid::AES128_CBC,
            Self::Aes192Cbc => oid::AES192_CBC,
            Self::Aes256Cbc => oid::AES256_CBC,
            Self::Aes128Gcm => oid::AES128_GCM,
            Self::Aes192Gcm => oid::AES192_GCM,
            Self::Aes256Gcm => oid::AES256_GCM,
            Self::TripleDesCbc => oid::DES_EDE3_CBC,
            Self::SingleDesCbc => oid::DES_CBC,
        }
    }

    /// The length of its key in octets.
    pub fn key_length(self) -> usize {
        match self {
            Self::Aes128Cbc | Self::Aes128Gcm => 16,
            Self::Aes192Cbc | Self::Aes192Gcm | Self::TripleDesCbc => 24,
            Self::Aes256Cbc | Self::Aes256Gcm => 32,
            Self::SingleDesCbc => 8,
        }
    }

    /// A key for one message.
    pub(super) fn generate_key(self) -> Result<Zeroizing<Vec<u8>>> {
        let mut key = Zeroizing::new(vec![0; self.key_length()]);
        rand::fill(&mut key).map_err(|_| Error::Library("randomness"))?;
        Ok(key)
    }

    #[expect(
        deprecated,
        reason = "SCEP clients in use still offer nothing better than DES"
    )]
    fn block_cipher(self) -> Result<&'static Algorithm> {
        use aws_lc_rs::cipher::{DES_EDE3_FOR_LEGACY_USE_ONLY, DES_FOR_LEGACY_USE_ONLY};
        match self {
            Self::Aes128Cbc => Ok(&AES_128),
            Self::Aes192Cbc => Ok(&AES_192),
            Self::Aes256Cbc => Ok(&AES_256),
            Self::TripleDesCbc => Ok(&DES_EDE3_FOR_LEGACY_USE_ONLY),
            Self::SingleDesCbc => Ok(&DES_FOR_LEGACY_USE_ONLY),
            Self::Aes128Gcm | Self::Aes192Gcm | Self::Aes256Gcm => {
                Err(Error::Unsupported("cipher mode"))
            }
        }
    }

    /// Encrypts, and returns the `AlgorithmIdentifier` with the initialisation vector beside the ciphertext.
    pub(crate) fn encrypt(self, key: &[u8], content: &[u8]) -> Result<(Vec<u8>, Vec<u8>)> {
        let failed = |_| Error::Library("encryption");
        let mut ciphertext = with_room_for_padding(content);
        let used = self
            .encrypting_key(key)?
            .encrypt(&mut ciphertext)
            .map_err(failed)?;
        let iv: &[u8] = (&used).try_into().map_err(failed)?;
        Ok((
            writer::algorithm(&self.oid(), &writer::octet_string(iv)),
            ciphertext,
        ))
    }

    /// Encrypts under a derived initialisation vector of 8 octets, as the triple DES of PKCS#12 has it.
    pub(crate) fn encrypt_under(self, key: &[u8], iv: [u8; 8], content: &[u8]) -> Result<Vec<u8>> {
        let mut ciphertext = with_room_for_padding(content);
        self.encrypting_key(key)?
            .less_safe_encrypt(
                &mut ciphertext,
                EncryptionContext::Iv64(FixedLength::from(iv)),
            )
            .map_err(|_| Error::Library("encryption"))?;
        Ok(ciphertext)
    }

    fn encrypting_key(self, key: &[u8]) -> Result<PaddedBlockEncryptingKey> {
        let failed = |_| Error::Library("encryption");
        let key = UnboundCipherKey::new(self.block_cipher()?, key).map_err(failed)?;
        PaddedBlockEncryptingKey::cbc_pkcs7(key).map_err(failed)
    }
}

/// What is encrypted in place must not move meanwhile, or its plaintext stays behind in freed memory.
fn with_room_for_padding(content: &[u8]) -> Vec<u8> {
    const LARGEST_BLOCK: usize = 16;
    let mut buffer = Vec::with_capacity(content.len() + LARGEST_BLOCK);
    buffer.extend_from_slice(content);
    buffer
}

impl Parameters {
    pub(crate) fn new(cipher: ContentCipher, iv: &[u8]) -> Self {
        Self {
            cipher,
            iv: iv.to_vec(),
        }
    }

    /// Reads a `contentEncryptionAlgorithm`.
    pub(super) fn read(identifier: &Element<'_>) -> Result<Self> {
        let mut fields = identifier.reader();
        let id = fields.oid()?;
        let cipher = ALL
            .into_iter()
            .find(|cipher| id.is_oid(&cipher.oid()))
            .ok_or(Error::Unsupported("content cipher"))?;
        let iv = match cipher {
            ContentCipher::Aes128Gcm | ContentCipher::Aes192Gcm | ContentCipher::Aes256Gcm => {
                // GCMParameters { nonce, tag length }; a tag of another length fails to open.
                fields.sequence()?.expect(tag::OCTET_STRING)?
            }
            _ => fields.expect(tag::OCTET_STRING)?,
        };
        Ok(Self::new(cipher, iv.content))
    }

    /// Decrypts. Every failure is the same error.
    pub(crate) fn decrypt(
        &self,
        key: &[u8],
        aad: &[u8],
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>> {
        let mut buffer = Zeroizing::new(ciphertext.to_vec());
        let length = self
            .decrypt_in_place(key, aad, &mut buffer)
            .ok_or(Error::Decryption)?;
        buffer.truncate(length);
        Ok(buffer)
    }

    fn decrypt_in_place(&self, key: &[u8], aad: &[u8], buffer: &mut [u8]) -> Option<usize> {
        let gcm = match self.cipher {
            ContentCipher::Aes128Gcm => &AES_128_GCM,
            ContentCipher::Aes192Gcm => &AES_192_GCM,
            ContentCipher::Aes256Gcm => &AES_256_GCM,
            _ => return self.decrypt_blocks(key, buffer),
        };
        let nonce =
            Nonce::assume_unique_for_key(<[u8; NONCE_LEN]>::try_from(self.iv.as_slice()).ok()?);
        let key = LessSafeKey::new(UnboundKey::new(gcm, key).ok()?);
        Some(key.open_in_place(nonce, Aad::from(aad), buffer).ok()?.len())
    }

    fn decrypt_blocks(&self, key: &[u8], buffer: &mut [u8]) -> Option<usize> {
        decrypt_cbc(self.cipher.block_cipher().ok()?, key, &self.iv, buffer)
    }
}

/// Undoes the triple DES with two keys that some PKCS#12 files have. No message may be encrypted so, hence it is no
/// [`ContentCipher`]; and given its first key again as the third, AWS-LC refuses triple DES.
#[expect(deprecated, reason = "files that were made so have to be read")]
pub(crate) fn decrypt_two_key_triple_des(
    key: &[u8],
    iv: &[u8],
    ciphertext: &[u8],
) -> Result<Zeroizing<Vec<u8>>> {
    use aws_lc_rs::cipher::DES_EDE_FOR_LEGACY_USE_ONLY;
    let mut buffer = Zeroizing::new(ciphertext.to_vec());
    let length =
        decrypt_cbc(&DES_EDE_FOR_LEGACY_USE_ONLY, key, iv, &mut buffer).ok_or(Error::Decryption)?;
    buffer.truncate(length);
    Ok(buffer)
}

fn decrypt_cbc(
    algorithm: &'static Algorithm,
    key: &[u8],
    iv: &[u8],
    buffer: &mut [u8],
) -> Option<usize> {
    let key = UnboundCipherKey::new(algorithm, key).ok()?;
    let key = PaddedBlockDecryptingKey::cbc_pkcs7(key).ok()?;
    let context = match iv.len() {
        8 => DecryptionContext::Iv64(FixedLength::from(<[u8; 8]>::try_from(iv).ok()?)),
        16 => DecryptionContext::Iv128(FixedLength::from(<[u8; 16]>::try_from(iv).ok()?)),
        _ => return None,
    };
    Some(key.decrypt(buffer, context).ok()?.len())
}
