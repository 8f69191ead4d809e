//! Secrets sealed for storage: AES-256-GCM, each bound to the place it belongs to.
//!
//! Shape: version octet `2`, four octets that name the key, nonce of 12 octets, ciphertext, tag of 16 octets. Nonces are
//! random, which is safe for some four thousand million secrets per key.
//!
//! A key file may hold several keys, one a line. The first seals, every one opens: that is how a key is replaced without a
//! moment in which something does not open.

use std::fmt;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    rand,
};
use zeroize::Zeroizing;

use crate::{Error, Result};

const VERSION: u8 = 2;
const KEY_LENGTH: usize = 32;
const ID_LENGTH: usize = 4;
/// What a key's id is hashed with, so that it is the hash of nothing else.
const ID_LABEL: &[u8] = b"mandate seal key id";
/// More keys than this were never meant to be one file.
const MOST_KEYS: usize = 8;

/// Names a key in what was sealed with it: the beginning of a hash, from which the key cannot be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SealKeyId([u8; ID_LENGTH]);

impl fmt::Display for SealKeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&crate::certificate::hex(&self.0))
    }
}

/// The keys that secrets in the database are sealed with; there is always at least one. Cloning copies them; every copy is
/// wiped when dropped.
#[derive(Clone)]
pub struct SealKey {
    keys: Vec<Key>,
}

#[derive(Clone)]
struct Key {
    id: SealKeyId,
    bytes: Zeroizing<[u8; KEY_LENGTH]>,
}

impl SealKey {
    /// Makes a new key.
    pub fn generate() -> Result<Self> {
        let mut key = Zeroizing::new([0; KEY_LENGTH]);
        rand::fill(key.as_mut()).map_err(|_| Error::Library("randomness"))?;
        Ok(Self::of(vec![Key::new(key)]))
    }

    /// A key of exactly 32 octets.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut key = Zeroizing::new([0; KEY_LENGTH]);
        if bytes.len() != KEY_LENGTH {
            return Err(Error::Malformed("seal key"));
        }
        key.copy_from_slice(bytes);
        Ok(Self::of(vec![Key::new(key)]))
    }

    /// The content of a key file: 32 octets as they are, or up to eight keys of 64 hexadecimal digits with white space between
    /// and around them.
    pub fn from_file(content: &[u8]) -> Result<Self> {
        if content.len() == KEY_LENGTH {
            return Self::from_bytes(content);
        }
        let mut keys: Vec<Key> = Vec::new();
        let words = content.split(u8::is_ascii_whitespace);
        for word in words.filter(|word| !word.is_empty()) {
            let key = Key::from_hex(word)?;
            if keys.iter().all(|known| known.id != key.id) {
                keys.push(key);
            }
        }
        if keys.is_empty() || keys.len() > MOST_KEYS {
            return Err(Error::Malformed("seal key"));
        }
        Ok(Self::of(keys))
    }

    /// The content of a key file: a line of 64 hexadecimal digits for each key.
    pub fn to_file(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(
            self.keys.len() * (KEY_LENGTH * 2 + 1),
        ));
        for key in &self.keys {
            let line = Zeroizing::new(crate::certificate::hex(key.bytes.as_slice()));
            text.push_str(&line);
            text.push('\n');
        }
        text
    }

    /// These keys after `new`'s first one, which seals from now on.
    #[must_use]
    pub fn led_by(&self, new: &Self) -> Self {
        let first = new.keys[0].clone();
        let others = self.keys.iter().filter(|key| key.id != first.id).cloned();
        Self::of(std::iter::once(first.clone()).chain(others).collect())
    }

    /// The key that seals, without the others.
    #[must_use]
    pub fn first_alone(&self) -> Self {
        Self::of(vec![self.keys[0].clone()])
    }

    /// The key that seals.
    pub fn id(&self) -> SealKeyId {
        self.keys[0].id
    }

    /// All keys, the one that seals first.
    pub fn ids(&self) -> Vec<SealKeyId> {
        self.keys.iter().map(|key| key.id).collect()
    }

    /// The key that something was sealed with, as it says itself; nothing if it is not sealed in this form.
    pub fn id_of(sealed: &[u8]) -> Option<SealKeyId> {
        let id = sealed.strip_prefix(&[VERSION])?.first_chunk()?;
        Some(SealKeyId(*id))
    }

    /// Seals `plaintext` for `context`, which names the place of the secret (`authority/root-key`) and is needed to open it.
    pub fn seal(&self, context: &str, plaintext: &[u8]) -> Result<Vec<u8>> {
        let failed = |_| Error::Library("sealing");
        let key = &self.keys[0];
        let mut nonce = [0; NONCE_LEN];
        rand::fill(&mut nonce).map_err(failed)?;
        let mut body = plaintext.to_vec();
        key.cipher()?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(context.as_bytes()),
                &mut body,
            )
            .map_err(failed)?;
        Ok([[VERSION].as_slice(), &key.id.0, &nonce, &body].concat())
    }

    /// Opens what [`Self::seal`] made for the same context with one of these keys.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let id = Self::id_of(sealed).ok_or(Error::Sealed)?;
        let (nonce, body) = sealed[1 + ID_LENGTH..]
            .split_first_chunk::<NONCE_LEN>()
            .ok_or(Error::Sealed)?;
        let key = self.keys.iter().find(|key| key.id == id);
        let key = key.ok_or(Error::Sealed)?;
        let mut body = Zeroizing::new(body.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let length = key
            .cipher()?
            .open_in_place(nonce, Aad::from(context.as_bytes()), &mut body)
            .map_err(|_| Error::Sealed)?
            .len();
        body.truncate(length);
        Ok(body)
    }

    fn of(keys: Vec<Key>) -> Self {
        Self { keys }
    }
}

impl Key {
    fn new(bytes: Zeroizing<[u8; KEY_LENGTH]>) -> Self {
        let labelled = Zeroizing::new([ID_LABEL, bytes.as_slice()].concat());
        let hash = crate::sha256(&labelled);
        let mut id = [0; ID_LENGTH];
        id.copy_from_slice(&hash[..ID_LENGTH]);
        Self {
            id: SealKeyId(id),
            bytes,
        }
    }

    fn from_hex(digits: &[u8]) -> Result<Self> {
        let mut key = Zeroizing::new([0; KEY_LENGTH]);
        if digits.len() != KEY_LENGTH * 2 {
            return Err(Error::Malformed("seal key"));
        }
        for (octet, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
            let (high, low) = (hex_digit(pair[0])?, hex_digit(pair[1])?);
            *octet = high << 4 | low;
        }
        Ok(Self::new(key))
    }

    fn cipher(&self) -> Result<LessSafeKey> {
        let key = UnboundKey::new(&AES_256_GCM, self.bytes.as_slice())
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
            SealKey::from_file(format!(" {}\n", key.to_file().as_str()).as_bytes()).unwrap();
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
        for damaged in [
            [b'x'; 64].as_slice(),
            b"short",
            b"",
            b" \n",
            "0".repeat(63).as_bytes(),
            format!("{} {}", "0".repeat(64), "1").as_bytes(),
        ] {
            assert!(SealKey::from_file(damaged).is_err(), "{damaged:?}");
        }
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

    #[test]
    fn the_first_key_seals_and_every_key_opens() {
        let (old, new) = (SealKey::generate().unwrap(), SealKey::generate().unwrap());
        let before = old.seal("here", b"before").unwrap();
        let ring = SealKey::from_file(old.led_by(&new).to_file().as_bytes()).unwrap();
        let after = ring.seal("here", b"after").unwrap();
        assert_eq!(ring.ids(), [new.id(), old.id()]);
        assert_eq!(SealKey::id_of(&after), Some(new.id()));
        assert_eq!(ring.open("here", &before).unwrap().as_slice(), b"before");
        assert_eq!(
            ring.first_alone().open("here", &after).unwrap().as_slice(),
            b"after"
        );
        assert!(ring.first_alone().open("here", &before).is_err());
        assert!(old.open("here", &after).is_err());
        assert_eq!(
            ring.led_by(&new).ids(),
            ring.ids(),
            "leading it again is nothing new"
        );
    }

    #[test]
    fn a_file_of_too_many_keys_is_refused() {
        let line = |number: usize| format!("{number:064x}\n");
        let file = |keys| (0..keys).map(line).collect::<String>();
        assert_eq!(
            SealKey::from_file(file(8).as_bytes()).unwrap().ids().len(),
            8
        );
        assert!(SealKey::from_file(file(9).as_bytes()).is_err());
        assert_eq!(
            SealKey::from_file(line(7).repeat(20).as_bytes())
                .unwrap()
                .ids()
                .len(),
            1
        );
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

        #[test]
        fn no_file_and_no_sealed_value_makes_it_panic(bytes: Vec<u8>) {
            let key = SealKey::from_bytes(&[7; 32]).unwrap();
            prop_assert!(key.open("here", &bytes).is_err());
            let _ = SealKey::id_of(&bytes);
            if let Ok(read) = SealKey::from_file(&bytes) {
                prop_assert!(!read.ids().is_empty());
            }
        }
    }
}
