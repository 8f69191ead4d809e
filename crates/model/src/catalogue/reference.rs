//! References from one profile to another.

use std::collections::BTreeMap;

use serde_json::Value;

use super::condition::Condition;
use super::{Impact, Kind, Warning};
use crate::{Profile, Settings};

/// A navigation property that names another profile.
#[derive(Debug, Clone, Copy)]
pub struct Reference {
    /// Graph navigation property.
    pub property: &'static str,
    /// Label in English.
    pub label: &'static str,
    /// What it is for.
    pub help: &'static str,
    /// Graph types that it may name; a base type stands for all types below it.
    pub targets: &'static [&'static str],
    /// What it names, for people.
    pub target_label: &'static str,
    /// When it has to be there; a reference means nothing while this does not hold.
    pub required_when: Option<Condition>,
    /// What a change means for the user.
    pub impact: Impact,
    /// `sanType` of the alternative name without which the certificate does not serve its purpose.
    pub alternative_name: Option<&'static str>,
    /// `keyUsage` without which the certificate does not serve its purpose.
    pub key_usage: Option<&'static str>,
}

impl Reference {
    /// Whether a profile of this kind may be named.
    pub fn accepts(&self, kind: &Kind) -> bool {
        self.targets.iter().any(|target| kind.is_a(target))
    }

    /// What a certificate profile lacks for the purpose of this reference.
    fn warnings(&self, target: &Profile) -> Vec<Warning> {
        let mut warnings = Vec::new();
        let mut warn = |code, what: &str| {
            let message = format!("certificate profile `{}` {what}", target.display_name);
            warnings.push(Warning::new(code, self.property, message));
        };
        if self.alternative_name.is_some() && !target.kind.needs_user(&target.settings) {
            warn(
                "deviceCertificate",
                "makes device certificates, which name no person",
            );
        }
        if let Some(wanted) = self
            .alternative_name
            .filter(|wanted| !has_alternative_name(&target.settings, wanted))
        {
            warn(
                "alternativeNameMissing",
                &format!("makes certificates without the alternative name `{wanted}`"),
            );
        }
        if let Some(wanted) = self
            .key_usage
            .filter(|wanted| !names(&target.settings, "keyUsage", wanted))
        {
            warn(
                "keyUsageMissing",
                &format!("makes keys without the usage `{wanted}`"),
            );
        }
        warnings
    }
}

impl Kind {
    /// What the profiles behind the references lack. `targets` is by navigation property; what is not in it is passed
    /// over, as are references that mean nothing under these settings.
    pub fn target_warnings(
        &self,
        settings: &Settings,
        targets: &BTreeMap<String, &Profile>,
    ) -> Vec<Warning> {
        let active = self.references.iter().filter_map(|reference| {
            let active = reference
                .required_when
                .is_none_or(|condition| condition.holds(settings));
            let target = targets.get(reference.property)?;
            active.then(|| reference.warnings(target))
        });
        active.flatten().collect()
    }
}

fn has_alternative_name(settings: &Settings, wanted: &str) -> bool {
    let custom = settings
        .get("customSubjectAlternativeNames")
        .and_then(Value::as_array);
    let mut kinds = custom
        .into_iter()
        .flatten()
        .filter_map(|name| name.get("sanType")?.as_str());
    kinds.any(|kind| kind == wanted) || names(settings, "subjectAlternativeNameType", wanted)
}

/// Whether a flags setting contains a member.
fn names(settings: &Settings, property: &str, member: &str) -> bool {
    let members = settings.get(property).and_then(Value::as_str);
    members.is_some_and(|members| members.split(',').any(|one| one == member))
}
