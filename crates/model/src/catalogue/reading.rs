//! Reading Graph bodies: what a request changes, and what is wrong with it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Kind, Setting, Violation, kinds, value};
use crate::Settings;

/// What a request makes of a profile's settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// All settings of the kind in normal form.
    pub settings: Settings,
}

impl Kind {
    /// Reads the body of a create request. Settings that it does not mention get their defaults. Annotations and what
    /// every configuration has besides settings (`id`, `displayName`, `roleScopeTagIds`, `assignments`…) is passed over.
    pub fn create(&self, body: &Map<String, Value>) -> Result<Draft, Vec<Violation>> {
        let defaults = self
            .settings
            .iter()
            .map(|setting| (setting.property.to_owned(), setting.default.to_json()));
        let mut reading = self.read(defaults.collect(), body);
        let missing =
            |setting: &&Setting| setting.required && !reading.mentioned.contains(setting.property);
        let missing: Vec<_> = self.settings.iter().filter(missing).collect();
        let required =
            |setting: &Setting| Violation::without_value(setting.property, "is required");
        reading.violations.extend(missing.into_iter().map(required));
        self.judge(reading)
    }

    /// Reads the body of an update. What it does not mention stays, except that settings which lose their meaning by
    /// the update (S/MIME details when S/MIME is turned off) go back to their defaults, as in a form. A fixed setting
    /// may be repeated and not changed.
    pub fn update(
        &self,
        current: &Settings,
        body: &Map<String, Value>,
    ) -> Result<Draft, Vec<Violation>> {
        let before = self.settings.iter().map(|setting| {
            // A setting that came with a later release is not there yet.
            let stored = current.get(setting.property).cloned();
            (
                setting.property.to_owned(),
                stored.unwrap_or_else(|| setting.default.to_json()),
            )
        });
        let mut reading = self.read(before.collect(), body);
        for setting in self.settings {
            let after = reading.settings.get(setting.property);
            if let (true, Some(before), Some(after)) =
                (setting.fixed, current.get(setting.property), after)
                && before != after
            {
                let rule = "cannot be changed after the profile was made; make another profile";
                let violation = Violation::without_value(setting.property, rule);
                reading.violations.push(violation);
            }
            let hidden = setting
                .shown_when
                .is_some_and(|condition| !condition.holds(&reading.settings));
            if hidden && !reading.mentioned.contains(setting.property) {
                reading
                    .settings
                    .insert(setting.property.to_owned(), setting.default.to_json());
            }
        }
        self.judge(reading)
    }

    fn read(&self, mut settings: Settings, body: &Map<String, Value>) -> Reading {
        let (mut mentioned, mut violations) = (BTreeSet::new(), Vec::new());
        for (key, given) in body.iter().filter(|(key, _)| !is_passed_over(key)) {
            let Some(setting) = self
                .settings
                .iter()
                .find(|setting| setting.property.eq_ignore_ascii_case(key))
            else {
                violations.extend(self.foreign(key, given));
                continue;
            };
            match value::read(setting.property, &setting.value, setting.nullable, given) {
                Ok(value) => drop(settings.insert(setting.property.to_owned(), value)),
                Err(found) => violations.extend(found),
            }
            mentioned.insert(setting.property);
        }
        Reading {
            settings,
            mentioned,
            violations,
        }
    }

    fn judge(&self, reading: Reading) -> Result<Draft, Vec<Violation>> {
        let Reading {
            settings,
            mut violations,
            ..
        } = reading;
        for setting in self.settings {
            let value = settings.get(setting.property).unwrap_or(&Value::Null);
            let Some(condition) = setting.shown_when else {
                continue;
            };
            if !setting.is_inert(value) && !condition.holds(&settings) {
                let rule = format!("can only be set when {}", condition.describe());
                violations.push(Violation::new(setting.property, rule, value));
            }
        }
        if violations.is_empty() {
            violations = (self.check)(&settings);
        }
        if violations.is_empty() {
            Ok(Draft { settings })
        } else {
            Err(violations)
        }
    }

    /// A property that is no setting of this kind. References are written as annotations, so only `null` passes.
    fn foreign(&self, key: &str, given: &Value) -> Option<Violation> {
        if let Some(reference) = self
            .references
            .iter()
            .find(|reference| reference.property.eq_ignore_ascii_case(key))
        {
            let rule = format!("must be written as `{}@odata.bind`", reference.property);
            return (!given.is_null()).then(|| Violation::without_value(reference.property, rule));
        }
        let owner = kinds().iter().find(|kind| {
            kind.settings
                .iter()
                .any(|s| s.property.eq_ignore_ascii_case(key))
        });
        let elsewhere = ELSEWHERE
            .iter()
            .find(|(property, _)| property.eq_ignore_ascii_case(key));
        let rule = match (owner, elsewhere) {
            (Some(owner), _) => format!(
                "is a setting of `{}`, not of `{}`",
                owner.type_name, self.type_name
            ),
            (None, Some((_, platform))) => format!(
                "is a setting of profiles for {platform}, not of `{}`",
                self.type_name
            ),
            (None, None) => format!("is not a setting of `{}`", self.type_name),
        };
        Some(Violation::without_value(key, rule))
    }
}

struct Reading {
    settings: Settings,
    mentioned: BTreeSet<&'static str>,
    violations: Vec<Violation>,
}

/// Annotations (`x@odata.…`), actions (`#microsoft.graph.assign`) and what `deviceConfiguration` itself has.
fn is_passed_over(key: &str) -> bool {
    let own = || {
        PASSED_OVER
            .iter()
            .any(|known| known.eq_ignore_ascii_case(key))
    };
    key.contains('@')
        || key.starts_with('#')
        || key.starts_with("deviceManagementApplicabilityRule")
        || own()
}

/// Settings of Graph that no kind here has, and the platform that has them.
const ELSEWHERE: &[(&str, &str)] = &[
    ("keyStorageProvider", "Windows"),
    ("certificateAccessType", "Android"),
    ("silentCertificateAccessDetails", "Android"),
];

const PASSED_OVER: &[&str] = &[
    "id",
    "createdDateTime",
    "lastModifiedDateTime",
    "displayName",
    "description",
    "version",
    "roleScopeTagIds",
    "supportsScopeTags",
    "assignments",
    "groupAssignments",
    "deviceStatuses",
    "userStatuses",
    "deviceStatusOverview",
    "userStatusOverview",
    "deviceSettingStateSummaries",
    "managedDeviceCertificateStates",
    "derivedCredentialSettings",
];
