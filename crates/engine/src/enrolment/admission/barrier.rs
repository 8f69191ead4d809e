//! What keeps a device out.

use mandate_model::{OsVersion, Platform};

use crate::{ManagementAuthority, PlatformCause};

/// Why a device may not be enrolled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Barrier {
    /// Nobody has said yet which service manages devices.
    NoAuthority,
    /// Another service manages devices.
    OtherAuthority {
        /// Which.
        authority: ManagementAuthority,
    },
    /// A reset of the management authority is running.
    AuthorityReset,
    /// The person has no licence.
    NoLicence,
    /// The person is given a licence, but all of them are taken.
    AllLicencesTaken,
    /// No device of the platform is let in at present.
    PlatformNotReady {
        /// What the device runs.
        platform: Platform,
        /// What is to be done first.
        cause: PlatformCause,
    },
    /// The person has as many devices as they may.
    TooManyDevices {
        /// How many they may.
        most: i64,
    },
    /// A device enrolment manager enrols whole devices: a managed part of one belongs to whoever uses it.
    ManagedPartByManager,
    /// No devices of this platform are let in.
    PlatformRestricted {
        /// Which.
        platform: Platform,
    },
    /// Only devices of the organisation are let in, and it is not known for one.
    PersonalDevice,
    /// Its maker or model is not let in.
    MakeBlocked {
        /// Which.
        name: String,
    },
    /// It runs an older version than is let in, or does not say which.
    OsTooOld {
        /// What it runs.
        version: Option<OsVersion>,
        /// The lowest that is let in.
        least: OsVersion,
    },
    /// It runs a newer version than is let in, or does not say which.
    OsTooNew {
        /// What it runs.
        version: Option<OsVersion>,
        /// The highest that is let in.
        most: OsVersion,
    },
    /// The person has terms to accept first.
    TermsNotAccepted {
        /// The title of the first.
        title: String,
        /// How many more there are.
        others: usize,
    },
}

impl Barrier {
    /// A stable word for it, for programs, logs and the texts of pages.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoAuthority => "noAuthority",
            Self::OtherAuthority { .. } => "otherAuthority",
            Self::AuthorityReset => "authorityReset",
            Self::NoLicence => "noLicence",
            Self::AllLicencesTaken => "allLicencesTaken",
            Self::PlatformNotReady { cause, .. } => cause.code(),
            Self::TooManyDevices { .. } => "tooManyDevices",
            Self::ManagedPartByManager => "managedPartByManager",
            Self::PlatformRestricted { .. } => "platformRestricted",
            Self::PersonalDevice => "personalDevice",
            Self::MakeBlocked { .. } => "makeBlocked",
            Self::OsTooOld { .. } => "osTooOld",
            Self::OsTooNew { .. } => "osTooNew",
            Self::TermsNotAccepted { .. } => "termsNotAccepted",
        }
    }
}

impl std::fmt::Display for Barrier {
    /// For whoever holds the device, and for logs; without a full stop.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoAuthority => f.write_str(
                "no device can be enrolled yet: the administrator has not set the management authority",
            ),
            Self::OtherAuthority { authority } => write!(
                f,
                "no device can be enrolled here: the organisation's devices are managed by {}",
                authority.title()
            ),
            Self::AuthorityReset => f.write_str(
                "no device can be enrolled now: the management authority is being reset; try again later",
            ),
            Self::NoLicence => f.write_str(
                "this person has no licence for device management; ask the administrator for one",
            ),
            Self::AllLicencesTaken => f.write_str(
                "all licences for device management are taken; ask the administrator for more",
            ),
            Self::PlatformNotReady { platform, cause } => f.write_str(&cause.sentence(*platform)),
            Self::TooManyDevices { most } => write!(
                f,
                "the device limit is reached: this person has {most} enrolled devices and may have no more; remove one \
                 that is not used any more, or ask the administrator"
            ),
            Self::ManagedPartByManager => f.write_str(
                "this person is a device enrolment manager and can enrol whole devices only",
            ),
            Self::PlatformRestricted { platform } => write!(
                f,
                "the organisation does not let devices with {} enrol for this person",
                name_of(*platform)
            ),
            Self::PersonalDevice => f.write_str(
                "only devices of the organisation can be enrolled, and this one is not known for one; if it is, ask the \
                 administrator to add its serial number",
            ),
            Self::MakeBlocked { name } => {
                write!(f, "the organisation does not let devices of the kind {name} enrol")
            }
            Self::OsTooOld { version: Some(version), least } => write!(
                f,
                "the device runs version {version}, and {least} is the oldest that can be enrolled; update it first"
            ),
            Self::OsTooOld { version: None, least } => write!(
                f,
                "{least} is the oldest version that can be enrolled, and the device does not say which one it runs"
            ),
            Self::OsTooNew { version: Some(version), most } => write!(
                f,
                "the device runs version {version}, and {most} is the newest that can be enrolled; ask the administrator"
            ),
            Self::OsTooNew { version: None, most } => write!(
                f,
                "{most} is the newest version that can be enrolled, and the device does not say which one it runs"
            ),
            Self::TermsNotAccepted { title, .. } => write!(
                f,
                "there are terms to accept first: sign in to the Company Portal (/portal/terms), read and accept \
                 \u{201c}{title}\u{201d}, and open the link again"
            ),
        }
    }
}

/// What people call a platform.
const fn name_of(platform: Platform) -> &'static str {
    match platform {
        Platform::Ios => "iOS or iPadOS",
        Platform::MacOs => "macOS",
    }
}
