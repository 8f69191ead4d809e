//! What stands at the root: collections and single objects.

use crate::resources::root::EMPTY;

/// Collections at the root, each with the type of its items.
const SETS: &[(&str, &str)] = &[
    ("users", "user"),
    ("groups", "group"),
    ("devices", "device"),
    ("directoryObjects", "directoryObject"),
    ("directoryRoles", "directoryRole"),
    ("directoryRoleTemplates", "directoryRoleTemplate"),
    ("organization", "organization"),
    ("domains", "domain"),
    ("subscribedSkus", "subscribedSku"),
];

/// Single objects at the root, each with its type.
const SINGLETONS: &[(&str, &str)] = &[
    ("deviceManagement", "deviceManagement"),
    ("me", "user"),
    ("roleManagement", "roleManagement"),
];

/// All collections at the root with the type of their items.
pub(crate) fn sets() -> impl Iterator<Item = (&'static str, &'static str)> {
    let probed = EMPTY
        .iter()
        .copied()
        .filter(|path| !path.contains('/') && SETS.iter().all(|(name, _)| name != path));
    SETS.iter()
        .copied()
        .chain(probed.map(|name| (name, "entity")))
}

/// All single objects at the root with their types.
pub(crate) fn singletons() -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut probed: Vec<&str> = EMPTY
        .iter()
        .filter_map(|path| path.split_once('/'))
        .map(|(first, _)| first)
        .filter(|first| SINGLETONS.iter().all(|(name, _)| name != first))
        .collect();
    probed.dedup();
    SINGLETONS
        .iter()
        .copied()
        .chain(probed.into_iter().map(|name| (name, name)))
}
