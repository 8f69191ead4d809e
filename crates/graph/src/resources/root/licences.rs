//! What clients look up before they manage anything: a licence with Intune in it. Here nothing is licensed, so there is
//! one that everybody has and that does not run out.

use serde_json::json;
use uuid::Uuid;

use crate::entity::Entity;
use crate::error::Result;
use crate::odata::Keyed;
use crate::page::{Listing, check_select};
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::resources::found;
use crate::schema;
use crate::state::GraphState;

/// Our own id; Microsoft sells nothing under it.
const SKU: Uuid = Uuid::from_u128(0x6d61_6e64_6174_6500_8000_0000_0000_0001);
/// Microsoft's id of the plan `INTUNE_A`.
const INTUNE_PLAN: Uuid = Uuid::from_u128(0xc1ec_4a95_1f05_45b3_a911_aa3f_a010_94f5);

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
    let people = state.engine().count_users(&request.actor).await?;
    let tenant = state.engine().tenant();
    let plan = json!({
        "servicePlanId": INTUNE_PLAN,
        "servicePlanName": "INTUNE_A",
        "provisioningStatus": "Success",
        "appliesTo": "User",
    });
    let mut body = schema::blank("subscribedSku");
    for (name, value) in [
        ("id", json!(id(state))),
        ("accountId", json!(tenant.id)),
        ("accountName", json!(tenant.company)),
        ("appliesTo", json!("User")),
        ("capabilityStatus", json!("Enabled")),
        (
            "consumedUnits",
            json!(i32::try_from(people).unwrap_or(i32::MAX)),
        ),
        (
            "prepaidUnits",
            json!({ "enabled": i32::MAX, "suspended": 0, "warning": 0, "lockedOut": 0 }),
        ),
        ("servicePlans", json!([plan])),
        ("skuId", json!(SKU)),
        ("skuPartNumber", json!("MANDATE")),
    ] {
        body.insert(name.to_owned(), value);
    }
    let path = format!("subscribedSkus('{}')", id(state));
    Ok(Entity::new("subscribedSku", path, body))
}
