//! Secrets sealed for storage: AES-256-GCM under one key, each bound to the place it belongs to.
//!
//! Shape: version octet `1`, nonce of 12 octets, ciphertext, tag of 16 octets. Nonces are random, which is safe for some four
//! thousand million secrets per key.

use std::fmt;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    rand,
};
use zeroize::Zeroizing;

use crate::{Error, Result};

const VERSION: u8 = 1;
const KEY_LENGTH: usize = 32;

/// The key that secrets in the database are sealed with. Cloning copies it; every copy is wiped when dropped.
#[derive(Clone)]
pub struct SealKey(Zeroizing<[u8; KEY_LENGTH]>);

impl SealKey {
    /// Makes a new key.
    pub fn generate() -> Result<Self> {
        let mut key = Zeroizing::new([0; KEY_LENGTH]);
        rand::fill(key.as_mut()).map_err(|_| Error::Library("randomness"))?;
        Ok(Self(key))
    }

    /// A key of exactly 32 octets.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut key = Zeroizing::new([0; KEY_LENGTH]);
        if bytes.len() != KEY_LENGTH {
            return Err(Error::Malformed("seal key"));
        }
        key.copy_from_slice(bytes);
        Ok(Self(key))
    }

    /// The content of a key file: 32 octets as they are, or 64 hexadecimal digits with white space around them.
    pub fn from_file(content: &[u8]) -> Result<Self> {
        if content.len() == KEY_LENGTH {
            return Self::from_bytes(content);
        }
        let digits = content.trim_ascii();
        let mut key = Zeroizing::new([0; KEY_LENGTH]);
        if digits.len() != KEY_LENGTH * 2 {
            return Err(Error::Malformed("seal key"));
        }
        for (octet, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
            let (high, low) = (hex_digit(pair[0])?, hex_digit(pair[1])?);
            *octet = high << 4 | low;
        }
        Ok(Self(key))
    }

    /// The key as 64 hexadecimal digits, for a new key file.
    pub fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(crate::certificate::hex(self.0.as_slice()))
    }

    /// Seals `plaintext` for `context`, which names the place of the secret (`authority/root-key`) and is needed to open it.
    pub fn seal(&self, context: &str, plaintext: &[u8]) -> Result<Vec<u8>> {
        let failed = |_| Error::Library("sealing");
        let mut nonce = [0; NONCE_LEN];
        rand::fill(&mut nonce).map_err(failed)?;
        let mut body = plaintext.to_vec();
        self.cipher()?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(context.as_bytes()),
                &mut body,
            )
            .map_err(failed)?;
        Ok([&[VERSION], nonce.as_slice(), &body].concat())
    }

    /// Opens what [`Self::seal`] made for the same context.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let (nonce, body) = sealed
            .strip_prefix(&[VERSION])
            .and_then(|rest| rest.split_first_chunk::<NONCE_LEN>())
            .ok_or(Error::Sealed)?;
        let mut body = Zeroizing::new(body.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let length = self
            .cipher()?
            .open_in_place(nonce, Aad::from(context.as_bytes()), &mut body)
            .map_err(|_| Error::Sealed)?
            .len();
        body.truncate(length);
        Ok(body)
    }

    fn cipher(&self) -> Result<LessSafeKey> {
        let key = UnboundKey::new(&AES_256_GCM, self.0.as_slice())
            .map_err(|_| Error::Library("sealing"))?;
        Ok(LessSafeKey::new(key))
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SealKey(..)")
    }
}

fn hex_digit(digit: u8) -> Result<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
        .ok_or(Error::Malformed("seal key"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_key_file_is_raw_or_hexadecimal() {
        let key = SealKey::from_bytes(&[0xab; 32]).unwrap();
        let sealed = key.seal("here", b"secret").unwrap();
        let from_text =
            SealKey::from_file(format!(" {}\n", key.to_hex().as_str()).as_bytes()).unwrap();
        assert_eq!(
            from_text.open("here", &sealed).unwrap().as_slice(),
            b"secret"
        );
        assert_eq!(
            SealKey::from_file(&[0xab; 32])
                .unwrap()
                .open("here", &sealed)
                .unwrap()
                .as_slice(),
            b"secret"
        );
        assert!(SealKey::from_file(&[b'x'; 64]).is_err());
        assert!(SealKey::from_file(b"short").is_err());
        assert_eq!(format!("{key:?}"), "SealKey(..)");
    }

    #[test]
    fn another_key_or_context_opens_nothing() {
        let key = SealKey::generate().unwrap();
        let sealed = key.seal("here", b"secret").unwrap();
        assert_eq!(key.open("there", &sealed).unwrap_err(), Error::Sealed);
        assert_eq!(
            SealKey::generate()
                .unwrap()
                .open("here", &sealed)
                .unwrap_err(),
            Error::Sealed
        );
        assert_ne!(key.seal("here", b"secret").unwrap(), sealed);
    }

    proptest! {
        #[test]
        fn sealing_keeps_and_guards(plaintext: Vec<u8>, context: String, at: proptest::sample::Index, flip in 1_u8..) {
            let key = SealKey::from_bytes(&[7; 32]).unwrap();
            let mut sealed = key.seal(&context, &plaintext).unwrap();
            let opened = key.open(&context, &sealed).unwrap();
            prop_assert_eq!(opened.as_slice(), plaintext.as_slice());
            let at = at.index(sealed.len());
            sealed[at] ^= flip;
            prop_assert!(key.open(&context, &sealed).is_err());
            prop_assert!(key.open(&context, &sealed[..at]).is_err());
        }
    }
}
