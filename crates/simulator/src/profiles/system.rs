//! Which system reads a profile: it decides over keys, payload types and file forms.

use serde::{Deserialize, Serialize};

/// What runs on a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    /// iOS and iPadOS.
    #[default]
    Ios,
    /// macOS, seen on its device channel.
    MacOs,
}

/// A platform and its release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct System {
    /// What runs.
    pub platform: Platform,
    /// Major and minor of the release.
    pub version: (u32, u32),
}

impl System {
    /// First iOS that reads PKCS#12 files with PBES2 or a SHA-256 MAC. Apple documents neither; field reports say that older ones
    /// answer "wrong password", and name no release. The border is an assumption.
    pub const MODERN_PKCS12_IOS: u32 = 15;
    /// The same for macOS, as much an assumption.
    pub const MODERN_PKCS12_MACOS: u32 = 12;

    /// A release of iOS or iPadOS.
    pub const fn ios(major: u32, minor: u32) -> Self {
        Self {
            platform: Platform::Ios,
            version: (major, minor),
        }
    }

    /// A release of macOS.
    pub const fn mac(major: u32, minor: u32) -> Self {
        Self {
            platform: Platform::MacOs,
            version: (major, minor),
        }
    }

    /// Whether PKCS#12 files with PBES2 and a SHA-256 MAC are read, not only those with 3DES and SHA-1.
    pub const fn reads_modern_pkcs12(self) -> bool {
        match self.platform {
            Platform::Ios => self.version.0 >= Self::MODERN_PKCS12_IOS,
            Platform::MacOs => self.version.0 >= Self::MODERN_PKCS12_MACOS,
        }
    }
}

/// Major and minor of an iOS release.
impl From<(u32, u32)> for System {
    fn from((major, minor): (u32, u32)) -> Self {
        Self::ios(major, minor)
    }
}
