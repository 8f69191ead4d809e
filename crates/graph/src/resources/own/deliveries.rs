//! `/mandate/v1/auditDeliveries`.

use mandate_engine::Actor;
use serde_json::{Value, json};
use uuid::Uuid;

use super::options::Options;
use crate::error::{GraphError, Result};
use crate::state::GraphState;

/// `GET auditDeliveries?limit=50&after=ID`: newest first, and how far the receiver is.
pub(crate) async fn list_deliveries(
    state: &GraphState,
    actor: &Actor,
    query: &str,
    address: &str,
) -> Result<Value> {
    let options = Options::read(query, &["limit", "after"])?;
    let limit = options.limit()?;
    let after = options.get("after").map(|id| {
        Uuid::try_parse(id).map_err(|_| {
            let message = format!("`after` must be the id of a delivery, but is `{id}`");
            GraphError::invalid("after", message)
        })
    });
    let found = state
        .engine()
        .list_audit_deliveries(actor, after.transpose()?, limit)
        .await?;
    let receiver = state.engine().audit_receiver(actor).await?;
    let mut answer = json!({ "receiver": receiver, "value": found });
    let is_full = found.len() == usize::try_from(limit).unwrap_or(usize::MAX);
    if let Some(last) = found.last().filter(|_| is_full) {
        answer["nextLink"] = json!(format!("{address}?limit={limit}&after={}", last.id));
    }
    Ok(answer)
}
