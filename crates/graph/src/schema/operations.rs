//! Actions and functions that are bound to a type or to a collection of it: what they take and what they give.

use super::{Property, table};

/// Something that is done with an object or a collection (an action), or asked of it (a function).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Operation {
    pub(super) kind: OperationKind,
    pub(super) name: String,
    /// Type that it is bound to.
    pub(super) bound_to: String,
    /// Whether it is bound to a collection of that type.
    pub(super) of_collection: bool,
    pub(super) parameters: Vec<Property>,
    /// What it gives; nothing for an action whose answer has no body.
    pub(super) returns: Option<Property>,
    /// Whether only `beta` has it.
    pub(super) beta: bool,
}

/// Whether it changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OperationKind {
    /// `POST`
    Action,
    /// `GET`
    Function,
}

/// All operations of the table.
pub(super) fn operations() -> Vec<Operation> {
    OPERATIONS.iter().map(read).collect()
}

fn read((kind, bound_to, name, parameters, returns): &Row) -> Operation {
    Operation {
        kind: *kind,
        name: name.trim_end_matches('~').to_owned(),
        beta: name.ends_with('~'),
        bound_to: bound_to.trim_end_matches("[]").to_owned(),
        of_collection: bound_to.ends_with("[]"),
        parameters: parameters.split_whitespace().map(table::property).collect(),
        returns: (!returns.is_empty()).then(|| table::property(&format!("value:{returns}"))),
    }
}

/// Kind, what it is bound to (`[]` for a collection), name (`~` if only `beta` has it), parameters as in the table of types, and what it gives.
type Row = (
    OperationKind,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

use OperationKind::{Action, Function};

const OPERATIONS: &[Row] = &[
    (
        Action,
        "directoryObject[]",
        "getByIds",
        "ids:String[]! types:String[]",
        "directoryObject[]",
    ),
    (
        Action,
        "directoryObject",
        "checkMemberGroups",
        "groupIds:String[]!",
        "String[]",
    ),
    (
        Action,
        "directoryObject",
        "getMemberGroups",
        "securityEnabledOnly:Boolean",
        "String[]",
    ),
    (
        Action,
        "directoryObject",
        "getMemberObjects",
        "securityEnabledOnly:Boolean",
        "String[]",
    ),
    (Action, "user", "revokeSignInSessions", "", "Boolean"),
    (Action, "domain", "verify", "", "domain"),
    (
        Action,
        "domain",
        "forceDelete",
        "disableUserAccounts:Boolean",
        "",
    ),
    (
        Action,
        "user",
        "assignLicense",
        "addLicenses:assignedLicense[]! removeLicenses:Guid[]!",
        "user",
    ),
    (Action, "user", "reprocessLicenseAssignment", "", "user"),
    (
        Action,
        "group",
        "assignLicense",
        "addLicenses:assignedLicense[]! removeLicenses:Guid[]!",
        "group",
    ),
    (
        Action,
        "organization",
        "setMobileDeviceManagementAuthority",
        "",
        "Int32!",
    ),
    (
        Action,
        "user",
        "changePassword",
        "currentPassword:String newPassword:String",
        "",
    ),
    (
        Action,
        "deviceConfiguration",
        "assign",
        "assignments:deviceConfigurationAssignment[]",
        "deviceConfigurationAssignment[]",
    ),
    (
        Action,
        "deviceConfiguration[]",
        "getTargetedUsersAndDevices",
        "deviceConfigurationIds:String[]",
        "deviceConfigurationTargetedUserAndDevice[]",
    ),
    (
        Action,
        "deviceEnrollmentConfiguration",
        "assign",
        "enrollmentConfigurationAssignments:enrollmentConfigurationAssignment[]",
        "",
    ),
    (
        Action,
        "deviceEnrollmentConfiguration",
        "setPriority",
        "priority:Int32!",
        "",
    ),
    (
        Action,
        "importedDeviceIdentity[]",
        "importDeviceIdentityList",
        "importedDeviceIdentities:importedDeviceIdentity[] overwriteImportedDeviceIdentities:Boolean!",
        "importedDeviceIdentityResult[]",
    ),
    (
        Action,
        "importedDeviceIdentity[]",
        "searchExistingIdentities",
        "importedDeviceIdentities:importedDeviceIdentity[]",
        "importedDeviceIdentity[]",
    ),
    (
        Action,
        "notificationMessageTemplate",
        "sendTestMessage",
        "",
        "",
    ),
    (
        Action,
        "group",
        "evaluateDynamicMembership~",
        "memberId:String",
        "evaluateDynamicMembershipResult",
    ),
    (
        Action,
        "group[]",
        "evaluateDynamicMembership~",
        "memberId:String membershipRule:String",
        "evaluateDynamicMembershipResult",
    ),
    (Action, "managedDevice", "syncDevice", "", ""),
    (Action, "managedDevice", "retire", "", ""),
    (
        Action,
        "managedDevice",
        "wipe",
        "keepEnrollmentData:Boolean keepUserData:Boolean macOsUnlockCode:String persistEsimDataPlan:Boolean",
        "",
    ),
    (
        Action,
        "managedDevice",
        "remoteLock",
        "message:String phoneNumber:String",
        "",
    ),
    (
        Action,
        "applePushNotificationCertificate",
        "generateApplePushNotificationCertificateSigningRequest",
        "",
        "String",
    ),
    (
        Function,
        "applePushNotificationCertificate",
        "downloadApplePushNotificationCertificateSigningRequest",
        "",
        "String",
    ),
    (
        Function,
        "auditEvent[]",
        "getAuditCategories",
        "",
        "String[]",
    ),
    (
        Function,
        "auditEvent[]",
        "getAuditActivityTypes",
        "category:String",
        "String[]",
    ),
    (
        Function,
        "deviceManagement",
        "getEffectivePermissions",
        "",
        "String[]",
    ),
    (
        Function,
        "deviceManagement",
        "getEffectivePermissions",
        "scope:String",
        "rolePermission[]",
    ),
    (
        Function,
        "deviceManagement",
        "getAssignedRoleDetails~",
        "",
        "deviceAndAppManagementAssignedRoleDetails",
    ),
    (
        Function,
        "deviceManagement",
        "scopedForResource~",
        "resource:String",
        "Boolean",
    ),
    (
        Action,
        "roleScopeTag[]",
        "getRoleScopeTagsById~",
        "roleScopeTagIds:String[]",
        "roleScopeTag[]",
    ),
    (
        Function,
        "roleScopeTag[]",
        "hasCustomRoleScopeTag~",
        "",
        "Boolean",
    ),
    (
        Action,
        "roleScopeTag",
        "assign~",
        "assignments:roleScopeTagAutoAssignment[]",
        "roleScopeTagAutoAssignment[]",
    ),
    (
        Action,
        "depOnboardingSetting",
        "generateEncryptionPublicKey~",
        "",
        "String",
    ),
    (
        Function,
        "depOnboardingSetting",
        "getEncryptionPublicKey~",
        "",
        "String",
    ),
    (
        Action,
        "depOnboardingSetting",
        "releaseAppleDevices~",
        "depToken:String deviceSerialNumbers:String[]",
        "",
    ),
    (
        Action,
        "importedAppleDeviceIdentity[]",
        "importAppleDeviceIdentityList~",
        "importedAppleDeviceIdentities:importedAppleDeviceIdentity[] overwriteImportedDeviceIdentities:Boolean!",
        "importedAppleDeviceIdentityResult[]",
    ),
    (
        Action,
        "depOnboardingSetting",
        "syncWithAppleDeviceEnrollmentProgram~",
        "",
        "",
    ),
    (
        Action,
        "depOnboardingSetting",
        "uploadDepToken~",
        "appleId:String depToken:String",
        "",
    ),
    (Action, "enrollmentProfile", "setDefaultProfile~", "", ""),
    (
        Action,
        "enrollmentProfile",
        "updateDeviceProfileAssignment~",
        "deviceIds:String[]",
        "",
    ),
    (
        Action,
        "intuneBrandingProfile",
        "assign~",
        "assignments:intuneBrandingProfileAssignment[]",
        "",
    ),
];
