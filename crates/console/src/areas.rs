//! The areas of the admin centre, in the order in which the menu shows them.

use mandate_engine::{Action, Actor};
use mandate_web::{Language, MenuEntry, MenuSection};

/// A part of the admin centre that the menu leads to.
struct Area {
    /// Where it begins; all its pages are below.
    path: &'static str,
    /// Id of its name in the catalogues.
    name: &'static str,
    /// What one must be able to do for it to be shown.
    action: Option<Action>,
}

const fn area(path: &'static str, name: &'static str, action: Action) -> Area {
    Area {
        path,
        name,
        action: Some(action),
    }
}

/// Sections, each with the id of its heading; the first has none.
const SECTIONS: &[(Option<&str>, &[Area])] = &[
    (
        None,
        &[
            Area {
                path: "/console/",
                name: "home-title",
                action: None,
            },
            area("/console/setup", "setup-title", Action::OrganizationRead),
        ],
    ),
    (
        Some("menu-devices"),
        &[
            area("/console/devices", "devices-title", Action::DevicesRead),
            area(
                "/console/enrolment",
                "enrolment-title",
                Action::OrganizationRead,
            ),
            area("/console/apple", "apple-title", Action::OrganizationRead),
            area("/console/profiles", "profiles-title", Action::ProfilesRead),
            area(
                "/console/simulation",
                "simulation-title",
                Action::ProfilesViewReports,
            ),
            area(
                "/console/preflight",
                "preflight-title",
                Action::ProfilesViewReports,
            ),
        ],
    ),
    (
        Some("menu-people"),
        &[
            area("/console/users", "users-title", Action::UsersRead),
            area("/console/groups", "groups-title", Action::GroupsRead),
            area("/console/licences", "licences-title", Action::UsersRead),
            area("/console/directory", "directory-title", Action::SignInRead),
        ],
    ),
    (
        Some("menu-security"),
        &[
            area(
                "/console/certificates",
                "certificates-title",
                Action::ProfilesViewReports,
            ),
            area("/console/roles", "roles-title", Action::RolesRead),
            area("/console/apps", "apps-title", Action::AppsRead),
            area("/console/audit", "audit-title", Action::AuditRead),
        ],
    ),
    (
        Some("menu-tenant"),
        &[
            area(
                "/console/setup/authority",
                "authority-title",
                Action::OrganizationRead,
            ),
            area(
                "/console/branding",
                "branding-title",
                Action::OrganizationRead,
            ),
            area(
                "/console/notifications",
                "notifications-title",
                Action::NotificationsRead,
            ),
            area(
                "/console/settings",
                "settings-title",
                Action::OrganizationRead,
            ),
        ],
    ),
];

/// The menu for somebody on a page; areas that they may not see are left out, and so are sections without any.
pub(crate) fn menu(actor: &Actor, language: Language, path: &str) -> Vec<MenuSection> {
    let current = area_of(path);
    SECTIONS
        .iter()
        .map(|(heading, areas)| MenuSection {
            heading: heading.map(|id| language.text(id)),
            entries: areas
                .iter()
                .filter(|area| area.action.is_none_or(|action| actor.may(action)))
                .map(|area| MenuEntry {
                    path: area.path,
                    name: language.text(area.name),
                    is_current: current == Some(area.path),
                })
                .collect(),
        })
        .filter(|section| !section.entries.is_empty())
        .collect()
}

/// The area that a page belongs to: the innermost, where one lies within another.
fn area_of(path: &str) -> Option<&'static str> {
    let areas = SECTIONS.iter().flat_map(|(_, areas)| *areas);
    areas
        .map(|area| area.path)
        .filter(|area| is_within(path, area))
        .max_by_key(|area| area.len())
}

/// Whether a page belongs to an area: it is its first one or below. Below the home page is everything, so it counts only
/// itself.
fn is_within(path: &str, area: &str) -> bool {
    match path.strip_prefix(area) {
        Some(rest) => rest.is_empty() || (area != "/console/" && rest.starts_with('/')),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_below_an_area_belong_to_it() {
        assert!(is_within("/console/", "/console/"));
        assert!(!is_within("/console/devices", "/console/"));
        assert!(is_within("/console/devices", "/console/devices"));
        assert!(is_within("/console/devices/7", "/console/devices"));
        assert!(!is_within("/console/devices-of-mine", "/console/devices"));
    }

    #[test]
    fn a_page_belongs_to_one_area() {
        for (path, area) in [
            ("/console/setup", Some("/console/setup")),
            ("/console/setup/domains", Some("/console/setup")),
            ("/console/setup/authority", Some("/console/setup/authority")),
            (
                "/console/setup/authority/resets/7",
                Some("/console/setup/authority"),
            ),
            ("/console/nothing", None),
        ] {
            assert_eq!(area_of(path), area, "{path}");
        }
    }

    #[test]
    fn every_name_is_in_the_catalogues() {
        for (heading, areas) in SECTIONS {
            let ids = heading.iter().chain(areas.iter().map(|area| &area.name));
            for id in ids {
                for language in Language::ALL {
                    assert_ne!(language.text(id), **id, "{language:?}");
                }
            }
        }
    }
}
