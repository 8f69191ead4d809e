//! What somebody would get.

use mandate_engine::{Actor, SimulationRequest};
use mandate_model::{DeviceId, OsVersion, Platform};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::read_text;
use crate::error::{GraphError, Result};
use crate::state::GraphState;

/// What a request may say.
const KNOWN: [&str; 4] = ["user", "deviceId", "platform", "osVersion"];

/// `POST simulate`: what a person would get on a device, and why. Nothing is changed.
pub(crate) async fn simulate(
    state: &GraphState,
    actor: &Actor,
    body: &Map<String, Value>,
) -> Result<Value> {
    let request = read(body)?;
    Ok(json!(state.engine().what_would(actor, request).await?))
}

fn read(body: &Map<String, Value>) -> Result<SimulationRequest> {
    if let Some(name) = body.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        let message = format!("`{name}` is nothing that a simulation is told");
        return Err(GraphError::invalid(name, message));
    }
    let device = match read_text(body, "deviceId")? {
        None => None,
        Some(id) => Some(Uuid::try_parse(&id).map(DeviceId).map_err(|_| {
            let message = format!("`deviceId` must be the id of a device, but is `{id}`");
            GraphError::invalid("deviceId", message)
        })?),
    };
    let platform = match read_text(body, "platform")? {
        None => Platform::Ios,
        Some(name) => Platform::parse(&name).ok_or_else(|| {
            let message = format!("`platform` must be `ios` or `macOS`, but is `{name}`");
            GraphError::invalid("platform", message)
        })?,
    };
    let os_version = match read_text(body, "osVersion")? {
        None => None,
        Some(text) => Some(OsVersion::parse(&text).ok_or_else(|| {
            let message = format!("`osVersion` must be a version such as `17.4`, but is `{text}`");
            GraphError::invalid("osVersion", message)
        })?),
    };
    Ok(SimulationRequest {
        user: read_text(body, "user")?,
        device,
        platform,
        os_version,
    })
}
