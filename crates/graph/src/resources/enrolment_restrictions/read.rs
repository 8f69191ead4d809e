//! What a request says about a restriction.

use mandate_engine::{
    EnrolmentRestriction, EnrolmentRestrictionChange, NewEnrolmentRestriction, PlatformRule,
    PlatformRules, RestrictedPlatform,
};
use serde_json::{Map, Value};

use super::{TYPE_OF_ALL, TYPE_OF_ONE, is_body};
use crate::error::{GraphError, Result};
use crate::resources::body::{boolean, text, texts};
use crate::resources::enrolment_limits::{PASSED_OVER, require_default_tag, require_none, whole};

/// Where the one of everybody has its rules; a Mac is named twice, and the first that is given counts.
pub(super) const PROPERTIES: [(&str, RestrictedPlatform); 10] = [
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
pub(super) const SINGLES: [(&str, RestrictedPlatform); 6] = [
    ("ios", RestrictedPlatform::Ios),
    ("mac", RestrictedPlatform::MacOs),
    ("windows", RestrictedPlatform::Windows),
    ("windowsPhone", RestrictedPlatform::WindowsMobile),
    ("android", RestrictedPlatform::Android),
    ("androidForWork", RestrictedPlatform::AndroidForWork),
];

/// The properties of a restriction that a body mentions.
#[derive(Debug, Default, PartialEq, Eq)]
#[expect(clippy::option_option, reason = "not mentioned is not null")]
pub(super) struct RestrictionBody {
    is_of_all: bool,
    priority: Option<i64>,
    display_name: Option<String>,
    description: Option<Option<String>>,
    platform: Option<RestrictedPlatform>,
    /// Of a single platform.
    rule: Option<PlatformRule>,
    /// Of all platforms.
    rules: PlatformRules,
}

impl RestrictionBody {
    pub(super) fn read(body: &Map<String, Value>) -> Result<Self> {
        let mut read = Self::default();
        if let Some(value) = body.get("@odata.type") {
            let name = value.as_str().unwrap_or_default();
            if !is_body(body) {
                let message = format!(
                    "`@odata.type` must be `#microsoft.graph.{TYPE_OF_ONE}`, but is `{name}`"
                );
                return Err(GraphError::invalid("@odata.type", message));
            }
            read.is_of_all = crate::schema::bare(name).eq_ignore_ascii_case(TYPE_OF_ALL);
        }
        let mut mac = (None, None);
        for (name, value) in body {
            let is = |known: &str| known.eq_ignore_ascii_case(name);
            let restricted = PROPERTIES.into_iter().find(|(known, _)| is(known));
            if name.contains('@') || PASSED_OVER.into_iter().any(is) {
            } else if is("displayName") {
                read.display_name = Some(text("displayName", value)?.unwrap_or_default());
            } else if is("description") {
                read.description = Some(text("description", value)?);
            } else if is("priority") {
                read.priority = Some(whole("priority", value)?);
            } else if is("roleScopeTagIds") {
                require_default_tag(value)?;
            } else if is("assignments") {
                require_none(value)?;
            } else if is("platformType") {
                read.platform = Some(single(value)?);
            } else if is("platformRestriction") {
                read.rule = rule_of("platformRestriction", value)?;
            } else if let Some((known, platform)) = restricted {
                match (known, rule_of(known, value)?) {
                    (_, None) => {}
                    ("macOSRestriction", rule) => mac.0 = rule,
                    ("macRestriction", rule) => mac.1 = rule,
                    (_, Some(rule)) => drop(read.rules.insert(platform, rule)),
                }
            } else {
                let message =
                    format!("`{name}` is not a property of `microsoft.graph.{TYPE_OF_ONE}`");
                return Err(GraphError::invalid(name, message));
            }
        }
        if let Some(rule) = mac.0.or(mac.1) {
            read.rules.insert(RestrictedPlatform::MacOs, rule);
        }
        Ok(read)
    }

    pub(super) const fn priority(&self) -> Option<i64> {
        self.priority
    }

    /// A new restriction is for one platform: that of everybody is there already.
    pub(super) fn into_new(self) -> Result<NewEnrolmentRestriction> {
        let required =
            |name: &str| GraphError::model_validation(format!("`{name}` is required")).at(name);
        if self.is_of_all {
            let message = format!(
                "`@odata.type` must be `#microsoft.graph.{TYPE_OF_ONE}`: new restrictions are for one platform each, and \
                 the one with all platforms is there already"
            );
            return Err(GraphError::invalid("@odata.type", message));
        }
        Ok(NewEnrolmentRestriction {
            display_name: self.display_name.ok_or_else(|| required("displayName"))?,
            description: self.description.flatten(),
            platform: self.platform.ok_or_else(|| required("platformType"))?,
            rule: self.rule.ok_or_else(|| required("platformRestriction"))?,
            priority: self.priority.filter(|priority| *priority != 0),
        })
    }

    /// A change of one there is.
    pub(super) fn into_change(
        self,
        one: &EnrolmentRestriction,
    ) -> Result<EnrolmentRestrictionChange> {
        let mut rules = self.rules;
        match one.platform {
            Some(platform) => {
                if !rules.is_empty() {
                    let message = "a restriction of one platform has a `platformRestriction`";
                    return Err(GraphError::invalid("platformRestriction", message));
                }
                if self.platform.is_some_and(|other| other != platform) {
                    let message = "`platformType` cannot be changed";
                    return Err(GraphError::invalid("platformType", message));
                }
                rules.extend(self.rule.map(|rule| (platform, rule)));
            }
            None if self.rule.is_some() || self.platform.is_some() => {
                let message = "the restriction of everybody has a rule for each platform, such as `iosRestriction`";
                return Err(GraphError::invalid("platformRestriction", message));
            }
            None => {}
        }
        Ok(EnrolmentRestrictionChange {
            display_name: self.display_name,
            description: self.description,
            rules,
        })
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

    fn read(body: &Value) -> Result<RestrictionBody> {
        RestrictionBody::read(body.as_object().unwrap())
    }

    #[test]
    fn a_mac_is_read_under_either_name() {
        let rule = json!({"platformBlocked": true});
        for body in [
            json!({"macRestriction": rule}),
            json!({"macOSRestriction": rule, "macRestriction": {"platformBlocked": false}}),
        ] {
            let read = read(&body).unwrap();
            assert!(read.rules[&RestrictedPlatform::MacOs].platform_blocked);
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
