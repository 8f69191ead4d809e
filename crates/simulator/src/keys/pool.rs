//! Keys made once, shared by many devices.

use super::{Key, KeyError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::sync::{Arc, OnceLock};

/// A few RSA keys, picked by number. Cloning shares them.
#[derive(Debug, Clone)]
pub struct KeyPool {
    keys: Arc<Vec<Arc<Key>>>,
}

impl KeyPool {
    /// A pool of `size` fresh keys, at least one; made on as many threads as the machine has.
    pub fn generate(size: u32) -> Result<Self, KeyError> {
        let threads = std::thread::available_parallelism()
            .map_or(1, usize::from)
            .clamp(1, 8);
        let numbers: Vec<u32> = (0..size.max(1)).collect();
        let share = numbers.len().div_ceil(threads);
        let made = std::thread::scope(|scope| {
            let workers: Vec<_> = numbers
                .chunks(share)
                .map(|chunk| {
                    scope.spawn(|| {
                        chunk
                            .iter()
                            .map(|id| Key::generate(*id).map(Arc::new))
                            .collect::<Vec<_>>()
                    })
                })
                .collect();
            workers
                .into_iter()
                .flat_map(|worker| worker.join().unwrap_or_default())
                .collect::<Result<Vec<_>, _>>()
        })?;
        if made.is_empty() {
            return Err(KeyError::Generate);
        }
        Ok(Self {
            keys: Arc::new(made),
        })
    }

    /// One small pool per process, made at first use; for tests and the demonstration.
    ///
    /// # Panics
    /// When the machine cannot make an RSA key at all.
    pub fn shared() -> Self {
        static SHARED: OnceLock<KeyPool> = OnceLock::new();
        SHARED
            .get_or_init(|| {
                Self::generate(8)
                    .expect("a machine that cannot make RSA keys cannot simulate devices")
            })
            .clone()
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Never: a pool has at least one key.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The key of that number; numbers wrap around.
    pub fn key(&self, number: u32) -> Arc<Key> {
        Arc::clone(&self.keys[number as usize % self.keys.len()])
    }
}

impl Serialize for KeyPool {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.keys.iter().map(|key| BASE64.encode(key.pkcs8())))
    }
}

impl<'de> Deserialize<'de> for KeyPool {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;
        let encoded = Vec::<String>::deserialize(deserializer)?;
        let mut keys = Vec::with_capacity(encoded.len());
        for (id, text) in (0..).zip(&encoded) {
            let pkcs8 = BASE64.decode(text).map_err(D::Error::custom)?;
            keys.push(Arc::new(
                Key::from_pkcs8(id, &pkcs8).map_err(D::Error::custom)?,
            ));
        }
        if keys.is_empty() {
            return Err(D::Error::custom("a key pool needs at least one key"));
        }
        Ok(Self {
            keys: Arc::new(keys),
        })
    }
}
