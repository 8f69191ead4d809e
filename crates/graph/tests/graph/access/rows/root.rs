//! The root, the organisation, settings of the instance, the audit, and what is asked of oneself.

use serde_json::json;

use super::Scope::{Free, Whole};
use super::{Row, delete, fresh, get, nothing, patch, post};
use crate::access::world::target;

pub(super) const ROWS: &[Row] = &[
    get("", "", "-", Free),
    get("$metadata", "", "*", Free),
    get("organization", "", "-", Free),
    get("organization/{id}", "tenant", "-", Free),
    post("organization/{id}/setMobileDeviceManagementAuthority", "tenant", "MdmAuthority_Update", Whole)
        .body(nothing),
    get("domains", "", "-", Free),
    post("domains", "", "Domains_Update", Whole).body(|_, _| json!({"id": format!("{}.example.net", fresh())})),
    get("domains/{id}", "domain", "-", Free),
    patch("domains/{id}", "domain", "Domains_Update", Whole).body(|_, _| json!({"isDefault": true})),
    // The one that the instance was made with stays.
    delete("domains/{id}", "domain", "Domains_Update", Whole).fine(&[400]),
    post("domains/{id}/forceDelete", "domain", "Domains_Update", Whole).body(nothing).fine(&[400]),
    post("domains/{id}/verify", "domain", "Domains_Update", Whole).body(nothing),
    get("domains/{id}/verificationDnsRecords", "domain", "Domains_Read", Free),
    get("domains/{id}/serviceConfigurationRecords", "domain", "Domains_Read", Free),
    get("subscribedSkus", "", "Users_Read", Free),
    get("subscribedSkus/{id}", "sku", "Users_Read", Free),
    get("deviceManagement", "", "-", Free),
    patch("deviceManagement", "", "Organization_Update", Whole)
        .body(|_, _| json!({"settings": {"secureByDefault": true}})),
    get("deviceManagement/intuneBrandingProfiles", "", "-", Free),
    post("deviceManagement/intuneBrandingProfiles", "", "Organization_Update", Whole)
        .body(|_, _| json!({"profileName": "For some"}))
        .fine(&[501]),
    get("deviceManagement/intuneBrandingProfiles/{id}", "tenant", "-", Free),
    patch("deviceManagement/intuneBrandingProfiles/{id}", "tenant", "Organization_Update", Whole)
        .body(|_, _| json!({"contactITName": "Help desk"})),
    delete("deviceManagement/intuneBrandingProfiles/{id}", "tenant", "Organization_Update", Whole).fine(&[400]),
    post("deviceManagement/intuneBrandingProfiles/{id}/assign", "tenant", "Organization_Update", Whole)
        .body(|_, _| json!({"assignments": []})),
    get("deviceManagement/intuneBrandingProfiles/{id}/assignments", "tenant", "-", Free),
    get("deviceManagement/deviceConfigurationDeviceStateSummaries", "", "DeviceConfigurations_ViewReports", Free),
    get("deviceManagement/getEffectivePermissions", "", "-", Free),
    get("deviceManagement/getAssignedRoleDetails", "", "-", Free),
    get("deviceManagement/scopedForResource(resource='ManagedDevices')", "", "-", Free),
    get("deviceManagement/androidManagedStoreAccountEnterpriseSettings", "", "-", Free),
    get("deviceManagement/applePushNotificationCertificate", "", "Organization_Read", Free),
    patch("deviceManagement/applePushNotificationCertificate", "", "Organization_Update", Whole)
        .body(|_, _| json!({"certificate": "none"}))
        .fine(&[400]),
    delete("deviceManagement/applePushNotificationCertificate", "", "Organization_Update", Whole).fine(&[404]),
    get(
        "deviceManagement/applePushNotificationCertificate/downloadApplePushNotificationCertificateSigningRequest",
        "",
        "Organization_Update",
        Whole,
    ),
    post(
        "deviceManagement/applePushNotificationCertificate/generateApplePushNotificationCertificateSigningRequest",
        "",
        "Organization_Update",
        Whole,
    )
    .body(nothing),
    get("deviceManagement/depOnboardingSettings", "", "Organization_Read", Free),
    post("deviceManagement/depOnboardingSettings", "", "Organization_Update", Whole).body(|_, _| json!({"tokenName": "Made"})),
    get("deviceManagement/depOnboardingSettings/{id}", "deptoken", "Organization_Read", Free),
    patch("deviceManagement/depOnboardingSettings/{id}", "deptoken", "Organization_Update", Whole).body(|_, _| json!({"tokenName": "changed"})),
    delete("deviceManagement/depOnboardingSettings/{id}", "deptoken", "Organization_Update", Whole),
    post("deviceManagement/depOnboardingSettings/{id}/generateEncryptionPublicKey", "deptoken", "Organization_Update", Whole).body(nothing),
    get("deviceManagement/depOnboardingSettings/{id}/getEncryptionPublicKey", "deptoken", "Organization_Read", Free).fine(&[400, 409, 422]),
    post("deviceManagement/depOnboardingSettings/{id}/uploadDepToken", "deptoken", "Organization_Update", Whole).body(|_, _| json!({"depToken": "x"})).fine(&[400]),
    post("deviceManagement/depOnboardingSettings/{id}/syncWithAppleDeviceEnrollmentProgram", "deptoken", "Organization_Update", Whole).body(nothing).fine(&[400, 409, 422]),
    post("deviceManagement/depOnboardingSettings/{id}/releaseAppleDevices", "deptoken", "Organization_Update", Whole)
        .body(|_, _| json!({"deviceSerialNumbers": ["NONE"]}))
        .fine(&[400]),
    post("deviceManagement/depOnboardingSettings/{id}/importedAppleDeviceIdentities/importAppleDeviceIdentityList", "deptoken", "Organization_Update", Whole)
        .body(|_, _| json!({"importedAppleDeviceIdentities": [{"serialNumber": "MADE1", "platform": "ios"}], "overwriteImportedDeviceIdentities": true})),
    delete("deviceManagement/depOnboardingSettings/{id}/importedAppleDeviceIdentities/{device}", "deptoken nothing", "Organization_Update", Whole).fine(&[404]),
    get("deviceManagement/depOnboardingSettings/{id}/importedAppleDeviceIdentities", "deptoken", "Organization_Read", Free),
    get("deviceManagement/depOnboardingSettings/{id}/importedAppleDeviceIdentities/{device}", "deptoken nothing", "Organization_Read", Free).fine(&[404]),
    get("deviceManagement/depOnboardingSettings/{id}/enrollmentProfiles", "deptoken", "Organization_Read", Free),
    post("deviceManagement/depOnboardingSettings/{id}/enrollmentProfiles", "deptoken", "Organization_Update", Whole)
        .body(|_, _| json!({"@odata.type": "#microsoft.graph.depIOSEnrollmentProfile", "displayName": "Made"})),
    get("deviceManagement/depOnboardingSettings/{id}/enrollmentProfiles/{profile}", "deptoken depprofile", "Organization_Read", Free),
    patch("deviceManagement/depOnboardingSettings/{id}/enrollmentProfiles/{profile}", "deptoken depprofile", "Organization_Update", Whole)
        .body(|_, _| json!({"description": "changed"})),
    delete("deviceManagement/depOnboardingSettings/{id}/enrollmentProfiles/{profile}", "deptoken depprofile", "Organization_Update", Whole),
    post("deviceManagement/depOnboardingSettings/{id}/enrollmentProfiles/{profile}/setDefaultProfile", "deptoken depprofile", "Organization_Update", Whole)
        .body(nothing),
    post("deviceManagement/depOnboardingSettings/{id}/enrollmentProfiles/{profile}/updateDeviceProfileAssignment", "deptoken depprofile", "Organization_Update", Whole)
        .body(|_, _| json!({"deviceIds": ["NONE"]}))
        .fine(&[400]),
    get("deviceManagement/deviceEnrollmentConfigurations", "", "Organization_Read", Free),
    post("deviceManagement/deviceEnrollmentConfigurations", "", "Organization_Update", Whole).body(|_, _| {
        json!({"@odata.type": "#microsoft.graph.deviceEnrollmentLimitConfiguration", "displayName": "X", "limit": 3})
    })
    .fine(&[400]),
    get("deviceManagement/deviceEnrollmentConfigurations/{id}", "limit", "Organization_Read", Free),
    patch("deviceManagement/deviceEnrollmentConfigurations/{id}", "limit", "Organization_Update", Whole)
        .body(|_, _| json!({"limit": 4})),
    delete("deviceManagement/deviceEnrollmentConfigurations/{id}", "limit", "Organization_Update", Whole),
    get("deviceManagement/deviceEnrollmentConfigurations/{id}/assignments", "limit", "Organization_Read", Free),
    post("deviceManagement/deviceEnrollmentConfigurations/{id}/assign", "limit", "Organization_Update", Whole)
        .body(|world, _| json!({"enrollmentConfigurationAssignments": [target(&world.nowhere)]})),
    post("deviceManagement/deviceEnrollmentConfigurations/{id}/setPriority", "limit", "Organization_Update", Whole)
        .body(|_, _| json!({"priority": 1})),
    get("deviceManagement/auditEvents", "", "Audit_Read", Free),
    get("deviceManagement/auditEvents/getAuditCategories", "", "Audit_Read", Free),
    get("deviceManagement/auditEvents/getAuditActivityTypes(category='Role')", "", "Audit_Read", Free),
    get("deviceManagement/auditEvents/{id}", "nothing", "Audit_Read", Free).fine(&[404]),
];
