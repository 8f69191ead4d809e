//! Bringing in a device of one's own.

use mandate_model::{DeviceCategoryId, EnrolmentType, Platform};

use super::OwnProblem;
use crate::enrolment::{Applicant, Way};
use crate::sign_in::itself;
use crate::{Barrier, Engine, EngineError, EnrolmentLink, NewLink, SignedIn, Visit};

/// A link is for the device that lies beside the screen, so it need not live long.
const LIFE_SECONDS: i64 = 30 * 60;
/// Links that one person may have open at a time.
const MOST_OPEN: i64 = 20;

impl Engine {
    /// A link for one device of one's own: for the whole device, to be used once, within half an hour. Whether there is
    /// room for it is looked at again when the device comes. With a category among [`Engine::categories_to_choose`] the
    /// device has it from the beginning.
    pub async fn enrol_own_device(
        &self,
        of: &SignedIn,
        platform: Platform,
        category: Option<DeviceCategoryId>,
        visit: &Visit,
    ) -> Result<EnrolmentLink, OwnProblem> {
        let actor = itself(&of.user, visit);
        let allowance = self.enrolment_allowance(&actor, of.user.id).await?;
        if !allowance.has_room() {
            return Err(OwnProblem::TooManyDevices(allowance.most));
        }
        let mut session = self.store().write().await?;
        let applicant = Applicant {
            user: Some(of.user.id),
            kind: EnrolmentType::Device,
            platform,
            way: Way::Link,
            known: None,
            facts: None,
        };
        if let Err(barrier) = self.admit(&mut session, applicant).await? {
            return Err(match barrier {
                // What is to be done about it is not this person's business.
                Barrier::NoAuthority
                | Barrier::OtherAuthority { .. }
                | Barrier::AuthorityReset
                | Barrier::PlatformNotReady { .. } => OwnProblem::NotSetUp,
                Barrier::NoLicence | Barrier::AllLicencesTaken => OwnProblem::NoLicence,
                barrier => OwnProblem::NotAdmitted(barrier),
            });
        }
        let open = session.count_open_links_of(of.user.id, self.now()).await?;
        drop(session);
        if open >= MOST_OPEN {
            return Err(OwnProblem::TooManyLinks);
        }
        let link = NewLink {
            user: Some(of.user.id),
            platform,
            enrolment_type: EnrolmentType::Device,
            lifetime_seconds: LIFE_SECONDS,
            uses: 1,
            signed: true,
        };
        let known = self.categories_to_choose(of).await?;
        let category = category.filter(|id| known.iter().any(|known| known.id == *id));
        match self.make_enrolment_link(&actor, link, category).await {
            // What is to be done about it is not this person's business.
            Err(
                EngineError::NotPossible { .. }
                | EngineError::NotAdmitted(Barrier::PlatformNotReady { .. }),
            ) => Err(OwnProblem::NotSetUp),
            other => Ok(other?),
        }
    }
}
