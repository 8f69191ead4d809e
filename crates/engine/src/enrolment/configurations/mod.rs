//! What counts for enrolment, and for whom: limits of devices per person, and restrictions.
//!
//! There is one of each sort for everybody, and there may be others for the people of groups. Of these the first by priority
//! counts, and only where none means a person counts the one for everybody. What limits and restrictions say is their own
//! ([`EnrolmentContent`]); order, groups and what administrators do with them is the same for both.

mod change;

pub(super) use change::described;
pub use change::{EnrolmentConfigurationChange, NewEnrolmentConfiguration};

use std::collections::BTreeSet;
use std::fmt::Debug;

use mandate_model::{EnrolmentConfigurationId, GroupId, Timestamp, UserId};
use mandate_store::{EnrolmentConfigurationKind, EnrolmentConfigurationRecord, Session};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::RestrictedPlatform;
use crate::EngineError;

/// The one of everybody, of each sort.
const EVERYBODY: EnrolmentConfigurationId = EnrolmentConfigurationId(Uuid::nil());

/// What an enrolment configuration of one sort says.
pub trait EnrolmentContent: Clone + Debug + PartialEq + Send + Sync + Sized + 'static {
    /// A change to it.
    type Change: Clone + Debug + Default + Send + 'static;

    /// Its sort in the database.
    const KIND: EnrolmentConfigurationKind;
    /// The word for one, such as `limit`.
    const WORD: &'static str;
    /// The words for one where nothing else says what it is about, such as `enrolment limit`.
    const NAME: &'static str;
    /// What the audit calls it.
    const AUDITED: &'static str;
    /// How many there may be beside the one for everybody.
    const MOST: usize;

    /// What the one for everybody says before anybody has changed it.
    fn built_in() -> Self;

    /// For which platform it is; for all if absent. Each platform has an order of its own.
    fn platform(&self) -> Option<RestrictedPlatform>;

    /// What is to be made, in bounds.
    fn checked(self) -> Result<Self, EngineError>;

    /// The same with a change, in bounds.
    fn changed(self, change: Self::Change) -> Result<Self, EngineError>;

    /// Reads what [`written`](Self::written) wrote; the error says what is wrong with it.
    fn read(platform: Option<&str>, content: &str) -> Result<Self, String>;

    /// What the database carries of it beside the platform, as JSON.
    fn written(&self) -> String;

    /// What the audit says of it, in Graph's words.
    fn properties(&self) -> Map<String, Value>;
}

/// An enrolment configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolmentConfiguration<C> {
    /// Id among those of its sort; all zeros for the one of everybody.
    pub id: EnrolmentConfigurationId,
    /// Name for people.
    pub display_name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Of several of one sort and platform that mean a person, the one with the lowest number counts, from 1 on without
    /// gaps. The one of everybody has 0 and counts last.
    pub priority: i64,
    /// What it says.
    pub content: C,
    /// Grows by one with each change.
    pub version: i64,
    /// When it was made; never for the one of everybody.
    pub created_at: Option<Timestamp>,
    /// When it was last changed; never if it is as it was built in.
    pub modified_at: Option<Timestamp>,
    /// For whose people it is.
    pub groups: BTreeSet<GroupId>,
}

impl<C> EnrolmentConfiguration<C> {
    /// The id of the one of everybody.
    pub const OF_EVERYBODY: EnrolmentConfigurationId = EVERYBODY;

    /// Whether it is the one of everybody, which cannot be deleted, assigned or put before others.
    pub fn is_of_everybody(&self) -> bool {
        self.id == EVERYBODY
    }
}

impl<C: EnrolmentContent> EnrolmentConfiguration<C> {
    fn read(record: EnrolmentConfigurationRecord) -> Result<Self, EngineError> {
        let is_custom = record.id != EVERYBODY;
        Ok(Self {
            content: content_of(&record)?,
            created_at: is_custom.then_some(record.created_at),
            modified_at: (is_custom || record.version > 0).then_some(record.modified_at),
            id: record.id,
            display_name: record.name,
            description: record.description,
            priority: record.priority,
            version: record.version,
            groups: record.groups,
        })
    }
}

/// The one that counts for somebody, or for nobody in particular.
pub(super) async fn counting<C: EnrolmentContent>(
    session: &mut Session,
    user: Option<UserId>,
    platform: Option<RestrictedPlatform>,
) -> Result<EnrolmentConfiguration<C>, EngineError> {
    let all = session.list_enrolment_configurations(C::KIND).await?;
    let word = platform.map(RestrictedPlatform::word);
    // They come by priority. The one of everybody has no groups.
    let assigned: Vec<_> = all
        .iter()
        .filter(|one| one.platform.as_deref() == word && !one.groups.is_empty())
        .collect();
    let own = match user {
        Some(user) if !assigned.is_empty() => session.groups_of(user.0, true).await?,
        _ => BTreeSet::new(),
    };
    let first = assigned
        .into_iter()
        .find(|one| !one.groups.is_disjoint(&own));
    EnrolmentConfiguration::read(first.cloned().unwrap_or_else(|| of_everybody::<C>(&all)))
}

fn content_of<C: EnrolmentContent>(
    record: &EnrolmentConfigurationRecord,
) -> Result<C, EngineError> {
    C::read(record.platform.as_deref(), &record.content).map_err(|problem| {
        EngineError::Internal(format!("the {} {}: {problem}", C::NAME, record.id))
    })
}

/// The one of everybody among all, as it was built in if nobody changed it.
fn of_everybody<C: EnrolmentContent>(
    all: &[EnrolmentConfigurationRecord],
) -> EnrolmentConfigurationRecord {
    let changed = all.iter().find(|one| one.id == EVERYBODY).cloned();
    changed.unwrap_or_else(|| EnrolmentConfigurationRecord {
        kind: C::KIND,
        id: EVERYBODY,
        name: "All users".to_owned(),
        description: Some(format!(
            "Holds for everybody to whom no other {} is assigned.",
            C::WORD
        )),
        platform: None,
        priority: 0,
        content: C::built_in().written(),
        version: 0,
        created_at: Timestamp(0),
        modified_at: Timestamp(0),
        groups: BTreeSet::new(),
    })
}
