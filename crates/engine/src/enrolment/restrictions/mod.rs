//! Which devices may be enrolled: platforms, people's own devices, versions, makers and models.
//!
//! For each platform there is a rule for everybody, and there may be rules for the people of groups. Of these the first by
//! priority counts, and only where none means a person counts the one for everybody.

mod change;
mod rule;

pub use change::{EnrolmentRestriction, EnrolmentRestrictionChange, NewEnrolmentRestriction};
pub use rule::{PlatformRule, RestrictedPlatform};

use std::collections::{BTreeMap, BTreeSet};

use mandate_model::{EnrolmentRestrictionId, Timestamp, UserId};
use mandate_store::{EnrolmentRestrictionRecord, Session};
use uuid::Uuid;

use crate::EngineError;

/// Rules of an instance for groups; ours.
const MOST_RESTRICTIONS: usize = 200;
/// The one of everybody.
const EVERYBODY: EnrolmentRestrictionId = EnrolmentRestrictionId(Uuid::nil());
/// What its platform is.
const ALL_PLATFORMS: &str = "all";

/// A rule per platform; a platform without one is open.
pub type PlatformRules = BTreeMap<RestrictedPlatform, PlatformRule>;

/// The rule that counts for somebody, or for nobody in particular, and the name of the restriction that says so.
pub(super) async fn rule_for(
    session: &mut Session,
    user: Option<UserId>,
    platform: RestrictedPlatform,
) -> Result<PlatformRule, EngineError> {
    let all = session.list_enrolment_restrictions().await?;
    let is_of_some = |record: &&EnrolmentRestrictionRecord| {
        record.id != EVERYBODY && record.platform == platform.word() && !record.groups.is_empty()
    };
    let own = match user {
        Some(user) if all.iter().any(|record| is_of_some(&record)) => {
            session.groups_of(user.0, true).await?
        }
        _ => BTreeSet::new(),
    };
    // They come by priority.
    let assigned = all
        .iter()
        .filter(is_of_some)
        .find(|record| !record.groups.is_disjoint(&own));
    let counts = match assigned {
        Some(record) => rules_of(record)?,
        None => rules_of(&of_everybody(&all))?,
    };
    Ok(counts.get(&platform).cloned().unwrap_or_default())
}

/// The rules that a record carries.
fn rules_of(record: &EnrolmentRestrictionRecord) -> Result<PlatformRules, EngineError> {
    serde_json::from_str(&record.rules).map_err(|error| {
        EngineError::Internal(format!(
            "rules of the enrolment restriction {}: {error}",
            record.id
        ))
    })
}

/// The one of everybody among all, as it was built in if nobody changed it: everything is open.
fn of_everybody(all: &[EnrolmentRestrictionRecord]) -> EnrolmentRestrictionRecord {
    let changed = all.iter().find(|record| record.id == EVERYBODY).cloned();
    changed.unwrap_or_else(|| EnrolmentRestrictionRecord {
        id: EVERYBODY,
        name: "All users".to_owned(),
        description: Some(
            "Holds for everybody to whom no other restriction is assigned.".to_owned(),
        ),
        platform: ALL_PLATFORMS.to_owned(),
        priority: 0,
        rules: "{}".to_owned(),
        version: 0,
        created_at: Timestamp(0),
        modified_at: Timestamp(0),
        groups: BTreeSet::new(),
    })
}
