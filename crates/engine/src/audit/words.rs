//! The words of Intune for what was changed.

/// How Intune's audit calls a kind of thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Words {
    /// Category, which is the component as well.
    pub(super) category: &'static str,
    /// Type of the resource.
    pub(super) resource: &'static str,
}

/// All categories, Intune's first and then those that exist only here.
pub(super) const CATEGORIES: [&str; 9] = [
    "Application",
    "Device",
    "DeviceConfiguration",
    "Enrollment",
    "Other",
    "Role",
    "Certificate",
    "Directory",
    "SignIn",
];

/// The words for a kind as entries name it. What is not known here is `Other` under its own name.
pub(super) fn words(kind: &str) -> Option<Words> {
    let (category, resource) = match kind {
        "profile" => ("DeviceConfiguration", "DeviceConfiguration"),
        "device" => ("Device", "ManagedDevice"),
        "enrolmentLimit" => ("Enrollment", "DeviceEnrollmentLimitConfiguration"),
        "enrolmentRestriction" => (
            "Enrollment",
            "DeviceEnrollmentPlatformRestrictionConfiguration",
        ),
        "importedDeviceIdentity" => ("Enrollment", "ImportedDeviceIdentity"),
        "migration" => ("Enrollment", "Migration"),
        "termsAndConditions" => ("Enrollment", "TermsAndConditions"),
        "enrolmentManager" => ("Enrollment", "DeviceEnrollmentManager"),
        "enrolmentPlatforms" => ("Enrollment", "EnrollmentPlatforms"),
        "enrolmentLink" => ("Enrollment", "EnrollmentLink"),
        "managementAuthority" => ("Enrollment", "MobileDeviceManagementAuthority"),
        "authorityReset" => ("Enrollment", "MobileDeviceManagementAuthorityReset"),
        "licence" => ("Directory", "License"),
        "depOnboardingSetting" => ("Enrollment", "DepOnboardingSetting"),
        "enrollmentProfile" => ("Enrollment", "EnrollmentProfile"),
        "pushCertificate" => ("Enrollment", "ApplePushNotificationCertificate"),
        "app" => ("Application", "Application"),
        "roleDefinition" => ("Role", "RoleDefinition"),
        "roleAssignment" => ("Role", "RoleAssignment"),
        "roleScopeTag" | "scopeTag" => ("Role", "RoleScopeTag"),
        "directoryRole" => ("Role", "DirectoryRole"),
        "user" => ("Directory", "User"),
        "domain" => ("Directory", "Domain"),
        "group" => ("Directory", "Group"),
        "identityProvider" => ("SignIn", "IdentityProvider"),
        "scimToken" => ("Application", "ScimToken"),
        "signIn" => ("SignIn", "SignIn"),
        "certificate" => ("Certificate", "Certificate"),
        "certificateAuthority" => ("Certificate", "CertificateAuthority"),
        "certificateIssuer" => ("Certificate", "CertificateIssuer"),
        "certificateTemplate" => ("Certificate", "CertificateTemplate"),
        "challenge" => ("Certificate", "Challenge"),
        "connectorKey" => ("Certificate", "ConnectorKey"),
        "externalRevocation" => ("Certificate", "ExternalRevocation"),
        "rootKey" => ("Certificate", "RootKey"),
        "userPFXCertificate" => ("Certificate", "UserPFXCertificate"),
        "notificationMessageTemplate" => ("Other", "NotificationMessageTemplate"),
        "notificationSettings" => ("Other", "NotificationSettings"),
        "notice" => ("Other", "Notice"),
        "deviceManagement" => ("Other", "DeviceManagement"),
        "intuneBrand" => ("Other", "IntuneBrandingProfile"),
        "organization" => ("Other", "Organization"),
        _ => return None,
    };
    Some(Words { category, resource })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_of_a_category_that_is_listed() {
        for kind in [
            "profile",
            "device",
            "user",
            "signIn",
            "challenge",
            "app",
            "enrolmentLimit",
            "enrolmentManager",
            "managementAuthority",
            "authorityReset",
            "licence",
            "roleScopeTag",
        ] {
            let words = words(kind).unwrap();
            assert!(CATEGORIES.contains(&words.category), "{kind}");
        }
        assert_eq!(words("moon"), None);
    }
}
