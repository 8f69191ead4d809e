//! The messages by which a device enrols, stays reachable and leaves.

use mandate_model::{Device, DeviceFacts, DeviceId, DeviceState, EnrolmentType, Ownership, UserId};
use mandate_pki::authority::RevocationReason;
use mandate_store::{DeviceRecord, Seen, Session, TicketRecord};
use serde_json::{Value, json};

use super::admission::{Admission, Applicant};
use super::grounds::Way;
use super::identities::meet_identity;
use super::offer::{enrolment_type, platform_of, ticket_of};
use super::{Caller, Refused};
use crate::audit::Change;
use crate::custody::unlock_token_context;
use crate::delivery::{ActionKind, Visit, renew_at};
use crate::{Actor, Engine, EngineError};

/// `Authenticate`: a device introduces itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authentication {
    /// How it says it is enrolled.
    pub enrolment_type: EnrolmentType,
    /// Push topic of the profile that it has.
    pub topic: String,
    /// What it says about itself.
    pub facts: DeviceFacts,
}

/// `TokenUpdate`: how a device can be woken.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenNews {
    /// Push topic.
    pub topic: String,
    /// Push token.
    pub token: Vec<u8>,
    /// Push magic.
    pub magic: String,
    /// Unlock token, kept if absent.
    pub unlock_token: Option<Vec<u8>>,
    /// Whether it waits in its Setup Assistant until it is told that everything is there.
    pub awaits_configuration: bool,
}

impl std::fmt::Debug for TokenNews {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenNews")
            .field("topic", &self.topic)
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// A device introduces itself: a new enrolment, a repeated one, or a new identity for a known one.
    pub async fn authenticate_device(
        &self,
        caller: &Caller<'_>,
        news: Authentication,
    ) -> Result<Result<(), Refused>, EngineError> {
        let seen = match self.look_up(caller).await? {
            Ok(seen) => seen,
            Err(refused) => return Ok(Err(refused)),
        };
        let mut session = self.store().write().await?;
        let Some(ticket) = ticket_of(&mut session, seen.ticket_id).await? else {
            return Ok(Err(Refused::Foreign));
        };
        // An identifier of one kind must not pass for one of the other: it would name somebody else's device.
        if enrolment_type(&ticket)? != news.enrolment_type {
            return Ok(Err(Refused::OtherDevice));
        }
        // Who asked for it proved to be one device.
        if let Some(serial) = &ticket.serial_number
            && news
                .facts
                .serial_number
                .as_deref()
                .is_none_or(|told| !told.eq_ignore_ascii_case(serial))
        {
            return Ok(Err(Refused::OtherDevice));
        }
        let known = match session
            .find_device_by_enrolment(caller.enrolment_id)
            .await?
        {
            Some(found) => session.hold_device(found.device.id).await?,
            None => None,
        };
        let is_renewal = |record: &DeviceRecord| {
            record.identity_ticket == ticket.id && record.device.state.is_connected()
        };
        match known {
            Some(record) if is_renewal(&record) => {
                self.meet_with_new_identity(&mut session, record, caller, news)
                    .await?;
            }
            known => {
                if ticket.device_id.is_some_and(|device| {
                    Some(device) != known.as_ref().map(|known| known.device.id)
                }) {
                    return Ok(Err(Refused::OtherDevice));
                }
                let id = known.as_ref().map(|known| known.device.id);
                let applicant = Applicant {
                    user: ticket.user_id,
                    kind: news.enrolment_type,
                    platform: platform_of(&ticket),
                    way: Way::of(&ticket),
                    known: id,
                    facts: Some(&news.facts),
                };
                let admission = match self.admit(&mut session, applicant).await? {
                    Ok(admission) => admission,
                    Err(barrier) => return Ok(Err(Refused::NotAdmitted(barrier))),
                };
                self.begin_enrolment(
                    &mut session,
                    known,
                    (&ticket, admission),
                    (caller, &seen, news),
                )
                .await?;
            }
        }
        session.commit().await?;
        Ok(Ok(()))
    }

    /// A renewed identity keeps everything. Both identities are good until the new one has been seen to work: the
    /// device may yet fall back to the old one.
    async fn meet_with_new_identity(
        &self,
        session: &mut Session,
        mut record: DeviceRecord,
        caller: &Caller<'_>,
        news: Authentication,
    ) -> Result<(), EngineError> {
        let sha256 = caller.certificate.sha256();
        session
            .bind_certificate(&sha256, record.device.id, record.device.user_id)
            .await?;
        record.device.facts = merged(record.device.facts, news.facts);
        record.device.last_seen_at = self.now();
        // The version may have changed, and something has to be done anyway.
        record.reconciled_in = 0;
        session.update_device(&record).await?;
        Ok(())
    }

    async fn begin_enrolment(
        &self,
        session: &mut Session,
        known: Option<DeviceRecord>,
        (ticket, admission): (&TicketRecord, Admission),
        (caller, seen, news): (&Caller<'_>, &Seen, Authentication),
    ) -> Result<(), EngineError> {
        let now = self.now();
        let id = known
            .as_ref()
            .map_or_else(|| DeviceId(self.chance().id(now)), |known| known.device.id);
        if let Some(known) = &known {
            self.forget_enrolment(session, known, admission).await?;
        }
        let ownership = match enrolment_type(ticket)? {
            EnrolmentType::User => Ownership::Personal,
            EnrolmentType::Device if admission.is_company => Ownership::Company,
            EnrolmentType::Device => known
                .as_ref()
                .filter(|known| known.device.user_id == admission.user)
                .map_or(Ownership::Unknown, |known| known.device.ownership),
        };
        let sha256 = caller.certificate.sha256();
        meet_identity(session, &news.facts, id, now).await?;
        let record = DeviceRecord {
            device: Device {
                id,
                platform: platform_of(ticket),
                enrolment_type: enrolment_type(ticket)?,
                enrolment_id: caller.enrolment_id.to_owned(),
                state: DeviceState::Enrolling,
                user_id: admission.user,
                manager_id: admission.manager,
                ownership,
                facts: news.facts,
                enrolled_at: now,
                last_seen_at: now,
            },
            reconciled_in: 0,
            stale_at: now,
            inventory_at: None,
            attention_at: Some(now),
            wake_at: None,
            wake_attempts: 0,
            topic: news.topic,
            push_token: None,
            push_magic: None,
            push_state: "none".to_owned(),
            push_token_at: now,
            unlock_token: None,
            identity: sha256.to_vec(),
            identity_until: seen.not_after,
            identity_renew_at: renew_at(now, seen.not_after),
            identity_changed: false,
            identity_ticket: ticket.id,
            channel: None,
        };
        match known {
            Some(_) => drop(session.update_device(&record).await?),
            None => session.insert_device(&record).await?,
        }
        session.bind_ticket(ticket.id, id).await?;
        // Before anything is compared for the first time: what a group brings is there from the beginning.
        self.label_newcomer(session, id, ticket.link_id).await?;
        if let Some(profile) = ticket.ade_profile_id
            && let Some(profile) = session.find_ade_profile(profile).await?
        {
            let name = Some(profile.name.as_str());
            session.set_enrolment_profile_name(id, name).await?;
        }
        self.follow_rules_of_device(session, record.device).await?;
        session.retag_device(id, admission.user).await?;
        Ok(session
            .bind_certificate(&sha256, id, admission.user)
            .await?)
    }

    /// What belonged to an earlier enrolment of the same device ends. Its groups stay only with the same person: what
    /// was assigned to the device must not pass to whoever enrols under its id.
    pub(super) async fn forget_enrolment(
        &self,
        session: &mut Session,
        known: &DeviceRecord,
        admission: Admission,
    ) -> Result<(), EngineError> {
        let id = known.device.id;
        self.end_channels(session, known, DeviceState::Unenrolled)
            .await?;
        session.delete_profiles_of_device(id).await?;
        session.end_notices_of_device(id, self.now()).await?;
        session.delete_actions_of_device(id).await?;
        session.delete_challenges_of_device(id).await?;
        let reason = i64::from(RevocationReason::Superseded.code());
        session
            .revoke_certificates_of_device(id, self.now(), reason)
            .await?;
        session.delete_revoked_certificate_keys(id).await?;
        session.delete_sightings_of_device(id).await?;
        let device = &known.device;
        if (device.user_id, device.manager_id) != (admission.user, admission.manager) {
            session.delete_memberships(id.0).await?;
            session.delete_device_label(id).await?;
            let name = device.display_name();
            let of = |user: Option<UserId>, manager: Option<UserId>| json!({ "userId": user, "enrollmentManagerId": manager });
            let before = of(device.user_id, device.manager_id);
            let after = of(admission.user, admission.manager);
            let change = Change::act("reenrol", "device", id, &name, before, after);
            self.audit(session, &Actor::system(), change).await?;
        }
        Ok(())
    }

    /// A device says how it can be woken; the first time this completes its enrolment.
    pub async fn take_token(
        &self,
        caller: &Caller<'_>,
        news: TokenNews,
    ) -> Result<Result<(), Refused>, EngineError> {
        let device = match self.look_up(caller).await? {
            Ok(Seen {
                device: Some(device),
                ..
            }) => device,
            Ok(_) => return Ok(Err(Refused::Foreign)),
            Err(refused) => return Ok(Err(refused)),
        };
        let mut visit = Visit::begin(self, device.id).await?;
        let now = self.now();
        let unlock_token = match &news.unlock_token {
            Some(token) => Some(self.seal().seal(&unlock_token_context(device.id), token)?),
            None => visit.record.unlock_token.take(),
        };
        let record = &mut visit.record;
        record.unlock_token = unlock_token;
        record.topic = news.topic;
        record.push_token = Some(news.token);
        record.push_magic = Some(news.magic);
        "ok".clone_into(&mut record.push_state);
        record.push_token_at = now;
        record.device.last_seen_at = now;
        visit.take_identity(caller.certificate);
        visit.device_changed();
        if visit.record.device.state == DeviceState::Enrolling {
            visit.record.device.state = DeviceState::Enrolled;
            visit.record.device.enrolled_at = now;
            visit.enqueue_inventory();
            // A rule that changed meanwhile was not asked about a device that was not there yet.
            visit.follow_rules().await?;
            visit.remember("enrolled", "").await?;
        }
        if news.awaits_configuration {
            visit.enqueue(ActionKind::ConfirmConfigured, &Value::Null, "system");
        }
        visit.end_and_wake().await?.commit().await?;
        Ok(Ok(()))
    }

    /// A device says that its management was removed. Unreliable, so its absence means nothing.
    pub async fn check_out(&self, caller: &Caller<'_>) -> Result<Result<(), Refused>, EngineError> {
        let device = match self.look_up(caller).await? {
            Ok(Seen {
                device: Some(device),
                ..
            }) => device,
            Ok(_) => return Ok(Err(Refused::Foreign)),
            // It was revoked because it has left; leaving twice is no fault.
            Err(Refused::Gone) => return Ok(Ok(())),
            Err(refused) => return Ok(Err(refused)),
        };
        let mut visit = Visit::begin(self, device.id).await?;
        let (state, event) = match visit.record.device.state {
            DeviceState::Retiring => (DeviceState::Retired, "retired"),
            DeviceState::Wiping => (DeviceState::Wiped, "wiped"),
            _ => (DeviceState::Unenrolled, "unenrolled by its user"),
        };
        visit.finish(state, event).await?;
        visit.end(false).await?;
        Ok(Ok(()))
    }
}

/// New facts over known ones.
pub(super) fn merged(known: DeviceFacts, news: DeviceFacts) -> DeviceFacts {
    DeviceFacts {
        device_name: news.device_name.or(known.device_name),
        model: news.model.or(known.model),
        product_name: news.product_name.or(known.product_name),
        os_version: news.os_version.or(known.os_version),
        build_version: news.build_version.or(known.build_version),
        serial_number: news.serial_number.or(known.serial_number),
        imei: news.imei.or(known.imei),
        meid: news.meid.or(known.meid),
        wifi_mac: news.wifi_mac.or(known.wifi_mac),
        eas_device_identifier: news.eas_device_identifier.or(known.eas_device_identifier),
        is_supervised: news.is_supervised.or(known.is_supervised),
        passcode_present: news.passcode_present.or(known.passcode_present),
        is_encrypted: news.is_encrypted.or(known.is_encrypted),
    }
}
