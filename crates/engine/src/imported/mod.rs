//! Certificates imported for people, with their keys (`userPfxCertificates`), and the keys that passwords of imported
//! files are encrypted to.
//!
//! ```text
//!  file + password in clear ───────────────┐
//!                                          ▼
//!  file + password for a connector key ─► open ─► check ─► sealed key, certificate, chain
//! ```
//!
//! Neither file nor password outlives the request. What stays is the key alone, sealed and bound to its owner; it
//! leaves again only inside a document that is encrypted for a device of that person.

mod change;
mod check;
mod connector;
mod create;
mod file;
mod id;
mod key;
mod list;
mod open;
mod request;

pub use change::ImportChange;
pub use connector::{ConnectorKey, DEFAULT_KEY_NAME, DEFAULT_PROVIDER, NewConnectorKey};
pub use create::Imported;
pub use file::{FileImport, FileOutcome};
pub use id::ImportId;
pub(crate) use key::open_key;
pub use open::{MAX_PFX, OpenedPfx, PfxProblem, open_pfx};
pub use request::{Claims, EncryptedPfx, ImportRequest, PaddingScheme};

use mandate_store::{ImportedRecord, Session};
use serde_json::json;

use crate::audit::Change;
use crate::{Actor, Engine, EngineError};

/// Certificates that one person may have: three a year for thirty years.
const MAX_PER_PERSON: usize = 100;

impl Engine {
    /// What follows from every change of what somebody has: the devices of that person look again, and are woken.
    async fn imported_changed(
        &self,
        session: &mut Session,
        actor: &Actor,
        activity: &'static str,
        record: &ImportedRecord,
    ) -> Result<(), EngineError> {
        session
            .mark_stale_of_user(record.user_id, self.now())
            .await?;
        let changes = json!({
            "thumbprint": record.certificate.thumbprint,
            "intendedPurpose": record.certificate.purpose.name(),
            "expirationDateTime": record.certificate.not_after.to_string(),
        });
        let change = Change {
            activity,
            kind: "userPFXCertificate",
            id: ImportId::of(record).to_string(),
            name: &record.user_principal_name,
            changes,
        };
        self.audit(session, actor, change).await
    }
}
