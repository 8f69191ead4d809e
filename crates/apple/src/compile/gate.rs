//! Settings as this device can take them.

use mandate_model::catalogue::Setting;
use mandate_model::{OsVersion, Profile, Refusal, SkippedSetting};
use serde_json::Value;

/// Reads settings and keeps account of those that the device is too old for.
pub(super) struct Gate<'a> {
    profile: &'a Profile,
    os: OsVersion,
    pub(super) skipped: Vec<SkippedSetting>,
}

impl<'a> Gate<'a> {
    pub(super) fn new(profile: &'a Profile, os: OsVersion) -> Self {
        Self {
            profile,
            os,
            skipped: Vec::new(),
        }
    }

    /// A setting that is configured and that the device has. What the device does by itself anyway is left out in
    /// silence on older versions; anything else is named as skipped.
    pub(super) fn take(&mut self, property: &str) -> Option<&'a Value> {
        let value = self
            .profile
            .settings
            .get(property)
            .filter(|value| !value.is_null())?;
        let setting = self.profile.kind.setting(property);
        match setting.and_then(|setting| setting.minimum_os) {
            Some(minimum_os) if self.os < minimum_os => {
                if setting.is_some_and(|setting: &Setting| setting.default.to_json() != *value) {
                    self.skipped.push(SkippedSetting {
                        setting: property.to_owned(),
                        minimum_os,
                    });
                }
                None
            }
            _ => Some(value),
        }
    }

    pub(super) fn flag(&mut self, property: &str) -> Option<bool> {
        self.take(property)?.as_bool()
    }

    pub(super) fn text(&mut self, property: &str) -> Option<&'a str> {
        self.take(property)?.as_str()
    }

    /// A setting that no profile can be without.
    pub(super) fn required_text(&mut self, property: &str) -> Result<&'a str, Refusal> {
        let missing = || Refusal::Unsupported {
            reason: format!("`{property}` is not set"),
        };
        self.text(property).ok_or_else(missing)
    }

    pub(super) fn is_since(&self, minimum: OsVersion) -> bool {
        self.os >= minimum
    }
}
