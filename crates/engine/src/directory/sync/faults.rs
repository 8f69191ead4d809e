//! What of a directory was not taken, and what is gone from it, one by one.

use mandate_model::Timestamp;
use mandate_store::{SourceEntryRecord, SourceSelection};
use serde_json::Value;
use uuid::Uuid;

use super::manage::source_of;
use crate::directory::SourceFault;
use crate::{Action, Actor, Engine, EngineError};

/// An entry of a directory that deserves a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryWorry {
    /// What the directory calls it for good.
    pub external_id: String,
    /// `user` or `group`.
    pub kind: &'static str,
    /// Who or what it is here, if it was ever taken.
    pub object: Option<Uuid>,
    /// How the directory names it.
    pub name: String,
    /// Why it was not taken.
    pub fault: Option<SourceFault>,
    /// Since when it is gone.
    pub gone_at: Option<Timestamp>,
}

impl Engine {
    /// Entries that were not taken, or with `gone` those that the directory does not have any more, by id from the one
    /// after `after`.
    pub async fn list_directory_worries(
        &self,
        actor: &Actor,
        name: &str,
        gone: bool,
        (after, limit): (&str, u32),
    ) -> Result<Vec<DirectoryWorry>, EngineError> {
        actor.require(Action::SignInRead)?;
        let which = if gone {
            SourceSelection::Gone
        } else {
            SourceSelection::Refused
        };
        let mut session = self.store().read().await?;
        if session.find_directory(name).await?.is_none() {
            return Err(EngineError::not_found("directory", name));
        }
        let source = source_of(name, false).name;
        let entries = session
            .list_source_entries(&source, which, after, limit)
            .await?;
        Ok(entries.into_iter().map(worry).collect())
    }

    /// Whether people come from any directory, and when one was last read to the end; it says nothing of anybody.
    pub async fn last_synchronization(&self) -> Result<Option<Option<Timestamp>>, EngineError> {
        let mut session = self.store().read().await?;
        let all = session.list_directories().await?;
        if all.is_empty() {
            return Ok(None);
        }
        let mut latest = None;
        for record in &all {
            latest = super::manage::read_progress(record)?
                .succeeded_at
                .max(latest);
        }
        Ok(Some(latest))
    }
}

fn worry(entry: SourceEntryRecord) -> DirectoryWorry {
    let refused: Option<Value> = entry
        .refused
        .as_deref()
        .and_then(|kept| serde_json::from_str(kept).ok());
    let told = refused.as_ref().and_then(|kept| {
        let text = |name: &str| kept.get(name).and_then(Value::as_str);
        text("locator").or_else(|| text("userPrincipalName"))
    });
    let name = told.map(str::to_owned).or(entry.locator);
    DirectoryWorry {
        kind: entry.kind.name(),
        object: entry.object,
        name: name
            .unwrap_or_else(|| entry.external_id.clone())
            .chars()
            .filter(|c| !c.is_control())
            .take(300)
            .collect(),
        fault: entry
            .fault
            .as_deref()
            .and_then(|fault| serde_json::from_str(fault).ok()),
        gone_at: entry.gone_at,
        external_id: entry.external_id,
    }
}
