//! A managed device as Graph shows it.

use mandate_engine::{ActionResult, DeviceRemarks, DeviceView};
use mandate_model::{Device, DeviceState, EnrolmentType, Platform};
use serde_json::{Value, json};

use super::{COLLECTION, ownership_word};
use crate::entity::Entity;
use crate::resources::words::{NEVER, system_name};
use crate::schema;

/// The entity of a device. What nobody asked the device, or what is not known here, is `null`, `unknown` or `never`.
pub(super) fn device_entity(
    view: &DeviceView,
    remarks: &DeviceRemarks,
    actions: &[ActionResult],
) -> Entity {
    let DeviceView {
        device,
        user,
        manager,
        scope_tags,
    } = view;
    let mut body = schema::blank("managedDevice");
    let facts = &device.facts;
    let user = user.as_ref();
    for (name, value) in [
        ("id", json!(device.id)),
        ("deviceName", json!(device.display_name())),
        (
            "managedDeviceName",
            json!(
                remarks
                    .name
                    .clone()
                    .unwrap_or_else(|| device.display_name())
            ),
        ),
        ("notes", json!(remarks.notes)),
        ("model", json!(facts.model)),
        ("manufacturer", json!("Apple")),
        ("operatingSystem", json!(system_name(device.platform))),
        ("osVersion", json!(facts.os_version)),
        ("serialNumber", json!(facts.serial_number)),
        ("imei", json!(facts.imei.as_deref().map(without_blanks))),
        ("meid", json!(facts.meid.as_deref().map(without_blanks))),
        (
            "wiFiMacAddress",
            json!(facts.wifi_mac.as_deref().map(|mac| mac.replace(':', ""))),
        ),
        ("easDeviceId", json!(facts.eas_device_identifier)),
        ("isSupervised", json!(facts.is_supervised.unwrap_or(false))),
        ("isEncrypted", json!(facts.is_encrypted.unwrap_or(false))),
        ("jailBroken", json!("Unknown")),
        ("udid", json!(udid(device))),
        ("userId", json!(user.map(|user| user.id))),
        (
            "userPrincipalName",
            json!(user.map(|user| &user.user_principal_name)),
        ),
        (
            "userDisplayName",
            json!(user.map(|user| &user.display_name)),
        ),
        (
            "emailAddress",
            json!(user.and_then(|user| user.mail.as_ref())),
        ),
        (
            "enrolledByUserPrincipalName",
            json!(
                user.or(manager.as_ref())
                    .map(|user| &user.user_principal_name)
            ),
        ),
        ("enrolledDateTime", json!(device.enrolled_at.to_string())),
        ("lastSyncDateTime", json!(device.last_seen_at.to_string())),
        ("managedDeviceOwnerType", ownership_word(device.ownership)),
        ("ownerType", ownership_word(device.ownership)),
        ("managementState", json!(management_state(device.state))),
        ("deviceEnrollmentType", json!(enrolment_type(device))),
        ("deviceType", json!(device_type(device))),
        ("deviceActionResults", actions.iter().map(action).collect()),
        ("azureADDeviceId", json!(device.id)),
        ("azureActiveDirectoryDeviceId", json!(device.id)),
        ("hardwareInformation", hardware(device)),
        ("roleScopeTagIds", json!(scope_tags)),
    ] {
        body.insert(name.to_owned(), value);
    }
    for (name, value) in constants() {
        body.insert(name.to_owned(), value);
    }
    Entity::new(
        "managedDevice",
        format!("{COLLECTION}('{}')", device.id),
        body,
    )
}

/// Properties that must not be `null` and of which nothing is known here.
fn constants() -> [(&'static str, Value); 22] {
    [
        ("managementAgent", json!("mdm")),
        ("complianceState", json!("unknown")),
        ("complianceGracePeriodExpirationDateTime", json!(NEVER)),
        ("deviceRegistrationState", json!("registered")),
        ("azureADRegistered", json!(true)),
        ("aadRegistered", json!(true)),
        ("easActivated", json!(false)),
        ("easActivationDateTime", json!(NEVER)),
        ("exchangeAccessState", json!("none")),
        ("exchangeAccessStateReason", json!("none")),
        ("exchangeLastSuccessfulSyncDateTime", json!(NEVER)),
        ("partnerReportedThreatState", json!("unknown")),
        ("managementCertificateExpirationDate", json!(NEVER)),
        ("freeStorageSpaceInBytes", json!(0)),
        ("totalStorageSpaceInBytes", json!(0)),
        ("physicalMemoryInBytes", json!(0)),
        ("joinType", json!("azureADRegistered")),
        ("lostModeState", json!("disabled")),
        ("autopilotEnrolled", json!(false)),
        ("deviceCategoryDisplayName", json!("Unknown")),
        ("requireUserEnrollmentApproval", Value::Null),
        ("activationLockBypassCode", Value::Null),
    ]
}

fn management_state(state: DeviceState) -> &'static str {
    match state {
        DeviceState::Imported => "discovered",
        DeviceState::Enrolling | DeviceState::Enrolled => "managed",
        DeviceState::Retiring => "retirePending",
        DeviceState::Wiping => "wipePending",
        DeviceState::Retired => "retireIssued",
        DeviceState::Wiped => "wipeIssued",
        DeviceState::Unenrolled => "unhealthy",
    }
}

fn enrolment_type(device: &Device) -> &'static str {
    match device.enrolment_type {
        EnrolmentType::Device if device.manager_id.is_some() => "deviceEnrollmentManager",
        // Intune's name for a device that its user enrolled as a whole.
        EnrolmentType::Device => "userEnrollment",
        EnrolmentType::User => "appleUserEnrollment",
    }
}

fn device_type(device: &Device) -> &'static str {
    let model = device
        .facts
        .model
        .as_deref()
        .or(device.facts.product_name.as_deref())
        .unwrap_or_default();
    match model {
        _ if device.platform == Platform::MacOs => "macMDM",
        model if model.starts_with("iPad") => "iPad",
        model if model.starts_with("iPod") => "iPod",
        _ => "iPhone",
    }
}

/// In user enrolment Apple gives no UDID, but an id that says nothing about the hardware.
fn udid(device: &Device) -> Option<&str> {
    match device.enrolment_type {
        EnrolmentType::Device => Some(&device.enrolment_id),
        EnrolmentType::User => None,
    }
}

fn hardware(device: &Device) -> Value {
    let facts = &device.facts;
    json!({
        "serialNumber": facts.serial_number,
        "imei": facts.imei.as_deref().map(without_blanks),
        "meid": facts.meid.as_deref().map(without_blanks),
        "manufacturer": "Apple",
        "model": facts.model,
        "productName": facts.product_name,
        "osBuildNumber": facts.build_version,
        "wifiMac": facts.wifi_mac,
        "isSupervised": facts.is_supervised.unwrap_or(false),
        "isEncrypted": facts.is_encrypted.unwrap_or(false),
    })
}

fn action(action: &ActionResult) -> Value {
    let mut value = json!({
        "actionName": action.name,
        "actionState": action.state,
        "startDateTime": action.started_at.to_string(),
        "lastUpdatedDateTime": action.updated_at.to_string(),
    });
    if let Some(error) = &action.error {
        value["@mandate.error"] = json!(error);
    }
    value
}

/// Apple writes an IMEI in groups; Graph does not.
fn without_blanks(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_whitespace())
        .collect()
}
