//! The management authority and its resets.

use mandate_engine::{
    Actor, AuthorityReset, AuthorityStanding, ChecklistItem, ItemCode, ItemState,
    ManagementAuthority, NewAuthorityReset,
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::options::Options;
use super::read_text;
use crate::error::{GraphError, Result};
use crate::resources::body::boolean;
use crate::resources::found;
use crate::state::GraphState;

/// `GET authority`
pub(crate) async fn show_authority(state: &GraphState, actor: &Actor) -> Result<Value> {
    let standing = state.engine().authority_standing(actor).await?;
    Ok(shown(&standing))
}

/// `PATCH authority`: another one at once; `confirm` must be true.
pub(crate) async fn update_authority(
    state: &GraphState,
    actor: &Actor,
    body: &Map<String, Value>,
) -> Result<Value> {
    only(body, &["authority", "confirm"])?;
    let to = read_authority(body, "authority")?;
    let confirmed = confirmed(body)?;
    state
        .engine()
        .set_management_authority(actor, to, confirmed)
        .await?;
    // Whoever may set it may see it.
    show_authority(state, actor).await
}

/// `GET authorityResets`: the newest first; `before` is the id of the last one of the page before.
pub(crate) async fn list_authority_resets(
    state: &GraphState,
    actor: &Actor,
    query: &str,
) -> Result<Value> {
    let options = Options::read(query, &["limit", "before"])?;
    let before = options.get("before").map(read_id).transpose()?;
    let resets = state
        .engine()
        .list_authority_resets(actor, before, options.limit()?)
        .await?;
    let value: Vec<Value> = resets.iter().map(reset).collect();
    Ok(json!({ "value": value }))
}

/// `POST authorityResets`: `tenantDomain` and `target`.
pub(crate) async fn request_authority_reset(
    state: &GraphState,
    actor: &Actor,
    body: &Map<String, Value>,
) -> Result<Value> {
    only(body, &["tenantDomain", "target"])?;
    let domain = read_text(body, "tenantDomain")?
        .ok_or_else(|| GraphError::invalid("tenantDomain", "`tenantDomain` is required"))?;
    let target = read_authority(body, "target")?;
    let new = NewAuthorityReset { domain, target };
    let made = state.engine().request_authority_reset(actor, new).await?;
    Ok(reset(&made))
}

/// `GET authorityResets/{id}`
pub(crate) async fn show_authority_reset(
    state: &GraphState,
    actor: &Actor,
    id: &str,
) -> Result<Value> {
    let one = state
        .engine()
        .find_authority_reset(actor, read_id(id)?)
        .await?;
    Ok(reset(&found(one, "authority reset", id)?))
}

/// `POST authorityResets/{id}/start`: `confirm` must be true.
pub(crate) async fn start_authority_reset(
    state: &GraphState,
    actor: &Actor,
    (id, body): (&str, &Map<String, Value>),
) -> Result<Value> {
    only(body, &["confirm"])?;
    let started = state
        .engine()
        .start_authority_reset(actor, read_id(id)?, confirmed(body)?)
        .await?;
    Ok(reset(&started))
}

/// `POST authorityResets/{id}/cancel`
pub(crate) async fn cancel_authority_reset(
    state: &GraphState,
    actor: &Actor,
    id: &str,
) -> Result<Value> {
    let cancelled = state
        .engine()
        .cancel_authority_reset(actor, read_id(id)?)
        .await?;
    Ok(reset(&cancelled))
}

/// `POST authorityResets/{id}/items/{item}/attest`: `by` names the person who vouches; without it, it is who asks.
pub(crate) async fn attest_item(
    state: &GraphState,
    actor: &Actor,
    (id, item): (&str, &str),
    body: &Map<String, Value>,
) -> Result<Value> {
    only(body, &["by"])?;
    let by = read_text(body, "by")?;
    let attested = state
        .engine()
        .attest_authority_reset(actor, read_id(id)?, read_item(item)?, by)
        .await?;
    Ok(reset(&attested))
}

/// `POST authorityResets/{id}/items/{item}/withdraw`
pub(crate) async fn withdraw_item(
    state: &GraphState,
    actor: &Actor,
    (id, item): (&str, &str),
) -> Result<Value> {
    let left = state
        .engine()
        .withdraw_attestation(actor, read_id(id)?, read_item(item)?)
        .await?;
    Ok(reset(&left))
}

fn shown(standing: &AuthorityStanding) -> Value {
    json!({
        "authority": standing.authority.name(),
        "mobileDeviceManagementAuthority": standing.authority.graph_name(),
        "enrollsHere": standing.authority.enrols_here(),
        "sinceDateTime": standing.since.map(|since| since.to_string()),
        "setBy": standing.set_by,
        "reset": standing.reset.as_ref().map(reset),
    })
}

fn reset(reset: &AuthorityReset) -> Value {
    let checklist: Vec<Value> = reset.checklist.iter().map(item).collect();
    json!({
        "id": reset.id,
        "tenantDomain": reset.domain,
        "from": reset.from.name(),
        "target": reset.target.name(),
        "stage": reset.stage.name(),
        "requestedBy": reset.requested_by,
        "requestedDateTime": reset.requested_at.to_string(),
        "startedBy": reset.started_by,
        "startedDateTime": reset.started_at.map(|at| at.to_string()),
        "completesDateTime": reset.completes_at.map(|at| at.to_string()),
        "endedDateTime": reset.ended_at.map(|at| at.to_string()),
        "isReady": reset.stage.is_open() && reset.is_green(),
        "checklist": checklist,
    })
}

fn item(item: &ChecklistItem) -> Value {
    let mut shown = json!({
        "item": item.code.name(),
        "of": item.of.name(),
        "text": item.code.text(),
        "isAttested": item.code.is_attested(),
        "isDone": item.state.is_green(),
        "state": item.state.name(),
    });
    match &item.state {
        ItemState::Left(count) => shown["left"] = json!(count),
        ItemState::None => shown["reason"] = json!("mandate has none"),
        ItemState::Attested { person, actor, at } => {
            shown["attestedBy"] = json!(person);
            shown["notedBy"] = json!(actor);
            shown["attestedDateTime"] = json!(at.to_string());
        }
        ItemState::Done | ItemState::Open => {}
    }
    shown
}

fn read_authority(body: &Map<String, Value>, name: &str) -> Result<ManagementAuthority> {
    let text = read_text(body, name)?
        .ok_or_else(|| GraphError::invalid(name, format!("`{name}` is required")))?;
    ManagementAuthority::parse(&text).ok_or_else(|| {
        let message = format!(
            "`{name}` must be `intune`, `sccm`, `office365` or `coexistence`, but is `{text}`"
        );
        GraphError::invalid(name, message)
    })
}

fn confirmed(body: &Map<String, Value>) -> Result<bool> {
    body.get("confirm")
        .map_or(Ok(false), |value| boolean("confirm", value))
}

fn read_id(key: &str) -> Result<Uuid> {
    Uuid::try_parse(key).map_err(|_| GraphError::no_such("authority reset", key))
}

fn read_item(key: &str) -> Result<ItemCode> {
    ItemCode::parse(key).ok_or_else(|| GraphError::no_such("item of this checklist", key))
}

/// Refuses what is not known, by name.
pub(super) fn only(body: &Map<String, Value>, known: &[&str]) -> Result<()> {
    match body.keys().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => {
            let known: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
            let message = format!(
                "`{name}` is not known here; {} may be given",
                known.join(" and ")
            );
            Err(GraphError::invalid(name.clone(), message))
        }
    }
}
