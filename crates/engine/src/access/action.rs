//! What can be done, one by one: the unit in which roles allow and the check asks.

use super::Permission;
use Permission as P;

macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $permission:expr;)*) => {
        /// Something that can be done with mandate. A role allows a set of actions; a token must carry the permission of
        /// an action as well.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action {
            $($(#[$doc])* $variant,)*
        }

        impl Action {
            /// All actions.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$variant),*];

            /// The name of the resource action in role definitions: Intune's where Intune has one, and else one that
            /// begins with `Mandate_`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// What a token must carry for it.
            pub const fn permission(self) -> Permission {
                match self {
                    $(Self::$variant => $permission,)*
                }
            }
        }
    };
}

actions! {
    /// See profiles and their assignments.
    ProfilesRead = "Microsoft.Intune_DeviceConfigurations_Read", P::ConfigurationRead;
    /// Make profiles.
    ProfilesCreate = "Microsoft.Intune_DeviceConfigurations_Create", P::ConfigurationReadWrite;
    /// Change profiles, and restore a version.
    ProfilesUpdate = "Microsoft.Intune_DeviceConfigurations_Update", P::ConfigurationReadWrite;
    /// Delete profiles.
    ProfilesDelete = "Microsoft.Intune_DeviceConfigurations_Delete", P::ConfigurationReadWrite;
    /// Assign profiles.
    ProfilesAssign = "Microsoft.Intune_DeviceConfigurations_Assign", P::ConfigurationReadWrite;
    /// See what became of profiles on devices, and what a change would do.
    ProfilesViewReports = "Microsoft.Intune_DeviceConfigurations_ViewReports", P::ConfigurationRead;

    /// See devices.
    DevicesRead = "Microsoft.Intune_ManagedDevices_Read", P::DevicesRead;
    /// Change what is noted of devices.
    DevicesUpdate = "Microsoft.Intune_ManagedDevices_Update", P::DevicesReadWrite;
    /// Take devices out of the list.
    DevicesDelete = "Microsoft.Intune_ManagedDevices_Delete", P::DevicesReadWrite;
    /// Say whose device it is.
    DevicesSetPrimaryUser = "Microsoft.Intune_ManagedDevices_SetPrimaryUser", P::DevicesReadWrite;
    /// See reports about devices.
    DevicesViewReports = "Microsoft.Intune_ManagedDevices_ViewReports", P::DevicesRead;
    /// Have a device check in.
    DevicesSync = "Microsoft.Intune_RemoteTasks_SyncDevice", P::DevicesReadWrite;
    /// Lock the screen.
    DevicesLock = "Microsoft.Intune_RemoteTasks_RemoteLock", P::DevicesPrivileged;
    /// End management.
    DevicesRetire = "Microsoft.Intune_RemoteTasks_Retire", P::DevicesPrivileged;
    /// Erase.
    DevicesWipe = "Microsoft.Intune_RemoteTasks_Wipe", P::DevicesPrivileged;
    /// Revoke certificates of devices.
    CertificatesRevoke = "Mandate_Certificates_Revoke", P::DevicesPrivileged;

    /// See certificate templates.
    TemplatesRead = "Mandate_CertificateTemplates_Read", P::ConfigurationRead;
    /// Change certificate templates.
    TemplatesUpdate = "Mandate_CertificateTemplates_Update", P::ConfigurationReadWrite;
    /// See certificate authorities, and revocations that others are told of.
    AuthoritiesRead = "Mandate_CertificateAuthorities_Read", P::ServiceConfigRead;
    /// Change certificate authorities, and hand out challenges by hand.
    AuthoritiesUpdate = "Mandate_CertificateAuthorities_Update", P::ServiceConfigReadWrite;
    /// See the key pairs that imports are encrypted for.
    ConnectorsRead = "Microsoft.Intune_CertificateConnector_Read", P::ConfigurationRead;
    /// Make and remove those key pairs.
    ConnectorsUpdate = "Microsoft.Intune_CertificateConnector_Modify", P::ConfigurationReadWrite;
    /// See which certificates were imported for people; never their keys.
    ImportsRead = "Mandate_ImportedCertificates_Read", P::ConfigurationRead;
    /// Import certificates with their keys for people.
    ImportsCreate = "Mandate_ImportedCertificates_Create", P::ConfigurationReadWrite;
    /// Change what is noted of imported certificates, or replace one.
    ImportsUpdate = "Mandate_ImportedCertificates_Update", P::ConfigurationReadWrite;
    /// Delete imported certificates.
    ImportsDelete = "Mandate_ImportedCertificates_Delete", P::ConfigurationReadWrite;

    /// See the push certificate, settings of the tenant and the organisation.
    OrganizationRead = "Microsoft.Intune_Organization_Read", P::ServiceConfigRead;
    /// Change the push certificate and settings of the tenant.
    OrganizationUpdate = "Microsoft.Intune_Organization_Update", P::ServiceConfigReadWrite;
    /// Say which service manages devices, and reset it.
    MdmAuthorityUpdate = "Mandate_MdmAuthority_Update", P::ServiceConfigReadWrite;
    /// Give licences and take them back.
    LicencesUpdate = "Mandate_Licences_Update", P::UserReadWrite;
    /// Test the connections of the server: it contacts every address of the list.
    ConnectionsTest = "Mandate_Connections_Test", P::ServiceConfigReadWrite;
    /// See the records that domains need.
    DomainsRead = "Mandate_Domains_Read", P::DomainRead;
    /// Add, verify and remove domains: who may sign in through whom depends on them.
    DomainsUpdate = "Mandate_Domains_Update", P::DomainReadWrite;
    /// See enrolment links.
    EnrolmentLinksRead = "Mandate_EnrollmentLinks_Read", P::ServiceConfigRead;
    /// Make enrolment links.
    EnrolmentLinksCreate = "Mandate_EnrollmentLinks_Create", P::ServiceConfigReadWrite;
    /// Withdraw enrolment links.
    EnrolmentLinksDelete = "Mandate_EnrollmentLinks_Delete", P::ServiceConfigReadWrite;

    /// See who enrols many devices for others.
    EnrolmentManagersRead = "Microsoft.Intune_DeviceEnrollmentManagers_Read", P::ServiceConfigRead;
    /// Say who enrols many devices for others.
    EnrolmentManagersUpdate = "Microsoft.Intune_DeviceEnrollmentManagers_Update", P::ServiceConfigReadWrite;

    /// See serial numbers and IMEIs of devices of the organisation.
    CorporateIdentifiersRead = "Microsoft.Intune_CorporateDeviceIdentifiers_Read", P::ServiceConfigRead;
    /// Import them.
    CorporateIdentifiersCreate = "Microsoft.Intune_CorporateDeviceIdentifiers_Create", P::ServiceConfigReadWrite;
    /// Change what is noted of them.
    CorporateIdentifiersUpdate = "Microsoft.Intune_CorporateDeviceIdentifiers_Update", P::ServiceConfigReadWrite;
    /// Delete them.
    CorporateIdentifiersDelete = "Microsoft.Intune_CorporateDeviceIdentifiers_Delete", P::ServiceConfigReadWrite;

    /// See terms and who accepted them.
    TermsRead = "Microsoft.Intune_TermsAndConditions_Read", P::ServiceConfigRead;
    /// Make terms.
    TermsCreate = "Microsoft.Intune_TermsAndConditions_Create", P::ServiceConfigReadWrite;
    /// Change terms, and ask people anew.
    TermsUpdate = "Microsoft.Intune_TermsAndConditions_Update", P::ServiceConfigReadWrite;
    /// Delete terms.
    TermsDelete = "Microsoft.Intune_TermsAndConditions_Delete", P::ServiceConfigReadWrite;
    /// Say whom terms are for.
    TermsAssign = "Microsoft.Intune_TermsAndConditions_Assign", P::ServiceConfigReadWrite;

    /// See people.
    UsersRead = "Mandate_Users_Read", P::UserRead;
    /// Add, change and delete people.
    UsersUpdate = "Mandate_Users_Update", P::UserReadWrite;
    /// Set passwords, remove second factors, end what people are signed in to.
    CredentialsReset = "Mandate_Users_ResetCredentials", P::UserReadWrite;
    /// See groups.
    GroupsRead = "Mandate_Groups_Read", P::GroupRead;
    /// Add, change and delete groups, and say who is in them.
    GroupsUpdate = "Mandate_Groups_Update", P::GroupReadWrite;

    /// See roles, role assignments and scope tags.
    RolesRead = "Microsoft.Intune_Roles_Read", P::RbacRead;
    /// Make roles and scope tags.
    RolesCreate = "Microsoft.Intune_Roles_Create", P::RbacReadWrite;
    /// Change roles and scope tags.
    RolesUpdate = "Microsoft.Intune_Roles_Update", P::RbacReadWrite;
    /// Delete roles and scope tags.
    RolesDelete = "Microsoft.Intune_Roles_Delete", P::RbacReadWrite;
    /// Assign roles.
    RolesAssign = "Microsoft.Intune_Roles_Assign", P::RbacReadWrite;
    /// See who has directory roles.
    DirectoryRolesRead = "Mandate_DirectoryRoles_Read", P::RoleManagementRead;
    /// Give and take directory roles.
    DirectoryRolesAssign = "Mandate_DirectoryRoles_Assign", P::RoleManagementReadWrite;

    /// See texts of mails to people, and which mails were sent.
    NotificationsRead = "Mandate_Notifications_Read", P::ServiceConfigRead;
    /// Change texts of mails to people, try them out, and say what people are told of.
    NotificationsUpdate = "Mandate_Notifications_Update", P::ServiceConfigReadWrite;

    /// See the audit.
    AuditRead = "Microsoft.Intune_Audit_Read", P::DeviceAppsRead;
    /// See registered clients.
    AppsRead = "Mandate_Applications_Read", P::ApplicationRead;
    /// Register clients, and change what they may do.
    AppsUpdate = "Mandate_Applications_Update", P::ApplicationReadWrite;
    /// See how people sign in: providers and rules.
    SignInRead = "Mandate_SignIn_Read", P::DirectoryRead;
    /// Change how people sign in.
    SignInUpdate = "Mandate_SignIn_Update", P::DirectoryReadWrite;
}

impl Action {
    /// Whether it changes nothing.
    pub fn only_reads(self) -> bool {
        let name = self.name();
        name.ends_with("_Read") || name.ends_with("_ViewReports")
    }

    /// Whether it concerns what the whole instance has once, so that only a role without a scope can allow it.
    pub const fn is_for_the_instance(self) -> bool {
        matches!(
            self,
            Self::TemplatesUpdate
                | Self::AuthoritiesUpdate
                | Self::ConnectorsUpdate
                | Self::OrganizationUpdate
                | Self::MdmAuthorityUpdate
                | Self::LicencesUpdate
                | Self::ConnectionsTest
                | Self::DomainsUpdate
                | Self::EnrolmentLinksRead
                | Self::EnrolmentLinksCreate
                | Self::EnrolmentLinksDelete
                | Self::EnrolmentManagersRead
                | Self::EnrolmentManagersUpdate
                | Self::CorporateIdentifiersCreate
                | Self::CorporateIdentifiersUpdate
                | Self::CorporateIdentifiersDelete
                | Self::TermsCreate
                | Self::TermsUpdate
                | Self::TermsDelete
                | Self::TermsAssign
                | Self::DirectoryRolesAssign
                | Self::AppsRead
                | Self::AppsUpdate
                | Self::SignInRead
                | Self::SignInUpdate
        )
    }

    /// Whether it configures what devices get or how they are enrolled, which is locked while the management authority is
    /// being reset. Everything that changes anything does, but for what must never wait: to look after a device that is
    /// lost or leaves, to say who may administer and sign in, and to end a reset.
    pub fn configures(self) -> bool {
        let never_waits = matches!(
            self,
            Self::DevicesDelete
                | Self::DevicesSync
                | Self::DevicesLock
                | Self::DevicesRetire
                | Self::DevicesWipe
                | Self::CertificatesRevoke
                | Self::UsersUpdate
                | Self::CredentialsReset
                | Self::RolesCreate
                | Self::RolesUpdate
                | Self::RolesDelete
                | Self::RolesAssign
                | Self::DirectoryRolesAssign
                | Self::AppsUpdate
                | Self::SignInUpdate
                | Self::MdmAuthorityUpdate
        );
        !self.only_reads() && !never_waits
    }

    /// What it is about, as in its name: `DeviceConfigurations`, `RemoteTasks`.
    pub fn resource(self) -> &'static str {
        let name = self.name();
        name.split('_').nth(1).unwrap_or(name)
    }

    /// What is done with it, as in its name: `Read`, `Assign`, `Wipe`.
    pub fn verb(self) -> &'static str {
        let name = self.name();
        name.split('_').nth(2).unwrap_or(name)
    }

    /// Reads the name of a resource action, in any letter case.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|action| action.name().eq_ignore_ascii_case(name.trim()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back() {
        for action in Action::ALL {
            assert_eq!(Action::parse(action.name()), Some(action));
        }
        assert_eq!(Action::parse("Microsoft.Intune_Moon_Land"), None);
    }
}
