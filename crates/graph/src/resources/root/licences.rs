//! What clients look up before they manage anything: a licence with Intune in it. It does not run out unless
//! the administrator says how many there are.

use serde_json::json;

use crate::entity::Entity;
use crate::error::Result;
use crate::odata::Keyed;
use crate::page::{Listing, check_select};
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::resources::found;
use crate::resources::licences::{SKU, SKU_NAME, plan};
use crate::schema;
use crate::state::GraphState;

/// `GET subscribedSkus`
pub(crate) async fn list_licences(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let entity = licence(state, request).await?;
    let key = id(state);
    Listing::directory("subscribedSku", "subscribedSkus")
        .page_of(request, vec![Keyed { key, entity }])
        .await
}

/// `GET subscribedSkus/{id}`
pub(crate) async fn show_licence(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    check_select(&request.query, "subscribedSku")?;
    let is_ours = request.key(0).eq_ignore_ascii_case(&id(state));
    found(is_ours.then_some(()), "subscribed SKU", request.key(0))?;
    let entity = licence(state, request).await?;
    Ok(Reply::entity(entity, "subscribedSku", "subscribedSkus"))
}

fn id(state: &GraphState) -> String {
    format!("{}_{SKU}", state.engine().tenant().id)
}

async fn licence(state: &GraphState, request: &GraphRequest) -> Result<Entity> {
    let summary = state.engine().licence_summary(&request.actor).await?;
    let units = |count: i64| i32::try_from(count).unwrap_or(i32::MAX);
    let tenant = state.engine().tenant();
    let mut body = schema::blank("subscribedSku");
    for (name, value) in [
        ("id", json!(id(state))),
        ("accountId", json!(tenant.id)),
        ("accountName", json!(tenant.company)),
        ("appliesTo", json!("User")),
        ("capabilityStatus", json!("Enabled")),
        ("consumedUnits", json!(units(summary.consumed))),
        (
            "prepaidUnits",
            json!({ "enabled": summary.units.map_or(i32::MAX, units), "suspended": 0, "warning": 0, "lockedOut": 0 }),
        ),
        ("servicePlans", json!([plan()])),
        ("skuId", json!(SKU)),
        ("skuPartNumber", json!(SKU_NAME)),
    ] {
        body.insert(name.to_owned(), value);
    }
    let path = format!("subscribedSkus('{}')", id(state));
    Ok(Entity::new("subscribedSku", path, body))
}
