//! The barrier of terms that a person has yet to accept.

use mandate_model::UserId;
use mandate_store::Session;

use super::Barrier;
use crate::EngineError;
use crate::enrolment::terms::open_terms;

/// Whether somebody has terms to accept first.
pub(super) async fn unaccepted(
    session: &mut Session,
    user: UserId,
) -> Result<Option<Barrier>, EngineError> {
    let mut titles = open_terms(session, user).await?.into_iter();
    Ok(titles.next().map(|title| Barrier::TermsNotAccepted {
        title,
        others: titles.len(),
    }))
}
