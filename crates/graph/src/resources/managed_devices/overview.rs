//! All devices at a glance.

use serde_json::json;

use crate::entity::Entity;
use crate::error::Result;
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::state::GraphState;

/// `GET deviceManagement/managedDeviceOverview`: only iPhones and iPads are managed so far.
pub(crate) async fn show_overview(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let count = state.engine().count_devices(&request.actor).await?;
    let body = json!({
        "id": state.engine().tenant().id,
        "enrolledDeviceCount": count,
        "mdmEnrolledCount": count,
        "dualEnrolledDeviceCount": 0,
        "deviceOperatingSystemSummary": {
            "iosCount": count,
            "androidCount": 0,
            "macOSCount": 0,
            "windowsCount": 0,
            "windowsMobileCount": 0,
            "configMgrDeviceCount": 0,
            "unknownCount": 0,
        },
        "deviceExchangeAccessStateSummary": {
            "allowedDeviceCount": 0,
            "blockedDeviceCount": 0,
            "quarantinedDeviceCount": 0,
            "unknownDeviceCount": count,
            "unavailableDeviceCount": 0,
        },
        "lastModifiedDateTime": state.engine().now().to_string(),
    });
    let path = "deviceManagement/managedDeviceOverview";
    let entity = Entity::from_json("managedDeviceOverview", path.to_owned(), body);
    Ok(Reply::entity(entity, "managedDeviceOverview", path))
}
