//! Permissions, in the words of Microsoft Graph.

/// A permission of the management API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// See profiles, assignments and their states.
    ConfigurationRead,
    /// Change profiles and assignments.
    ConfigurationReadWrite,
    /// See devices.
    DevicesRead,
    /// Change and synchronise devices.
    DevicesReadWrite,
    /// Retire, wipe, lock.
    DevicesPrivileged,
    /// See enrolment settings, such as the push certificate.
    ServiceConfigRead,
    /// Change enrolment settings, make enrolment links.
    ServiceConfigReadWrite,
    /// See people.
    UserRead,
    /// Change people.
    UserReadWrite,
    /// See groups and their members.
    GroupRead,
    /// Change groups and their members.
    GroupReadWrite,
    /// See the whole directory.
    DirectoryRead,
    /// Change the whole directory.
    DirectoryReadWrite,
    /// See the organisation.
    OrganizationRead,
}

use Permission::{
    ConfigurationRead, ConfigurationReadWrite, DevicesPrivileged, DevicesRead, DevicesReadWrite,
    DirectoryRead, DirectoryReadWrite, GroupRead, GroupReadWrite, OrganizationRead,
    ServiceConfigRead, ServiceConfigReadWrite, UserRead, UserReadWrite,
};

impl Permission {
    /// All permissions.
    pub const ALL: [Self; 14] = [
        ConfigurationRead,
        ConfigurationReadWrite,
        DevicesRead,
        DevicesReadWrite,
        DevicesPrivileged,
        ServiceConfigRead,
        ServiceConfigReadWrite,
        UserRead,
        UserReadWrite,
        GroupRead,
        GroupReadWrite,
        DirectoryRead,
        DirectoryReadWrite,
        OrganizationRead,
    ];

    /// Graph's name, as in a token's `roles`.
    pub const fn name(self) -> &'static str {
        match self {
            ConfigurationRead => "DeviceManagementConfiguration.Read.All",
            ConfigurationReadWrite => "DeviceManagementConfiguration.ReadWrite.All",
            DevicesRead => "DeviceManagementManagedDevices.Read.All",
            DevicesReadWrite => "DeviceManagementManagedDevices.ReadWrite.All",
            DevicesPrivileged => "DeviceManagementManagedDevices.PrivilegedOperations.All",
            ServiceConfigRead => "DeviceManagementServiceConfig.Read.All",
            ServiceConfigReadWrite => "DeviceManagementServiceConfig.ReadWrite.All",
            UserRead => "User.Read.All",
            UserReadWrite => "User.ReadWrite.All",
            GroupRead => "Group.Read.All",
            GroupReadWrite => "Group.ReadWrite.All",
            DirectoryRead => "Directory.Read.All",
            DirectoryReadWrite => "Directory.ReadWrite.All",
            OrganizationRead => "Organization.Read.All",
        }
    }

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
            UserReadWrite => &[UserRead],
            GroupReadWrite => &[GroupRead],
            DirectoryRead => &[UserRead, GroupRead, OrganizationRead],
            DirectoryReadWrite => &[
                DirectoryRead,
                UserRead,
                UserReadWrite,
                GroupRead,
                GroupReadWrite,
                OrganizationRead,
            ],
            _ => &[],
        };
        self == wanted || lesser.contains(&wanted)
    }
}
