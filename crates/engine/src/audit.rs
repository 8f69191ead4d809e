//! Who changed what: one entry per change, in the transaction of the change.

use mandate_store::{AuditRecord, Session};
use serde_json::{Value, json};

use crate::{Actor, Engine, EngineError};

/// A change, for the audit.
pub(crate) struct Change<'a> {
    pub(crate) activity: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    pub(crate) name: &'a str,
    pub(crate) changes: Value,
}

impl<'a> Change<'a> {
    /// Something new; `after` says what it is.
    pub(crate) fn create(
        kind: &'static str,
        id: impl ToString,
        name: &'a str,
        after: Value,
    ) -> Self {
        Self::new("create", kind, id, name, &Value::Null, &after)
    }

    /// Something is different now. Nothing is noted if nothing is.
    pub(crate) fn update(
        kind: &'static str,
        id: impl ToString,
        name: &'a str,
        before: &Value,
        after: &Value,
    ) -> Self {
        Self::new("update", kind, id, name, before, after)
    }

    /// Something is gone; `before` says what it was.
    pub(crate) fn delete(
        kind: &'static str,
        id: impl ToString,
        name: &'a str,
        before: Value,
    ) -> Self {
        Self::new("delete", kind, id, name, &before, &Value::Null)
    }

    /// Something was done with it, such as `assign` or `wipe`; `after` says how.
    pub(crate) fn action(
        activity: &'static str,
        kind: &'static str,
        id: impl ToString,
        name: &'a str,
        after: Value,
    ) -> Self {
        Self::new(activity, kind, id, name, &Value::Null, &after)
    }

    fn new(
        activity: &'static str,
        kind: &'static str,
        id: impl ToString,
        name: &'a str,
        before: &Value,
        after: &Value,
    ) -> Self {
        Self {
            activity,
            kind,
            id: id.to_string(),
            name,
            changes: json!({ "before": before, "after": after }),
        }
    }
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
            actor: actor.name(),
            activity: change.activity,
            resource_kind: change.kind,
            resource_id: change.id,
            resource_name: change.name.to_owned(),
            changes: change.changes.to_string(),
        };
        Ok(session.insert_audit_event(&record).await?)
    }
}
