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

use mandate_model::UserId;
use mandate_store::{ImportedRecord, Session};
use serde_json::{Value, json};

use crate::access::scope::require_person;
use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError};

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

/// Refuses to touch what belongs to people outside of the actor's scope; whose certificates they cannot see has none.
async fn require_owner(
    session: &mut Session,
    actor: &Actor,
    action: Action,
    id: &ImportId,
) -> Result<(), EngineError> {
    let Err(error) = require_person(session, actor, action, id.user).await else {
        return Ok(());
    };
    match require_person(session, actor, Action::ImportsRead, id.user).await {
        Ok(()) => Err(error),
        Err(_) => Err(EngineError::not_found("imported certificate", id)),
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
