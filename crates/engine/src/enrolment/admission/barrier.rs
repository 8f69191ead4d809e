//! What keeps a device out.

use mandate_model::Platform;

use crate::PlatformCause;

/// Why a device may not be enrolled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Barrier {
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
}

impl Barrier {
    /// A stable word for it, for programs, logs and the texts of pages.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::PlatformNotReady { cause, .. } => cause.code(),
            Self::TooManyDevices { .. } => "tooManyDevices",
            Self::ManagedPartByManager => "managedPartByManager",
        }
    }
}

impl std::fmt::Display for Barrier {
    /// For whoever holds the device, and for logs; without a full stop.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::PlatformNotReady { platform, cause } => f.write_str(&cause.sentence(*platform)),
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
