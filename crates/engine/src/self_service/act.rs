//! What people do with a device of their own. Each is in the audit under their name.

use mandate_model::{DeviceId, DeviceState, Ownership};

use super::{OwnProblem, find_own, has_gone};
use crate::delivery::Visit as DeviceVisit;
use crate::sign_in::itself;
use crate::{Engine, EngineError, SignedIn, Visit};

/// Characters of a name that people give a device of theirs.
const NAME_LIMIT: usize = 64;

impl Engine {
    /// Has one's device look again at once, and try again what failed: for somebody who has just done what was asked.
    pub async fn check_own_device(
        &self,
        of: &SignedIn,
        id: DeviceId,
        visit: &Visit,
    ) -> Result<(), OwnProblem> {
        let device = self.visit_own(of, id).await?;
        match device.record.device.state {
            DeviceState::Enrolled => {}
            DeviceState::Enrolling | DeviceState::Imported => return Err(OwnProblem::NotYours),
            state => return Err(leaving(state)),
        }
        Ok(Box::pin(self.synchronise(&itself(&of.user, visit), device)).await?)
    }

    /// Calls one's device otherwise; an empty name gives it back its own. Blanks around it do not count.
    pub async fn rename_own_device(
        &self,
        of: &SignedIn,
        (id, name): (DeviceId, &str),
        visit: &Visit,
    ) -> Result<(), OwnProblem> {
        let name = name.trim();
        if name.chars().count() > NAME_LIMIT {
            return Err(OwnProblem::NameTooLong(NAME_LIMIT));
        }
        // What a name may not do is steer whoever shows it.
        let name: String = name.chars().filter(|c| !c.is_control()).collect();
        let mut session = self.store().write().await?;
        let record = find_own(&mut session, of.user.id, id).await?;
        let device = record.ok_or(OwnProblem::NotYours)?.device;
        let name = Some(name).filter(|name| !name.is_empty());
        let actor = itself(&of.user, visit);
        Ok(self.rename(session, &actor, &device, name).await?)
    }

    /// Takes everything of the organisation's off one's device, and leaves the rest. A device of the organisation's is
    /// not one's own to take out, and one that is to be erased stays so.
    pub async fn retire_own_device(
        &self,
        of: &SignedIn,
        id: DeviceId,
        visit: &Visit,
    ) -> Result<(), OwnProblem> {
        let device = self.visit_own(of, id).await?;
        match device.record.device.state {
            DeviceState::Enrolling | DeviceState::Imported | DeviceState::Enrolled => {}
            state => return Err(leaving(state)),
        }
        if device.record.device.ownership == Ownership::Company {
            return Err(OwnProblem::OfCompany);
        }
        Ok(Box::pin(self.retire(&itself(&of.user, visit), device)).await?)
    }

    /// Takes one's device out of the list, once it has gone.
    pub async fn remove_own_device(
        &self,
        of: &SignedIn,
        id: DeviceId,
        visit: &Visit,
    ) -> Result<(), OwnProblem> {
        let device = self.visit_own(of, id).await?;
        match device.record.device.state {
            state if has_gone(state) => {}
            DeviceState::Enrolling | DeviceState::Imported | DeviceState::Enrolled => {
                return Err(OwnProblem::StillManaged);
            }
            state => return Err(leaving(state)),
        }
        Ok(self.forget(&itself(&of.user, visit), device).await?)
    }

    /// A visit to one's device. Whose it is, is looked at while it is held, so that nobody keeps a hand on a device that
    /// has just become somebody else's.
    async fn visit_own(&self, of: &SignedIn, id: DeviceId) -> Result<DeviceVisit<'_>, OwnProblem> {
        let visit = match DeviceVisit::begin(self, id).await {
            Err(EngineError::NotFound { .. }) => return Err(OwnProblem::NotYours),
            other => other?,
        };
        if visit.record.device.user_id == Some(of.user.id) {
            Ok(visit)
        } else {
            Err(OwnProblem::NotYours)
        }
    }
}

/// Why nothing more is done with a device that leaves or has left.
fn leaving(state: DeviceState) -> OwnProblem {
    match state {
        DeviceState::Wiping => OwnProblem::BeingErased,
        DeviceState::Retiring => OwnProblem::BeingRetired,
        DeviceState::Retired | DeviceState::Wiped | DeviceState::Unenrolled => OwnProblem::HasGone,
        DeviceState::Enrolling | DeviceState::Imported | DeviceState::Enrolled => {
            OwnProblem::StillManaged
        }
    }
}
