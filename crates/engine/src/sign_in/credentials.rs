//! The record of a person who signs in.

use mandate_model::UserId;
use mandate_store::{CredentialRecord, Session};

use crate::{Engine, EngineError};

impl Engine {
    /// The record of a person, an empty one if there was none; nobody else changes it, or what they are signed in to, until
    /// the transaction ends. Whatever somebody proved a moment ago is looked at again after this.
    pub(super) async fn claim_credential(
        &self,
        session: &mut Session,
        user: UserId,
    ) -> Result<CredentialRecord, EngineError> {
        Ok(session.claim_credential(user, self.random_id()).await?)
    }

    /// A random id that tells nothing, not even when it was made.
    pub fn random_id(&self) -> uuid::Uuid {
        let key = self.chance().key();
        let mut octets = [0; 16];
        octets.copy_from_slice(&key[..16]);
        uuid::Builder::from_random_bytes(octets).into_uuid()
    }
}
