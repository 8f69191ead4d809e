//! Enumerations.

use crate::schema::Enumeration;

/// Enums of the table.
pub(in crate::schema) fn enumerations() -> Vec<Enumeration> {
    let read = |(name, members): &(&str, &str)| Enumeration {
        name: (*name).to_owned(),
        members: members.split_whitespace().map(str::to_owned).collect(),
        flags: FLAGS.contains(name),
    };
    ENUMERATIONS.iter().map(read).collect()
}

/// Those of which several hold at once.
const FLAGS: [&str; 1] = ["notificationTemplateBrandingOptions"];

const ENUMERATIONS: &[(&str, &str)] = &[
    (
        "actionState",
        "none pending canceled active done failed notSupported",
    ),
    (
        "certificateIssuanceStates",
        "unknown issued revoked installed deleted requested",
    ),
    (
        "certificateRevocationStatus",
        "none pending issued failed revoked",
    ),
    ("companyPortalAction", "unknown remove reset"),
    ("depTokenType", "none dep appleSchoolManager"),
    (
        "discoverySource",
        "unknown adminImport deviceEnrollmentProgram",
    ),
    (
        "enrollmentState",
        "unknown enrolled pendingReset failed notContacted blocked",
    ),
    ("iTunesPairingMode", "disallow allow requiresCertificate"),
    (
        "platform",
        "unknown ios android windows windowsMobile macOS visionOS tvOS unknownFutureValue",
    ),
    (
        "complianceState",
        "unknown compliant noncompliant conflict error inGracePeriod configManager",
    ),
    (
        "complianceStatus",
        "unknown notApplicable compliant remediated nonCompliant error conflict notAssigned",
    ),
    (
        "deviceAndAppManagementAssignmentFilterType",
        "none include exclude",
    ),
    (
        "deviceAndAppManagementAssignmentSource",
        "direct policySets",
    ),
    ("deviceConfigAssignmentIntent", "apply remove"),
    (
        "deviceEnrollmentConfigurationType",
        "unknown limit platformRestrictions windowsHelloForBusiness defaultLimit defaultPlatformRestrictions \
         defaultWindowsHelloForBusiness defaultWindows10EnrollmentCompletionPageConfiguration \
         windows10EnrollmentCompletionPageConfiguration deviceComanagementAuthorityConfiguration \
         singlePlatformRestriction unknownFutureValue enrollmentNotificationsConfiguration windowsRestore",
    ),
    (
        "deviceEnrollmentType",
        "unknown userEnrollment appleBulkWithUser appleBulkWithoutUser appleUserEnrollment",
    ),
    (
        "deviceManagementExchangeAccessState",
        "none unknown allowed blocked quarantined",
    ),
    (
        "deviceManagementExchangeAccessStateReason",
        "none unknown other",
    ),
    (
        "deviceManagementSubscriptionState",
        "pending active warning disabled deleted blocked lockedOut",
    ),
    (
        "devicePlatformType",
        "android androidForWork iOS macOS windowsPhone81 windows81AndLater windows10AndLater",
    ),
    (
        "deviceRegistrationState",
        "notRegistered registered revoked keyConflict approvalPending certificateReset unknown",
    ),
    (
        "deviceType",
        "desktop iPhone iPad iPod android macMDM unknown",
    ),
    (
        "enrollmentRestrictionPlatformType",
        "allPlatforms ios windows windowsPhone android androidForWork mac linux unknownFutureValue",
    ),
    (
        "importedDeviceIdentityType",
        "unknown imei serialNumber manufacturerModelSerial",
    ),
    (
        "enrollmentAvailabilityOptions",
        "availableWithPrompts availableWithoutPrompts unavailable",
    ),
    (
        "joinType",
        "unknown azureADJoined azureADRegistered hybridAzureADJoined",
    ),
    ("lostModeState", "disabled enabled"),
    ("managedDeviceOwnerType", "unknown company personal"),
    (
        "managedDevicePartnerReportedHealthState",
        "unknown activated deactivated secured compromised",
    ),
    ("managementAgentType", "eas mdm easMdm intuneClient unknown"),
    (
        "managementState",
        "managed retirePending retireFailed wipePending wipeFailed unhealthy deletePending retireIssued wipeIssued",
    ),
    ("mdmAuthority", "unknown intune sccm office365"),
    (
        "ndesConnectorHealthStatus",
        "unknown noActionRequired attentionRequired actionRequired disconnected",
    ),
    ("ndesConnectorState", "none active inactive"),
    (
        "notificationTemplateBrandingOptions",
        "none includeCompanyLogo includeCompanyName includeContactInformation includeCompanyPortalLink \
         includeDeviceDetails unknownFutureValue",
    ),
    ("ownerType", "unknown company personal"),
    (
        "policyPlatformType",
        "android androidForWork iOS macOS windowsPhone81 windows81AndLater windows10AndLater all",
    ),
    (
        "roleAssignmentScopeType",
        "resourceScope allDevices allLicensedUsers allDevicesAndLicensedUsers unknownFutureValue",
    ),
    ("settingSourceType", "deviceConfiguration deviceIntent"),
    (
        "userPfxIntendedPurpose",
        "unassigned smimeEncryption smimeSigning vpn wifi",
    ),
    (
        "userPfxPaddingScheme",
        "none pkcs1 oaepSha1 oaepSha256 oaepSha384 oaepSha512",
    ),
];
