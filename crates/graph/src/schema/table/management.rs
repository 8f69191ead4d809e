//! Management itself: its connections, messages, branding and audit.

use super::{Row, row};

pub(super) const TYPES: &[Row] = &[
    row(
        "deviceManagement",
        "entity",
        "intuneAccountId:Guid! intuneBrand:intuneBrand maximumDepTokens:Int32!~ settings:deviceManagementSettings \
         subscriptionState:deviceManagementSubscriptionState!",
    )
    .navigations(
        "deviceConfigurations:deviceConfiguration[]* managedDevices:managedDevice[]* \
         managedDeviceOverview:managedDeviceOverview applePushNotificationCertificate:applePushNotificationCertificate* \
         androidManagedStoreAccountEnterpriseSettings:androidManagedStoreAccountEnterpriseSettings*~ \
         deviceConfigurationDeviceStateSummaries:deviceConfigurationDeviceStateSummary* \
         userPfxCertificates:userPFXCertificate[]*~ ndesConnectors:ndesConnector[]*~ \
         certificateConnectorDetails:certificateConnectorDetails[]*~ \
         roleDefinitions:roleDefinition[]* roleAssignments:deviceAndAppManagementRoleAssignment[]* \
         deviceCategories:deviceCategory[]* \
         deviceEnrollmentConfigurations:deviceEnrollmentConfiguration[]* \
         importedDeviceIdentities:importedDeviceIdentity[]*~ termsAndConditions:termsAndConditions[]* \
         roleScopeTags:roleScopeTag[]*~ resourceOperations:resourceOperation[]* \
         notificationMessageTemplates:notificationMessageTemplate[]* \
         auditEvents:auditEvent[]* intuneBrandingProfiles:intuneBrandingProfile[]*~ \
         depOnboardingSettings:depOnboardingSetting[]*~",
    ),
    row(
        "managementCertificateWithThumbprint",
        "",
        "certificate:String thumbprint:String",
    ),
    row(
        "notificationMessageTemplate",
        "entity",
        "brandingOptions:notificationTemplateBrandingOptions! defaultLocale:String description:String~ \
         displayName:String! lastModifiedDateTime:DateTimeOffset! roleScopeTagIds:String[]",
    )
    .navigations("localizedNotificationMessages:localizedNotificationMessage[]*")
    .actions("sendTestMessage"),
    row(
        "localizedNotificationMessage",
        "entity",
        "isDefault:Boolean! lastModifiedDateTime:DateTimeOffset! locale:String! messageTemplate:String! subject:String!",
    ),
    row(
        "applePushNotificationCertificate",
        "entity",
        "appleIdentifier:String certificate:String certificateSerialNumber:String \
         certificateUploadFailureReason:String certificateUploadStatus:String expirationDateTime:DateTimeOffset! \
         lastModifiedDateTime:DateTimeOffset! topicIdentifier:String",
    ),
    row(
        "androidManagedStoreAccountEnterpriseSettings",
        "entity",
        "bindStatus:String! deviceOwnerManagementEnabled:Boolean! lastAppSyncDateTime:DateTimeOffset \
         lastModifiedDateTime:DateTimeOffset ownerOrganizationName:String ownerUserPrincipalName:String \
         targetGroupIds:String[]",
    ),
    row(
        "userPFXCertificate",
        "entity",
        "createdDateTime:DateTimeOffset! encryptedPfxBlob:Binary encryptedPfxPassword:String \
         expirationDateTime:DateTimeOffset! intendedPurpose:userPfxIntendedPurpose! keyName:String \
         lastModifiedDateTime:DateTimeOffset! paddingScheme:userPfxPaddingScheme! providerName:String \
         startDateTime:DateTimeOffset! thumbprint:String userPrincipalName:String",
    ),
    row(
        "ndesConnector",
        "entity",
        "connectorVersion:String displayName:String enrolledDateTime:DateTimeOffset! \
         healthStatus:ndesConnectorHealthStatus lastConnectionDateTime:DateTimeOffset! machineName:String \
         roleScopeTagIds:String[]~ state:ndesConnectorState!",
    ),
    row(
        "certificateConnectorDetails",
        "entity",
        "connectorName:String connectorVersion:String enrollmentDateTime:DateTimeOffset! \
         lastCheckinDateTime:DateTimeOffset! machineName:String",
    ),
    row(
        "auditEvent",
        "entity",
        "activity:String activityDateTime:DateTimeOffset! activityOperationType:String activityResult:String \
         activityType:String actor:auditActor category:String componentName:String correlationId:Guid! \
         displayName:String resources:auditResource[]",
    ),
    row(
        "auditActor",
        "",
        "applicationDisplayName:String applicationId:String auditActorType:String ipAddress:String \
         remoteTenantId:String~ remoteUserId:String~ servicePrincipalName:String type:String~ userId:String \
         userPermissions:String[] userPrincipalName:String userRoleScopeTags:roleScopeTagInfo[]~",
    ),
    row(
        "auditResource",
        "",
        "auditResourceType:String displayName:String modifiedProperties:auditProperty[] resourceId:String type:String~",
    ),
    row("auditProperty", "", "displayName:String newValue:String oldValue:String"),
    row("deviceManagementSettings", "", "deviceComplianceCheckinThresholdDays:Int32! isScheduledActionEnabled:Boolean! secureByDefault:Boolean!"),
    row(
        "intuneBrand",
        "",
        "contactITEmailAddress:String contactITName:String contactITNotes:String contactITPhoneNumber:String \
         darkBackgroundLogo:mimeContent displayName:String lightBackgroundLogo:mimeContent \
         onlineSupportSiteName:String onlineSupportSiteUrl:String privacyUrl:String \
         showDisplayNameNextToLogo:Boolean! showLogo:Boolean! showNameNextToLogo:Boolean! themeColor:rgbColor",
    ),
    row(
        "intuneBrandingProfile",
        "entity",
        "companyPortalBlockedActions:companyPortalBlockedAction[] contactITEmailAddress:String contactITName:String \
         contactITNotes:String contactITPhoneNumber:String createdDateTime:DateTimeOffset! \
         customCanSeePrivacyMessage:String customCantSeePrivacyMessage:String customPrivacyMessage:String \
         disableClientTelemetry:Boolean! disableDeviceCategorySelection:Boolean! displayName:String \
         enrollmentAvailability:enrollmentAvailabilityOptions! isDefaultProfile:Boolean! \
         isFactoryResetDisabled:Boolean! isRemoveDeviceDisabled:Boolean! landingPageCustomizedImage:mimeContent^ \
         lastModifiedDateTime:DateTimeOffset! lightBackgroundLogo:mimeContent^ onlineSupportSiteName:String \
         onlineSupportSiteUrl:String privacyUrl:String profileDescription:String profileName:String \
         roleScopeTagIds:String[] showAzureADEnterpriseApps:Boolean! showConfigurationManagerApps:Boolean! \
         showDisplayNameNextToLogo:Boolean! showLogo:Boolean! showOfficeWebApps:Boolean! themeColor:rgbColor \
         themeColorLogo:mimeContent^",
    )
    .navigations("assignments:intuneBrandingProfileAssignment[]*")
    .actions("assign"),
    row("intuneBrandingProfileAssignment", "entity", "target:deviceAndAppManagementAssignmentTarget"),
    row("companyPortalBlockedAction", "", "action:companyPortalAction! ownerType:ownerType! platform:devicePlatformType!"),
    row("mimeContent", "", "type:String value:Binary"),
    row("rgbColor", "", "b:Byte! g:Byte! r:Byte!"),
];
