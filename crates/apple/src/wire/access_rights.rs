//! What an enrolment allows the server to do.

use std::ops::BitOr;

/// Bit set `AccessRights` of `com.apple.mdm`.
///
/// An update of the enrolment profile that adds a right is refused by the device, so rights that an enrolment was made
/// with are to be kept with it and repeated on renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AccessRights(u32);

impl AccessRights {
    /// Needs nothing.
    pub const NONE: Self = Self(0);
    /// List profiles and certificates.
    pub const INSPECT_PROFILES: Self = Self(1);
    /// Install and remove profiles; the device asks for `INSPECT_PROFILES` with it.
    pub const CHANGE_PROFILES: Self = Self(2);
    /// Lock, and remove the passcode.
    pub const LOCK: Self = Self(4);
    /// Erase.
    pub const ERASE: Self = Self(8);
    /// Names, versions, serial number, ActiveSync id.
    pub const DEVICE_INFORMATION: Self = Self(16);
    /// Wi-Fi address, telephone lines with their IMEI.
    pub const NETWORK_INFORMATION: Self = Self(32);
    /// Passcode and encryption.
    pub const SECURITY_INFORMATION: Self = Self(1024);

    /// What our commands need, and no more: no apps, no restrictions, no settings, no provisioning profiles. 1087.
    pub const OURS: Self = Self(
        Self::INSPECT_PROFILES.0
            | Self::CHANGE_PROFILES.0
            | Self::LOCK.0
            | Self::ERASE.0
            | Self::DEVICE_INFORMATION.0
            | Self::NETWORK_INFORMATION.0
            | Self::SECURITY_INFORMATION.0,
    );

    /// Rights as kept with an enrolment. Bits that Apple has not defined are dropped.
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits & 0x1fff)
    }

    /// What of them is in a number as well.
    #[must_use]
    pub fn among(self, bits: i64) -> Self {
        Self(self.0 & u32::try_from(bits & 0x1fff).unwrap_or_default())
    }

    /// The number in the profile.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Whether all of `other` is allowed.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for AccessRights {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
