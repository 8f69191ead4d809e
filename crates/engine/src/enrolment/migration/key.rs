//! What another server's tools prove themselves with.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mandate_model::Timestamp;
use serde_json::json;
use zeroize::Zeroizing;

use super::change::{closed, held, require};
use super::{KIND, MigrationId, MigrationState};
use crate::audit::Change;
use crate::{Actor, Engine, EngineError};

/// How keys begin, so that scanners find lost ones.
const PREFIX: &str = "mandate_migration_";
/// Days that a key may be good for: a move is not for ever.
const MOST_DAYS: i64 = 90;
const LONGEST_KEY: usize = 256;

/// A key just made. It cannot be asked for again.
#[derive(Clone)]
pub struct MigrationKey {
    /// The key: the password of basic authentication, with any user name.
    pub key: Zeroizing<String>,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for MigrationKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MigrationKey")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// Makes the key with which enrolments are sent in by a migration. The one before is good no more.
    pub async fn make_migration_key(
        &self,
        actor: &Actor,
        id: MigrationId,
        days: i64,
    ) -> Result<MigrationKey, EngineError> {
        require(actor)?;
        if !(1..=MOST_DAYS).contains(&days) {
            let rule = format!("must be 1 to {MOST_DAYS}");
            return Err(EngineError::invalid("days", &rule, Some(&days.to_string())));
        }
        let random = Zeroizing::new(self.chance().key());
        let key = Zeroizing::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(*random)));
        let expires_at = self.now().plus(days.saturating_mul(Timestamp::DAY));
        let mut session = self.store().write().await?;
        let mut record = held(&mut session, id).await?;
        if record.state == MigrationState::Closed.name() {
            return Err(closed(&record));
        }
        record.key_hash = Some(mandate_pki::sha256(key.as_bytes()).to_vec());
        record.key_until = Some(expires_at);
        session.update_migration(&record).await?;
        let after = json!({ "keyExpirationDateTime": expires_at.to_string() });
        let change = Change::action("makeKey", KIND, id, &record.name, after);
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(MigrationKey { key, expires_at })
    }

    /// Withdraws the key of a migration, if it has one.
    pub async fn revoke_migration_key(
        &self,
        actor: &Actor,
        id: MigrationId,
    ) -> Result<(), EngineError> {
        require(actor)?;
        let mut session = self.store().write().await?;
        let mut record = held(&mut session, id).await?;
        if record.key_hash.is_none() {
            return Ok(());
        }
        (record.key_hash, record.key_until) = (None, None);
        session.update_migration(&record).await?;
        let change = Change::action("revokeKey", KIND, id, &record.name, json!({}));
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }

    /// The migration that a key is for, as long as it is good. It is looked up by its hash, so that how long that takes
    /// tells nothing of the key.
    pub async fn migration_of_key(&self, key: &str) -> Result<Option<MigrationId>, EngineError> {
        if !key.starts_with(PREFIX) || key.len() > LONGEST_KEY {
            return Ok(None);
        }
        let hash = mandate_pki::sha256(key.as_bytes());
        let mut session = self.store().glance().await?;
        let found = session.find_migration_by_key(&hash).await?;
        let now = self.now();
        Ok(found
            .filter(|record| record.key_until.is_some_and(|until| until > now))
            .map(|record| record.id))
    }
}
