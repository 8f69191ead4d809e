//! Whether devices of a platform are let in at all.

use mandate_model::Platform;
use mandate_store::Session;

use super::Barrier;
use crate::{Engine, EngineError};

impl Engine {
    /// What keeps all devices of a platform out: it was switched off, or what its devices trust is not there.
    pub(crate) async fn platform_barrier(
        &self,
        session: &mut Session,
        platform: Platform,
    ) -> Result<Option<Barrier>, EngineError> {
        let cause = self.platform_obstacle(session, platform).await?;
        Ok(cause.map(|cause| Barrier::PlatformNotReady { platform, cause }))
    }
}
