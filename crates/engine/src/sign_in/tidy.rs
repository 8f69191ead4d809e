//! Forgetting what has ended.

use super::throttle::KEPT;
use crate::{Engine, EngineError};

impl Engine {
    /// Forgets sign-ins, sessions, links and wrong tries that have ended.
    pub(crate) async fn tidy_sign_in(&self) -> Result<(), EngineError> {
        let now = self.now();
        let mut session = self.store().write().await?;
        session.delete_old_flows(now).await?;
        session.delete_old_set_up_links(now).await?;
        session.delete_old_throttles(now.plus(-KEPT)).await?;
        let seen_after = now.plus(-self.options().sign_in.idle);
        session.delete_old_sign_in_sessions(now, seen_after).await?;
        Ok(session.commit().await?)
    }
}
