//! The directory: people, groups, devices, domains and licences.

use super::{Row, row};

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
