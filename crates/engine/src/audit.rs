//! Who changed what: one entry per change, in the transaction of the change.

use mandate_store::{AuditRecord, Session};
use serde_json::Value;

use crate::{Actor, Engine, EngineError};

/// A change, for the audit.
pub(crate) struct Change<'a> {
    pub(crate) activity: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    pub(crate) name: &'a str,
    pub(crate) changes: Value,
}

impl Engine {
    /// Notes a change.
    pub(crate) async fn audit(
        &self,
        session: &mut Session,
        actor: &Actor,
        change: Change<'_>,
    ) -> Result<(), EngineError> {
        let now = self.now();
        let record = AuditRecord {
            id: self.chance().id(now),
            at: now,
            actor: actor.name().to_owned(),
            activity: change.activity,
            resource_kind: change.kind,
            resource_id: change.id,
            resource_name: change.name.to_owned(),
            changes: change.changes.to_string(),
        };
        Ok(session.insert_audit_event(&record).await?)
    }
}
