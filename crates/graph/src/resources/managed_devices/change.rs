//! What a PATCH says about a device.

use mandate_engine::DeviceChange;
use mandate_model::Ownership;
use serde_json::{Map, Value};

use super::DECLARED;
use crate::entity::Entity;
use crate::error::{GraphError, Result};
use crate::resources::body::{text, texts};
use crate::schema;

/// Ownership, name, notes and scope tags are what we keep; of the rest, what a client sends back as it read it changes nothing.
pub(super) fn read_change(body: &Map<String, Value>, now: &Entity) -> Result<DeviceChange> {
    let mut change = DeviceChange::default();
    for (name, value) in body {
        let is_new = now.body.get(name) != Some(value);
        match name.as_str() {
            "managedDeviceOwnerType" | "ownerType" => {
                change.ownership = Some(ownership(name, value)?);
            }
            "managedDeviceName" if is_new => change.name = Some(text(name, value)?),
            "notes" if is_new => change.notes = Some(text(name, value)?),
            // `null` is as good as absent, for a device is never without a tag.
            "roleScopeTagIds" if is_new && !value.is_null() => {
                change.scope_tags = Some(texts(name, value)?);
            }
            "deviceCategoryDisplayName" if is_new => {
                return Err(GraphError::invalid(
                    name,
                    format!("`{name}` follows from `deviceCategory`: put a reference there"),
                ));
            }
            _ if name.contains('@') || schema::property(DECLARED, name).is_some() => {}
            _ => {
                let message =
                    format!("`{name}` is not a property of `microsoft.graph.managedDevice`");
                return Err(GraphError::invalid(name, message));
            }
        }
    }
    Ok(change)
}

fn ownership(name: &str, value: &Value) -> Result<Ownership> {
    match value
        .as_str()
        .unwrap_or_default()
        .to_ascii_lowercase()
        .as_str()
    {
        "unknown" => Ok(Ownership::Unknown),
        "company" => Ok(Ownership::Company),
        "personal" => Ok(Ownership::Personal),
        _ => {
            let message =
                format!("`{name}` must be `unknown`, `company` or `personal`, but is `{value}`");
            Err(GraphError::invalid(name, message))
        }
    }
}
