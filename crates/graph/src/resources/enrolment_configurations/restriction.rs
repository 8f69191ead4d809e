//! Restrictions of platforms, versions and people's own devices.

use mandate_engine::{PlatformRestrictions, PlatformRule, PlatformRules, RestrictedPlatform};
use serde_json::{Map, Value, json};

use super::read::{Own, required};
use super::{Sort, is_type_of};
use crate::error::{GraphError, Result};
use crate::resources::body::{boolean, text, texts};
use crate::schema;

/// The one of everybody: all platforms in one.
const TYPE_OF_ALL: &str = "deviceEnrollmentPlatformRestrictionsConfiguration";
/// Others: one platform each.
const TYPE_OF_ONE: &str = "deviceEnrollmentPlatformRestrictionConfiguration";
/// What a Mac is named as well.
const OTHER_MAC: &str = "macRestriction";

/// Where the one of everybody has its rules; a Mac is named twice, and the first that is given counts.
const PROPERTIES: [(&str, RestrictedPlatform); 10] = [
    ("iosRestriction", RestrictedPlatform::Ios),
    ("macOSRestriction", RestrictedPlatform::MacOs),
    ("macRestriction", RestrictedPlatform::MacOs),
    ("windowsRestriction", RestrictedPlatform::Windows),
    (
        "windowsMobileRestriction",
        RestrictedPlatform::WindowsMobile,
    ),
    (
        "windowsHomeSkuRestriction",
        RestrictedPlatform::WindowsHomeSku,
    ),
    ("androidRestriction", RestrictedPlatform::Android),
    (
        "androidForWorkRestriction",
        RestrictedPlatform::AndroidForWork,
    ),
    ("tvosRestriction", RestrictedPlatform::Tvos),
    ("visionOSRestriction", RestrictedPlatform::VisionOs),
];

/// `enrollmentRestrictionPlatformType` of those that can be for a single platform.
const SINGLES: [(&str, RestrictedPlatform); 6] = [
    ("ios", RestrictedPlatform::Ios),
    ("mac", RestrictedPlatform::MacOs),
    ("windows", RestrictedPlatform::Windows),
    ("windowsPhone", RestrictedPlatform::WindowsMobile),
    ("android", RestrictedPlatform::Android),
    ("androidForWork", RestrictedPlatform::AndroidForWork),
];

/// What a request says of a restriction alone.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct RestrictionBody {
    is_of_all: bool,
    platform: Option<RestrictedPlatform>,
    /// Of a single platform.
    rule: Option<PlatformRule>,
    /// Of all platforms.
    rules: PlatformRules,
    /// Of Macs under their other name.
    other_mac: Option<PlatformRule>,
}

impl RestrictionBody {
    fn all_rules(&self) -> PlatformRules {
        let mut rules = self.rules.clone();
        if let Some(rule) = &self.other_mac {
            rules
                .entry(RestrictedPlatform::MacOs)
                .or_insert_with(|| rule.clone());
        }
        rules
    }
}

impl Sort for PlatformRestrictions {
    type Own = RestrictionBody;

    const OF_EVERYBODY: &'static str = "_DefaultPlatformRestrictions";
    const OF_SOME: &'static str = "_SinglePlatformRestriction";
    const TYPES: &'static [&'static str] = &[TYPE_OF_ALL, TYPE_OF_ONE];
    const HAS_PLATFORMS: bool = true;

    fn place(&self) -> String {
        let platform = self.platform.map_or("", |platform| platform.word());
        format!("r{platform}")
    }

    fn kind(&self, _: bool) -> (&'static str, &'static str) {
        if self.platform.is_some() {
            (TYPE_OF_ONE, "singlePlatformRestriction")
        } else {
            (TYPE_OF_ALL, "defaultPlatformRestrictions")
        }
    }

    fn properties(&self) -> Map<String, Value> {
        let Some(platform) = self.platform else {
            let all = PROPERTIES
                .into_iter()
                .map(|(name, platform)| (name.to_owned(), json!(self.rule(platform))));
            return all.collect();
        };
        let single = SINGLES.into_iter().find(|(_, known)| *known == platform);
        let word = single.map_or("unknownFutureValue", |(word, _)| word);
        Map::from_iter([
            ("platformType".to_owned(), json!(word)),
            ("platformRestriction".to_owned(), json!(self.rule(platform))),
        ])
    }
}

impl Own for RestrictionBody {
    type Content = PlatformRestrictions;

    fn take_type(&mut self, name: &str) -> Result<()> {
        if !is_type_of::<PlatformRestrictions>(name) {
            let message =
                format!("`@odata.type` must be `#microsoft.graph.{TYPE_OF_ONE}`, but is `{name}`");
            return Err(GraphError::invalid("@odata.type", message));
        }
        self.is_of_all = schema::bare(name).eq_ignore_ascii_case(TYPE_OF_ALL);
        Ok(())
    }

    fn take(&mut self, name: &str, value: &Value) -> Result<bool> {
        let is = |known: &str| known.eq_ignore_ascii_case(name);
        if is("platformType") {
            self.platform = Some(single(value)?);
        } else if is("platformRestriction") {
            self.rule = rule_of("platformRestriction", value)?;
        } else if is(OTHER_MAC) {
            self.other_mac = rule_of(OTHER_MAC, value)?;
        } else if let Some((known, platform)) = PROPERTIES.into_iter().find(|(known, _)| is(known))
        {
            let rule = rule_of(known, value)?;
            self.rules.extend(rule.map(|rule| (platform, rule)));
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn type_name() -> &'static str {
        TYPE_OF_ONE
    }

    /// A new restriction is for one platform: that of everybody is there already.
    fn into_content(self) -> Result<PlatformRestrictions> {
        if self.is_of_all {
            let message = format!(
                "`@odata.type` must be `#microsoft.graph.{TYPE_OF_ONE}`: new restrictions are for one platform each, and \
                 the one with all platforms is there already"
            );
            return Err(GraphError::invalid("@odata.type", message));
        }
        let platform = self.platform.ok_or_else(|| required("platformType"))?;
        let rule = self.rule.ok_or_else(|| required("platformRestriction"))?;
        Ok(PlatformRestrictions::single(platform, rule))
    }

    fn into_change(self, platform: Option<RestrictedPlatform>) -> Result<PlatformRules> {
        let mut rules = self.all_rules();
        let Some(platform) = platform else {
            if self.rule.is_some() || self.platform.is_some() {
                let message = "the restriction of everybody has a rule for each platform, such as `iosRestriction`";
                return Err(GraphError::invalid("platformRestriction", message));
            }
            return Ok(rules);
        };
        if !rules.is_empty() {
            let message = "a restriction of one platform has a `platformRestriction`";
            return Err(GraphError::invalid("platformRestriction", message));
        }
        if self.platform.is_some_and(|other| other != platform) {
            let message = "`platformType` cannot be changed";
            return Err(GraphError::invalid("platformType", message));
        }
        rules.extend(self.rule.map(|rule| (platform, rule)));
        Ok(rules)
    }
}

fn single(value: &Value) -> Result<RestrictedPlatform> {
    let word = value.as_str().unwrap_or_default();
    let known = SINGLES
        .into_iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(word));
    known.map(|(_, platform)| platform).ok_or_else(|| {
        let words: Vec<_> = SINGLES
            .iter()
            .map(|(word, _)| format!("`{word}`"))
            .collect();
        let message = format!(
            "`platformType` must be one of {}, but is `{value}`",
            words.join(", ")
        );
        GraphError::invalid("platformType", message)
    })
}

/// A rule; `null` says nothing.
fn rule_of(place: &str, value: &Value) -> Result<Option<PlatformRule>> {
    if value.is_null() {
        return Ok(None);
    }
    let body = value.as_object().ok_or_else(|| {
        GraphError::invalid(
            place,
            format!("`{place}` must be an object, but is `{value}`"),
        )
    })?;
    let mut rule = PlatformRule::default();
    for (name, value) in body {
        let is = |known: &str| known.eq_ignore_ascii_case(name);
        let at = format!("{place}.{name}");
        if name.contains('@') {
        } else if is("platformBlocked") {
            rule.platform_blocked = boolean(&at, value)?;
        } else if is("personalDeviceEnrollmentBlocked") {
            rule.personal_device_enrollment_blocked = boolean(&at, value)?;
        } else if is("osMinimumVersion") {
            rule.os_minimum_version = text(&at, value)?;
        } else if is("osMaximumVersion") {
            rule.os_maximum_version = text(&at, value)?;
        } else if is("blockedManufacturers") {
            rule.blocked_manufacturers = list(&at, value)?;
        } else if is("blockedSkus") {
            rule.blocked_skus = list(&at, value)?;
        } else {
            let message = format!(
                "`{at}` is not a property of `microsoft.graph.deviceEnrollmentPlatformRestriction`"
            );
            return Err(GraphError::invalid(at, message));
        }
    }
    Ok(Some(rule))
}

fn list(name: &str, value: &Value) -> Result<Vec<String>> {
    if value.is_null() {
        Ok(Vec::new())
    } else {
        texts(name, value)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resources::enrolment_configurations::read::Body;

    fn read(body: &Value) -> Result<RestrictionBody> {
        Body::<PlatformRestrictions>::read(body.as_object().unwrap()).map(|body| body.own)
    }

    #[test]
    fn a_mac_is_read_under_either_name() {
        let rule = json!({"platformBlocked": true});
        for body in [
            json!({"macRestriction": rule}),
            json!({"macOSRestriction": rule, "macRestriction": {"platformBlocked": false}}),
        ] {
            let read = read(&body).unwrap();
            assert!(read.all_rules()[&RestrictedPlatform::MacOs].platform_blocked);
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (body, target) in [
            (json!({"platformType": "linux"}), "platformType"),
            (json!({"platformRestriction": 5}), "platformRestriction"),
            (
                json!({"platformRestriction": {"platformBlocked": "yes"}}),
                "platformRestriction.platformBlocked",
            ),
            (
                json!({"iosRestriction": {"osMinimumVersion": 17}}),
                "iosRestriction.osMinimumVersion",
            ),
            (
                json!({"iosRestriction": {"blockedSkus": "a"}}),
                "iosRestriction.blockedSkus",
            ),
            (
                json!({"iosRestriction": {"colour": 1}}),
                "iosRestriction.colour",
            ),
            (json!({"limit": 5}), "limit"),
            (json!({"roleScopeTagIds": ["1"]}), "roleScopeTagIds"),
            (
                json!({"@odata.type": "#microsoft.graph.deviceEnrollmentLimitConfiguration"}),
                "@odata.type",
            ),
        ] {
            let error = read(&body).unwrap_err();
            assert_eq!(error.target.as_deref(), Some(target), "{body}");
        }
    }
}
