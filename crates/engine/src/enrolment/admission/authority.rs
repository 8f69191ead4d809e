//! Nothing is enrolled under another authority, or under none.

use mandate_store::Session;

use super::Barrier;
use crate::EngineError;
use crate::management_authority::{ResetStage, standing};

/// What the management authority has against an enrolment.
pub(super) async fn barrier(session: &mut Session) -> Result<Option<Barrier>, EngineError> {
    let standing = standing(session).await?;
    Ok(match standing.authority {
        _ if matches!(standing.reset, Some((_, ResetStage::Running))) => {
            Some(Barrier::AuthorityReset)
        }
        authority if authority.enrols_here() => None,
        crate::ManagementAuthority::Unknown => Some(Barrier::NoAuthority),
        authority => Some(Barrier::OtherAuthority { authority }),
    })
}
