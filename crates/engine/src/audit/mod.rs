//! Who changed what: one entry per change, in the transaction of the change, chained so that nothing can be altered or
//! taken out unseen.
//!
//! ```text
//!  use case ─► Change ─► difference ─► redaction ─► entry, chained at the commit
//! ```
//!
//! Entries say of each property what it was and what it is. A change that changes nothing leaves no entry, and secrets
//! leave only the fact that they changed.

mod change;
mod deliver;
mod difference;
mod key;
mod read;
mod redact;
mod retain;
mod view;
mod words;

use std::sync::Arc;

use mandate_model::Timestamp;
use mandate_pki::seal::SealKey;
use mandate_store::{AuditMac, AuditRecord, Session};
use uuid::Uuid;
use zeroize::Zeroizing;

pub(crate) use change::Change;
pub use deliver::{AuditBatch, AuditCourier, AuditDelivery, AuditDeliveryView, AuditReceiverView};
pub(crate) use key::{ChainKey, KEY_NAME};
pub use read::AuditHead;
pub(crate) use retain::NotedClients;
pub use view::{AuditActor, AuditEvent, AuditResource, PropertyChange};

use crate::{Actor, Engine, EngineError, Who};

impl Engine {
    /// Notes a change; nothing if nothing is different. The entry is written with the commit of the session.
    #[expect(
        clippy::unused_async,
        reason = "noting an entry is a step of the transaction, like those before and after it"
    )]
    pub(crate) async fn audit(
        &self,
        session: &mut Session,
        actor: &Actor,
        change: Change<'_>,
    ) -> Result<(), EngineError> {
        let now = self.now();
        if let Some(record) = change.record(self.chance().id(now), now, actor) {
            session.note_audit_event(record, self.audit_mac());
        }
        Ok(())
    }
}

/// Begins the chain of a new instance, with its making as the first entry.
pub(crate) async fn begin(
    session: &mut Session,
    key: Zeroizing<Vec<u8>>,
    id: Uuid,
    at: Timestamp,
    making: Change<'_>,
) -> Result<(), EngineError> {
    let mac: Arc<dyn AuditMac> = Arc::new(ChainKey::new(key));
    session.begin_audit_chain(&*mac).await?;
    if let Some(record) = making.record(id, at, &Actor::system()) {
        session.note_audit_event(record, &mac);
    }
    Ok(())
}

/// Notes what the command line of the machine did without an engine, in a database that this key opens.
pub(crate) async fn note_as_system(
    session: &mut Session,
    seal: &SealKey,
    (id, at): (Uuid, Timestamp),
    change: Change<'_>,
) -> Result<(), EngineError> {
    let mac: Arc<dyn AuditMac> = Arc::new(ChainKey::open(session, seal).await?);
    if let Some(record) = change.record(id, at, &Actor::system()) {
        session.note_audit_event(record, &mac);
    }
    Ok(())
}

impl Change<'_> {
    /// The entry of this change; none if nothing is different.
    pub(crate) fn record(self, id: Uuid, at: Timestamp, actor: &Actor) -> Option<AuditRecord> {
        let changes = difference::between(&self.before, &self.after);
        if changes.is_empty() && self.needs_difference {
            return None;
        }
        let (actor_kind, actor_id, app) = match actor.who() {
            Who::System => ("system", None, None),
            Who::App { id, name } => ("app", Some(id.0), Some((id.0, name.clone()))),
            Who::Person { id, app, .. } => (
                "person",
                Some(id.0),
                app.as_ref().map(|(id, name)| (id.0, name.clone())),
            ),
        };
        let (app_id, app_name) = app.unzip();
        let origin = actor.origin();
        Some(AuditRecord {
            id,
            at,
            actor_kind: actor_kind.to_owned(),
            actor_id,
            actor: actor.name(),
            app_id,
            app_name,
            address: origin.address.map(|address| address.to_string()),
            request: origin.request.clone(),
            activity: self.activity.to_owned(),
            operation: self.operation.to_owned(),
            resource_kind: self.kind.to_owned(),
            resource_id: self.id,
            resource_name: redact::bounded(self.name),
            changes: serde_json::Value::Array(changes).to_string(),
        })
    }
}
