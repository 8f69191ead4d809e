//! Whom a profile is for, in words and in forms.

use mandate_engine::{Action, EngineError};
use mandate_model::{GroupId, Target};
use mandate_web::Language;

use crate::administrator::Administrator;

/// One target with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NamedTarget {
    /// As forms send it.
    pub(super) key: String,
    /// Who that is.
    pub(super) name: String,
    /// Whether it is taken out.
    pub(super) is_excluded: bool,
    /// The group, if it is one.
    pub(super) group: Option<GroupId>,
}

/// As forms send a target.
pub(super) fn key(target: Target) -> String {
    match target {
        Target::AllUsers => "all-users".to_owned(),
        Target::AllDevices => "all-devices".to_owned(),
        Target::Group(group) => format!("include:{group}"),
        Target::Exclude(group) => format!("exclude:{group}"),
    }
}

/// A target as forms send it.
pub(super) fn parse(key: &str) -> Option<Target> {
    match key.split_once(':') {
        None if key == "all-users" => Some(Target::AllUsers),
        None if key == "all-devices" => Some(Target::AllDevices),
        Some(("include", group)) => group.parse().ok().map(Target::Group),
        Some(("exclude", group)) => group.parse().ok().map(Target::Exclude),
        _ => None,
    }
}

/// Targets with their names, those that are taken out last.
pub(super) async fn named(
    administrator: &Administrator,
    targets: &[Target],
) -> Result<Vec<NamedTarget>, EngineError> {
    let language = administrator.language();
    let mut all = Vec::new();
    for target in targets {
        let (name, group) = match target {
            Target::AllUsers => (language.text("profiles-all-users"), None),
            Target::AllDevices => (language.text("profiles-all-devices"), None),
            Target::Group(group) | Target::Exclude(group) => (
                group_name(administrator, *group, language).await?,
                Some(*group),
            ),
        };
        all.push(NamedTarget {
            key: key(*target),
            name,
            is_excluded: matches!(target, Target::Exclude(_)),
            group,
        });
    }
    all.sort_by_key(|one| {
        (
            one.is_excluded,
            one.group.is_some(),
            one.name.to_lowercase(),
        )
    });
    Ok(all)
}

async fn group_name(
    administrator: &Administrator,
    id: GroupId,
    language: Language,
) -> Result<String, EngineError> {
    let actor = &administrator.actor;
    if !actor.may(Action::GroupsRead) {
        return Ok(id.to_string());
    }
    let group = administrator.engine().find_group(actor, id).await?;
    Ok(group.map_or_else(
        || language.text("profiles-group-gone"),
        |group| group.display_name,
    ))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn targets_come_back_from_forms() {
        let group = GroupId(Uuid::from_u128(9));
        for target in [
            Target::AllUsers,
            Target::AllDevices,
            Target::Group(group),
            Target::Exclude(group),
        ] {
            assert_eq!(parse(&key(target)), Some(target));
        }
        for wrong in ["", "all", "include:", "include:x", "maybe:7"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
