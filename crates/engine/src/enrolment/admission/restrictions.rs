//! Barriers that administrators put up for platforms, versions, makers and people's own devices.

use mandate_model::EnrolmentType;
use mandate_store::Session;

use super::{Applicant, Barrier};
use crate::EngineError;
use crate::enrolment::restrictions::{PlatformRule, rule_for};

/// Whose device it is, as far as restrictions ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Belongs {
    /// To the organisation.
    Company,
    /// To the person who enrols it.
    Person,
    /// That will be known when it comes.
    Unknown,
}

/// The rule that counts for a device, held against all that is known of it.
pub(super) async fn restricted(
    session: &mut Session,
    applicant: &Applicant<'_>,
    belongs: Belongs,
) -> Result<Option<Barrier>, EngineError> {
    let rule = rule_for(session, applicant.user, applicant.platform.into()).await?;
    Ok(judge(&rule, applicant, belongs))
}

/// From what concerns all devices to what concerns this one.
fn judge(rule: &PlatformRule, applicant: &Applicant<'_>, belongs: Belongs) -> Option<Barrier> {
    let platform = applicant.platform;
    if rule.platform_blocked {
        return Some(Barrier::PlatformRestricted { platform });
    }
    let is_personal = applicant.kind == EnrolmentType::User || belongs == Belongs::Person;
    if rule.personal_device_enrollment_blocked && is_personal {
        return Some(Barrier::PersonalDevice);
    }
    // The rest is known when the device comes.
    let facts = applicant.facts?;
    if let Some(name) = rule.blocked_make(platform, facts) {
        return Some(Barrier::MakeBlocked { name });
    }
    let said = facts.os_version.as_deref();
    let version = said.and_then(mandate_model::OsVersion::parse);
    if let Some(least) = rule.least()
        && version.is_none_or(|version| version < least)
    {
        return Some(Barrier::OsTooOld { version, least });
    }
    if let Some(most) = rule.most()
        && version.is_none_or(|version| version > most)
    {
        return Some(Barrier::OsTooNew { version, most });
    }
    None
}

#[cfg(test)]
mod tests {
    use mandate_model::{DeviceFacts, Platform};

    use super::*;
    use crate::enrolment::grounds::Way;

    fn facts(version: Option<&str>) -> DeviceFacts {
        DeviceFacts {
            os_version: version.map(str::to_owned),
            product_name: Some("iPhone12,1".to_owned()),
            ..DeviceFacts::default()
        }
    }

    fn code(rule: &PlatformRule, facts: Option<&DeviceFacts>, belongs: Belongs) -> &'static str {
        let applicant = Applicant {
            user: None,
            kind: EnrolmentType::Device,
            platform: Platform::Ios,
            way: Way::Link,
            known: None,
            facts,
        };
        judge(rule, &applicant, belongs).map_or("", |barrier| barrier.code())
    }

    #[test]
    fn versions_are_asked_when_the_device_comes() {
        let rule = PlatformRule {
            os_minimum_version: Some("16.4".to_owned()),
            os_maximum_version: Some("17.5".to_owned()),
            ..PlatformRule::default()
        };
        assert_eq!(code(&rule, None, Belongs::Unknown), "");
        for (version, expected) in [
            (Some("16.3.9"), "osTooOld"),
            (Some("16.4"), ""),
            (Some("17.5.0"), ""),
            (Some("17.5.1"), "osTooNew"),
            (Some("18"), "osTooNew"),
            // What does not say its version is let in nowhere where one is asked for.
            (Some("beta"), "osTooOld"),
            (None, "osTooOld"),
        ] {
            let facts = facts(version);
            let found = code(&rule, Some(&facts), Belongs::Company);
            assert_eq!(found, expected, "{version:?}");
        }
    }

    #[test]
    fn the_reason_to_remove_first_is_named_first() {
        let mut rule = PlatformRule {
            platform_blocked: true,
            personal_device_enrollment_blocked: true,
            blocked_skus: vec!["iphone12,1".to_owned()],
            os_minimum_version: Some("18".to_owned()),
            ..PlatformRule::default()
        };
        let facts = facts(Some("17.0"));
        let mut told = Vec::new();
        told.push(code(&rule, Some(&facts), Belongs::Person));
        rule.platform_blocked = false;
        told.push(code(&rule, Some(&facts), Belongs::Person));
        told.push(code(&rule, Some(&facts), Belongs::Company));
        rule.blocked_skus.clear();
        told.push(code(&rule, Some(&facts), Belongs::Company));
        rule.os_minimum_version = None;
        told.push(code(&rule, Some(&facts), Belongs::Company));
        assert_eq!(
            told,
            [
                "platformRestricted",
                "personalDevice",
                "makeBlocked",
                "osTooOld",
                ""
            ]
        );
    }
}
