//! Bringing serial numbers to a token, and giving devices up.

use mandate_engine::{AdeImportOutcome, NewAdeDevice};
use mandate_model::Platform;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::view::device_json;
use super::{WHAT, beta_only};
use crate::error::{GraphError, Result};
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::resources::body::{boolean, ids, text};
use crate::resources::words::{EXPLANATION, NEVER};
use crate::state::GraphState;

const LIST: &str = "importedAppleDeviceIdentities";
/// Serial numbers in one release.
const MOST_SERIALS: usize = 1_000;

/// `POST …/{id}/importedAppleDeviceIdentities/importAppleDeviceIdentityList`: what became of each, in the order they came.
pub(crate) async fn import_devices(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    beta_only(request)?;
    let token = request.id(0, WHAT)?;
    let body = request.object()?;
    let overwrite = body
        .get("overwriteImportedDeviceIdentities")
        .filter(|value| !value.is_null())
        .map_or(Ok(false), |value| {
            boolean("overwriteImportedDeviceIdentities", value)
        })?;
    let devices = entries(body)?;
    let outcomes = state
        .engine()
        .import_ade_devices(&request.actor, (token, overwrite), &devices)
        .await?;
    let value: Vec<Value> = outcomes
        .iter()
        .zip(&devices)
        .map(|(outcome, given)| result(token, outcome, given))
        .collect();
    let context = request
        .context()
        .url("$metadata#Collection(microsoft.graph.importedAppleDeviceIdentityResult)");
    Ok(Reply::Json(
        json!({ "@odata.context": context, "value": value }),
    ))
}

/// `POST …/{id}/releaseAppleDevices`: 204. Apple is told within seconds; it cannot be taken back.
///
/// Nobody has said what `depToken` is to hold, where the path names the token already: it may be left out, or be the id of
/// the token.
pub(crate) async fn release_devices(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    beta_only(request)?;
    let token = request.id(0, WHAT)?;
    let body = request.object()?;
    let named = body
        .get("depToken")
        .map_or(Ok(None), |value| text("depToken", value))?;
    if named.is_some_and(|named| !named.is_empty() && Uuid::try_parse(&named).ok() != Some(token)) {
        let message = "`depToken` must be the id of the token in the path, or be left out";
        return Err(GraphError::invalid("depToken", message));
    }
    let serials = ids("deviceSerialNumbers", body, MOST_SERIALS)?;
    state
        .engine()
        .release_ade_devices(&request.actor, token, &serials)
        .await?;
    Ok(Reply::no_content())
}

/// `DELETE …/{id}/importedAppleDeviceIdentities/{device}`: 204, for one that was imported.
pub(crate) async fn delete_device(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    beta_only(request)?;
    let token = request.id(0, WHAT)?;
    let key = request.key(1);
    let serial = key.split_once('_').map_or(key, |(_, serial)| serial);
    state
        .engine()
        .delete_imported_ade_device(&request.actor, token, serial)
        .await?;
    Ok(Reply::no_content())
}

fn entries(body: &Map<String, Value>) -> Result<Vec<NewAdeDevice>> {
    let items = body.get(LIST).and_then(Value::as_array);
    let items = items.ok_or_else(|| {
        GraphError::invalid(LIST, format!("`{LIST}` is required and must be a list"))
    })?;
    items
        .iter()
        .enumerate()
        .map(|(index, item)| entry(&format!("{LIST}[{index}]"), item))
        .collect()
}

/// One device; `place` is where it stands. What Graph computes is passed over.
fn entry(place: &str, item: &Value) -> Result<NewAdeDevice> {
    let body = item
        .as_object()
        .ok_or_else(|| GraphError::invalid(place, format!("`{place}` must be an object")))?;
    let of = |name: &str| -> Result<Option<String>> {
        let at = format!("{place}.{name}");
        body.get(name).map_or(Ok(None), |value| text(&at, value))
    };
    let platform = match of("platform")?.as_deref() {
        None | Some("" | "unknown") => None,
        Some("ios") => Some(Platform::Ios),
        Some("macOS") => Some(Platform::MacOs),
        Some(other) => {
            let at = format!("{place}.platform");
            let message = format!("`{at}` must be `ios` or `macOS`, but is `{other}`");
            return Err(GraphError::invalid(at, message));
        }
    };
    let profile = match of("requestedEnrollmentProfileId")? {
        Some(key) if !key.is_empty() => {
            let bare = key.split_once('_').map_or(key.as_str(), |(_, bare)| bare);
            let id = Uuid::try_parse(bare).map_err(|_| {
                let at = format!("{place}.requestedEnrollmentProfileId");
                let message = format!("`{at}` must be the id of a profile, but is `{key}`");
                GraphError::invalid(at, message)
            })?;
            Some(id)
        }
        _ => None,
    };
    Ok(NewAdeDevice {
        serial: of("serialNumber")?.unwrap_or_default(),
        platform,
        profile,
        description: of("description")?.unwrap_or_default(),
    })
}

fn result(token: Uuid, outcome: &AdeImportOutcome, given: &NewAdeDevice) -> Value {
    let (mut body, is_taken) = match outcome {
        AdeImportOutcome::Taken(device) => (device_json(token, device), true),
        AdeImportOutcome::Known(device) => (device_json(token, device), false),
        AdeImportOutcome::Wrong(rule) => {
            let body = json!({
                "id": "",
                "createdDateTime": NEVER,
                "description": given.description,
                "discoverySource": "adminImport",
                "enrollmentState": "unknown",
                "isDeleted": false,
                "isSupervised": false,
                "lastContactedDateTime": NEVER,
                "platform": "unknown",
                "requestedEnrollmentProfileAssignmentDateTime": null,
                "requestedEnrollmentProfileId": null,
                "serialNumber": given.serial,
                EXPLANATION: { "state": "error", "message": rule },
            });
            (body, false)
        }
    };
    body["status"] = json!(is_taken);
    body
}
