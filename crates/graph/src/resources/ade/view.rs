//! Tokens, profiles and devices of automated enrolment as Graph shows them.

use mandate_engine::{AdeDevice, AdeProfile, AdeToken};
use mandate_model::{Platform, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{COLLECTION, DECLARED};
use crate::entity::Entity;
use crate::resources::words::{EXPLANATION, NEVER};
use crate::schema;

fn time(at: Option<Timestamp>) -> Value {
    at.map_or_else(|| json!(NEVER), |at| json!(at.to_string()))
}

/// The entity of a token.
pub(super) fn token_entity(token: &AdeToken) -> Entity {
    let kind = match (token.expires_at, token.is_of_school) {
        (None, _) => "none",
        (Some(_), false) => "dep",
        (Some(_), true) => "appleSchoolManager",
    };
    let mut body = json!({
        "id": token.id,
        "appleIdentifier": token.apple_id,
        "dataSharingConsentGranted": true,
        "lastModifiedDateTime": token.modified_at.to_string(),
        "lastSuccessfulSyncDateTime": time(token.synced_at),
        "lastSyncErrorCode": token.problem_code,
        "lastSyncTriggeredDateTime": time(token.triggered_at),
        "roleScopeTagIds": ["0"],
        "shareTokenWithSchoolDataSyncService": false,
        "syncedDeviceCount": token.devices,
        "tokenExpirationDateTime": time(token.expires_at),
        "tokenName": token.name,
        "tokenType": kind,
    });
    if !token.problem.is_empty() {
        body[EXPLANATION] = json!({ "state": "error", "message": token.problem });
    }
    Entity::from_json(DECLARED, format!("{COLLECTION}('{}')", token.id), body)
}

/// The id of a profile on the wire.
pub(super) fn profile_key(token: Uuid, profile: Uuid) -> String {
    format!("{token}_{profile}")
}

/// The entity of a profile.
pub(super) fn profile_entity(profile: &AdeProfile) -> Entity {
    let key = profile_key(profile.token, profile.id);
    let mut body = profile.settings.values().clone();
    for (name, value) in [
        ("id", json!(key)),
        ("displayName", json!(profile.name)),
        ("description", json!(profile.description)),
        ("configurationEndpointUrl", json!(profile.url)),
        ("isDefault", json!(profile.is_default)),
    ] {
        body.insert(name.to_owned(), value);
    }
    let kind = match profile.platform {
        Platform::Ios => "depIOSEnrollmentProfile",
        Platform::MacOs => "depMacOSEnrollmentProfile",
    };
    body.retain(|name, _| schema::property(kind, name).is_some());
    if !profile.problem.is_empty() {
        let said = json!({ "state": "error", "message": profile.problem });
        body.insert(EXPLANATION.to_owned(), said);
    }
    let path = format!(
        "{COLLECTION}('{}')/enrollmentProfiles('{key}')",
        profile.token
    );
    Entity::new(kind, path, body)
}

/// The entity of a device.
pub(super) fn device_entity(token: Uuid, device: &AdeDevice) -> Entity {
    let key = device_key(token, device);
    let path = format!("{COLLECTION}('{token}')/importedAppleDeviceIdentities('{key}')");
    let body = device_json(token, device);
    Entity::from_json("importedAppleDeviceIdentity", path, body)
}

fn device_key(token: Uuid, device: &AdeDevice) -> String {
    format!("{token}_{}", device.serial)
}

/// The same, as it stands in what an action answers.
pub(super) fn device_json(token: Uuid, device: &AdeDevice) -> Value {
    let state = match (
        device.is_enrolled,
        device.contacted_at,
        device.problem.is_empty(),
    ) {
        (true, ..) => "enrolled",
        (false, _, false) => "failed",
        (false, None, true) => "notContacted",
        (false, Some(_), true) => "unknown",
    };
    let platform = match device.platform {
        Some(Platform::Ios) => "ios",
        Some(Platform::MacOs) => "macOS",
        None => "unknown",
    };
    let mut body = json!({
        "id": device_key(token, device),
        "createdDateTime": device.added_at.to_string(),
        "description": device.description,
        "discoverySource": if device.is_imported { "adminImport" } else { "deviceEnrollmentProgram" },
        "enrollmentState": state,
        "isDeleted": device.is_deleted,
        "isSupervised": device.is_supervised,
        "lastContactedDateTime": time(device.contacted_at),
        "platform": platform,
        "requestedEnrollmentProfileAssignmentDateTime": device.requested_at.map(|at| at.to_string()),
        "requestedEnrollmentProfileId": device.profile.map(|profile| profile_key(token, profile)),
        "serialNumber": device.serial,
    });
    if !device.problem.is_empty() {
        body[EXPLANATION] = json!({ "state": "error", "message": device.problem });
    }
    body
}
