//! Content keys wrapped in other keys: AES key wrap (RFC 3394) and CMS's wrap for 3DES (RFC 3217).

use super::{CmsError, ContentCipher};
use crate::keys::Digest;

/// A way to wrap, named by its object identifier (RFC 3565 §2.3.2, RFC 3370 §4.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyWrap {
    Aes(ContentCipher),
    TripleDes,
}

impl KeyWrap {
    pub(super) fn from_oid(dotted: &str) -> Option<Self> {
        Some(match dotted {
            "2.16.840.1.101.3.4.1.5" => Self::Aes(ContentCipher::Aes128),
            "2.16.840.1.101.3.4.1.25" => Self::Aes(ContentCipher::Aes192),
            "2.16.840.1.101.3.4.1.45" => Self::Aes(ContentCipher::Aes256),
            "1.2.840.113549.1.9.16.3.6" => Self::TripleDes,
            _ => return None,
        })
    }

    /// Octets of the key that wraps.
    pub(super) fn key_length(self) -> usize {
        match self {
            Self::Aes(cipher) => cipher.key_length(),
            Self::TripleDes => ContentCipher::TripleDes.key_length(),
        }
    }

    /// The content key.
    pub(super) fn unwrap(self, key: &[u8], wrapped: &[u8]) -> Result<Vec<u8>, CmsError> {
        match self {
            Self::Aes(cipher) => unwrap_aes(cipher, key, wrapped),
            Self::TripleDes => unwrap_triple_des(key, wrapped),
        }
    }
}

/// RFC 3394 §2.2.2.
fn unwrap_aes(cipher: ContentCipher, key: &[u8], wrapped: &[u8]) -> Result<Vec<u8>, CmsError> {
    const HALF: usize = 8;
    let count = wrapped.len() / HALF;
    if count < 3 || !wrapped.len().is_multiple_of(HALF) || count > 16 {
        return Err(CmsError::Undecryptable);
    }
    let (first, rest) = wrapped.split_at(HALF);
    let (mut register, mut halves) = (first.to_vec(), rest.to_vec());
    let mut step = 6 * (count as u64 - 1);
    while step > 0 {
        for half in halves.chunks_exact_mut(HALF).rev() {
            for (byte, counter) in register.iter_mut().zip(step.to_be_bytes()) {
                *byte ^= counter;
            }
            // One block in CBC mode after zeros is the bare cipher.
            let block = [register.as_slice(), half].concat();
            let block = cipher.decrypt_blocks(key, &[0; 16], &block)?;
            register.copy_from_slice(&block[..HALF]);
            half.copy_from_slice(&block[HALF..]);
            step -= 1;
        }
    }
    if register == [0xA6; HALF] {
        Ok(halves)
    } else {
        Err(CmsError::Undecryptable)
    }
}

/// RFC 3217 §3.2.
fn unwrap_triple_des(key: &[u8], wrapped: &[u8]) -> Result<Vec<u8>, CmsError> {
    const VECTOR: [u8; 8] = [0x4A, 0xDD, 0xA2, 0x2C, 0x79, 0xE8, 0x21, 0x05];
    const WRAPPED: usize = 40;
    let cipher = ContentCipher::TripleDes;
    if wrapped.len() != WRAPPED {
        return Err(CmsError::Undecryptable);
    }
    let mut turned = cipher.decrypt_blocks(key, &VECTOR, wrapped)?;
    turned.reverse();
    let (vector, hidden) = turned.split_at(VECTOR.len());
    let opened = cipher.decrypt_blocks(key, vector, hidden)?;
    let (content_key, checksum) = opened.split_at(cipher.key_length());
    if Digest::Sha1.of(content_key).starts_with(checksum) {
        Ok(content_key.to_vec())
    } else {
        Err(CmsError::Undecryptable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
            .collect()
    }

    /// The examples of RFC 3394 §4.1, §4.2 and §4.6.
    #[test]
    fn aes_unwraps_the_examples() {
        let key: Vec<u8> = (0..32).collect();
        let data = bytes("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f");
        for (cipher, wrapped, length) in [
            (
                ContentCipher::Aes128,
                "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5",
                16,
            ),
            (
                ContentCipher::Aes192,
                "96778b25ae6ca435f92b5b97c050aed2468ab8a17ad84e5d",
                16,
            ),
            (
                ContentCipher::Aes256,
                "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21",
                32,
            ),
        ] {
            let wrap = KeyWrap::Aes(cipher);
            let key = &key[..wrap.key_length()];
            let mut wrapped = bytes(wrapped);
            assert_eq!(wrap.unwrap(key, &wrapped).unwrap(), data[..length]);
            wrapped[9] ^= 1;
            assert_eq!(wrap.unwrap(key, &wrapped), Err(CmsError::Undecryptable));
        }
    }

    proptest! {
        #[test]
        fn any_octets_are_refused(wrapped in proptest::collection::vec(any::<u8>(), 0..200)) {
            for wrap in [KeyWrap::Aes(ContentCipher::Aes192), KeyWrap::TripleDes] {
                prop_assert_eq!(wrap.unwrap(&[7; 24], &wrapped), Err(CmsError::Undecryptable));
            }
        }
    }
}
