//! Who changed what: one chain of entries, in which nothing can be altered, taken out or put in unseen.
//!
//! ```text
//!  base ◄── entry n+1 ◄── entry n+2 ◄── … ◄── entry m ◄── head
//!  what went before       each MAC covers the entry and the MAC before it       where it ends
//! ```
//!
//! Entries are numbered without gaps. They are noted during a transaction and written as the last thing before its
//! commit, when the head is locked: whoever holds the head waits for nobody, so there is no deadlock, and what is undone
//! leaves no gap. The key of the MACs is not known here; it is not in the database in clear either.

mod append;
mod chain;
mod deliveries;
mod list;
mod retain;
mod verify;

use mandate_model::Timestamp;
use sqlx::FromRow;
use uuid::Uuid;

pub(crate) use append::Pending;
pub use chain::{AuditMac, AuditMark, Link};
pub use deliveries::{AuditDeliveryRecord, AuditReceiverRecord};
pub use list::{AuditFilter, AuditOrder};
pub use verify::{AuditFault, AuditVerification};

/// A change by somebody, as it is noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// Ordered by time.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// `system`, `app` or `person`.
    pub actor_kind: String,
    /// The client or the person.
    pub actor_id: Option<Uuid>,
    /// Who, for people.
    pub actor: String,
    /// The client that a person used, or that acted for itself.
    pub app_id: Option<Uuid>,
    /// Its name at that time.
    pub app_name: Option<String>,
    /// Network address of the caller.
    pub address: Option<String>,
    /// Id of the request.
    pub request: Option<String>,
    /// What was done, such as `create` or `assign`.
    pub activity: String,
    /// `create`, `update`, `delete` or `action`.
    pub operation: String,
    /// Kind of the thing changed.
    pub resource_kind: String,
    /// Its id.
    pub resource_id: String,
    /// Its name at that time.
    pub resource_name: String,
    /// Changed properties: a JSON list of `{"name", "before", "after"}`; secrets are left out before they come here.
    pub changes: String,
}

/// An entry of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its place, from 1, without gaps.
    pub number: i64,
    /// What it says.
    pub record: AuditRecord,
    /// The MAC over it and over the MAC of the entry before.
    pub mac: Vec<u8>,
}

#[derive(FromRow)]
struct EntryRow {
    number: i64,
    id: Uuid,
    at: i64,
    actor_kind: String,
    actor_id: Option<Uuid>,
    actor: String,
    app_id: Option<Uuid>,
    app_name: Option<String>,
    address: Option<String>,
    request: Option<String>,
    activity: String,
    operation: String,
    resource_kind: String,
    resource_id: String,
    resource_name: String,
    changes: String,
    mac: Vec<u8>,
}

impl From<EntryRow> for AuditEntry {
    fn from(row: EntryRow) -> Self {
        Self {
            number: row.number,
            record: AuditRecord {
                id: row.id,
                at: Timestamp(row.at),
                actor_kind: row.actor_kind,
                actor_id: row.actor_id,
                actor: row.actor,
                app_id: row.app_id,
                app_name: row.app_name,
                address: row.address,
                request: row.request,
                activity: row.activity,
                operation: row.operation,
                resource_kind: row.resource_kind,
                resource_id: row.resource_id,
                resource_name: row.resource_name,
                changes: row.changes,
            },
            mac: row.mac,
        }
    }
}
