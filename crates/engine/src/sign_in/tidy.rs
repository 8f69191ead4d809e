//! Forgetting what has ended.

use super::throttle::KEPT;
use crate::{Engine, EngineError};

/// Sign-ins under way that are kept, wherever they were begun.
const MOST_FLOWS: u32 = 50_000;

impl Engine {
    /// Forgets sign-ins, sessions, links and wrong tries that have ended.
    pub(crate) async fn tidy_sign_in(&self) -> Result<(), EngineError> {
        let now = self.now();
        let mut session = self.store().write().await?;
        session.delete_old_flows(now).await?;
        let pushed_out = session.trim_flows(MOST_FLOWS).await?;
        if pushed_out > 0 {
            tracing::warn!(
                "{pushed_out} sign-ins under way were forgotten, as too many were begun"
            );
        }
        session.delete_old_set_up_links(now).await?;
        session.delete_old_throttles(now.plus(-KEPT)).await?;
        let seen_after = now.plus(-self.options().sign_in.idle);
        session.delete_old_sign_in_sessions(now, seen_after).await?;
        Ok(session.commit().await?)
    }
}
