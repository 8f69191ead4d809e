//! What keeps a device out.

use crate::ManagementAuthority;

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
    /// The person has as many devices as they may.
    TooManyDevices {
        /// How many they may.
        most: i64,
    },
    /// A device enrolment manager enrols whole devices: a managed part of one belongs to whoever uses it.
    ManagedPartByManager,
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
            Self::TooManyDevices { .. } => "tooManyDevices",
            Self::ManagedPartByManager => "managedPartByManager",
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
            Self::TooManyDevices { most } => write!(
                f,
                "the device limit is reached: this person has {most} enrolled devices and may have no more; remove one \
                 that is not used any more, or ask the administrator"
            ),
            Self::ManagedPartByManager => f.write_str(
                "this person is a device enrolment manager and can enrol whole devices only",
            ),
        }
    }
}
