//! How many devices a person may have enrolled.
//!
//! Everybody has a limit. It is that of the first of the limits (by priority) that is assigned to a group of theirs, else the
//! one for everybody. Device enrolment managers enrol for others: they have a limit of their own, and their devices belong
//! to nobody.

mod change;
mod managers;

pub use change::{EnrolmentLimit, EnrolmentLimitChange, NewEnrolmentLimit};
pub use managers::EnrolmentManager;

use mandate_model::{DeviceId, EnrolmentLimitId, Timestamp, UserId};
use mandate_store::{EnrolmentLimitRecord, Session};
use uuid::Uuid;

use super::UNFINISHED;
use crate::{Action, Actor, Engine, EngineError};

/// Devices of a person unless somebody says otherwise: Intune's number.
const USUAL_DEVICES: i64 = 15;
/// Devices of an enrolment manager, and the most that a limit may say: Intune's number for managers. Its console offers at
/// most 15 for others; nobody is held to that here.
const MOST_DEVICES: i64 = 1000;
/// Enrolment managers of an instance: Intune's number.
const MOST_MANAGERS: i64 = 150;
/// Limits of an instance beside the one for everybody; ours.
const MOST_LIMITS: usize = 100;
/// The limit of everybody.
const EVERYBODY: EnrolmentLimitId = EnrolmentLimitId(Uuid::nil());

/// How many devices a person may have enrolled, and how many they have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolmentAllowance {
    /// How many they may have enrolled at the same time.
    pub most: i64,
    /// How many are enrolled now, with those that are enrolling. What was retired, wiped or has left does not count.
    pub enrolled: i64,
    /// What says so.
    pub source: AllowanceSource,
}

/// Where a limit comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowanceSource {
    /// The person is a device enrolment manager.
    Manager,
    /// A limit that is assigned to a group of theirs.
    Assigned {
        /// The limit.
        id: EnrolmentLimitId,
        /// Its name.
        name: String,
    },
    /// The limit of everybody.
    Everybody,
}

impl EnrolmentAllowance {
    /// Whether one more device may be enrolled.
    pub const fn has_room(&self) -> bool {
        self.enrolled < self.most
    }

    /// Whether the person is a device enrolment manager.
    pub const fn is_of_manager(&self) -> bool {
        matches!(self.source, AllowanceSource::Manager)
    }
}

impl Engine {
    /// How many devices a person may have enrolled. Everybody may know it of themselves.
    pub async fn enrolment_allowance(
        &self,
        actor: &Actor,
        user: UserId,
    ) -> Result<EnrolmentAllowance, EngineError> {
        if actor.user() != Some(user) {
            actor.require(Action::UsersRead)?;
        }
        let mut session = self.store().read().await?;
        if session.find_user(user).await?.is_none() {
            return Err(EngineError::not_found("user", user));
        }
        self.allowance(&mut session, user, None).await
    }

    /// The same; one device does not count, because it is about to be enrolled again.
    pub(super) async fn allowance(
        &self,
        session: &mut Session,
        user: UserId,
        but: Option<DeviceId>,
    ) -> Result<EnrolmentAllowance, EngineError> {
        let (most, source) = if session.is_enrolment_manager(user).await? {
            (MOST_DEVICES, AllowanceSource::Manager)
        } else {
            limit_of(session, user).await?
        };
        let begun_after = self.now().plus(-UNFINISHED);
        let enrolled = session
            .count_devices_enrolled_for(user, but, begun_after)
            .await?;
        Ok(EnrolmentAllowance {
            most,
            enrolled,
            source,
        })
    }
}

/// The limit of a person who is no manager.
async fn limit_of(
    session: &mut Session,
    user: UserId,
) -> Result<(i64, AllowanceSource), EngineError> {
    let limits = session.list_enrolment_limits().await?;
    let own = if limits.iter().any(|limit| !limit.groups.is_empty()) {
        session.groups_of(user.0, true).await?
    } else {
        std::collections::BTreeSet::new()
    };
    // They come by priority.
    let assigned = limits.iter().find(|limit| !limit.groups.is_disjoint(&own));
    Ok(match assigned {
        Some(limit) => (
            limit.devices,
            AllowanceSource::Assigned {
                id: limit.id,
                name: limit.name.clone(),
            },
        ),
        None => (of_everybody(&limits).devices, AllowanceSource::Everybody),
    })
}

/// The limit of everybody among all limits, as it was built in if nobody changed it.
fn of_everybody(limits: &[EnrolmentLimitRecord]) -> EnrolmentLimitRecord {
    let changed = limits.iter().find(|limit| limit.id == EVERYBODY).cloned();
    changed.unwrap_or_else(|| EnrolmentLimitRecord {
        id: EVERYBODY,
        name: "All users".to_owned(),
        description: Some("Holds for everybody to whom no other limit is assigned.".to_owned()),
        priority: 0,
        devices: USUAL_DEVICES,
        version: 0,
        created_at: Timestamp(0),
        modified_at: Timestamp(0),
        groups: std::collections::BTreeSet::new(),
    })
}
