//! Terms that people accept before they enrol.
//!
//! Terms are for everybody or for the people of groups. Whoever has not accepted the present version of all terms that are for
//! them enrols nothing. A higher version asks everybody anew; what is enrolled stays.

mod accept;
mod change;

pub use accept::{OwnTerms, TermsAcceptance};
pub use change::{NewTerms, Terms, TermsChange, TermsTarget};

use std::collections::{BTreeMap, BTreeSet};

use mandate_model::{GroupId, Timestamp, UserId};
use mandate_store::{Session, TermsRecord};
use uuid::Uuid;

use crate::EngineError;

/// Terms of an instance; ours.
const MOST_TERMS: i64 = 100;
/// Stands for everybody among the groups that terms are for.
const EVERYBODY: GroupId = GroupId(Uuid::nil());

/// Terms that are for somebody, with the version that they accepted last and when.
async fn terms_for(
    session: &mut Session,
    user: UserId,
) -> Result<Vec<(TermsRecord, Option<(i64, Timestamp)>)>, EngineError> {
    let targets = session.groups_of_all_terms().await?;
    if targets.is_empty() {
        return Ok(Vec::new());
    }
    let mut own: BTreeSet<GroupId> = if targets.iter().any(|(_, group)| *group != EVERYBODY) {
        session.groups_of(user.0, true).await?
    } else {
        BTreeSet::new()
    };
    own.insert(EVERYBODY);
    let meant: BTreeSet<_> = targets
        .into_iter()
        .filter(|(_, group)| own.contains(group))
        .map(|(terms, _)| terms)
        .collect();
    let accepted: BTreeMap<_, _> = session
        .terms_accepted_by(user)
        .await?
        .into_iter()
        .map(|one| (one.terms_id, (one.version, one.accepted_at)))
        .collect();
    let all = session.list_terms().await?;
    Ok(all
        .into_iter()
        .filter(|terms| meant.contains(&terms.id))
        .map(|terms| {
            let own = accepted.get(&terms.id).copied();
            (terms, own)
        })
        .collect())
}

/// Titles of terms that somebody has yet to accept.
pub(super) async fn open_terms(
    session: &mut Session,
    user: UserId,
) -> Result<Vec<String>, EngineError> {
    let terms = terms_for(session, user).await?;
    Ok(terms
        .into_iter()
        .filter(|(terms, accepted)| accepted.is_none_or(|(version, _)| version < terms.version))
        .map(|(terms, _)| terms.title)
        .collect())
}
