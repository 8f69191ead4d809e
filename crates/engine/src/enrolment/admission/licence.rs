//! Who has no licence enrols nothing.

use mandate_model::UserId;
use mandate_store::Session;

use super::Barrier;
use crate::licences::Licensed;
use crate::{Engine, EngineError};

impl Engine {
    /// What the licences have against an enrolment of this person.
    pub(super) async fn licence_barrier(
        &self,
        session: &mut Session,
        user: UserId,
    ) -> Result<Option<Barrier>, EngineError> {
        Ok(match self.claim_licence(session, user).await? {
            Licensed::Yes => None,
            Licensed::No => Some(Barrier::NoLicence),
            Licensed::AllTaken => Some(Barrier::AllLicencesTaken),
        })
    }
}
