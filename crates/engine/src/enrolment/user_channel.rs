//! The messages of a Mac on behalf of a person who logs in on it.
//!
//! Each person has a channel with a push token and a queue of its own, known by the device's id and the person's id on that
//! device. Channels of people who are not the device's user are remembered and get nothing: their names in the directory,
//! or the device's user, may change.

use mandate_model::{Device, DeviceFacts, DeviceId, DeviceState, Platform, Timestamp};
use mandate_store::{ChannelRecord, DeviceRecord, Session};

use super::mac_user::is_device_user;
use super::{Caller, Met, Refused, TokenNews};
use crate::delivery::Visit;
use crate::{Answer, Engine, EngineError};

/// People whose channels are remembered on one device, but for its user. Who logs in is up to the device.
pub(super) const MOST_CHANNELS: usize = 16;
/// Somebody who is logged in but not in front of the Mac is given so long before being woken for what is new.
const NOT_ON_CONSOLE: i64 = 15 * Timestamp::MINUTE;

/// An account on a Mac, as the Mac names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MacUser {
    /// `UserID`, or `EnrollmentUserID` in user enrolment.
    pub id: String,
    /// `UserShortName`.
    pub short_name: Option<String>,
    /// `UserLongName`.
    pub long_name: Option<String>,
    /// Whether the person is logged in but somebody else is in front of the Mac (`NotOnConsole`).
    pub not_on_console: bool,
}

impl Engine {
    /// Whether somebody who logs in on a Mac is to be managed there (`UserAuthenticate`): the device's user is, and so is
    /// somebody of whom only an id is known yet, since the names come with the token.
    pub async fn wants_user(
        &self,
        caller: &Caller<'_>,
        user: &MacUser,
    ) -> Result<Result<bool, Refused>, EngineError> {
        let seen = match self.look_up(caller).await? {
            Ok(seen) => seen,
            Err(refused) => return Ok(Err(refused)),
        };
        let Some(device) = seen.device else {
            return Ok(Err(Refused::Foreign));
        };
        let mut session = self.store().read().await?;
        let Some(device) = session.find_device(device.id).await? else {
            return Ok(Err(Refused::Foreign));
        };
        let owner = match device.device.user_id {
            Some(owner) => session.find_user(owner).await?,
            None => None,
        };
        let Some(owner) = owner.filter(|_| device.device.platform == Platform::MacOs) else {
            return Ok(Ok(false));
        };
        let known = session
            .find_device_by_enrolment(&channel_id(caller.enrolment_id, &user.id))
            .await?
            .and_then(|known| known.channel?.short_name);
        let name = user.short_name.clone().or(known);
        let names = &self.options().mac_user_attributes;
        let enrolment = device.device.enrolment_type;
        Ok(Ok(name.is_none_or(|name| {
            is_device_user(enrolment, &owner, Some(&name), names)
        })))
    }

    /// Somebody on a Mac can be woken by this token: `TokenUpdate` with the person's ids.
    pub async fn take_user_token(
        &self,
        caller: &Caller<'_>,
        user: &MacUser,
        news: TokenNews,
    ) -> Result<Result<(), Refused>, EngineError> {
        let mut session = self.store().write().await?;
        let device = match self.hold_for_user(&mut session, caller).await? {
            Ok(Some(device)) => device,
            Ok(None) => return Ok(Ok(())),
            Err(refused) => return Ok(Err(refused)),
        };
        let known = self.hold_channel(&mut session, caller, user).await?;
        let is_user = self.is_owner(&mut session, &device, user).await?;
        if known.is_none() && !is_user {
            let others = session.channels_of_device(device.device.id).await?;
            if others.len() >= MOST_CHANNELS {
                return Ok(Ok(()));
            }
        }
        let is_new = known.is_none();
        let (record, begins) = self.opened(&device, known, user, news);
        let id = record.device.id;
        if is_new {
            session.insert_device(&record).await?;
        } else {
            session.update_device(&record).await?;
        }
        if begins && is_user {
            // What waits on the device for its user does so no longer.
            expect_again(&mut session, device).await?;
        }
        let mut visit = Visit::continuing(self, session, id).await?;
        if begins {
            if is_user {
                visit.enqueue_inventory();
            }
            let name = user.short_name.as_deref().unwrap_or(&user.id);
            visit.remember("user channel opened", name).await?;
        }
        let pause = if user.not_on_console {
            NOT_ON_CONSOLE
        } else {
            0
        };
        visit.end_and_wake_after(pause).await?.commit().await?;
        Ok(Ok(()))
    }

    /// Serves somebody's channel on a Mac. Who is not the device's user has nothing to do there, and so has everybody while
    /// the device is not managed. One with nothing to do costs one query.
    pub async fn meet_user(
        &self,
        caller: &Caller<'_>,
        user: &str,
        answer: Answer,
    ) -> Result<Met, EngineError> {
        let channel = channel_id(caller.enrolment_id, user);
        let seen = match self.look_up_on(caller, Some(&channel)).await? {
            Ok(seen) => seen,
            Err(refused) => return Ok(Met::Refused(refused)),
        };
        let Some(device) = &seen.device else {
            return Ok(Met::Refused(Refused::Foreign));
        };
        self.cache().meter.check_ins.add();
        let channel = seen
            .channel
            .as_ref()
            .filter(|channel| device.state.is_managed() && channel.state.is_managed());
        let Some(channel) = channel else {
            return Ok(Met::Work(None));
        };
        let is_at_rest = channel.reconciled_in == seen.intent
            && channel.attention_at.is_none_or(|at| at > self.now());
        if answer == Answer::Idle && is_at_rest {
            self.note_seen(channel.id);
            return Ok(Met::Work(None));
        }
        Ok(Met::Work(
            self.exchange(channel.id, &caller.certificate.sha256(), answer)
                .await?,
        ))
    }

    /// Somebody's channel on a Mac has ended: `CheckOut` with the person's ids. What was delivered over it can no longer be
    /// used.
    pub async fn check_out_user(
        &self,
        caller: &Caller<'_>,
        user: &MacUser,
    ) -> Result<Result<(), Refused>, EngineError> {
        let mut session = self.store().write().await?;
        let device = match self.hold_for_user(&mut session, caller).await? {
            Ok(Some(device)) => device,
            // It was revoked because it has left; leaving twice is no fault.
            Ok(None) | Err(Refused::Gone) => return Ok(Ok(())),
            Err(refused) => return Ok(Err(refused)),
        };
        let channel = self.hold_channel(&mut session, caller, user).await?;
        let Some(channel) = channel.filter(|channel| channel.device.state.is_connected()) else {
            return Ok(Ok(()));
        };
        let name = user.short_name.clone().unwrap_or_else(|| user.id.clone());
        self.end_channel(&mut session, channel, DeviceState::Unenrolled)
            .await?;
        let id = device.device.id;
        expect_again(&mut session, device).await?;
        let mut visit = Visit::continuing(self, session, id).await?;
        visit.remember("user channel ended", &name).await?;
        visit.end(false).await?;
        Ok(Ok(()))
    }

    /// The device, held, if it has channels for people at all.
    async fn hold_for_user(
        &self,
        session: &mut Session,
        caller: &Caller<'_>,
    ) -> Result<Result<Option<DeviceRecord>, Refused>, EngineError> {
        let seen = match self.look_up(caller).await? {
            Ok(seen) => seen,
            Err(refused) => return Ok(Err(refused)),
        };
        let Some(device) = seen.device else {
            return Ok(Err(Refused::Foreign));
        };
        let device = session.hold_device(device.id).await?;
        Ok(Ok(device.filter(|record| {
            record.device.platform == Platform::MacOs && record.device.state.is_connected()
        })))
    }

    async fn hold_channel(
        &self,
        session: &mut Session,
        caller: &Caller<'_>,
        user: &MacUser,
    ) -> Result<Option<DeviceRecord>, EngineError> {
        let found = session
            .find_device_by_enrolment(&channel_id(caller.enrolment_id, &user.id))
            .await?;
        match found {
            Some(found) => Ok(session.hold_device(found.device.id).await?),
            None => Ok(None),
        }
    }

    async fn is_owner(
        &self,
        session: &mut Session,
        device: &DeviceRecord,
        user: &MacUser,
    ) -> Result<bool, EngineError> {
        let Some(owner) = device.device.user_id else {
            return Ok(false);
        };
        let names = &self.options().mac_user_attributes;
        let name = user.short_name.as_deref();
        Ok(session
            .find_user(owner)
            .await?
            .is_some_and(|owner| is_device_user(device.device.enrolment_type, &owner, name, names)))
    }

    /// The channel as it is from now on, and whether it begins.
    pub(super) fn opened(
        &self,
        device: &DeviceRecord,
        known: Option<DeviceRecord>,
        user: &MacUser,
        news: TokenNews,
    ) -> (DeviceRecord, bool) {
        let now = self.now();
        let names = known.as_ref().and_then(|known| known.channel.as_ref());
        let before = names.and_then(|names| names.short_name.clone());
        let short_name = user.short_name.clone().or_else(|| before.clone());
        let is_renamed = before != short_name;
        let begins = known
            .as_ref()
            .is_none_or(|known| !known.device.state.is_connected());
        let channel = ChannelRecord {
            parent: device.device.id,
            user: user.id.clone(),
            short_name,
            long_name: user.long_name.clone(),
        };
        let id = known
            .as_ref()
            .map_or_else(|| DeviceId(self.chance().id(now)), |known| known.device.id);
        let fresh = || DeviceRecord {
            device: Device {
                id,
                platform: device.device.platform,
                enrolment_type: device.device.enrolment_type,
                enrolment_id: channel_id(&device.device.enrolment_id, &user.id),
                state: DeviceState::Enrolled,
                user_id: device.device.user_id,
                manager_id: None,
                ownership: device.device.ownership,
                facts: DeviceFacts::default(),
                enrolled_at: now,
                last_seen_at: now,
            },
            reconciled_in: 0,
            stale_at: now,
            inventory_at: None,
            attention_at: Some(now),
            wake_at: None,
            wake_attempts: 0,
            topic: String::new(),
            push_token: None,
            push_magic: None,
            push_state: "none".to_owned(),
            push_token_at: now,
            unlock_token: None,
            identity: device.identity.clone(),
            identity_until: device.identity_until,
            identity_renew_at: device.identity_renew_at,
            identity_changed: false,
            identity_ticket: device.identity_ticket,
            channel: None,
        };
        let known = known.filter(|_| !begins);
        let mut record = known.unwrap_or_else(fresh);
        if is_renamed {
            record.reconciled_in = 0;
        }
        record.channel = Some(channel);
        record.topic = news.topic;
        record.push_token = Some(news.token);
        record.push_magic = Some(news.magic);
        "ok".clone_into(&mut record.push_state);
        record.push_token_at = now;
        record.device.last_seen_at = now;
        (record, begins)
    }
}

/// What the database calls the channel of a person. No id of a device has a colon.
pub(super) fn channel_id(enrolment_id: &str, user: &str) -> String {
    format!("{enrolment_id}:{user}")
}

/// Has the device compared again at its next contact: it is not woken for this.
async fn expect_again(session: &mut Session, mut device: DeviceRecord) -> Result<(), EngineError> {
    device.reconciled_in = 0;
    Ok(session.update_device_session(&device).await?)
}
