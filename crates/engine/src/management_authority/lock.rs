//! While a reset runs, nothing can be configured.

use mandate_model::Timestamp;
use mandate_store::Session;

use super::ManagementAuthority;
use super::reset::target_of;
use crate::{Engine, EngineError};

/// That the configuration is locked, and until when. An actor carries it from the moment in which it is known who asks, and
/// [`Actor::require`](crate::Actor::require) refuses by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lock {
    target: ManagementAuthority,
    until: Timestamp,
}

impl Lock {
    /// Why nothing can be configured, for administrators.
    pub(crate) fn reason(self) -> String {
        format!(
            "nothing can be configured now: a reset of the management authority to {} is running, and will be over at \
             about {}",
            self.target.title(),
            self.until
        )
    }
}

impl Engine {
    /// Whether the configuration is locked, for a page that says so. Everybody may know it.
    pub async fn configuration_lock(&self) -> Result<Option<String>, EngineError> {
        let mut session = self.store().read().await?;
        Ok(lock_now(&mut session).await?.map(Lock::reason))
    }
}

/// Whether the configuration is locked.
pub(crate) async fn lock_now(session: &mut Session) -> Result<Option<Lock>, EngineError> {
    let Some(record) = session.find_running_authority_reset().await? else {
        return Ok(None);
    };
    Ok(Some(Lock {
        target: target_of(&record)?,
        until: record.completes_at.unwrap_or(record.requested_at),
    }))
}
