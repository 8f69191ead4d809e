//! Whether one more device may be enrolled for somebody.

use mandate_model::{DeviceId, EnrolmentType, UserId};
use mandate_store::Session;

use crate::enrolment::Refused;
use crate::{Engine, EngineError};

/// Under which conditions a device is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::enrolment) struct Admission {
    /// Whose the device becomes.
    pub(in crate::enrolment) user: Option<UserId>,
    /// The device enrolment manager who enrols it.
    pub(in crate::enrolment) manager: Option<UserId>,
}

impl Engine {
    /// Admits a device that is about to enrol for a person, and has others for the same person wait until the end of the
    /// transaction. `known` is the device if it was here before: it does not count twice.
    pub(in crate::enrolment) async fn admit(
        &self,
        session: &mut Session,
        user: Option<UserId>,
        kind: EnrolmentType,
        known: Option<DeviceId>,
    ) -> Result<Result<Admission, Refused>, EngineError> {
        let Some(user) = user else {
            return Ok(Ok(Admission::default()));
        };
        session.hold_enrolments_of(user).await?;
        let allowance = self.allowance(session, user, known).await?;
        let is_manager = allowance.is_of_manager();
        if is_manager && kind == EnrolmentType::User {
            return Ok(Err(Refused::ManagedPartByManager));
        }
        if !allowance.has_room() {
            return Ok(Err(Refused::TooManyDevices {
                most: allowance.most,
            }));
        }
        Ok(Ok(if is_manager {
            Admission {
                user: None,
                manager: Some(user),
            }
        } else {
            Admission {
                user: Some(user),
                manager: None,
            }
        }))
    }
}
