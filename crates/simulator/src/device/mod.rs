//! One iPhone, iPad or Mac: what it holds, what it does, what it refuses.
//!
//! A device is [`state`](Device::state) (serialisable) and borrowed keys. It acts only when told: [`Device::enrol`],
//! [`Device::check_in`], or a user's action. It has no clock of its own; times come from the [`Http`] client.

mod accounts;
mod activate;
mod commands;
mod elsewhere;
mod enrol;
mod faults;
mod install;
mod inventory;
mod keychain;
mod mail;
mod mail_client;
mod model;
mod people;
mod remove;
mod renew;
mod scep;
mod session;
mod smime;
mod state;
mod talk;

pub use elsewhere::OtherServer;
pub use faults::{Faults, Forgery};
pub use keychain::KeychainItem;
pub use mail::MailView;
pub use mail_client::{MailAnswer, MailFailure};
pub use model::{Model, OsVersion};
pub use people::Person;
pub use session::{Ending, Outcome, SessionReport};
pub use smime::{MailError, SignedForm};
pub use state::{
    Counters, DeviceState, EnrolmentState, HeldCertificate, HeldIdentity, InstalledProfile,
    KeyReference, MailAccount, PayloadHead, Phase, ReceivedInClear, UserAccount,
};
pub use talk::SignatureForm;

pub use crate::profiles::{Platform, Secret, SmimeSwitches, System};

use crate::chance::Chance;
use crate::cms::{CmsError, Identity};
#[cfg(doc)]
use crate::http::Http;
use crate::http::HttpError;
use crate::keys::{Key, KeyError, KeyPool};
use crate::profiles::ErrorChain;
use crate::scep::ScepMode;
use std::sync::Arc;
use thiserror::Error;

/// Why a device could not do what it was told. A refusal of a command is no error: it is reported to the server.
#[derive(Debug, Error)]
pub enum DeviceError {
    /// The enrolment link did not answer with a profile.
    #[error("the enrolment link answered {status}: {body}")]
    Link {
        /// HTTP status.
        status: u16,
        /// Beginning of the body.
        body: String,
    },
    /// The link's content type is not `application/x-apple-aspen-config`, so Safari would not offer to install it.
    #[error(
        "the enrolment link answered with content type `{0}`, not `application/x-apple-aspen-config`"
    )]
    ContentType(String),
    /// The profile or its identity was refused by the device.
    #[error("the device refuses the enrolment profile: {0}")]
    Profile(ErrorChain),
    /// `Authenticate` or `TokenUpdate` did not get 200.
    #[error("{message} was answered {status}: {body}")]
    Refused {
        /// Check-in message.
        message: &'static str,
        /// HTTP status.
        status: u16,
        /// Beginning of the body.
        body: String,
    },
    /// There is no enrolment to check in with.
    #[error("device {0} is not enrolled")]
    NotEnrolled(String),
    /// No answer.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The request could not be signed.
    #[error("cannot sign a request: {0}")]
    Signature(#[from] CmsError),
    /// A key could not be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A message could not be written as a property list.
    #[error("cannot write a property list: {0}")]
    Plist(#[from] plist::Error),
    /// The server sent something that is no command.
    #[error("the server answered with something that is no command: {0}")]
    NotACommand(String),
}

/// A simulated device.
#[derive(Debug, Clone)]
pub struct Device {
    state: DeviceState,
    keys: KeyPool,
    idle: Option<talk::SignedBody>,
    /// The person whose channel is served.
    acting: Option<usize>,
    /// What goes wrong on purpose.
    pub faults: Faults,
    /// Form of `Mdm-Signature`.
    pub signature: SignatureForm,
    /// Which SCEP client to be.
    pub scep: ScepMode,
    /// Whether mail accounts keep every key of their payload (off saves memory in large fleets).
    pub keeps_settings: bool,
}

impl Device {
    /// A factory-new device; everything about it follows from `seed`.
    pub fn new(seed: u64, model: Model, os: OsVersion, keys: &KeyPool) -> Self {
        Self::from_state(DeviceState::new(seed, model, os), keys)
    }

    /// A device as it was saved.
    pub fn from_state(state: DeviceState, keys: &KeyPool) -> Self {
        Self {
            state,
            keys: keys.clone(),
            idle: None,
            acting: None,
            faults: Faults::default(),
            signature: SignatureForm::default(),
            scep: ScepMode::default(),
            keeps_settings: true,
        }
    }

    /// Everything the device holds, to be saved.
    pub fn state(&self) -> &DeviceState {
        &self.state
    }

    /// UDID, also of a user-enrolled device that does not tell it.
    pub fn udid(&self) -> &str {
        &self.state.udid
    }

    /// The id that the server knows: UDID, or `EnrollmentID` of a user enrolment.
    pub fn enrolment_id(&self) -> &str {
        let enrolment = self.state.enrolment.as_ref();
        enrolment
            .and_then(|enrolment| enrolment.enrolment_id.as_deref())
            .unwrap_or(&self.state.udid)
    }

    /// Whether the device is under management.
    pub fn is_enrolled(&self) -> bool {
        self.state.enrolment.is_some() && self.state.phase == Phase::Enrolled
    }

    /// Whether a profile of that identifier is installed.
    pub fn has_profile(&self, identifier: &str) -> bool {
        self.profile(identifier).is_some()
    }

    /// The installed profile of that identifier.
    pub fn profile(&self, identifier: &str) -> Option<&InstalledProfile> {
        self.state
            .profiles
            .iter()
            .find(|profile| profile.identifier == identifier)
    }

    /// All installed profiles, the enrolment profile among them.
    pub fn profiles(&self) -> &[InstalledProfile] {
        &self.state.profiles
    }

    /// Accounts that profiles made.
    pub fn mail_accounts(&self) -> &[MailAccount] {
        &self.state.accounts
    }

    /// Certificates without keys, from profiles.
    pub fn certificates(&self) -> &[HeldCertificate] {
        &self.state.certificates
    }

    /// Identities from profiles, that of the enrolment among them.
    pub fn identities(&self) -> &[HeldIdentity] {
        &self.state.identities
    }

    /// Secrets that came by MDM in profiles without encryption, those of removed and refused ones too.
    ///
    /// The challenge in the profile of an enrolment link is not among them: the device has no identity to encrypt to before.
    pub fn received_in_clear(&self) -> &[ReceivedInClear] {
        &self.state.received_in_clear
    }

    /// What the user had to endure.
    pub fn counters(&self) -> &Counters {
        &self.state.counters
    }

    /// The identity that signs MDM requests.
    pub fn mdm_identity(&self) -> Option<Identity> {
        let enrolment = self.state.enrolment.as_ref()?;
        let held = self.held_identity(&enrolment.profile, &enrolment.identity)?;
        self.identity_of(held).ok()
    }

    /// The push token and magic of the last `TokenUpdate`.
    pub fn push(&self) -> Option<(&[u8], &str)> {
        let enrolment = self.state.enrolment.as_ref()?;
        Some((&enrolment.push_token, &enrolment.push_magic))
    }

    /// Key and certificate of a held identity.
    pub fn identity_of(&self, held: &HeldIdentity) -> Result<Identity, KeyError> {
        let key = match &held.key {
            KeyReference::Pool(number) => self.keys.key(*number),
            KeyReference::Own(pkcs8) => Arc::new(Key::from_pkcs8(u32::MAX, pkcs8)?),
        };
        Ok(Identity {
            key,
            certificate: held.certificate.clone(),
        })
    }

    /// The user installs an update of the system.
    pub fn update_os(&mut self, os: OsVersion) {
        self.state.os = os;
    }

    fn held_identity(&self, profile: &str, uuid: &str) -> Option<&HeldIdentity> {
        let fits = |held: &&HeldIdentity| {
            held.profile == profile && held.payload_uuid.eq_ignore_ascii_case(uuid)
        };
        // While a person's channel is served, the Mac's own things are where the person's were.
        let own = self.acting().map_or(&[][..], |person| person.identities());
        self.state.identities.iter().chain(own).find(fits)
    }

    fn chance(&mut self) -> &mut Chance {
        &mut self.state.chance
    }
}
