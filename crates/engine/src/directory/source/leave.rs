//! What a source does not have any more: put out of use, but kept.

use mandate_model::{User, UserId};
use mandate_store::{SourceEntryRecord, SourceKind};

use super::record::{Source, SourceOutcome};
use super::take::fault_of;
use crate::{Action, Actor, Engine, EngineError};

impl Engine {
    /// Notes that a source does not have these entries any more. The accounts of people may not be used from then on;
    /// groups stay as they are, with who is in them. What is gone is deleted only when somebody says so, or when the
    /// time for that has come. What became of each that was there, in no order.
    pub async fn leave_source(
        &self,
        actor: &Actor,
        source: &Source,
        external_ids: &[String],
    ) -> Result<Vec<SourceOutcome>, EngineError> {
        actor.require(Action::UsersUpdate)?;
        actor.require(Action::GroupsUpdate)?;
        let mut session = self.store().read().await?;
        let entries = session
            .find_source_entries(&source.name, external_ids)
            .await?;
        drop(session);
        let mut outcomes = Vec::new();
        for entry in entries.into_iter().filter(|entry| entry.gone_at.is_none()) {
            match self.put_out_of_use(actor, entry).await {
                Ok(outcome) => outcomes.extend(outcome),
                // The last administrator stays in use.
                Err(error @ EngineError::NotPossible { .. }) => {
                    outcomes.push(SourceOutcome::Refused(fault_of(&error)));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(outcomes)
    }

    async fn put_out_of_use(
        &self,
        actor: &Actor,
        entry: SourceEntryRecord,
    ) -> Result<Option<SourceOutcome>, EngineError> {
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        let Some(object) = entry.object else {
            // It was never taken.
            session
                .delete_source_entry(&entry.source, &entry.external_id)
                .await?;
            session.commit().await?;
            return Ok(None);
        };
        if entry.kind == SourceKind::User
            && let Some(before) = session.find_user(UserId(object)).await?
            && before.account_enabled
        {
            self.require_change_of_user(&mut session, actor, before.id)
                .await?;
            let user = User {
                account_enabled: false,
                ..before.clone()
            };
            self.put_changed(&mut session, actor, &before, &user)
                .await?;
        }
        let entry = SourceEntryRecord {
            gone_at: Some(self.now()),
            refused: None,
            fault: None,
            ..entry
        };
        session.put_source_entry(&entry).await?;
        session.commit().await?;
        Ok(Some(SourceOutcome::Disabled(object)))
    }
}
