//! The two ways to a Mac: the device's own channel, and one for each person who logs in on it.
//!
//! A person's channel has a push token, a queue, lists and marks of its own, so it is served by a visit of its own. It
//! shares with its device whose it is, what is known of the hardware, and the identity.

use mandate_model::{Device, DeviceState, Profile, User};
use mandate_pki::authority::RevocationReason;
use mandate_store::{DeviceRecord, Session};

use super::Visit;
use crate::enrolment::is_device_user;
use crate::{Engine, EngineError};

/// Which profiles a visit may deliver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Serves {
    /// Those for the device as a whole; whether its user has a channel for the others.
    Device { user_has_channel: bool },
    /// Those for the device's user.
    User,
    /// None: somebody else's channel.
    Nobody,
}

/// Where a profile belongs, seen from a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Here.
    Here,
    /// On another channel.
    Elsewhere,
    /// On a channel that there is none of yet.
    Nowhere,
}

impl Serves {
    pub(super) fn place(self, profile: &Profile) -> Place {
        match (self, profile.is_for_user_channel()) {
            (Self::Device { .. }, false) | (Self::User, true) => Place::Here,
            (
                Self::Device {
                    user_has_channel: false,
                },
                true,
            ) => Place::Nowhere,
            (Self::Device { .. }, true) | (Self::User, false) | (Self::Nobody, _) => {
                Place::Elsewhere
            }
        }
    }
}

impl Visit<'_> {
    /// The device, whichever of its channels is served.
    pub(crate) fn device(&self) -> &Device {
        &self.owner().device
    }

    /// The record of the device, whichever of its channels is served.
    pub(super) fn owner(&self) -> &DeviceRecord {
        self.parent.as_ref().unwrap_or(&self.record)
    }

    pub(super) const fn is_of_person(&self) -> bool {
        self.parent.is_some()
    }

    /// Whether profiles are wanted on the device and on this channel.
    pub(super) fn is_managed(&self) -> bool {
        self.record.device.state.is_managed() && self.device().state.is_managed()
    }

    /// Which profiles may be delivered now. `for_channels` says whether any is for the user channel: without one nobody
    /// asks who is logged in.
    pub(super) async fn serves(&mut self, for_channels: bool) -> Result<Serves, EngineError> {
        let user = self.people().await?.user.clone();
        if self.is_of_person() {
            let is_user = user.is_some_and(|user| self.engine.is_user_of(&self.record, &user));
            return Ok(if is_user {
                Serves::User
            } else {
                Serves::Nobody
            });
        }
        let user_has_channel = match user.filter(|_| for_channels) {
            Some(user) => {
                let channels = self
                    .session
                    .channels_of_device(self.record.device.id)
                    .await?;
                channels.iter().any(|channel| {
                    channel.device.state.is_managed() && self.engine.is_user_of(channel, &user)
                })
            }
            None => false,
        };
        Ok(Serves::Device { user_has_channel })
    }
}

impl Engine {
    /// Whether the channel of a person is that of its device's user.
    pub(crate) fn is_user_of(&self, channel: &DeviceRecord, user: &User) -> bool {
        let names = &self.options().mac_user_attributes;
        let short_name = channel
            .channel
            .as_ref()
            .and_then(|channel| channel.short_name.as_deref());
        is_device_user(channel.device.enrolment_type, user, short_name, names)
    }

    /// Ends all channels of people on a device whose management ends: nothing of theirs can be used any more. The device
    /// is held.
    pub(crate) async fn end_channels(
        &self,
        session: &mut Session,
        device: &DeviceRecord,
        state: DeviceState,
    ) -> Result<(), EngineError> {
        for channel in session.channels_of_device(device.device.id).await? {
            if let Some(channel) = session.hold_device(channel.device.id).await?
                && channel.device.state.is_connected()
            {
                self.end_channel(session, channel, state).await?;
            }
        }
        Ok(())
    }

    /// Ends the channel of a person, which is held.
    pub(crate) async fn end_channel(
        &self,
        session: &mut Session,
        mut channel: DeviceRecord,
        state: DeviceState,
    ) -> Result<(), EngineError> {
        let id = channel.device.id;
        session.delete_profiles_of_device(id).await?;
        session.delete_actions_of_device(id).await?;
        session.delete_challenges_of_device(id).await?;
        let reason = i64::from(RevocationReason::CessationOfOperation.code());
        session
            .revoke_certificates_of_device(id, self.now(), reason)
            .await?;
        session.delete_revoked_certificate_keys(id).await?;
        session.delete_sightings_of_device(id).await?;
        channel.device.state = state;
        channel.push_token = None;
        channel.push_magic = None;
        "none".clone_into(&mut channel.push_state);
        channel.attention_at = None;
        channel.wake_at = None;
        session.update_device(&channel).await?;
        Ok(())
    }
}
