//! Who changed what.

use mandate_model::Timestamp;
use uuid::Uuid;

use crate::db::arguments;
use crate::{Session, StoreError};

/// One change by somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// Ordered by time.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What was done, such as `create`.
    pub activity: &'static str,
    /// Kind of the thing changed.
    pub resource_kind: &'static str,
    /// Its id.
    pub resource_id: String,
    /// Its name at that time.
    pub resource_name: String,
    /// Changed properties as JSON; secrets are left out before they come here.
    pub changes: String,
}

const INSERT: &str = "
    INSERT INTO audit_event (id, at, actor, activity, resource_kind, resource_id, resource_name, changes)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const COUNT: &str = "SELECT count(*) FROM audit_event";

impl Session {
    /// Notes a change.
    pub async fn insert_audit_event(&mut self, event: &AuditRecord) -> Result<(), StoreError> {
        let values = arguments![
            event.id,
            event.at,
            &event.actor,
            event.activity,
            event.resource_kind,
            &event.resource_id,
            &event.resource_name,
            &event.changes,
        ];
        self.execute(INSERT, values).await.map(drop)
    }

    /// How many changes were noted.
    pub async fn count_audit_events(&mut self) -> Result<i64, StoreError> {
        self.number(COUNT, &[]).await
    }
}
