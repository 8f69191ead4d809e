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
use mandate_model::UserId;
use serde_json::{Value, json};

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
        user: UserId,
        change: Change<'_>,
    ) -> Result<(), EngineError> {
        session.mark_stale_of_user(user, self.now()).await?;
        self.audit(session, actor, change).await
    }
}

/// What the audit calls imported certificates.
const KIND: &str = "userPFXCertificate";

/// What the audit says of an imported certificate: never its key.
fn properties(record: &ImportedRecord) -> Value {
    json!({
        "thumbprint": record.certificate.thumbprint,
        "intendedPurpose": record.certificate.purpose.name(),
        "startDateTime": record.certificate.not_before.to_string(),
        "expirationDateTime": record.certificate.not_after.to_string(),
        "userPrincipalName": record.user_principal_name,
        "providerName": record.provider_name,
        "keyName": record.key_name,
        "paddingScheme": record.padding_scheme,
    })
}
