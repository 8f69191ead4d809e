//! Permissions, in the words of Microsoft Graph: what a token lets its client ask for.

macro_rules! permissions {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A permission of the management API. The same names are used for clients of their own (`roles`) and for those
        /// that act for a person (`scp`).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Permission {
            $($(#[$doc])* $variant,)*
        }

        impl Permission {
            /// All permissions.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$variant),*];

            /// Graph's name, as in a token's `roles`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

permissions! {
    /// See profiles, assignments and their states.
    ConfigurationRead = "DeviceManagementConfiguration.Read.All",
    /// Change profiles and assignments.
    ConfigurationReadWrite = "DeviceManagementConfiguration.ReadWrite.All",
    /// See devices.
    DevicesRead = "DeviceManagementManagedDevices.Read.All",
    /// Change and synchronise devices.
    DevicesReadWrite = "DeviceManagementManagedDevices.ReadWrite.All",
    /// Retire, wipe, lock.
    DevicesPrivileged = "DeviceManagementManagedDevices.PrivilegedOperations.All",
    /// See enrolment settings, such as the push certificate.
    ServiceConfigRead = "DeviceManagementServiceConfig.Read.All",
    /// Change enrolment settings, make enrolment links.
    ServiceConfigReadWrite = "DeviceManagementServiceConfig.ReadWrite.All",
    /// See the audit.
    DeviceAppsRead = "DeviceManagementApps.Read.All",
    /// The same; Graph asks for one of the two where audit events are read.
    DeviceAppsReadWrite = "DeviceManagementApps.ReadWrite.All",
    /// See roles, their assignments and scope tags.
    RbacRead = "DeviceManagementRBAC.Read.All",
    /// Change roles, their assignments and scope tags.
    RbacReadWrite = "DeviceManagementRBAC.ReadWrite.All",
    /// See the signed-in person's own record.
    UserReadSelf = "User.Read",
    /// See people.
    UserRead = "User.Read.All",
    /// Change people.
    UserReadWrite = "User.ReadWrite.All",
    /// See groups and their members.
    GroupRead = "Group.Read.All",
    /// Change groups and their members.
    GroupReadWrite = "Group.ReadWrite.All",
    /// See the whole directory.
    DirectoryRead = "Directory.Read.All",
    /// Change the whole directory.
    DirectoryReadWrite = "Directory.ReadWrite.All",
    /// See who has directory roles.
    RoleManagementRead = "RoleManagement.Read.Directory",
    /// Give and take directory roles, and change groups and people that hold roles.
    RoleManagementReadWrite = "RoleManagement.ReadWrite.Directory",
    /// See registered clients.
    ApplicationRead = "Application.Read.All",
    /// Register clients, and change what they may do.
    ApplicationReadWrite = "Application.ReadWrite.All",
    /// See domains and the records that they need.
    DomainRead = "Domain.Read.All",
    /// Add, verify and remove domains.
    DomainReadWrite = "Domain.ReadWrite.All",
    /// See the organisation.
    OrganizationRead = "Organization.Read.All",
}

use Permission::{
    ApplicationRead, ApplicationReadWrite, ConfigurationRead, ConfigurationReadWrite,
    DeviceAppsRead, DeviceAppsReadWrite, DevicesRead, DevicesReadWrite, DirectoryRead,
    DirectoryReadWrite, DomainRead, DomainReadWrite, GroupRead, GroupReadWrite, OrganizationRead,
    RbacRead, RbacReadWrite, RoleManagementRead, RoleManagementReadWrite, ServiceConfigRead,
    ServiceConfigReadWrite, UserRead, UserReadSelf, UserReadWrite,
};

impl Permission {
    /// Reads Graph's name, in any letter case.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|permission| permission.name().eq_ignore_ascii_case(name.trim()))
    }

    /// Whether holding this permission is enough where `wanted` is asked for.
    pub fn includes(self, wanted: Self) -> bool {
        let lesser: &[Self] = match self {
            ConfigurationReadWrite => &[ConfigurationRead],
            DevicesReadWrite => &[DevicesRead],
            ServiceConfigReadWrite => &[ServiceConfigRead],
            DeviceAppsReadWrite => &[DeviceAppsRead],
            RbacReadWrite => &[RbacRead],
            UserRead => &[UserReadSelf],
            UserReadWrite => &[UserRead, UserReadSelf],
            GroupReadWrite => &[GroupRead],
            DomainReadWrite => &[DomainRead],
            DirectoryRead => &[
                DomainRead,
                UserRead,
                UserReadSelf,
                GroupRead,
                OrganizationRead,
                ApplicationRead,
                RoleManagementRead,
            ],
            DirectoryReadWrite => &[
                DirectoryRead,
                DomainRead,
                UserRead,
                UserReadSelf,
                UserReadWrite,
                GroupRead,
                GroupReadWrite,
                OrganizationRead,
                ApplicationRead,
                ApplicationReadWrite,
                RoleManagementRead,
            ],
            RoleManagementReadWrite => &[RoleManagementRead],
            ApplicationReadWrite => &[ApplicationRead],
            _ => &[],
        };
        self == wanted || lesser.contains(&wanted)
    }
}
