//! Enrolment: categories, configurations, identifiers, terms, and Apple's automated enrolment.

use super::{Row, row};

pub(super) const TYPES: &[Row] = &[
    row(
        "deviceCategory",
        "entity",
        "description:String displayName:String roleScopeTagIds:String[]~",
    ),
    row(
        "deviceEnrollmentConfiguration",
        "=entity",
        "createdDateTime:DateTimeOffset! description:String \
         deviceEnrollmentConfigurationType:deviceEnrollmentConfigurationType!~ displayName:String \
         lastModifiedDateTime:DateTimeOffset! priority:Int32! roleScopeTagIds:String[]~ version:Int32!",
    )
    .navigations("assignments:enrollmentConfigurationAssignment[]*")
    .actions("assign setPriority"),
    row(
        "deviceEnrollmentLimitConfiguration",
        "deviceEnrollmentConfiguration",
        "limit:Int32!",
    ),
    row(
        "deviceEnrollmentPlatformRestrictionsConfiguration",
        "deviceEnrollmentConfiguration",
        "androidForWorkRestriction:deviceEnrollmentPlatformRestriction~ \
         androidRestriction:deviceEnrollmentPlatformRestriction iosRestriction:deviceEnrollmentPlatformRestriction \
         macOSRestriction:deviceEnrollmentPlatformRestriction macRestriction:deviceEnrollmentPlatformRestriction~ \
         tvosRestriction:deviceEnrollmentPlatformRestriction~ \
         visionOSRestriction:deviceEnrollmentPlatformRestriction~ \
         windowsHomeSkuRestriction:deviceEnrollmentPlatformRestriction~ \
         windowsMobileRestriction:deviceEnrollmentPlatformRestriction \
         windowsRestriction:deviceEnrollmentPlatformRestriction",
    ),
    row(
        "deviceEnrollmentPlatformRestrictionConfiguration",
        "deviceEnrollmentConfiguration",
        "platformRestriction:deviceEnrollmentPlatformRestriction~ platformType:enrollmentRestrictionPlatformType!~",
    ),
    row(
        "importedDeviceIdentity",
        "entity",
        "createdDateTime:DateTimeOffset!~ description:String~ enrollmentState:enrollmentState!~ \
         importedDeviceIdentifier:String~ importedDeviceIdentityType:importedDeviceIdentityType!~ \
         lastContactedDateTime:DateTimeOffset!~ lastModifiedDateTime:DateTimeOffset!~ platform:platform!~",
    ),
    row("importedDeviceIdentityResult", "importedDeviceIdentity", "status:Boolean!~"),
    row(
        "termsAndConditions",
        "entity",
        "acceptanceStatement:String bodyText:String createdDateTime:DateTimeOffset! description:String \
         displayName:String! lastModifiedDateTime:DateTimeOffset! modifiedDateTime:DateTimeOffset!~ \
         roleScopeTagIds:String[]~ title:String version:Int32!",
    )
    .navigations(
        "acceptanceStatuses:termsAndConditionsAcceptanceStatus[]* assignments:termsAndConditionsAssignment[]* \
         groupAssignments:termsAndConditionsGroupAssignment[]*~",
    ),
    row(
        "termsAndConditionsAcceptanceStatus",
        "entity",
        "acceptedDateTime:DateTimeOffset! acceptedVersion:Int32! userDisplayName:String userPrincipalName:String",
    ),
    row("termsAndConditionsAssignment", "entity", "target:deviceAndAppManagementAssignmentTarget"),
    row("termsAndConditionsGroupAssignment", "entity", "targetGroupId:String~"),
    row(
        "enrollmentConfigurationAssignment",
        "entity",
        "source:deviceAndAppManagementAssignmentSource!~ sourceId:String~ \
         target:deviceAndAppManagementAssignmentTarget",
    ),
    row(
        "depOnboardingSetting",
        "entity",
        "appleIdentifier:String dataSharingConsentGranted:Boolean! lastModifiedDateTime:DateTimeOffset! \
         lastSuccessfulSyncDateTime:DateTimeOffset! lastSyncErrorCode:Int32! \
         lastSyncTriggeredDateTime:DateTimeOffset! roleScopeTagIds:String[] \
         shareTokenWithSchoolDataSyncService:Boolean! syncedDeviceCount:Int32! \
         tokenExpirationDateTime:DateTimeOffset! tokenName:String tokenType:depTokenType!",
    )
    .navigations("enrollmentProfiles:enrollmentProfile[]* importedAppleDeviceIdentities:importedAppleDeviceIdentity[]*")
    .actions("generateEncryptionPublicKey releaseAppleDevices syncWithAppleDeviceEnrollmentProgram uploadDepToken"),
    row(
        "enrollmentProfile",
        "=entity",
        "configurationEndpointUrl:String description:String displayName:String \
         enableAuthenticationViaCompanyPortal:Boolean! \
         requireCompanyPortalOnSetupAssistantEnrolledDevices:Boolean! requiresUserAuthentication:Boolean!",
    )
    .actions("setDefaultProfile updateDeviceProfileAssignment"),
    row(
        "depEnrollmentBaseProfile",
        "=enrollmentProfile",
        "appleIdDisabled:Boolean! applePayDisabled:Boolean! configurationWebUrl:Boolean! \
         deviceNameTemplate:String diagnosticsDisabled:Boolean! displayToneSetupDisabled:Boolean! \
         enabledSkipKeys:String[] enrollmentTimeAzureAdGroupIds:Guid[]! isDefault:Boolean! \
         isMandatory:Boolean! locationDisabled:Boolean! privacyPaneDisabled:Boolean! \
         profileRemovalDisabled:Boolean! restoreBlocked:Boolean! screenTimeScreenDisabled:Boolean! \
         siriDisabled:Boolean! supervisedModeEnabled:Boolean! supportDepartment:String \
         supportPhoneNumber:String termsAndConditionsDisabled:Boolean! touchIdDisabled:Boolean! \
         waitForDeviceConfiguredConfirmation:Boolean!",
    ),
    row(
        "depIOSEnrollmentProfile",
        "depEnrollmentBaseProfile",
        "appearanceScreenDisabled:Boolean! awaitDeviceConfiguredConfirmation:Boolean! \
         carrierActivationUrl:String companyPortalVppTokenId:String deviceToDeviceMigrationDisabled:Boolean! \
         enableSharedIPad:Boolean! enableSingleAppEnrollmentMode:Boolean! \
         expressLanguageScreenDisabled:Boolean! forceTemporarySession:Boolean! \
         homeButtonScreenDisabled:Boolean! iMessageAndFaceTimeScreenDisabled:Boolean! \
         iTunesPairingMode:iTunesPairingMode! managementCertificates:managementCertificateWithThumbprint[] \
         onBoardingScreenDisabled:Boolean! passCodeDisabled:Boolean! passcodeLockGracePeriodInSeconds:Int32 \
         preferredLanguageScreenDisabled:Boolean! restoreCompletedScreenDisabled:Boolean! \
         restoreFromAndroidDisabled:Boolean! sharedIPadMaximumUserCount:Int32! \
         simSetupScreenDisabled:Boolean! softwareUpdateScreenDisabled:Boolean! \
         temporarySessionTimeoutInSeconds:Int32! updateCompleteScreenDisabled:Boolean! \
         userSessionTimeoutInSeconds:Int32! userlessSharedAadModeEnabled:Boolean! \
         watchMigrationScreenDisabled:Boolean! welcomeScreenDisabled:Boolean! zoomDisabled:Boolean!",
    ),
    row(
        "depMacOSEnrollmentProfile",
        "depEnrollmentBaseProfile",
        "accessibilityScreenDisabled:Boolean! adminAccountFullName:String adminAccountPassword:String \
         adminAccountUserName:String autoAdvanceSetupEnabled:Boolean! autoUnlockWithWatchDisabled:Boolean! \
         chooseYourLockScreenDisabled:Boolean! dontAutoPopulatePrimaryAccountInfo:Boolean! \
         enableRestrictEditing:Boolean! fileVaultDisabled:Boolean! hideAdminAccount:Boolean! \
         iCloudDiagnosticsDisabled:Boolean! iCloudStorageDisabled:Boolean! passCodeDisabled:Boolean! \
         primaryAccountFullName:String primaryAccountUserName:String registrationDisabled:Boolean! \
         requestRequiresNetworkTether:Boolean! setPrimarySetupAccountAsRegularUser:Boolean! \
         skipPrimarySetupAccountCreation:Boolean! usePlatformSSODuringSetupAssistant:Boolean \
         zoomDisabled:Boolean!",
    ),
    row(
        "importedAppleDeviceIdentity",
        "entity",
        "createdDateTime:DateTimeOffset! description:String discoverySource:discoverySource! \
         enrollmentState:enrollmentState! isDeleted:Boolean isSupervised:Boolean! \
         lastContactedDateTime:DateTimeOffset! platform:platform! \
         requestedEnrollmentProfileAssignmentDateTime:DateTimeOffset requestedEnrollmentProfileId:String \
         serialNumber:String",
    ),
    row("importedAppleDeviceIdentityResult", "importedAppleDeviceIdentity", "status:Boolean!~"),
    row(
        "deviceEnrollmentPlatformRestriction",
        "",
        "blockedManufacturers:String[]~ blockedSkus:String[]~ osMaximumVersion:String osMinimumVersion:String \
         personalDeviceEnrollmentBlocked:Boolean! platformBlocked:Boolean!",
    ),
];
