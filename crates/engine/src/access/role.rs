//! Roles: sets of permissions under the names that Intune administrators know.

use super::Permission;
use super::Permission::{
    ConfigurationRead, ConfigurationReadWrite, DevicesPrivileged, DevicesRead, DevicesReadWrite,
    DirectoryRead, OrganizationRead, ServiceConfigRead,
};

/// A built-in role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Everything.
    IntuneAdministrator,
    /// Profiles and their assignments; sees the rest.
    PolicyAndProfileManager,
    /// Devices and people: sees everything, may synchronise, lock, retire and wipe.
    HelpDeskOperator,
    /// Sees everything, changes nothing.
    ReadOnlyOperator,
}

const READING: [Permission; 5] = [
    ConfigurationRead,
    DevicesRead,
    ServiceConfigRead,
    DirectoryRead,
    OrganizationRead,
];

impl Role {
    /// All roles.
    pub const ALL: [Self; 4] = [
        Self::IntuneAdministrator,
        Self::PolicyAndProfileManager,
        Self::HelpDeskOperator,
        Self::ReadOnlyOperator,
    ];

    /// Intune's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::IntuneAdministrator => "Intune Administrator",
            Self::PolicyAndProfileManager => "Policy and Profile Manager",
            Self::HelpDeskOperator => "Help Desk Operator",
            Self::ReadOnlyOperator => "Read Only Operator",
        }
    }

    /// Reads the name without regard to case, blanks and hyphens; the last word and `Intune` may be left out, and
    /// `administrator`, `service administrator` or `admin` mean the Intune Administrator.
    pub fn parse(name: &str) -> Option<Self> {
        let folded: String = name
            .chars()
            .filter(|c| c.is_alphanumeric())
            .collect::<String>()
            .to_lowercase();
        match folded.as_str() {
            "intuneadministrator"
            | "intuneserviceadministrator"
            | "serviceadministrator"
            | "globaladministrator"
            | "administrator"
            | "admin" => Some(Self::IntuneAdministrator),
            "policyandprofilemanager" | "policyandprofile" => Some(Self::PolicyAndProfileManager),
            "helpdeskoperator" | "helpdesk" => Some(Self::HelpDeskOperator),
            "readonlyoperator" | "readonly" | "reader" => Some(Self::ReadOnlyOperator),
            _ => None,
        }
    }

    /// What the role may do.
    pub fn permissions(self) -> Vec<Permission> {
        let more: &[Permission] = match self {
            Self::IntuneAdministrator => &Permission::ALL,
            Self::PolicyAndProfileManager => &[ConfigurationReadWrite],
            Self::HelpDeskOperator => &[DevicesReadWrite, DevicesPrivileged],
            Self::ReadOnlyOperator => &[],
        };
        let mut all: Vec<_> = READING.iter().chain(more).copied().collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_found_by_the_name_that_people_type() {
        assert_eq!(
            Role::parse("Read Only Operator"),
            Some(Role::ReadOnlyOperator)
        );
        assert_eq!(Role::parse("help-desk"), Some(Role::HelpDeskOperator));
        assert_eq!(
            Role::parse("administrator"),
            Some(Role::IntuneAdministrator)
        );
        assert_eq!(Role::parse("emperor"), None);
        for role in Role::ALL {
            assert_eq!(Role::parse(role.name()), Some(role));
        }
    }
}
