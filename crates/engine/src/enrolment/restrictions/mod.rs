//! Which devices may be enrolled: platforms, people's own devices, versions, makers and models.
//!
//! For each platform there is a rule for everybody, and there may be rules for the people of groups.

mod rule;

pub use rule::{PlatformRule, RestrictedPlatform};

use std::collections::BTreeMap;

use mandate_model::UserId;
use mandate_store::{EnrolmentConfigurationKind, Session};
use serde_json::{Map, Value, json};

use super::configurations::{EnrolmentConfiguration, EnrolmentContent, counting};
use crate::EngineError;

/// What the audit says for all platforms.
const ALL_PLATFORMS: &str = "all";

/// A rule per platform; a platform without one is open.
pub type PlatformRules = BTreeMap<RestrictedPlatform, PlatformRule>;

/// A restriction, with its order and groups.
pub type EnrolmentRestriction = EnrolmentConfiguration<PlatformRestrictions>;

/// Which devices may be enrolled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformRestrictions {
    /// For which platform; all of them if absent, as for everybody.
    pub platform: Option<RestrictedPlatform>,
    /// What it says, per platform.
    pub rules: PlatformRules,
}

impl PlatformRestrictions {
    /// What is said of a single platform.
    pub fn single(platform: RestrictedPlatform, rule: PlatformRule) -> Self {
        Self {
            platform: Some(platform),
            rules: PlatformRules::from([(platform, rule)]),
        }
    }

    /// What it says of a platform.
    pub fn rule(&self, platform: RestrictedPlatform) -> PlatformRule {
        self.rules.get(&platform).cloned().unwrap_or_default()
    }
}

impl EnrolmentContent for PlatformRestrictions {
    /// What it says of these platforms; one that is for a single platform takes that alone.
    type Change = PlatformRules;

    const KIND: EnrolmentConfigurationKind = EnrolmentConfigurationKind::Restriction;
    const WORD: &'static str = "restriction";
    const NAME: &'static str = "enrolment restriction";
    const AUDITED: &'static str = "enrolmentRestriction";
    /// Ours.
    const MOST: usize = 200;

    fn built_in() -> Self {
        Self {
            platform: None,
            rules: PlatformRules::new(),
        }
    }

    fn platform(&self) -> Option<RestrictedPlatform> {
        self.platform
    }

    /// The one with all platforms is there already.
    fn checked(mut self) -> Result<Self, EngineError> {
        if self.platform.is_none() {
            let rule = "must be one platform";
            return Err(EngineError::invalid("platformType", rule, None));
        }
        let rules = std::mem::take(&mut self.rules);
        self.changed(rules)
    }

    fn changed(mut self, change: PlatformRules) -> Result<Self, EngineError> {
        for (platform, rule) in change {
            let property = match self.platform {
                None => format!("{}Restriction", platform.word()),
                Some(single) if single == platform => "platformRestriction".to_owned(),
                Some(single) => {
                    let rule = format!("must stay `{}`", single.word());
                    let value = Some(platform.word());
                    return Err(EngineError::invalid("platformType", &rule, value));
                }
            };
            self.rules.insert(platform, rule.checked(&property)?);
        }
        if self.platform.is_none() {
            self.rules
                .retain(|_, rule| *rule != PlatformRule::default());
        }
        Ok(self)
    }

    fn read(platform: Option<&str>, content: &str) -> Result<Self, String> {
        let known = |word| RestrictedPlatform::parse(word).ok_or("unknown platform");
        Ok(Self {
            platform: platform.map(known).transpose()?,
            rules: serde_json::from_str(content).map_err(|error| error.to_string())?,
        })
    }

    fn written(&self) -> String {
        json!(self.rules).to_string()
    }

    fn properties(&self) -> Map<String, Value> {
        let platform = self.platform.map_or(ALL_PLATFORMS, |one| one.word());
        Map::from_iter([
            ("platform".to_owned(), json!(platform)),
            ("restrictions".to_owned(), json!(self.rules)),
        ])
    }
}

/// The rule that counts for somebody, or for nobody in particular.
pub(super) async fn rule_for(
    session: &mut Session,
    user: Option<UserId>,
    platform: RestrictedPlatform,
) -> Result<PlatformRule, EngineError> {
    let one: EnrolmentRestriction = counting(session, user, Some(platform)).await?;
    Ok(one.content.rule(platform))
}
