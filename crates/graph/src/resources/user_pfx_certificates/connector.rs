//! The certificate connector, which is the server itself: one, always there.

use serde_json::json;
use uuid::Uuid;

use super::beta_only;
use crate::entity::Entity;
use crate::error::Result;
use crate::odata::Keyed;
use crate::page::Listing;
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::state::GraphState;

const NAME: &str = "mandate (built in)";

/// `GET deviceManagement/ndesConnectors`
pub(crate) async fn list_connectors(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let body = json!({
        "displayName": NAME,
        "state": "active",
        "healthStatus": "noActionRequired",
        "enrolledDateTime": state.engine().tenant().created_at.to_string(),
        "lastConnectionDateTime": state.engine().now().to_string(),
        "connectorVersion": env!("CARGO_PKG_VERSION"),
        "machineName": machine(state),
        "roleScopeTagIds": ["0"],
    });
    the_one(state, request, "ndesConnector", "ndesConnectors", body).await
}

/// `GET deviceManagement/certificateConnectorDetails`
pub(crate) async fn list_connector_details(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let body = json!({
        "connectorName": NAME,
        "connectorVersion": env!("CARGO_PKG_VERSION"),
        "enrollmentDateTime": state.engine().tenant().created_at.to_string(),
        "lastCheckinDateTime": state.engine().now().to_string(),
        "machineName": machine(state),
    });
    let declared = "certificateConnectorDetails";
    the_one(state, request, declared, declared, body).await
}

async fn the_one(
    state: &GraphState,
    request: &GraphRequest,
    declared: &'static str,
    collection: &str,
    mut body: serde_json::Value,
) -> Result<Reply> {
    beta_only(request)?;
    // Whoever may not see its keys may not see it.
    state.engine().connector_keys(&request.actor).await?;
    let id = Uuid::new_v5(&state.engine().tenant().id.0, b"connector");
    let path = format!("deviceManagement/{collection}");
    body["id"] = json!(id);
    let row = Keyed {
        key: id.to_string(),
        entity: Entity::from_json(declared, format!("{path}('{id}')"), body),
    };
    Listing::management(declared, path)
        .page_of(request, vec![row])
        .await
}

/// The name of the host that devices are told.
fn machine(state: &GraphState) -> String {
    let url = state.engine().device_base_url();
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    host.split([':', '/']).next().unwrap_or_default().to_owned()
}
