//! The decision for one profile and one device. Pure.

use std::collections::{BTreeMap, BTreeSet};

use mandate_model::{Because, GroupId, Target};

/// Where a device and its user stand: the groups that contain them, directly or through other groups.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_field_names, reason = "groups of different holders")]
pub(crate) struct Standing<'a> {
    /// Groups of the primary user; `None` if the device has no user.
    pub(crate) user_groups: Option<&'a BTreeSet<GroupId>>,
    /// Groups of the device itself.
    pub(crate) device_groups: &'a BTreeSet<GroupId>,
    /// For a profile that needs a user, and a device that has none because a device enrolment manager enrolled it: the
    /// manager's groups. What would be meant for the manager is told as not applicable.
    pub(crate) manager_groups: Option<&'a BTreeSet<GroupId>>,
}

/// Whether a profile is wanted, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decision {
    pub(crate) wanted: bool,
    pub(crate) because: Because,
}

/// Decides for one device. Users and devices may be mixed freely between inclusion and exclusion: an excluded group
/// counts if it contains the device or its primary user, whatever the inclusion was by. Exclusion wins.
pub(crate) fn decide(
    targets: &[Target],
    standing: Standing<'_>,
    names: &BTreeMap<GroupId, String>,
) -> Decision {
    let name = |group: &GroupId| {
        names
            .get(group)
            .cloned()
            .unwrap_or_else(|| group.to_string())
    };
    let has_user = |group: &GroupId| {
        standing
            .user_groups
            .is_some_and(|groups| groups.contains(group))
    };
    let has_device = |group: &GroupId| standing.device_groups.contains(group);
    let excluded = targets.iter().find_map(|target| match target {
        Target::Exclude(group) if has_user(group) => Some(Because::UserExcluded {
            group: *group,
            name: name(group),
        }),
        Target::Exclude(group) if has_device(group) => Some(Because::DeviceExcluded {
            group: *group,
            name: name(group),
        }),
        _ => None,
    });
    let included = targets.iter().find_map(|target| match target {
        Target::AllUsers if standing.user_groups.is_some() => Some(Because::AllUsers),
        Target::AllDevices => Some(Because::AllDevices),
        Target::Group(group) if has_user(group) => Some(Because::UserInGroup {
            group: *group,
            name: name(group),
        }),
        Target::Group(group) if has_device(group) => Some(Because::DeviceInGroup {
            group: *group,
            name: name(group),
        }),
        _ => None,
    });
    match (included, excluded) {
        (None, _) if standing.user_groups.is_none() && standing.manager_groups.is_some() => {
            let standing = Standing {
                user_groups: standing.manager_groups,
                manager_groups: None,
                ..standing
            };
            decide(targets, standing, names)
        }
        (None, _) => Decision {
            wanted: false,
            because: Because::NotIncluded,
        },
        (Some(_), Some(because)) => Decision {
            wanted: false,
            because,
        },
        (Some(because), None) => Decision {
            wanted: true,
            because,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn group(number: u128) -> GroupId {
        GroupId(Uuid::from_u128(number))
    }

    /// LIF-13: four ways to include times four ways to exclude, for a device whose user and which itself are in a
    /// group each.
    #[test]
    fn the_sixteen_cases_of_inclusion_and_exclusion() {
        let (users, devices) = (group(1), group(2));
        let include = [
            Target::Group(users),
            Target::Group(devices),
            Target::AllUsers,
            Target::AllDevices,
        ];
        let exclude = [
            None,
            Some(Target::Exclude(users)),
            Some(Target::Exclude(devices)),
            Some(Target::Exclude(group(3))),
        ];
        let user_groups = BTreeSet::from([users]);
        let device_groups = BTreeSet::from([devices]);
        let standing = Standing {
            user_groups: Some(&user_groups),
            device_groups: &device_groups,
            manager_groups: None,
        };
        for inclusion in include {
            for exclusion in exclude {
                let targets: Vec<Target> = std::iter::once(inclusion).chain(exclusion).collect();
                let decision = decide(&targets, standing, &BTreeMap::new());
                let concerns =
                    matches!(exclusion, Some(Target::Exclude(g)) if g == users || g == devices);
                assert_eq!(
                    decision.wanted, !concerns,
                    "{inclusion:?} without {exclusion:?}"
                );
                match (exclusion, &decision.because) {
                    (Some(Target::Exclude(g)), Because::UserExcluded { group, .. }) => {
                        assert_eq!((g, *group), (users, users));
                    }
                    (Some(Target::Exclude(g)), Because::DeviceExcluded { group, .. }) => {
                        assert_eq!((g, *group), (devices, devices));
                    }
                    (Some(Target::Exclude(g)), _) => assert_eq!(g, group(3)),
                    _ => assert!(decision.wanted),
                }
            }
        }
    }

    #[test]
    fn a_device_without_user_is_not_among_all_users() {
        let none = BTreeSet::new();
        let standing = Standing {
            user_groups: None,
            device_groups: &none,
            manager_groups: None,
        };
        assert!(!decide(&[Target::AllUsers], standing, &BTreeMap::new()).wanted);
        assert!(decide(&[Target::AllDevices], standing, &BTreeMap::new()).wanted);
    }

    #[test]
    fn what_is_meant_for_a_manager_is_told_of_a_device_without_user() {
        let (none, managers) = (BTreeSet::new(), BTreeSet::from([group(1)]));
        let standing = Standing {
            user_groups: None,
            device_groups: &none,
            manager_groups: Some(&managers),
        };
        let is_told = |targets: &[Target]| decide(targets, standing, &BTreeMap::new()).wanted;
        assert!(is_told(&[Target::Group(group(1))]));
        assert!(is_told(&[Target::AllUsers]));
        assert!(!is_told(&[Target::Group(group(2))]));
        assert!(!is_told(&[Target::AllUsers, Target::Exclude(group(1))]));
        // Whom the manager belongs to excludes no device that is meant itself.
        assert!(is_told(&[Target::AllDevices, Target::Exclude(group(1))]));
    }

    #[test]
    fn exclusion_alone_includes_nobody() {
        let none = BTreeSet::new();
        let standing = Standing {
            user_groups: Some(&none),
            device_groups: &none,
            manager_groups: None,
        };
        let decision = decide(&[Target::Exclude(group(9))], standing, &BTreeMap::new());
        assert_eq!(
            decision,
            Decision {
                wanted: false,
                because: Because::NotIncluded
            }
        );
    }
}
