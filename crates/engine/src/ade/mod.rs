//! Automated device enrolment: what Apple Business Manager and School Manager know of the organisation's devices, and what
//! these are to do at their activation.
//!
//! ```text
//!  token ──► client (OAuth, session) ──► sync: devices in, profiles and assignments out
//!  device at its activation ──► enrol: proves its serial number ──► enrolment profile
//! ```
//!
//! What is to be so stands in the database; synchronising brings Apple in step with it and repeats what did not work. No
//! network call is made inside a transaction, and one process at a time is at a token.

mod client;
mod devices;
mod enrol;
mod gateway;
mod import;
mod oauth;
mod profiles;
mod release;
mod settings;
mod smime;
mod sync;
mod tokens;

pub use devices::AdeDevice;
pub use enrol::{AdeRefusal, MachineInfo};
pub use gateway::{ServiceAnswer, ServiceRequest};
pub use import::{AdeImportOutcome, NewAdeDevice};
pub use profiles::{AdeProfile, AdeProfileChange, NewAdeProfile};
pub use settings::{AdeForm, AdeSettings};
pub use tokens::{AdeToken, AdeTokenChange};

/// What an administrator may choose about automated enrolment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdeOptions {
    /// Apple's service, without a trailing slash.
    pub service: String,
    /// Roots (PEM) that it is trusted under, instead of those of this machine.
    pub service_roots: Option<String>,
    /// Authorities (PEM) of the certificates with which Apple's devices prove what they are; empty for none, and then no
    /// device enrols by itself.
    pub device_authorities: String,
    /// Certificates (DER) that devices are to trust for this server; `None` for the root of this instance.
    pub anchors: Option<Vec<Vec<u8>>>,
    /// How much there may be.
    pub limits: AdeLimits,
}

/// How much automated enrolment keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AdeLimits {
    /// Tokens of an instance.
    pub tokens: i64,
    /// Profiles of a token.
    pub profiles: i64,
    /// Devices of a token; further ones that Apple names are left out, and the token says so.
    pub devices: i64,
}

impl Default for AdeLimits {
    /// As many as Intune allows.
    fn default() -> Self {
        Self {
            tokens: 2_000,
            profiles: 1_000,
            devices: 200_000,
        }
    }
}

impl Default for AdeOptions {
    fn default() -> Self {
        Self {
            service: "https://mdmenrollment.apple.com".to_owned(),
            service_roots: None,
            device_authorities: String::new(),
            anchors: None,
            limits: AdeLimits::default(),
        }
    }
}
