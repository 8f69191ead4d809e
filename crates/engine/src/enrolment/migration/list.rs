//! How far each enrolment of another server is.

use mandate_model::{DeviceFacts, DeviceId, EnrolmentType, Platform, Timestamp, UserId};
use mandate_store::MigratedDevice;

use super::super::admission::Applicant;
use super::super::grounds::Way;
use super::MigrationId;
use crate::{Action, Actor, Barrier, Engine, EngineError, Page};

/// A device is woken again and again; one that has not come for so long after devices were sent here is missed.
const MISSED_AFTER: i64 = 7 * Timestamp::DAY;

/// How far an enrolment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MigrationProgress {
    /// Only its `Authenticate` came: it cannot be woken.
    Incomplete,
    /// It is expected.
    Imported,
    /// It should have come a week ago.
    Missing,
    /// It was turned away, or could not replace its identity; a reason is told.
    Failed,
    /// It came, with the identity that it had.
    Seen,
    /// It has an identity of this server: nothing of the other one is needed any more.
    Renewed,
    /// It was retired, wiped or left.
    Ended,
    /// It was enrolled here anew, without what was imported.
    EnrolledAnew,
}

impl MigrationProgress {
    /// All of them, in the order of their way.
    pub const ALL: [Self; 8] = [
        Self::Incomplete,
        Self::Imported,
        Self::Missing,
        Self::Failed,
        Self::Seen,
        Self::Renewed,
        Self::Ended,
        Self::EnrolledAnew,
    ];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::Imported => "imported",
            Self::Missing => "missing",
            Self::Failed => "failed",
            Self::Seen => "seen",
            Self::Renewed => "renewed",
            Self::Ended => "ended",
            Self::EnrolledAnew => "enrolledAnew",
        }
    }

    /// Reads [`Self::name`].
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|progress| progress.name() == name)
    }
}

/// An enrolment of another server.
#[derive(Debug, Clone, PartialEq)]
pub struct MigratedEnrolment {
    /// The device.
    pub device: DeviceId,
    /// UDID, or `EnrollmentID`.
    pub enrolment_id: String,
    /// What it said about itself.
    pub facts: DeviceFacts,
    /// Whose it is.
    pub user: Option<UserId>,
    /// How far it is.
    pub progress: MigrationProgress,
    /// Why it failed, or why somebody in its name was turned away.
    pub reason: Option<String>,
    /// Why it would not be let in if it were enrolled now. It is let in all the same: it is managed already.
    pub would_be_refused: Option<Barrier>,
    /// When it was imported.
    pub imported_at: Timestamp,
    /// When it came.
    pub seen_at: Option<Timestamp>,
    /// When it first spoke with an identity of this server.
    pub renewed_at: Option<Timestamp>,
}

impl Engine {
    /// Enrolments of a migration by device; those that are so far, if that is asked.
    pub async fn list_migrated(
        &self,
        actor: &Actor,
        migration: MigrationId,
        progress: Option<MigrationProgress>,
        page: Page<DeviceId>,
    ) -> Result<Vec<MigratedEnrolment>, EngineError> {
        require_sight(actor)?;
        let sent_by = self.now().plus(-MISSED_AFTER);
        let word = progress.map_or("", MigrationProgress::name);
        // Whoever asks whether somebody would be admitted takes seats; nothing of that is kept.
        let mut session = self.store().write().await?;
        let found = session
            .list_migrated(migration, sent_by, word, (page.after, page.limit))
            .await?;
        let mut enrolments = Vec::with_capacity(found.len());
        for one in found {
            let is_expected = matches!(one.progress.as_str(), "imported" | "missing");
            let barrier = if is_expected {
                self.admit(&mut session, applicant(&one)).await?.err()
            } else {
                None
            };
            enrolments.push(enrolment(one, barrier));
        }
        Ok(enrolments)
    }

    /// How many enrolments of a migration are how far; none is left out, in the order of [`MigrationProgress::ALL`].
    pub async fn count_migrated(
        &self,
        actor: &Actor,
        migration: MigrationId,
    ) -> Result<Vec<(MigrationProgress, i64)>, EngineError> {
        actor.require(Action::OrganizationRead)?;
        let sent_by = self.now().plus(-MISSED_AFTER);
        let mut session = self.store().read().await?;
        let counts = session
            .count_migrated_by_progress(migration, sent_by)
            .await?;
        let of = |progress: MigrationProgress| {
            let found = counts
                .iter()
                .find(|count| count.progress == progress.name());
            (progress, found.map_or(0, |count| count.count))
        };
        Ok(MigrationProgress::ALL.into_iter().map(of).collect())
    }
}

/// All devices of a migration are listed together, whatever their tags.
fn require_sight(actor: &Actor) -> Result<(), EngineError> {
    actor.require(Action::OrganizationRead)?;
    actor.require(Action::DevicesRead)?;
    actor.require_everywhere(Action::DevicesRead)
}

fn applicant(one: &MigratedDevice) -> Applicant<'_> {
    Applicant {
        user: one.user_id,
        kind: kind_of(one),
        platform: Platform::parse(&one.platform).unwrap_or(Platform::Ios),
        way: Way::Migrated,
        known: Some(one.enrolment.device_id),
        facts: Some(&one.facts),
    }
}

fn kind_of(one: &MigratedDevice) -> EnrolmentType {
    if one.enrolment_type == "user" {
        EnrolmentType::User
    } else {
        EnrolmentType::Device
    }
}

fn enrolment(one: MigratedDevice, barrier: Option<Barrier>) -> MigratedEnrolment {
    let enrolment = one.enrolment;
    let problem = Some(enrolment.problem).filter(|problem| !problem.is_empty());
    MigratedEnrolment {
        device: enrolment.device_id,
        enrolment_id: one.enrolment_id,
        facts: one.facts,
        user: one.user_id,
        progress: MigrationProgress::parse(&one.progress).unwrap_or(MigrationProgress::Failed),
        reason: problem.or(one.renewal_error),
        would_be_refused: barrier,
        imported_at: enrolment.imported_at,
        seen_at: enrolment.seen_at,
        renewed_at: enrolment.renewed_at,
    }
}
