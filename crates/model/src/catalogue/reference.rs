//! References from one profile to another.

use std::collections::BTreeMap;

use serde_json::Value;

use super::condition::Condition;
use super::{Impact, Kind, Warning};
use crate::{CertificateTemplate, Profile, Settings};

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
    /// What the certificate behind it has to be like; `None` where it names no certificate of a person.
    pub use_of_certificate: Option<UseOfCertificate>,
}

/// What a certificate has to be like to serve a reference.
#[derive(Debug, Clone, Copy)]
pub struct UseOfCertificate {
    /// `sanType` of the alternative name without which it does not serve.
    pub alternative_name: &'static str,
    /// `keyUsage` without which it does not serve.
    pub key_usage: &'static str,
    /// Extended key usage without which it does not serve, a dotted OID.
    pub extended_key_usage: &'static str,
    /// `intendedPurpose` that fits, if it is imported; general purpose fits as well.
    pub purpose: Option<&'static str>,
    /// Whether all devices of a person need the same key.
    pub one_key_for_all_devices: bool,
}

impl Reference {
    /// Whether a profile of this kind may be named.
    pub fn accepts(&self, kind: &Kind) -> bool {
        self.targets.iter().any(|target| kind.is_a(target))
    }

    /// What a certificate profile lacks for the purpose of this reference.
    fn warnings(&self, target: &Profile) -> Vec<Warning> {
        let Some(wanted) = self.use_of_certificate else {
            return Vec::new();
        };
        let lacks = if target.kind.setting("intendedPurpose").is_some() {
            wanted.lacks_imported(target).into_iter().collect()
        } else {
            wanted.lacks_issued(target)
        };
        let warning = |(code, what): (&'static str, String)| {
            let message = format!("certificate profile `{}` {what}", target.display_name);
            Warning::new(code, self.property, message)
        };
        lacks.into_iter().map(warning).collect()
    }
}

impl UseOfCertificate {
    /// Imported certificates are what they are; only their purpose is known here.
    fn lacks_imported(&self, target: &Profile) -> Option<(&'static str, String)> {
        let purpose = target.settings.get("intendedPurpose")?.as_str()?;
        let wanted = self.purpose.filter(|wanted| *wanted != purpose)?;
        (purpose != "unassigned").then(|| {
            let what =
                format!("delivers certificates imported for `{purpose}`, not for `{wanted}`");
            ("purposeMismatch", what)
        })
    }

    fn lacks_issued(&self, target: &Profile) -> Vec<(&'static str, String)> {
        let mut lacks = Vec::new();
        if self.one_key_for_all_devices {
            let what = "makes another key for each device: mail encrypted for one device cannot be read on another, \
                        and old mail not on a new one; import certificates instead";
            lacks.push(("encryptionKeyPerDevice", what.to_owned()));
        }
        if !target.kind.needs_user(&target.settings) {
            let what = "makes device certificates, which name no person";
            lacks.push(("deviceCertificate", what.to_owned()));
        }
        let name = self.alternative_name;
        if !has_alternative_name(&target.settings, name) {
            let what = format!("makes certificates without the alternative name `{name}`");
            lacks.push(("alternativeNameMissing", what));
        }
        let (usage, template) = (self.key_usage, template(target));
        if !serves(target, template.as_ref(), self.extended_key_usage) {
            let what = format!(
                "makes certificates without the extended key usage `{}`",
                self.extended_key_usage
            );
            lacks.push(("extendedKeyUsageMissing", what));
        }
        match template {
            Some(template) if !has_usage(&template, usage) => {
                let what = format!(
                    "makes keys from the template `{}`, which are without the usage `{usage}`",
                    template.name
                );
                lacks.push(("keyUsageMissing", what));
            }
            None if target.kind.setting("keyUsage").is_some()
                && !names(&target.settings, "keyUsage", usage) =>
            {
                let what = format!("makes keys without the usage `{usage}`");
                lacks.push(("keyUsageMissing", what));
            }
            Some(_) | None => {}
        }
        lacks
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

/// The built-in template that a PKCS profile names. What others allow only the instance knows.
fn template(target: &Profile) -> Option<CertificateTemplate> {
    let name = target.settings.get("certificateTemplateName")?.as_str()?;
    let name = if name.trim().is_empty() {
        CertificateTemplate::DEFAULT
    } else {
        name
    };
    CertificateTemplate::find_built_in(name)
}

/// Whether certificates have an extended key usage. Those of templates that are the instance's own are not known here,
/// and none at all means client authentication.
fn serves(target: &Profile, template: Option<&CertificateTemplate>, wanted: &str) -> bool {
    let listed = target
        .settings
        .get("extendedKeyUsages")
        .and_then(Value::as_array);
    let oids: Vec<&str> = match (listed, template) {
        (Some(listed), _) => listed
            .iter()
            .filter_map(|usage| usage.get("objectIdentifier")?.as_str())
            .collect(),
        (None, Some(template)) => template
            .extended_key_usages
            .iter()
            .map(String::as_str)
            .collect(),
        (None, None) => return true,
    };
    if oids.is_empty() {
        return wanted == CLIENT_AUTHENTICATION;
    }
    oids.iter().any(|oid| *oid == wanted || *oid == ANY_USAGE)
}

const CLIENT_AUTHENTICATION: &str = "1.3.6.1.5.5.7.3.2";

/// `anyExtendedKeyUsage` (RFC 5280 §4.2.1.12).
const ANY_USAGE: &str = "2.5.29.37.0";

fn has_usage(template: &CertificateTemplate, usage: &str) -> bool {
    match usage {
        "keyEncipherment" => template.key_encipherment,
        _ => template.digital_signature,
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
