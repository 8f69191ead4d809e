//! Hardware and releases.

use crate::profiles::{Platform, System};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A kind of device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Model {
    /// iPhone 14.
    #[default]
    IPhone,
    /// iPad, ninth generation.
    IPad,
    /// `MacBook` Air (M2).
    MacBook,
}

impl Model {
    /// What runs on it.
    pub fn platform(self) -> Platform {
        match self {
            Self::IPhone | Self::IPad => Platform::Ios,
            Self::MacBook => Platform::MacOs,
        }
    }

    /// `ModelName`.
    pub fn name(self) -> &'static str {
        match self {
            Self::IPhone => "iPhone",
            Self::IPad => "iPad",
            Self::MacBook => "MacBook Air",
        }
    }

    /// `ProductName`.
    pub fn product(self) -> &'static str {
        match self {
            Self::IPhone => "iPhone14,7",
            Self::IPad => "iPad12,1",
            Self::MacBook => "Mac14,2",
        }
    }

    /// `Model`: the order number, of a Mac the product again.
    pub fn number(self) -> &'static str {
        match self {
            Self::IPhone => "MPVQ3ZD",
            Self::IPad => "MK2K3FD",
            Self::MacBook => "Mac14,2",
        }
    }
}

/// A release of iOS, iPadOS or macOS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OsVersion {
    /// 11 to 26 are known.
    pub major: u32,
    /// Minor.
    pub minor: u32,
    /// Patch.
    pub patch: u32,
}

impl OsVersion {
    /// A release.
    pub const fn new(major: u32, minor: u32) -> Self {
        Self {
            major,
            minor,
            patch: 0,
        }
    }

    /// Major and minor, as payload keys state their first release.
    pub fn pair(self) -> (u32, u32) {
        (self.major, self.minor)
    }

    /// The release on a platform.
    pub fn on(self, platform: Platform) -> System {
        System {
            platform,
            version: self.pair(),
        }
    }

    /// A build number of Apple's form: iOS 17.5 is 21F, 18.0 is 22A, 26.0 is 23A; macOS 14.5 is 23F, 26.0 is 25A.
    pub fn build(self, platform: Platform) -> String {
        let train = match (platform, self.major) {
            (Platform::Ios, 26..) => self.major - 3,
            (Platform::Ios, _) => self.major + 4,
            (Platform::MacOs, 26..) => self.major - 1,
            (Platform::MacOs, _) => self.major + 9,
        };
        let letter = char::from(b'A' + u8::try_from(self.minor.min(25)).unwrap_or(0));
        format!("{train}{letter}{}", 79 + self.patch)
    }
}

impl Default for OsVersion {
    fn default() -> Self {
        Self::new(18, 1)
    }
}

impl fmt::Display for OsVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.major, self.minor)?;
        if self.patch > 0 {
            write!(formatter, ".{}", self.patch)
        } else {
            Ok(())
        }
    }
}

impl FromStr for OsVersion {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("`{text}` is not a release such as `17.5`");
        let numbers = text
            .split('.')
            .map(str::parse)
            .collect::<Result<Vec<u32>, _>>()
            .map_err(|_| wrong())?;
        match numbers.as_slice() {
            [major, rest @ ..] if (11..=26).contains(major) && rest.len() <= 2 => Ok(Self {
                major: *major,
                minor: rest.first().copied().unwrap_or(0),
                patch: rest.get(1).copied().unwrap_or(0),
            }),
            [_, ..] => Err(format!(
                "`{text}` is outside the simulated releases 11 to 26"
            )),
            [] => Err(wrong()),
        }
    }
}

impl TryFrom<String> for OsVersion {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<OsVersion> for String {
    fn from(version: OsVersion) -> Self {
        version.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_read_compared_and_bounded() {
        let old: OsVersion = "11.4.1".parse().unwrap();
        assert!(old < OsVersion::new(26, 0));
        assert_eq!(
            (old.to_string(), old.build(Platform::Ios)),
            ("11.4.1".to_owned(), "15E80".to_owned())
        );
        assert_eq!(OsVersion::new(26, 0).build(Platform::Ios), "23A79");
        assert_eq!(OsVersion::new(14, 5).build(Platform::MacOs), "23F79");
        assert_eq!(OsVersion::new(26, 1).build(Platform::MacOs), "25B79");
        assert!("27.0".parse::<OsVersion>().is_err());
        assert!("new".parse::<OsVersion>().is_err());
    }
}
