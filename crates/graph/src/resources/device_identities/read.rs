//! What a request says about identifiers.

use mandate_engine::{IdentityKind, NewDeviceIdentity};
use serde_json::{Map, Value};

use super::IDENTIFIER;
use crate::error::{GraphError, Result};
use crate::resources::body::text;

const LIST: &str = "importedDeviceIdentities";
/// Graph's enumeration `platform`.
const PLATFORMS: [&str; 8] = [
    "unknown",
    "ios",
    "android",
    "windows",
    "windowsMobile",
    "macOS",
    "visionOS",
    "tvOS",
];

/// The list of an action's body. What is no identifier is left to the import to say.
pub(super) fn entries(body: &Map<String, Value>) -> Result<Vec<NewDeviceIdentity>> {
    let items = body.get(LIST).and_then(Value::as_array);
    let items = items.ok_or_else(|| {
        GraphError::invalid(LIST, format!("`{LIST}` is required and must be a list"))
    })?;
    items
        .iter()
        .enumerate()
        .map(|(index, item)| new_identity(&format!("{LIST}[{index}]."), item))
        .collect()
}

/// One identifier; `place` is where it stands.
pub(super) fn new_identity(place: &str, value: &Value) -> Result<NewDeviceIdentity> {
    let body = value.as_object().ok_or_else(|| {
        let name = place.trim_end_matches('.');
        GraphError::invalid(name, format!("`{name}` must be an object"))
    })?;
    let at = |name: &str| format!("{place}{name}");
    let of = |name: &str| -> Result<Option<String>> {
        body.get(name)
            .map_or(Ok(None), |value| text(&at(name), value))
    };
    let kind = of("importedDeviceIdentityType")?.unwrap_or_default();
    let kind = IdentityKind::parse(&kind).ok_or_else(|| {
        let name = at("importedDeviceIdentityType");
        let message = format!("`{name}` must be `serialNumber` or `imei`, but is `{kind}`");
        GraphError::invalid(name, message)
    })?;
    let identifier = of(IDENTIFIER)?.ok_or_else(|| {
        let name = at(IDENTIFIER);
        GraphError::invalid(&name, format!("`{name}` is required"))
    })?;
    let platform = of("platform")?.unwrap_or_else(|| "unknown".to_owned());
    let known = PLATFORMS
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(&platform));
    let platform = known.ok_or_else(|| {
        let name = at("platform");
        GraphError::invalid(&name, format!("`{name}` is no platform: `{platform}`"))
    })?;
    Ok(NewDeviceIdentity {
        kind,
        identifier,
        platform: platform.to_owned(),
        description: of("description")?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let serial = json!({"importedDeviceIdentityType": "serialNumber"});
        for (item, target) in [
            (json!(5), "importedDeviceIdentities[0]"),
            (
                json!({"importedDeviceIdentityType": "manufacturerModelSerial"}),
                "importedDeviceIdentities[0].importedDeviceIdentityType",
            ),
            (
                serial,
                "importedDeviceIdentities[0].importedDeviceIdentifier",
            ),
            (
                json!({"importedDeviceIdentityType": "imei", "importedDeviceIdentifier": "1", "platform": "moon"}),
                "importedDeviceIdentities[0].platform",
            ),
        ] {
            let body = json!({ "importedDeviceIdentities": [item] });
            let error = entries(body.as_object().unwrap()).unwrap_err();
            assert_eq!(error.target.as_deref(), Some(target), "{body}");
        }
        assert!(entries(&Map::new()).is_err());
    }
}
