//! The record of a person who signs in.

use mandate_model::{Timestamp, UserId};
use mandate_store::{CredentialRecord, Session};

use crate::{Engine, EngineError};

impl Engine {
    /// The record of a person; an empty one, not yet written, if there is none.
    pub(super) async fn credential_of(
        &self,
        session: &mut Session,
        user: UserId,
    ) -> Result<CredentialRecord, EngineError> {
        let found = session.find_credential(user).await?;
        Ok(found.unwrap_or_else(|| CredentialRecord {
            user_id: user,
            password_hash: None,
            password_at: None,
            must_change: false,
            valid_from: Timestamp(0),
            handle: self.random_id(),
        }))
    }

    /// A random id that tells nothing, not even when it was made.
    pub fn random_id(&self) -> uuid::Uuid {
        let key = self.chance().key();
        let mut octets = [0; 16];
        octets.copy_from_slice(&key[..16]);
        uuid::Builder::from_random_bytes(octets).into_uuid()
    }
}
