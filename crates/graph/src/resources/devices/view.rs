//! Directory objects as Graph shows them.

use mandate_engine::Object;
use mandate_model::{Device, Ownership, Platform};
use serde_json::json;

use crate::entity::Entity;
use crate::resources::groups::group_entity;
use crate::resources::users::user_entity;
use crate::resources::words::system_name;
use crate::schema;

/// The directory's view of a device. Its id is that of the managed device; so is its `deviceId`, by which scripts go
/// from one to the other.
pub(crate) fn device_entity(device: &Device) -> Entity {
    let mut body = schema::blank("device");
    let facts = &device.facts;
    let system = match device.platform {
        Platform::Ios
            if facts
                .model
                .as_deref()
                .is_some_and(|model| model.starts_with("iPad")) =>
        {
            "iPadOS"
        }
        platform => system_name(platform),
    };
    let ownership = match device.ownership {
        Ownership::Unknown => None,
        Ownership::Company => Some("Company"),
        Ownership::Personal => Some("Personal"),
    };
    for (name, value) in [
        ("id", json!(device.id)),
        ("deviceId", json!(device.id)),
        ("accountEnabled", json!(true)),
        ("displayName", json!(device.display_name())),
        (
            "approximateLastSignInDateTime",
            json!(device.last_seen_at.to_string()),
        ),
        (
            "registrationDateTime",
            json!(device.enrolled_at.to_string()),
        ),
        ("deviceOwnership", json!(ownership)),
        ("isManaged", json!(device.state.is_managed())),
        ("managementType", json!("MDM")),
        ("manufacturer", json!("Apple")),
        ("model", json!(facts.model)),
        ("operatingSystem", json!(system)),
        ("operatingSystemVersion", json!(facts.os_version)),
        ("trustType", json!("Workplace")),
        ("profileType", json!("RegisteredDevice")),
    ] {
        body.insert(name.to_owned(), value);
    }
    Entity::new("device", format!("devices('{}')", device.id), body)
}

/// Any directory object.
pub(crate) fn object_entity(object: &Object) -> Entity {
    match object {
        Object::User(user) => user_entity(user),
        Object::Group(group) => group_entity(group),
        Object::Device(device) => device_entity(device),
    }
}
