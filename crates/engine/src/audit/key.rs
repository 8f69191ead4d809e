//! The key of the chain.

use mandate_pki::seal::SealKey;
use mandate_store::{AuditMac, Link, Session};
use zeroize::Zeroizing;

use crate::EngineError;

/// Where the key is kept, sealed.
pub(crate) const KEY_NAME: &str = "audit.key";

/// Computes the MACs of the chain. Whoever has the database alone does not have this key.
pub(crate) struct ChainKey(Zeroizing<Vec<u8>>);

impl ChainKey {
    pub(crate) fn new(key: Zeroizing<Vec<u8>>) -> Self {
        Self(key)
    }

    /// The key of a database that this key opens.
    pub(crate) async fn open(session: &mut Session, seal: &SealKey) -> Result<Self, EngineError> {
        let sealed = session.find_secret(KEY_NAME).await?;
        let sealed = sealed.ok_or_else(|| EngineError::NotPossible {
            reason: format!("the secret `{KEY_NAME}` is not in the database: restore a backup"),
        })?;
        Ok(Self(seal.open(KEY_NAME, &sealed)?))
    }
}

impl std::fmt::Debug for ChainKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChainKey").finish_non_exhaustive()
    }
}

impl AuditMac for ChainKey {
    fn mac(&self, bytes: &[u8]) -> Link {
        mandate_pki::hmac_sha256(&self.0, bytes)
    }
}
