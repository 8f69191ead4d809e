//! The table of types.
//!
//! Properties are written `name:type`, with `[]` for a collection, `!` for never null, `~` for beta only and `^` for
//! returned only when selected. Navigation properties likewise, with `*` for contained.

use super::{Enumeration, Navigation, Property, Type, TypeKind};

/// One type as the table has it.
pub(super) struct Row {
    name: &'static str,
    base: &'static str,
    properties: &'static str,
    navigations: &'static str,
    actions: &'static str,
}

impl Row {
    /// `entity`, abstract or not, and complex types: a base that begins with `=` marks an abstract type, no base at
    /// all a complex one, and a base that begins with `+` a complex type that derives from another.
    pub(super) fn read(&self) -> Type {
        let base = self.base.trim_start_matches(['=', '+']);
        Type {
            name: self.name.to_owned(),
            kind: if base.is_empty() || self.base.starts_with('+') {
                TypeKind::Complex
            } else {
                TypeKind::Entity
            },
            base: Some(base.to_owned()).filter(|base| !base.is_empty() && base != "-"),
            is_abstract: self.base.starts_with('='),
            properties: self.properties.split_whitespace().map(property).collect(),
            navigations: self
                .navigations
                .split_whitespace()
                .map(navigation)
                .collect(),
            actions: self.actions.split_whitespace().map(str::to_owned).collect(),
        }
    }
}

pub(super) fn property(text: &str) -> Property {
    let (name, rest) = text.split_once(':').unwrap_or((text, "String"));
    Property {
        name: name.to_owned(),
        type_name: rest.trim_end_matches(['[', ']', '!', '~', '^']).to_owned(),
        collection: rest.contains("[]"),
        nullable: !rest.contains('!'),
        beta: rest.contains('~'),
        on_select: rest.contains('^'),
    }
}

fn navigation(text: &str) -> Navigation {
    let (name, rest) = text.split_once(':').unwrap_or((text, "entity"));
    Navigation {
        name: name.to_owned(),
        target: rest.trim_end_matches(['[', ']', '*', '~']).to_owned(),
        collection: rest.contains("[]"),
        contained: rest.contains('*'),
        beta: rest.contains('~'),
    }
}

const fn row(name: &'static str, base: &'static str, properties: &'static str) -> Row {
    Row {
        name,
        base,
        properties,
        navigations: "",
        actions: "",
    }
}

impl Row {
    const fn navigations(mut self, navigations: &'static str) -> Self {
        self.navigations = navigations;
        self
    }

    const fn actions(mut self, actions: &'static str) -> Self {
        self.actions = actions;
        self
    }
}

/// Enums of the table.
pub(super) fn enumerations() -> Vec<Enumeration> {
    let read = |(name, members): &(&str, &str)| Enumeration {
        name: (*name).to_owned(),
        members: members.split_whitespace().map(str::to_owned).collect(),
        flags: FLAGS.contains(name),
    };
    ENUMERATIONS.iter().map(read).collect()
}

/// All types but the profile kinds.
pub(super) const TYPES: &[Row] = &[
    row("entity", "=-", "id:String!"),
    row("directoryObject", "entity", "deletedDateTime:DateTimeOffset"),
    row(
        "organization",
        "directoryObject",
        "assignedPlans:assignedPlan[]! businessPhones:String[]! city:String country:String countryLetterCode:String \
         createdDateTime:DateTimeOffset defaultUsageLocation:String displayName:String \
         marketingNotificationEmails:String[]! mobileDeviceManagementAuthority:mdmAuthority! \
         onPremisesLastSyncDateTime:DateTimeOffset onPremisesSyncEnabled:Boolean postalCode:String \
         preferredLanguage:String provisionedPlans:provisionedPlan[]! \
         securityComplianceNotificationMails:String[]! securityComplianceNotificationPhones:String[]! state:String \
         street:String technicalNotificationMails:String[]! tenantType:String verifiedDomains:verifiedDomain[]!",
    ),
    row(
        "domain",
        "entity",
        "authenticationType:String! availabilityStatus:String isAdminManaged:Boolean! isDefault:Boolean! \
         isInitial:Boolean! isRoot:Boolean! isVerified:Boolean! passwordNotificationWindowInDays:Int32 \
         passwordValidityPeriodInDays:Int32 supportedServices:String[]!",
    )
    .navigations(
        "serviceConfigurationRecords:domainDnsRecord[]* verificationDnsRecords:domainDnsRecord[]*",
    )
    .actions("verify forceDelete"),
    row(
        "domainDnsRecord",
        "entity",
        "isOptional:Boolean! label:String! recordType:String supportedService:String! ttl:Int32!",
    ),
    row("domainDnsTxtRecord", "domainDnsRecord", "text:String!"),
    row("domainDnsCnameRecord", "domainDnsRecord", "canonicalName:String"),
    row(
        "subscribedSku",
        "entity",
        "accountId:String accountName:String appliesTo:String capabilityStatus:String consumedUnits:Int32 \
         prepaidUnits:licenseUnitsDetail servicePlans:servicePlanInfo[]! skuId:Guid skuPartNumber:String \
         subscriptionIds:String[]",
    ),
    row(
        "user",
        "directoryObject",
        "accountEnabled:Boolean ageGroup:String assignedLicenses:assignedLicense[]!^ assignedPlans:assignedPlan[]! \
         businessPhones:String[]! city:String companyName:String consentProvidedForMinor:String country:String \
         createdDateTime:DateTimeOffset creationType:String department:String deviceEnrollmentLimit:Int32!^ \
         displayName:String employeeHireDate:DateTimeOffset employeeId:String employeeType:String externalUserState:String \
         externalUserStateChangeDateTime:DateTimeOffset faxNumber:String givenName:String imAddresses:String[] \
         isManagementRestricted:Boolean isResourceAccount:Boolean jobTitle:String \
         lastPasswordChangeDateTime:DateTimeOffset legalAgeGroupClassification:String \
         licenseAssignmentStates:licenseAssignmentState[]!^ mail:String \
         mailNickname:String mobilePhone:String officeLocation:String onPremisesDistinguishedName:String \
         onPremisesDomainName:String onPremisesImmutableId:String onPremisesLastSyncDateTime:DateTimeOffset \
         onPremisesNetBiosName:String onPremisesSamAccountName:String onPremisesSecurityIdentifier:String \
         onPremisesSyncEnabled:Boolean onPremisesUserPrincipalName:String otherMails:String[]! \
         passwordPolicies:String passwordProfile:passwordProfile postalCode:String preferredDataLocation:String \
         preferredLanguage:String proxyAddresses:String[]! securityIdentifier:String showInAddressList:Boolean \
         signInSessionsValidFromDateTime:DateTimeOffset state:String streetAddress:String surname:String \
         usageLocation:String userPrincipalName:String userType:String",
    )
    .navigations(
        "memberOf:directoryObject[] transitiveMemberOf:directoryObject[] managedDevices:managedDevice[]* \
         ownedDevices:directoryObject[] registeredDevices:directoryObject[] manager:directoryObject \
         licenseDetails:licenseDetails[]* photo:profilePhoto* photos:profilePhoto[]*",
    )
    .actions("checkMemberGroups getMemberGroups getMemberObjects"),
    row("licenseDetails", "entity", "servicePlans:servicePlanInfo[]! skuId:Guid skuPartNumber:String"),
    row("profilePhoto", "entity", "height:Int32 width:Int32"),
    row(
        "group",
        "directoryObject",
        "assignedLicenses:assignedLicense[]!^ classification:String createdDateTime:DateTimeOffset description:String displayName:String \
         expirationDateTime:DateTimeOffset groupTypes:String[]! isAssignableToRole:Boolean \
         isManagementRestricted:Boolean mail:String mailEnabled:Boolean mailNickname:String membershipRule:String \
         membershipRuleProcessingState:String onPremisesDomainName:String \
         onPremisesLastSyncDateTime:DateTimeOffset onPremisesNetBiosName:String onPremisesSamAccountName:String \
         onPremisesSecurityIdentifier:String onPremisesSyncEnabled:Boolean preferredDataLocation:String \
         preferredLanguage:String proxyAddresses:String[]! renewedDateTime:DateTimeOffset \
         resourceBehaviorOptions:String[]! resourceProvisioningOptions:String[]! securityEnabled:Boolean \
         securityIdentifier:String theme:String uniqueName:String visibility:String",
    )
    .navigations(
        "members:directoryObject[] transitiveMembers:directoryObject[] memberOf:directoryObject[] \
         transitiveMemberOf:directoryObject[] owners:directoryObject[]",
    )
    .actions("checkMemberGroups getMemberGroups getMemberObjects evaluateDynamicMembership"),
    row(
        "device",
        "directoryObject",
        "accountEnabled:Boolean approximateLastSignInDateTime:DateTimeOffset deviceCategory:String deviceId:String \
         deviceMetadata:String deviceOwnership:String deviceVersion:Int32 displayName:String \
         enrollmentProfileName:String enrollmentType:String isCompliant:Boolean isManaged:Boolean \
         isManagementRestricted:Boolean isRooted:Boolean managementType:String manufacturer:String mdmAppId:String \
         model:String onPremisesLastSyncDateTime:DateTimeOffset onPremisesSyncEnabled:Boolean \
         operatingSystem:String operatingSystemVersion:String physicalIds:String[]! profileType:String \
         registrationDateTime:DateTimeOffset systemLabels:String[]! trustType:String",
    )
    .navigations(
        "memberOf:directoryObject[] transitiveMemberOf:directoryObject[] registeredOwners:directoryObject[] \
         registeredUsers:directoryObject[]",
    )
    .actions("checkMemberGroups getMemberGroups getMemberObjects"),
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
        "roleDefinition",
        "entity",
        "description:String displayName:String isBuiltIn:Boolean! isBuiltInRoleDefinition:Boolean!~ \
         permissions:rolePermission[]~ rolePermissions:rolePermission[] roleScopeTagIds:String[]~",
    )
    .navigations("roleAssignments:roleAssignment[]*"),
    row("deviceAndAppManagementRoleDefinition", "roleDefinition", ""),
    row(
        "roleAssignment",
        "entity",
        "description:String displayName:String resourceScopes:String[] scopeMembers:String[]~ \
         scopeType:roleAssignmentScopeType!~",
    )
    .navigations("roleDefinition:roleDefinition"),
    row(
        "deviceAndAppManagementRoleAssignment",
        "roleAssignment",
        "members:String[] roleScopeTagIds:String[]~",
    )
    .navigations("roleScopeTags:roleScopeTag[]~"),
    row(
        "deviceCategory",
        "entity",
        "description:String displayName:String roleScopeTagIds:String[]~",
    ),
    row(
        "evaluateDynamicMembershipResult",
        "",
        "membershipRule:String~ membershipRuleEvaluationDetails:expressionEvaluationDetails~ \
         membershipRuleEvaluationResult:Boolean!~",
    ),
    row(
        "expressionEvaluationDetails",
        "",
        "expression:String~ expressionEvaluationDetails:expressionEvaluationDetails[]~ \
         expressionResult:Boolean!~ propertyToEvaluate:propertyToEvaluate~",
    ),
    row(
        "propertyToEvaluate",
        "",
        "propertyName:String~ propertyValue:String~",
    ),
    row("roleScopeTag", "entity", "description:String displayName:String isBuiltIn:Boolean!")
        .navigations("assignments:roleScopeTagAutoAssignment[]*")
        .actions("assign"),
    row("roleScopeTagAutoAssignment", "entity", "target:deviceAndAppManagementAssignmentTarget"),
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
        "resourceOperation",
        "entity",
        "actionName:String description:String enabledForScopeValidation:Boolean!~ resource:String~ \
         resourceName:String",
    ),
    row("directoryRole", "directoryObject", "description:String displayName:String roleTemplateId:String")
        .navigations("members:directoryObject[]"),
    row("directoryRoleTemplate", "directoryObject", "description:String displayName:String"),
    row("roleManagement", "entity", "").navigations("directory:rbacApplication*"),
    row("rbacApplication", "entity", "")
        .navigations("roleDefinitions:unifiedRoleDefinition[]* roleAssignments:unifiedRoleAssignment[]*"),
    row(
        "unifiedRoleDefinition",
        "entity",
        "description:String displayName:String isBuiltIn:Boolean isEnabled:Boolean isPrivileged:Boolean~ \
         resourceScopes:String[]! rolePermissions:unifiedRolePermission[]! templateId:String version:String",
    ),
    row(
        "unifiedRoleAssignment",
        "entity",
        "appScopeId:String condition:String directoryScopeId:String principalId:String roleDefinitionId:String",
    )
    .navigations("principal:directoryObject roleDefinition:unifiedRoleDefinition"),
    row(
        "deviceConfiguration",
        "=entity",
        "roleScopeTagIds:String[]~ supportsScopeTags:Boolean!~ \
         deviceManagementApplicabilityRuleOsEdition:deviceManagementApplicabilityRuleOsEdition~ \
         deviceManagementApplicabilityRuleOsVersion:deviceManagementApplicabilityRuleOsVersion~ \
         deviceManagementApplicabilityRuleDeviceMode:deviceManagementApplicabilityRuleDeviceMode~ \
         createdDateTime:DateTimeOffset! description:String displayName:String! \
         lastModifiedDateTime:DateTimeOffset! version:Int32!",
    )
    .navigations(
        "assignments:deviceConfigurationAssignment[]* groupAssignments:deviceConfigurationGroupAssignment[]*~ \
         deviceStatuses:deviceConfigurationDeviceStatus[]* userStatuses:deviceConfigurationUserStatus[]* \
         deviceStatusOverview:deviceConfigurationDeviceOverview* \
         userStatusOverview:deviceConfigurationUserOverview* \
         deviceSettingStateSummaries:settingStateDeviceSummary[]*",
    )
    .actions("assign"),
    row(
        "deviceConfigurationAssignment",
        "entity",
        "intent:deviceConfigAssignmentIntent~ source:deviceAndAppManagementAssignmentSource!~ sourceId:String~ \
         target:deviceAndAppManagementAssignmentTarget",
    ),
    row("deviceConfigurationGroupAssignment", "entity", "excludeGroup:Boolean! targetGroupId:String")
        .navigations("deviceConfiguration:deviceConfiguration"),
    row(
        "deviceConfigurationDeviceStatus",
        "entity",
        "complianceGracePeriodExpirationDateTime:DateTimeOffset! deviceDisplayName:String deviceModel:String \
         lastReportedDateTime:DateTimeOffset! platform:Int32!~ status:complianceStatus! userName:String \
         userPrincipalName:String",
    ),
    row(
        "deviceConfigurationUserStatus",
        "entity",
        "devicesCount:Int32! lastReportedDateTime:DateTimeOffset! status:complianceStatus! userDisplayName:String \
         userPrincipalName:String",
    ),
    row(
        "deviceConfigurationDeviceOverview",
        "entity",
        "configurationVersion:Int32! conflictCount:Int32!~ errorCount:Int32! failedCount:Int32! \
         lastUpdateDateTime:DateTimeOffset! notApplicableCount:Int32! notApplicablePlatformCount:Int32!~ \
         pendingCount:Int32! successCount:Int32!",
    ),
    row(
        "deviceConfigurationUserOverview",
        "entity",
        "configurationVersion:Int32! conflictCount:Int32!~ errorCount:Int32! failedCount:Int32! \
         lastUpdateDateTime:DateTimeOffset! notApplicableCount:Int32! pendingCount:Int32! successCount:Int32!",
    ),
    row(
        "settingStateDeviceSummary",
        "entity",
        "compliantDeviceCount:Int32! conflictDeviceCount:Int32! errorDeviceCount:Int32! instancePath:String \
         nonCompliantDeviceCount:Int32! notApplicableDeviceCount:Int32! remediatedDeviceCount:Int32! \
         settingName:String unknownDeviceCount:Int32!",
    ),
    row(
        "deviceConfigurationDeviceStateSummary",
        "entity",
        "compliantDeviceCount:Int32! conflictDeviceCount:Int32! errorDeviceCount:Int32! \
         nonCompliantDeviceCount:Int32! notApplicableDeviceCount:Int32! remediatedDeviceCount:Int32! \
         unknownDeviceCount:Int32!",
    ),
    row(
        "deviceConfigurationState",
        "entity",
        "displayName:String platformType:policyPlatformType! settingCount:Int32! \
         settingStates:deviceConfigurationSettingState[] state:complianceStatus! userId:String~ \
         userPrincipalName:String~ version:Int32!",
    ),
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
    row("deviceCompliancePolicyState", "entity", "displayName:String state:complianceStatus! version:Int32!"),
    row(
        "managedDeviceOverview",
        "entity",
        "deviceExchangeAccessStateSummary:deviceExchangeAccessStateSummary \
         deviceOperatingSystemSummary:deviceOperatingSystemSummary dualEnrolledDeviceCount:Int32! \
         enrolledDeviceCount:Int32! lastModifiedDateTime:DateTimeOffset!~ mdmEnrolledCount:Int32!",
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
    row("roleScopeTagInfo", "", "displayName:String roleScopeTagId:String"),
    row("rolePermission", "", "actions:String[]~ resourceActions:resourceAction[]"),
    row("resourceAction", "", "allowedResourceActions:String[] notAllowedResourceActions:String[]"),
    row("unifiedRolePermission", "", "allowedResourceActions:String[]! condition:String excludedResourceActions:String[]!"),
    row("deviceAndAppManagementAssignedRoleDetails", "", "roleAssignmentIds:String[] roleDefinitionIds:String[]"),
    row("deviceAndAppManagementAssignmentTarget", "", "deviceAndAppManagementAssignmentFilterId:String~ deviceAndAppManagementAssignmentFilterType:deviceAndAppManagementAssignmentFilterType!~"),
    row("allLicensedUsersAssignmentTarget", "+deviceAndAppManagementAssignmentTarget", ""),
    row("allDevicesAssignmentTarget", "+deviceAndAppManagementAssignmentTarget", ""),
    row("groupAssignmentTarget", "+deviceAndAppManagementAssignmentTarget", "groupId:String"),
    row("exclusionGroupAssignmentTarget", "+groupAssignmentTarget", ""),
    row("deviceConfigurationTargetedUserAndDevice", "", "deviceId:String deviceName:String lastCheckinDateTime:DateTimeOffset! userDisplayName:String userId:String userPrincipalName:String"),
    row(
        "deviceConfigurationSettingState",
        "",
        "currentValue:String errorCode:Int64! errorDescription:String instanceDisplayName:String setting:String \
         settingName:String sources:settingSource[] state:complianceStatus! userEmail:String userId:String \
         userName:String userPrincipalName:String",
    ),
    row(
        "deviceEnrollmentPlatformRestriction",
        "",
        "blockedManufacturers:String[]~ blockedSkus:String[]~ osMaximumVersion:String osMinimumVersion:String \
         personalDeviceEnrollmentBlocked:Boolean! platformBlocked:Boolean!",
    ),
    row("settingSource", "", "displayName:String id:String sourceType:settingSourceType!"),
    row("deviceActionResult", "", "actionName:String actionState:actionState! lastUpdatedDateTime:DateTimeOffset! startDateTime:DateTimeOffset!"),
    row("loggedOnUser", "", "lastLogOnDateTime:DateTimeOffset! userId:String"),
    row("hardwareInformation", "", "imei:String isEncrypted:Boolean! isSupervised:Boolean! manufacturer:String meid:String model:String osBuildNumber:String productName:String serialNumber:String wifiMac:String"),
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
    row("deviceOperatingSystemSummary", "", "androidCount:Int32! configMgrDeviceCount:Int32! iosCount:Int32! macOSCount:Int32! unknownCount:Int32! windowsCount:Int32! windowsMobileCount:Int32!"),
    row("deviceExchangeAccessStateSummary", "", "allowedDeviceCount:Int32! blockedDeviceCount:Int32! quarantinedDeviceCount:Int32! unavailableDeviceCount:Int32! unknownDeviceCount:Int32!"),
    row("deviceManagementApplicabilityRuleOsEdition", "", "name:String"),
    row("deviceManagementApplicabilityRuleOsVersion", "", "maxOSVersion:String minOSVersion:String name:String"),
    row("deviceManagementApplicabilityRuleDeviceMode", "", "name:String"),
    row("servicePlanInfo", "", "appliesTo:String provisioningStatus:String servicePlanId:Guid servicePlanName:String"),
    row("licenseUnitsDetail", "", "enabled:Int32 lockedOut:Int32 suspended:Int32 warning:Int32"),
    row("assignedPlan", "", "assignedDateTime:DateTimeOffset capabilityStatus:String service:String servicePlanId:Guid"),
    row("provisionedPlan", "", "capabilityStatus:String provisioningStatus:String service:String"),
    row("assignedLicense", "", "disabledPlans:Guid[]! skuId:Guid"),
    row(
        "licenseAssignmentState",
        "",
        "assignedByGroup:String disabledPlans:Guid[]! error:String lastUpdatedDateTime:DateTimeOffset skuId:Guid \
         state:String",
    ),
    row("verifiedDomain", "", "capabilities:String isDefault:Boolean isInitial:Boolean name:String type:String"),
    row("passwordProfile", "", "forceChangePasswordNextSignIn:Boolean forceChangePasswordNextSignInWithMfa:Boolean password:String"),
];

/// What Graph's `v1.0` shows of a user unless asked for more.
pub(super) const USER_DEFAULTS: &[&str] = &[
    "id",
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
];

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
