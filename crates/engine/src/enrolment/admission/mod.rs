//! Whether a device may be enrolled, judged in one place for all ways in.
//!
//! It is judged twice: when somebody asks for the means to enrol (so that nobody starts in vain), and when the device comes
//! with them, which is what counts. The barriers are tried in a fixed order, from what concerns everybody to what concerns
//! this one device, so that the reason that is named is the one to remove first.

mod barrier;

pub use barrier::Barrier;

use mandate_model::{DeviceFacts, DeviceId, EnrolmentType, Platform, UserId};
use mandate_store::Session;

use super::grounds::Way;
use crate::{Engine, EngineError};

/// A device that would like to enrol, as far as it is known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Applicant<'a> {
    /// For whom.
    pub(crate) user: Option<UserId>,
    /// Whole device, or a managed part of it.
    pub(crate) kind: EnrolmentType,
    /// What it runs.
    pub(crate) platform: Platform,
    /// How it asked. What comes by automated enrolment is the organisation's, as Apple says.
    #[expect(
        dead_code,
        reason = "said for the barriers that look at whose device it is"
    )]
    pub(crate) way: Way,
    /// The device, if it was here before: it does not count twice.
    pub(crate) known: Option<DeviceId>,
    /// What it says about itself; `None` as long as it has not come.
    pub(crate) facts: Option<&'a DeviceFacts>,
}

/// Under which conditions a device is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Admission {
    /// Whose the device becomes.
    pub(crate) user: Option<UserId>,
    /// The device enrolment manager who enrols it.
    pub(crate) manager: Option<UserId>,
}

impl Engine {
    /// Admits a device that is about to enrol, and has others for the same person wait until the end of the transaction.
    pub(crate) async fn admit(
        &self,
        session: &mut Session,
        applicant: Applicant<'_>,
    ) -> Result<Result<Admission, Barrier>, EngineError> {
        let Some(user) = applicant.user else {
            return Ok(Ok(Admission::default()));
        };
        session.hold_enrolments_of(user).await?;
        let allowance = self.allowance(session, user, applicant.known).await?;
        let is_manager = allowance.is_of_manager();
        if is_manager && applicant.kind == EnrolmentType::User {
            return Ok(Err(Barrier::ManagedPartByManager));
        }
        if !allowance.has_room() {
            return Ok(Err(Barrier::TooManyDevices {
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
