//! The management authority in Graph's words.

use mandate_engine::{Action, ManagementAuthority};
use serde_json::json;

use crate::error::{GraphError, Result};
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::resources::found;
use crate::state::GraphState;

/// `POST organization/{id}/setMobileDeviceManagementAuthority`: this server becomes the authority. The action takes no body,
/// and its name is all that it can mean, so it counts as confirmed where there is no authority yet. Where there is another
/// one, a client could not say that it knows what it takes away; `/mandate/v1/authority` asks for that.
pub(crate) async fn set_authority(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let engine = state.engine();
    let is_ours = request
        .key(0)
        .eq_ignore_ascii_case(&engine.tenant().id.to_string());
    found(is_ours.then_some(()), "organization", request.key(0))?;
    let before = engine.management_authority().await?;
    let is_plain = before == ManagementAuthority::Unknown || before.enrols_here();
    // Whoever may not do it is told that first.
    if !is_plain && request.actor.may(Action::MdmAuthorityUpdate) {
        return Err(GraphError::bad_request(format!(
            "the management authority is `{}`; to change it, `PATCH /mandate/v1/authority` with `confirm`",
            before.graph_name()
        )));
    }
    // In coexistence this server is an authority already.
    let to = match before {
        ManagementAuthority::Coexistence => before,
        _ => ManagementAuthority::Intune,
    };
    let set = engine
        .set_management_authority(&request.actor, to, is_plain)
        .await?;
    Ok(Reply::Value {
        context: "Edm.Int32".to_owned(),
        value: json!(set.graph_number()),
    })
}
