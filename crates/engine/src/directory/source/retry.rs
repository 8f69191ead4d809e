//! Records that could not be taken, once more: what stood in their way may be gone.

use mandate_store::{SourceKind, SourceSelection};

use super::record::{Source, SourceOutcome, SourcedGroup, SourcedPerson};
use crate::{Actor, Engine, EngineError};

const PAGE: u32 = 200;
/// Names may be handed on along a row of people; each round frees one more.
const MOST_ROUNDS: usize = 4;

impl Engine {
    /// Tries what could not be taken again; what became of it at the end, without what is still refused.
    pub async fn retry_refused(
        &self,
        actor: &Actor,
        source: &Source,
    ) -> Result<Vec<SourceOutcome>, EngineError> {
        let mut taken = Vec::new();
        for _ in 0..MOST_ROUNDS {
            let outcomes = self.retry_once(actor, source).await?;
            if outcomes.is_empty() {
                break;
            }
            taken.extend(outcomes);
        }
        Ok(taken)
    }

    async fn retry_once(
        &self,
        actor: &Actor,
        source: &Source,
    ) -> Result<Vec<SourceOutcome>, EngineError> {
        let mut after = String::new();
        let mut taken = Vec::new();
        loop {
            let mut session = self.store().read().await?;
            let page = session
                .list_source_entries(&source.name, SourceSelection::Refused, &after, PAGE)
                .await?;
            drop(session);
            let Some(last) = page.last() else {
                return Ok(taken);
            };
            after.clone_from(&last.external_id);
            let (mut people, mut groups) =
                (Vec::<SourcedPerson>::new(), Vec::<SourcedGroup>::new());
            for entry in page {
                let Some(kept) = entry.refused else { continue };
                match entry.kind {
                    SourceKind::User => people.extend(serde_json::from_str(&kept).ok()),
                    SourceKind::Group => groups.extend(serde_json::from_str(&kept).ok()),
                }
            }
            let mut outcomes = self.take_people(actor, source, &people).await?;
            outcomes.extend(self.take_groups(actor, source, &groups).await?);
            taken.extend(
                outcomes
                    .into_iter()
                    .filter(|outcome| outcome.object().is_some()),
            );
        }
    }
}
