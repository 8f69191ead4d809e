//! How many devices a person may have enrolled.
//!
//! Everybody has a limit. It is that of the first of the limits (by priority) that is assigned to a group of theirs, else the
//! one for everybody. Device enrolment managers enrol for others: they have a limit of their own, and their devices belong
//! to nobody.

mod managers;

pub use managers::EnrolmentManager;

use mandate_model::{DeviceId, EnrolmentConfigurationId, UserId};
use mandate_store::{EnrolmentConfigurationKind, Session};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::configurations::{EnrolmentConfiguration, EnrolmentContent, counting};
use super::{RestrictedPlatform, UNFINISHED};
use crate::{Action, Actor, Engine, EngineError};

/// Devices of a person unless somebody says otherwise: Intune's number.
const USUAL_DEVICES: i64 = 15;
/// Devices of an enrolment manager, and the most that a limit may say: Intune's number for managers. Its console offers at
/// most 15 for others; nobody is held to that here.
const MOST_DEVICES: i64 = 1000;
/// Enrolment managers of an instance: Intune's number.
const MOST_MANAGERS: i64 = 150;
/// A limit of devices per person, with its order and groups.
pub type EnrolmentLimit = EnrolmentConfiguration<DeviceLimit>;

/// How many devices a person may have enrolled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceLimit {
    /// How many, 1 to 1,000.
    pub devices: i64,
}

impl DeviceLimit {
    fn in_bounds(self) -> Result<Self, EngineError> {
        if (1..=MOST_DEVICES).contains(&self.devices) {
            return Ok(self);
        }
        let rule = format!("must be 1 to {MOST_DEVICES}");
        let value = self.devices.to_string();
        Err(EngineError::invalid("limit", &rule, Some(&value)))
    }
}

impl EnrolmentContent for DeviceLimit {
    /// How many devices; absent if it stays.
    type Change = Option<i64>;

    const KIND: EnrolmentConfigurationKind = EnrolmentConfigurationKind::Limit;
    const WORD: &'static str = "limit";
    const NAME: &'static str = "enrolment limit";
    const AUDITED: &'static str = "enrolmentLimit";
    /// Ours.
    const MOST: usize = 100;

    fn built_in() -> Self {
        Self {
            devices: USUAL_DEVICES,
        }
    }

    fn platform(&self) -> Option<RestrictedPlatform> {
        None
    }

    fn checked(self) -> Result<Self, EngineError> {
        self.in_bounds()
    }

    fn changed(self, change: Option<i64>) -> Result<Self, EngineError> {
        let devices = change.unwrap_or(self.devices);
        Self { devices }.in_bounds()
    }

    fn read(_: Option<&str>, content: &str) -> Result<Self, String> {
        serde_json::from_str(content).map_err(|error| error.to_string())
    }

    fn written(&self) -> String {
        json!(self).to_string()
    }

    fn properties(&self) -> Map<String, Value> {
        Map::from_iter([("limit".to_owned(), json!(self.devices))])
    }
}

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
        id: EnrolmentConfigurationId,
        /// Its name.
        name: String,
    },
    /// The limit of everybody.
    Everybody,
}

impl From<EnrolmentLimit> for AllowanceSource {
    fn from(limit: EnrolmentLimit) -> Self {
        if limit.is_of_everybody() {
            return Self::Everybody;
        }
        Self::Assigned {
            id: limit.id,
            name: limit.display_name,
        }
    }
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
            let limit: EnrolmentLimit = counting(session, Some(user), None).await?;
            (limit.content.devices, AllowanceSource::from(limit))
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
