//! What a restriction says of one platform.

use mandate_model::{DeviceFacts, OsVersion, Platform};
use serde::{Deserialize, Serialize};

use crate::EngineError;

/// A platform as restrictions name them. There are more than can be enrolled here, so that what was written elsewhere comes
/// back as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RestrictedPlatform {
    /// iOS and iPadOS.
    Ios,
    /// macOS.
    #[serde(rename = "macOS")]
    MacOs,
    /// Windows on computers.
    Windows,
    /// Windows on phones.
    WindowsMobile,
    /// Home editions of Windows.
    WindowsHomeSku,
    /// Android as device administrator.
    Android,
    /// Android with a work profile.
    AndroidForWork,
    /// tvOS.
    Tvos,
    /// visionOS.
    #[serde(rename = "visionOS")]
    VisionOs,
}

impl RestrictedPlatform {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Ios,
        Self::MacOs,
        Self::Windows,
        Self::WindowsMobile,
        Self::WindowsHomeSku,
        Self::Android,
        Self::AndroidForWork,
        Self::Tvos,
        Self::VisionOs,
    ];
    /// Those of which devices can be enrolled here.
    pub const ENROLLED: [Self; 2] = [Self::Ios, Self::MacOs];

    /// The word for it in the database and in addresses of pages.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ios => "ios",
            Self::MacOs => "macOS",
            Self::Windows => "windows",
            Self::WindowsMobile => "windowsMobile",
            Self::WindowsHomeSku => "windowsHomeSku",
            Self::Android => "android",
            Self::AndroidForWork => "androidForWork",
            Self::Tvos => "tvos",
            Self::VisionOs => "visionOS",
        }
    }

    /// Reads that word, in any letter case.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|platform| platform.word().eq_ignore_ascii_case(word))
    }
}

impl From<Platform> for RestrictedPlatform {
    fn from(platform: Platform) -> Self {
        match platform {
            Platform::Ios => Self::Ios,
            Platform::MacOs => Self::MacOs,
        }
    }
}

/// What a restriction says of one platform, in Graph's words.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PlatformRule {
    /// No device of the platform is let in.
    pub platform_blocked: bool,
    /// Only devices of the organisation are let in.
    pub personal_device_enrollment_blocked: bool,
    /// The lowest version that is let in, such as `17.4`.
    pub os_minimum_version: Option<String>,
    /// The highest version that is let in. Missing parts count as zero: `17` is lower than `17.1`.
    pub os_maximum_version: Option<String>,
    /// Makers whose devices are not let in, without regard to case.
    pub blocked_manufacturers: Vec<String>,
    /// Models that are not let in, as the device names them (`iPhone12,1`), without regard to case.
    pub blocked_skus: Vec<String>,
}

impl PlatformRule {
    /// Trims what was typed, drops what is empty, and holds the rest to its bounds. `property` is where it stands, for
    /// errors; empty if it stands alone.
    pub(super) fn checked(mut self, property: &str) -> Result<Self, EngineError> {
        let name = |field: &str| match property {
            "" => field.to_owned(),
            property => format!("{property}/{field}"),
        };
        for (field, text) in [
            ("osMinimumVersion", &mut self.os_minimum_version),
            ("osMaximumVersion", &mut self.os_maximum_version),
        ] {
            let trimmed = text.as_deref().map(str::trim);
            *text = trimmed.filter(|text| !text.is_empty()).map(str::to_owned);
            if let Some(version) = text.as_deref()
                && !is_version(version)
            {
                let rule = "must be a version of one to four numbers, such as `17.4`";
                return Err(EngineError::invalid(&name(field), rule, Some(version)));
            }
        }
        if let (Some(least), Some(most)) = (self.least(), self.most())
            && most < least
        {
            let rule = "must not be lower than `osMinimumVersion`";
            let value = self.os_maximum_version.as_deref();
            return Err(EngineError::invalid(&name("osMaximumVersion"), rule, value));
        }
        for (field, list) in [
            ("blockedManufacturers", &mut self.blocked_manufacturers),
            ("blockedSkus", &mut self.blocked_skus),
        ] {
            let trimmed: Vec<String> = list.iter().map(|text| text.trim().to_owned()).collect();
            *list = trimmed
                .into_iter()
                .filter(|text| !text.is_empty())
                .collect();
            if list.len() > MOST_ENTRIES {
                let rule = format!("must have at most {MOST_ENTRIES} entries");
                return Err(EngineError::invalid(&name(field), &rule, None));
            }
            let is_wrong = |text: &&String| {
                text.chars().count() > LONGEST_ENTRY || text.chars().any(char::is_control)
            };
            if let Some(wrong) = list.iter().find(is_wrong) {
                let rule = format!(
                    "must have entries of at most {LONGEST_ENTRY} characters without control characters"
                );
                return Err(EngineError::invalid(&name(field), &rule, Some(wrong)));
            }
        }
        Ok(self)
    }

    /// The lowest version that is let in.
    pub(in crate::enrolment) fn least(&self) -> Option<OsVersion> {
        self.os_minimum_version
            .as_deref()
            .and_then(OsVersion::parse)
    }

    /// The highest version that is let in.
    pub(in crate::enrolment) fn most(&self) -> Option<OsVersion> {
        self.os_maximum_version
            .as_deref()
            .and_then(OsVersion::parse)
    }

    /// The blocked maker or model that a device is of.
    pub(in crate::enrolment) fn blocked_make(
        &self,
        platform: Platform,
        facts: &DeviceFacts,
    ) -> Option<String> {
        let maker = match platform {
            Platform::Ios | Platform::MacOs => "Apple",
        };
        let is = |one: &str, other: &str| one.to_lowercase() == other.to_lowercase();
        if self.blocked_manufacturers.iter().any(|one| is(one, maker)) {
            return Some(maker.to_owned());
        }
        let names = [&facts.product_name, &facts.model];
        let mut names = names.into_iter().flatten();
        names
            .find(|name| self.blocked_skus.iter().any(|sku| is(sku, name)))
            .cloned()
    }
}

/// One to four whole numbers with dots between them; the first three are compared.
fn is_version(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    parts.len() <= 4
        && parts.iter().all(|part| {
            part.bytes().all(|byte| byte.is_ascii_digit()) && part.parse::<u16>().is_ok()
        })
}

/// Entries of a list of makers or models; ours.
const MOST_ENTRIES: usize = 100;
const LONGEST_ENTRY: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(least: &str, most: &str) -> PlatformRule {
        PlatformRule {
            os_minimum_version: Some(least.to_owned()),
            os_maximum_version: Some(most.to_owned()),
            ..PlatformRule::default()
        }
    }

    #[test]
    fn versions_are_numbers_in_order() {
        assert!(versions("9.3", "17").checked("").is_ok());
        assert!(versions("10.0.19045.1", " ").checked("").is_ok());
        for (least, most) in [
            ("17.4", "17"),
            ("seventeen", ""),
            ("17.", ""),
            ("1.2.3.4.5", ""),
            ("", "-1"),
            ("", "99999999"),
            ("+17", ""),
            ("17\0", ""),
        ] {
            assert!(versions(least, most).checked("").is_err(), "{least} {most}");
        }
    }

    #[test]
    fn lists_are_bounded() {
        let of = |skus: Vec<String>| PlatformRule {
            blocked_skus: skus,
            ..PlatformRule::default()
        };
        let kept = of(vec![" iPhone12,1 ".to_owned(), " ".to_owned()]).checked("");
        assert_eq!(kept.unwrap().blocked_skus, ["iPhone12,1"]);
        assert!(of(vec!["x".repeat(129)]).checked("").is_err());
        assert!(of(vec!["x\ny".to_owned()]).checked("").is_err());
        assert!(of(vec!["x".to_owned(); 101]).checked("").is_err());
    }

    #[test]
    fn models_are_found_without_regard_to_case() {
        let rule = PlatformRule {
            blocked_skus: vec!["IPHONE12,1".to_owned()],
            ..PlatformRule::default()
        };
        let facts = DeviceFacts {
            product_name: Some("iPhone12,1".to_owned()),
            ..DeviceFacts::default()
        };
        assert!(rule.blocked_make(Platform::Ios, &facts).is_some());
        let other = DeviceFacts::default();
        assert_eq!(rule.blocked_make(Platform::Ios, &other), None);
    }

    #[test]
    fn words_are_read_back_and_are_those_of_json() {
        for platform in RestrictedPlatform::ALL {
            assert_eq!(RestrictedPlatform::parse(platform.word()), Some(platform));
            let json = serde_json::to_value(platform).unwrap();
            assert_eq!(json, platform.word());
        }
    }
}
