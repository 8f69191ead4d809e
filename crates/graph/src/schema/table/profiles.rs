//! Profiles, for whom they are, and what became of them.

use super::{Row, row};

pub(super) const TYPES: &[Row] = &[
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
    row("deviceCompliancePolicyState", "entity", "displayName:String state:complianceStatus! version:Int32!"),
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
    row("settingSource", "", "displayName:String id:String sourceType:settingSourceType!"),
    row("deviceManagementApplicabilityRuleOsEdition", "", "name:String"),
    row("deviceManagementApplicabilityRuleOsVersion", "", "maxOSVersion:String minOSVersion:String name:String"),
    row("deviceManagementApplicabilityRuleDeviceMode", "", "name:String"),
];
