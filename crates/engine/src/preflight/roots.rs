//! The roots that devices will have when they have a profile.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mandate_model::{Platform, Profile, ProfileId, Target};

use crate::targeting::{Intent, referenced_by};
use crate::{Action, Actor, EngineError};

/// A trusted root profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Root {
    /// Its name, as far as whoever asks may know it.
    pub(super) name: String,
    /// The certificate.
    pub(super) der: Vec<u8>,
}

/// Trusted root profiles by how sure it is that a device has them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Roots {
    /// The root (DER) that comes with enrolment.
    pub(super) of_enrolment: Vec<u8>,
    /// They go along in the very document of the profile.
    pub(super) brought: Vec<Root>,
    /// They are assigned to everybody that the profile is assigned to.
    pub(super) along: Vec<Root>,
    /// They are not.
    pub(super) elsewhere: Vec<Root>,
}

impl Roots {
    pub(super) fn of(
        of_enrolment: Vec<u8>,
        (actor, intent): (&Actor, &Intent),
        profile: Option<&Profile>,
        named: &[ProfileId],
    ) -> Result<Self, EngineError> {
        let mut brought: BTreeSet<ProfileId> = BTreeSet::new();
        for id in named {
            brought.insert(named_root(actor, intent, *id)?);
        }
        let mut platform = Platform::Ios;
        if let Some(profile) = profile {
            platform = profile.kind.platform;
            brought.extend(referenced_by(profile, &intent.profiles));
        }
        let mut roots = Self {
            of_enrolment,
            ..Self::default()
        };
        for other in intent.profiles.values() {
            let Some(der) = certificate(other).filter(|_| other.kind.platform == platform) else {
                continue;
            };
            let is_seen = actor.reaches(Action::ProfilesRead, &other.scope_tags)
                || actor.reaches(Action::ProfilesViewReports, &other.scope_tags);
            let name = if is_seen {
                other.display_name.clone()
            } else {
                UNSEEN.to_owned()
            };
            let root = Root { name, der };
            let targets = profile.map_or(&[][..], |profile| intent.targets_of(profile.id));
            if brought.contains(&other.id) {
                roots.brought.push(root);
            } else if covers(intent.targets_of(other.id), targets) {
                roots.along.push(root);
            } else if is_seen {
                roots.elsewhere.push(root);
            }
        }
        Ok(roots)
    }
}

/// What a profile is called that whoever asks cannot see.
const UNSEEN: &str = "a profile that you cannot see";

fn named_root(actor: &Actor, intent: &Intent, id: ProfileId) -> Result<ProfileId, EngineError> {
    let profile = intent
        .profiles
        .get(&id)
        .filter(|profile| actor.reaches(Action::ProfilesViewReports, &profile.scope_tags))
        .ok_or_else(|| EngineError::not_found("profile", id))?;
    if certificate(profile).is_some() {
        return Ok(id);
    }
    let rule = "must be ids of trusted root profiles";
    Err(EngineError::invalid(
        "rootProfileIds",
        rule,
        Some(&id.to_string()),
    ))
}

/// The certificate of a trusted root profile.
fn certificate(profile: &Profile) -> Option<Vec<u8>> {
    let base64 = profile.settings.get("trustedRootCertificate")?.as_str()?;
    STANDARD.decode(base64).ok()
}

/// Whether whoever is among `inner` is plainly among `outer` too: each inclusion stands there, or all that it could mean,
/// and nobody is excluded who is not excluded here.
fn covers(outer: &[Target], inner: &[Target]) -> bool {
    let mut included = inner.iter().filter(|target| !is_exclusion(target));
    let is_covered = |target: &Target| {
        outer.contains(target)
            || (*target == Target::AllUsers && outer.contains(&Target::AllDevices))
    };
    let is_somebody = included.clone().next().is_some();
    is_somebody
        && included.all(is_covered)
        && outer
            .iter()
            .filter(|target| is_exclusion(target))
            .all(|target| inner.contains(target))
}

const fn is_exclusion(target: &Target) -> bool {
    matches!(target, Target::Exclude(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use mandate_model::GroupId;

    #[test]
    fn a_root_reaches_whom_the_mail_reaches_only_where_that_is_plain() {
        let group = |number| GroupId(uuid::Uuid::from_u128(number));
        let (staff, guests) = (Target::Group(group(1)), Target::Exclude(group(2)));
        for (outer, inner, covered) in [
            (vec![staff], vec![staff], true),
            (vec![staff, Target::AllUsers], vec![staff], true),
            (vec![staff], vec![staff, guests], true),
            (vec![staff, guests], vec![staff, guests], true),
            (vec![Target::AllDevices], vec![Target::AllUsers], true),
            (vec![staff, guests], vec![staff], false),
            (vec![staff], vec![staff, Target::AllUsers], false),
            (vec![Target::AllUsers], vec![Target::AllDevices], false),
            (vec![], vec![staff], false),
            (vec![staff], vec![], false),
        ] {
            assert_eq!(covers(&outer, &inner), covered, "{outer:?} {inner:?}");
        }
    }
}
