//! The end of what a source has not had for long.

use mandate_model::{GroupId, Timestamp, UserId};
use mandate_store::{SourceKind, SourceSelection};

use super::record::Source;
use crate::{Actor, Engine, EngineError};

const PAGE: u32 = 200;

impl Engine {
    /// Deletes people and groups that a source does not have any more since before a moment; how many. What is still
    /// needed, such as a group that a profile is assigned to, stays until it is not.
    pub async fn delete_gone(
        &self,
        actor: &Actor,
        source: &Source,
        gone_before: Timestamp,
    ) -> Result<u64, EngineError> {
        let mut after = String::new();
        let mut deleted = 0;
        loop {
            let mut session = self.store().read().await?;
            let page = session
                .list_source_entries(&source.name, SourceSelection::Gone, &after, PAGE)
                .await?;
            drop(session);
            let Some(last) = page.last() else {
                return Ok(deleted);
            };
            after.clone_from(&last.external_id);
            for entry in page {
                let (Some(object), Some(gone_at)) = (entry.object, entry.gone_at) else {
                    continue;
                };
                if gone_at >= gone_before {
                    continue;
                }
                let outcome = match entry.kind {
                    SourceKind::User => self.delete_user(actor, UserId(object)).await,
                    SourceKind::Group => self.delete_group(actor, GroupId(object)).await,
                };
                match outcome {
                    Ok(()) => deleted += 1,
                    Err(error @ (EngineError::InUse { .. } | EngineError::NotPossible { .. })) => {
                        tracing::info!("what is gone from {} stays: {error}", source.name);
                    }
                    // Somebody deleted it meanwhile.
                    Err(EngineError::NotFound { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
        }
    }
}
