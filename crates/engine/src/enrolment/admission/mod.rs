//! Whether a device may be enrolled, judged in one place for all ways in.
//!
//! It is judged twice: when somebody asks for the means to enrol (so that nobody starts in vain), and when the device comes
//! with them, which is what counts. The barriers are tried in a fixed order, from what concerns everybody to what concerns
//! this one device, so that the reason that is named is the one to remove first.

mod authority;
mod barrier;
mod licence;
mod platform;
mod restrictions;
mod terms;

pub use barrier::Barrier;

use mandate_model::{DeviceFacts, DeviceId, EnrolmentType, Ownership, Platform, UserId};
use mandate_store::Session;

use self::restrictions::{Belongs, restricted};
use self::terms::unaccepted;
use super::grounds::Way;
use super::identities::identity_of;
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
    /// Whether it is known to belong to the organisation.
    pub(crate) is_company: bool,
}

/// What the management authority has against a device that is enrolled already, and comes from another server.
pub(super) async fn authority_barrier(
    session: &mut Session,
) -> Result<Option<Barrier>, EngineError> {
    authority::barrier(session).await
}

impl Engine {
    /// Admits a device that is about to enrol, and has others for the same person wait until the end of the transaction.
    pub(crate) async fn admit(
        &self,
        session: &mut Session,
        applicant: Applicant<'_>,
    ) -> Result<Result<Admission, Barrier>, EngineError> {
        if let Some(barrier) = authority::barrier(session).await? {
            return Ok(Err(barrier));
        }
        if let Some(barrier) = self.platform_barrier(session, applicant.platform).await? {
            return Ok(Err(barrier));
        }
        let is_company = self.is_company(session, &applicant).await?;
        let Some(user) = applicant.user else {
            // A device without a user is nobody's own.
            let barrier = restricted(session, &applicant, Belongs::Company).await?;
            return Ok(match barrier {
                Some(barrier) => Err(barrier),
                None => Ok(Admission {
                    is_company,
                    ..Admission::default()
                }),
            });
        };
        session.hold_enrolments_of(user).await?;
        if let Some(barrier) = self.licence_barrier(session, user).await? {
            return Ok(Err(barrier));
        }
        let belongs = if is_company || session.is_enrolment_manager(user).await? {
            Belongs::Company
        } else if applicant.facts.is_some() {
            Belongs::Person
        } else {
            Belongs::Unknown
        };
        if let Some(barrier) = restricted(session, &applicant, belongs).await? {
            return Ok(Err(barrier));
        }
        if let Some(barrier) = unaccepted(session, user).await? {
            return Ok(Err(barrier));
        }
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
                is_company: true,
            }
        } else {
            Admission {
                user: Some(user),
                manager: None,
                is_company,
            }
        }))
    }

    /// Whether a device is known to belong to the organisation: by automated enrolment, by its serial number or IMEI, or
    /// because somebody has said so of the same person's device before. A managed part never does.
    async fn is_company(
        &self,
        session: &mut Session,
        applicant: &Applicant<'_>,
    ) -> Result<bool, EngineError> {
        if applicant.kind == EnrolmentType::User {
            return Ok(false);
        }
        if applicant.way == Way::Automated {
            return Ok(true);
        }
        let Some(facts) = applicant.facts else {
            return Ok(false);
        };
        if identity_of(session, facts).await?.is_some() {
            return Ok(true);
        }
        let Some(known) = applicant.known else {
            return Ok(false);
        };
        let known = session.find_device(known).await?;
        Ok(known.is_some_and(|known| {
            let device = &known.device;
            device.ownership == Ownership::Company && device.user_id == applicant.user
        }))
    }
}
