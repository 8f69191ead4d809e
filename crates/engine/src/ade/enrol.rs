//! Devices at their activation: they prove their serial number and get the profile that brings them under management.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mandate_model::{DeviceFacts, EnrolmentType, Timestamp, UserId};
use mandate_store::{AdeProfileRecord, Session, VisitRecord};
use thiserror::Error;
use uuid::Uuid;

use super::{AdeSettings, profiles};
use crate::enrolment::{Grounds, Way};
use crate::{Engine, EngineError, EnrolmentOffer, SignedIn};

/// How long somebody may take to sign in at the device, and the device to fetch its profile.
const VISIT: i64 = 30 * Timestamp::MINUTE;

/// What a device says about itself at its activation, after it has proved to be made by Apple (`MachineInfo`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MachineInfo {
    /// Serial number.
    pub serial: String,
    /// UDID.
    pub udid: String,
    /// Product, such as `iPhone16,1`.
    pub product: String,
    /// Version of the system, where it tells.
    pub os_version: Option<String>,
    /// Build of the system.
    pub build: String,
}

/// Why a device gets no profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AdeRefusal {
    /// There is no such profile.
    #[error("there is no such enrolment profile")]
    UnknownProfile,
    /// Apple does not say that it is the organisation's.
    #[error("this device is not among those of the organisation")]
    NotOurs,
    /// Nobody has given it a profile.
    #[error("this device has no enrolment profile")]
    NoProfile,
    /// Somebody has to sign in at the device.
    #[error("somebody has to sign in at the device")]
    NeedsSignIn,
    /// The time to sign in is over, or this is not the browser that began.
    #[error("the time to sign in is over; begin anew at the device")]
    Stray,
}

impl Engine {
    /// The enrolment profile for a device that nobody signs in at.
    pub async fn open_ade_enrolment(
        &self,
        profile: Uuid,
        machine: &MachineInfo,
    ) -> Result<Result<EnrolmentOffer, AdeRefusal>, EngineError> {
        let mut session = self.store().write().await?;
        let profile = match self.ade_profile_for(&mut session, profile, machine).await? {
            Ok(profile) => profile,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if needs_person(&profile) {
            return Ok(Err(AdeRefusal::NeedsSignIn));
        }
        let offer = self
            .offer_to_device(&mut session, &profile, (&machine.serial, None))
            .await?;
        session.commit().await?;
        Ok(Ok(offer))
    }

    /// Somebody is about to sign in at a device. What its web view is to hold meanwhile.
    pub async fn begin_ade_visit(
        &self,
        profile: Uuid,
        machine: &MachineInfo,
    ) -> Result<Result<String, AdeRefusal>, EngineError> {
        let now = self.now();
        let mut session = self.store().write().await?;
        let profile = match self.ade_profile_for(&mut session, profile, machine).await? {
            Ok(profile) => profile,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let token = URL_SAFE_NO_PAD.encode(self.chance().key());
        session.delete_old_visits(now).await?;
        session
            .insert_visit(&VisitRecord {
                id: self.chance().id(now),
                token_hash: mandate_pki::sha256(token.as_bytes()).to_vec(),
                purpose: AUTOMATED.to_owned(),
                ade_profile_id: Some(profile.id),
                serial_number: super::sync::serial_of(&machine.serial),
                user_id: None,
                expires_at: now.plus(VISIT),
                created_at: now,
            })
            .await?;
        session.commit().await?;
        Ok(Ok(token))
    }

    /// Somebody has signed in, in the web view that holds this. `false` if the time is over, or nothing was begun there.
    ///
    /// That only the web view holds it is what keeps somebody else's device from being enrolled for a person who follows a
    /// link.
    pub async fn sign_in_to_ade_visit(
        &self,
        of: &SignedIn,
        token: &str,
    ) -> Result<bool, EngineError> {
        let mut session = self.store().write().await?;
        let Some(visit) = self.visit(&mut session, token, AUTOMATED).await? else {
            return Ok(false);
        };
        session.bind_visit(visit.id, of.user.id).await?;
        session.commit().await?;
        Ok(true)
    }

    /// The enrolment profile for the device at which somebody has signed in. It may be fetched again while the time lasts,
    /// since the device may not have got it.
    pub async fn open_ade_visit(
        &self,
        token: &str,
    ) -> Result<Result<EnrolmentOffer, AdeRefusal>, EngineError> {
        let mut session = self.store().write().await?;
        let Some(visit) = self.visit(&mut session, token, AUTOMATED).await? else {
            return Ok(Err(AdeRefusal::Stray));
        };
        let (Some(profile), Some(serial)) = (visit.ade_profile_id, visit.serial_number) else {
            return Ok(Err(AdeRefusal::Stray));
        };
        let Some(user) = visit.user_id else {
            return Ok(Err(AdeRefusal::NeedsSignIn));
        };
        let Some(profile) = session.find_ade_profile(profile).await? else {
            return Ok(Err(AdeRefusal::UnknownProfile));
        };
        let offer = self
            .offer_to_device(&mut session, &profile, (&serial, Some(user)))
            .await?;
        session.commit().await?;
        Ok(Ok(offer))
    }

    /// A visit that is not over.
    pub(crate) async fn visit(
        &self,
        session: &mut Session,
        token: &str,
        purpose: &str,
    ) -> Result<Option<VisitRecord>, EngineError> {
        let visit = session
            .find_visit(&mandate_pki::sha256(token.as_bytes()))
            .await?;
        let now = self.now();
        Ok(visit.filter(|visit| visit.expires_at > now && visit.purpose == purpose))
    }

    /// The profile that a device is to have, as was said last: it may have been told another one of the same token when it
    /// was activated.
    async fn ade_profile_for(
        &self,
        session: &mut Session,
        named: Uuid,
        machine: &MachineInfo,
    ) -> Result<Result<AdeProfileRecord, AdeRefusal>, EngineError> {
        let Some(named) = session.find_ade_profile(named).await? else {
            return Ok(Err(AdeRefusal::UnknownProfile));
        };
        let Some(serial) = super::sync::serial_of(&machine.serial) else {
            return Ok(Err(AdeRefusal::NotOurs));
        };
        let device = session.find_ade_device(named.token_id, &serial).await?;
        let Some(device) = device.filter(|device| !device.is_deleted) else {
            return Ok(Err(AdeRefusal::NotOurs));
        };
        session
            .note_ade_contact(named.token_id, &serial, self.now())
            .await?;
        let Some(wanted) = device.profile_id else {
            return Ok(Err(AdeRefusal::NoProfile));
        };
        if wanted == named.id {
            return Ok(Ok(named));
        }
        let wanted = session.find_ade_profile(wanted).await?;
        Ok(wanted.ok_or(AdeRefusal::NoProfile))
    }

    async fn offer_to_device(
        &self,
        session: &mut Session,
        profile: &AdeProfileRecord,
        (serial, user): (&str, Option<UserId>),
    ) -> Result<EnrolmentOffer, EngineError> {
        let facts = DeviceFacts {
            serial_number: super::sync::serial_of(serial),
            ..DeviceFacts::default()
        };
        let grounds = Grounds {
            way: Way::Automated,
            user,
            platform: profiles::platform_of(profile),
            kind: EnrolmentType::Device,
            serial_number: facts.serial_number.clone(),
            ade_profile: Some(profile.id),
        };
        self.open_on_grounds(session, grounds, Some(&facts)).await
    }
}

fn needs_person(record: &AdeProfileRecord) -> bool {
    AdeSettings::stored(profiles::platform_of(record), &record.settings).needs_person()
}

const AUTOMATED: &str = "automated";
