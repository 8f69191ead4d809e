//! An identifier as Graph shows it.

use mandate_engine::{DeviceIdentity, IdentityResult, IdentityStanding, NewDeviceIdentity};
use serde_json::{Value, json};

use super::{COLLECTION, DECLARED};
use crate::entity::Entity;
use crate::resources::words::NEVER;

/// The entity of an identifier.
pub(super) fn identity_entity(one: &DeviceIdentity) -> Entity {
    let path = format!("{COLLECTION}('{}')", one.id);
    Entity::from_json(DECLARED, path, identity_json(one))
}

pub(super) fn identity_json(one: &DeviceIdentity) -> Value {
    let state = match one.standing {
        IdentityStanding::NotContacted => "notContacted",
        IdentityStanding::Enrolled => "enrolled",
        IdentityStanding::Left => "unknown",
    };
    json!({
        "id": one.id,
        "importedDeviceIdentifier": one.identifier,
        "importedDeviceIdentityType": one.kind.word(),
        "lastModifiedDateTime": one.modified_at.to_string(),
        "createdDateTime": one.created_at.to_string(),
        "lastContactedDateTime": one.contacted_at.map_or_else(|| NEVER.to_owned(), |at| at.to_string()),
        "description": one.description,
        "enrollmentState": state,
        "platform": one.platform,
    })
}

/// What became of one identifier of an import.
pub(super) fn result_json(result: &IdentityResult, given: &NewDeviceIdentity) -> Value {
    let mut body = match &result.identity {
        Some(one) => identity_json(one),
        None => json!({
            "id": "",
            "importedDeviceIdentifier": result.identifier,
            "importedDeviceIdentityType": given.kind.word(),
            "lastModifiedDateTime": NEVER,
            "createdDateTime": NEVER,
            "lastContactedDateTime": NEVER,
            "description": given.description,
            "enrollmentState": "unknown",
            "platform": given.platform,
        }),
    };
    body["status"] = json!(result.outcome.is_done());
    body
}
