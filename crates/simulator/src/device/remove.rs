//! What takes things away: `RemoveProfile`, the user, a server that does not know the device, an erase.

use super::{Device, DeviceError, DeviceState, Phase};
use crate::http::Http;

impl Device {
    /// Removes a profile with its accounts, identities and certificates; false when it is not installed.
    pub fn lose_profile(&mut self, identifier: &str) -> bool {
        let before = self.state.profiles.len();
        self.state
            .profiles
            .retain(|profile| profile.identifier != identifier);
        self.state
            .accounts
            .retain(|account| account.profile != identifier);
        self.state
            .identities
            .retain(|held| held.profile != identifier);
        self.state
            .certificates
            .retain(|held| held.profile != identifier);
        before != self.state.profiles.len()
    }

    /// One profile disappears without a word; the enrolment profile never does.
    pub(super) fn lose_any_profile(&mut self) {
        let enrolment = self
            .state
            .enrolment
            .as_ref()
            .map(|enrolment| enrolment.profile.clone());
        let candidates: Vec<String> = self
            .state
            .profiles
            .iter()
            .filter(|profile| Some(&profile.identifier) != enrolment.as_ref())
            .map(|profile| profile.identifier.clone())
            .collect();
        let index = self.chance().below(candidates.len());
        if let Some(identifier) = candidates.get(index) {
            self.lose_profile(identifier);
            self.state.counters.profiles_lost += 1;
        }
    }

    /// The user removes the enrolment profile in Settings. `CheckOut` is sent if the profile asked for it, and may get lost.
    pub async fn remove_enrolment(&mut self, http: &Http) -> Result<(), DeviceError> {
        let (Some(enrolment), Some(identity)) = (self.state.enrolment.clone(), self.mdm_identity())
        else {
            return Err(DeviceError::NotEnrolled(self.state.udid.clone()));
        };
        self.unenrol();
        if enrolment.check_out_when_removed {
            let mut message = self.message(&enrolment);
            message.insert("MessageType".to_owned(), "CheckOut".into());
            message.insert("Topic".to_owned(), enrolment.topic.as_str().into());
            self.send_check_in(http, &enrolment, &identity, message)
                .await?;
        }
        Ok(())
    }

    /// Ends the management on the device alone.
    pub(super) fn unenrol(&mut self) {
        self.forget_management();
        self.state.phase = Phase::Unenrolled;
    }

    /// Drops the enrolment and everything that came by it.
    pub(super) fn forget_management(&mut self) {
        let enrolment = self
            .state
            .enrolment
            .take()
            .map(|enrolment| enrolment.profile);
        let gone: Vec<String> = self
            .state
            .profiles
            .iter()
            .filter(|profile| profile.managed || Some(&profile.identifier) == enrolment.as_ref())
            .map(|profile| profile.identifier.clone())
            .collect();
        for identifier in gone {
            self.lose_profile(&identifier);
        }
        self.state.put_off.clear();
        for person in &mut self.state.people {
            person.forget_management();
        }
        self.idle = None;
    }

    /// Factory settings; the hardware stays.
    pub(super) fn erase(&mut self) {
        let old = &self.state;
        let mut fresh = DeviceState::new(0, old.model, old.os);
        fresh.udid.clone_from(&old.udid);
        fresh.serial.clone_from(&old.serial);
        old.model.name().clone_into(&mut fresh.name);
        fresh.supervised = old.supervised;
        fresh.counters = old.counters;
        fresh.received_in_clear.clone_from(&old.received_in_clear);
        fresh.chance = old.chance.clone();
        fresh.passcode = false;
        fresh.phase = Phase::Erased;
        self.state = fresh;
        self.idle = None;
    }
}
