//! Letting old entries go, and noting first sign-ins of clients.

use std::collections::HashMap;

use mandate_model::{AppId, Timestamp};

use super::Change;
use crate::{Actor, Engine, EngineError, Who};

/// Entries let go in one step: few, so that nobody waits for it.
const STEP: u32 = 500;

/// Which clients were noted on which day.
pub(crate) type NotedClients = HashMap<AppId, i64>;

impl Engine {
    /// Lets go of some of the entries that are older than the retention; whether there may be more. What is left is as
    /// provable as before.
    pub async fn trim_audit(&self, retention_days: i64) -> Result<bool, EngineError> {
        if retention_days <= 0 {
            return Ok(false);
        }
        let before = self
            .now()
            .plus(-retention_days.saturating_mul(Timestamp::DAY));
        let mut session = self.store().write().await?;
        let gone = session
            .trim_audit_events(before, STEP, &**self.audit_mac())
            .await?;
        session.commit().await?;
        if gone > 0 {
            tracing::info!(
                "let go of {gone} audit entries that are older than {retention_days} days"
            );
        }
        Ok(gone == u64::from(STEP))
    }

    /// Notes that a client got a token for itself: the first one of each day (UTC). Others are not noted: clients ask
    /// every hour, and it changes nothing.
    pub async fn note_client_sign_in(&self, actor: &Actor) -> Result<(), EngineError> {
        let Who::App { id, name } = actor.who() else {
            return Ok(());
        };
        let now = self.now();
        let day = now.0.div_euclid(Timestamp::DAY);
        {
            let noted = self.cache().noted_clients.lock();
            let mut noted = noted.unwrap_or_else(std::sync::PoisonError::into_inner);
            if noted.insert(*id, day) == Some(day) {
                return Ok(());
            }
        }
        let since = Timestamp(day * Timestamp::DAY);
        let change = Change::token_granted(*id, name);
        let activity = change.activity;
        let mut session = self.store().write().await?;
        // Another server, or this one before its last start, may have noted it.
        if !session
            .is_audited_since(&id.to_string(), activity, since)
            .await?
        {
            self.audit(&mut session, actor, change).await?;
        }
        Ok(session.commit().await?)
    }
}
