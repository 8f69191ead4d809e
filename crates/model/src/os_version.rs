//! Versions of operating systems, compared by number.

use serde::{Deserialize, Serialize};

/// A version such as `17.5.1`; missing parts count as zero, so `17` equals `17.0`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
pub struct OsVersion {
    major: u16,
    minor: u16,
    patch: u16,
}

impl OsVersion {
    /// A version of two parts.
    pub const fn new(major: u16, minor: u16) -> Self {
        Self {
            major,
            minor,
            patch: 0,
        }
    }

    /// The same version with a third part.
    #[must_use]
    pub const fn patched(self, patch: u16) -> Self {
        Self { patch, ..self }
    }

    /// The first number.
    pub const fn major(self) -> u16 {
        self.major
    }

    /// Reads one to three numbers; whatever follows the third is ignored, as in `10.0.19045.1`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('.').map(str::parse::<u16>);
        Some(Self {
            major: parts.next()?.ok()?,
            minor: parts.next().transpose().ok()?.unwrap_or(0),
            patch: parts.next().transpose().ok()?.unwrap_or(0),
        })
    }
}

impl std::fmt::Display for OsVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        if self.patch > 0 {
            write!(f, ".{}", self.patch)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number_not_by_text() {
        assert!(OsVersion::parse("9.3").unwrap() < OsVersion::parse("11").unwrap());
        assert!(OsVersion::parse("10.3").unwrap() > OsVersion::parse("10.0.9").unwrap());
        assert_eq!(OsVersion::parse("17"), OsVersion::parse("17.0.0"));
        let patched = OsVersion::new(10, 13).patched(4);
        assert_eq!(OsVersion::parse("10.13.4"), Some(patched));
    }

    #[test]
    fn what_is_no_version_is_refused() {
        assert_eq!(OsVersion::parse(""), None);
        assert_eq!(OsVersion::parse("seventeen"), None);
        assert_eq!(OsVersion::parse("17.x"), None);
    }
}
