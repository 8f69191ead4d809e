//! Managed devices.

use super::{Row, row};

pub(super) const TYPES: &[Row] = &[
    row(
        "managedDeviceCertificateState",
        "entity",
        "certificateEnhancedKeyUsage:String certificateErrorCode:Int32! \
         certificateExpirationDateTime:DateTimeOffset! certificateIssuanceDateTime:DateTimeOffset! \
         certificateIssuanceState:certificateIssuanceStates! certificateIssuer:String certificateKeyLength:Int32! \
         certificateKeyUsage:keyUsages! certificateLastIssuanceStateChangedDateTime:DateTimeOffset! \
         certificateProfileDisplayName:String certificateRevokeStatus:certificateRevocationStatus! \
         certificateSerialNumber:String certificateSubjectNameFormatString:String certificateThumbprint:String \
         deviceDisplayName:String devicePlatform:devicePlatformType! \
         lastCertificateStateChangeDateTime:DateTimeOffset! userDisplayName:String",
    ),
    row(
        "managedDevice",
        "entity",
        "aadRegistered:Boolean~ activationLockBypassCode:String^ androidSecurityPatchLevel:String \
         autopilotEnrolled:Boolean!~ azureADDeviceId:String azureADRegistered:Boolean \
         azureActiveDirectoryDeviceId:String~ complianceGracePeriodExpirationDateTime:DateTimeOffset! \
         complianceState:complianceState! deviceActionResults:deviceActionResult[] \
         deviceCategoryDisplayName:String deviceEnrollmentType:deviceEnrollmentType! deviceName:String \
         deviceRegistrationState:deviceRegistrationState! deviceType:deviceType!~ easActivated:Boolean! \
         easActivationDateTime:DateTimeOffset! easDeviceId:String emailAddress:String \
         enrolledByUserPrincipalName:String~ enrolledDateTime:DateTimeOffset! enrollmentProfileName:String \
         ethernetMacAddress:String^ exchangeAccessState:deviceManagementExchangeAccessState! \
         exchangeAccessStateReason:deviceManagementExchangeAccessStateReason! \
         exchangeLastSuccessfulSyncDateTime:DateTimeOffset! freeStorageSpaceInBytes:Int64! \
         hardwareInformation:hardwareInformation~^ iccid:String^ imei:String isEncrypted:Boolean! \
         isSupervised:Boolean! jailBroken:String joinType:joinType!~ lastSyncDateTime:DateTimeOffset! \
         lostModeState:lostModeState!~ managedDeviceName:String managedDeviceOwnerType:managedDeviceOwnerType! \
         managementAgent:managementAgentType! managementCertificateExpirationDate:DateTimeOffset! \
         managementState:managementState! manufacturer:String meid:String model:String notes:String^ \
         operatingSystem:String osVersion:String ownerType:ownerType!~ \
         partnerReportedThreatState:managedDevicePartnerReportedHealthState! phoneNumber:String \
         physicalMemoryInBytes:Int64!^ requireUserEnrollmentApproval:Boolean roleScopeTagIds:String[]~ \
         serialNumber:String subscriberCarrier:String totalStorageSpaceInBytes:Int64! udid:String^ \
         userDisplayName:String userId:String userPrincipalName:String usersLoggedOn:loggedOnUser[]~ \
         wiFiMacAddress:String",
    )
    .navigations(
        "deviceConfigurationStates:deviceConfigurationState[]* \
         deviceCompliancePolicyStates:deviceCompliancePolicyState[]* users:user[] \
         deviceCategory:deviceCategory",
    )
    .actions("syncDevice retire wipe remoteLock"),
    row(
        "managedDeviceOverview",
        "entity",
        "deviceExchangeAccessStateSummary:deviceExchangeAccessStateSummary \
         deviceOperatingSystemSummary:deviceOperatingSystemSummary dualEnrolledDeviceCount:Int32! \
         enrolledDeviceCount:Int32! lastModifiedDateTime:DateTimeOffset!~ mdmEnrolledCount:Int32!",
    ),
    row("deviceActionResult", "", "actionName:String actionState:actionState! lastUpdatedDateTime:DateTimeOffset! startDateTime:DateTimeOffset!"),
    row("loggedOnUser", "", "lastLogOnDateTime:DateTimeOffset! userId:String"),
    row("hardwareInformation", "", "imei:String isEncrypted:Boolean! isSupervised:Boolean! manufacturer:String meid:String model:String osBuildNumber:String productName:String serialNumber:String wifiMac:String"),
    row("deviceOperatingSystemSummary", "", "androidCount:Int32! configMgrDeviceCount:Int32! iosCount:Int32! macOSCount:Int32! unknownCount:Int32! windowsCount:Int32! windowsMobileCount:Int32!"),
    row("deviceExchangeAccessStateSummary", "", "allowedDeviceCount:Int32! blockedDeviceCount:Int32! quarantinedDeviceCount:Int32! unavailableDeviceCount:Int32! unknownDeviceCount:Int32!"),
];
