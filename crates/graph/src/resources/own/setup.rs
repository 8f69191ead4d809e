//! The checklist, the connections, and where Windows is led.

use mandate_engine::{Actor, Connection, ConnectionTest};
use mandate_model::Platform;
use serde_json::{Map, Value, json};

use crate::error::{GraphError, Result};
use crate::resources::body::{boolean, texts};
use crate::state::GraphState;

/// `GET setup`
pub(crate) async fn show_setup(state: &GraphState, actor: &Actor) -> Result<Value> {
    Ok(json!(state.engine().setup(actor).await?))
}

/// `PATCH setup`: `{"platforms": {"ios": true, "macOS": false}}`; what is not mentioned stays.
pub(crate) async fn update_setup(
    state: &GraphState,
    actor: &Actor,
    body: &Map<String, Value>,
) -> Result<Value> {
    let mut changes = Vec::new();
    for (name, value) in body {
        if name != "platforms" {
            let message = format!("`{name}` is nothing that can be set here, only `platforms` is");
            return Err(GraphError::invalid(name, message));
        }
        let platforms = value.as_object().ok_or_else(|| {
            let message =
                "`platforms` must be an object with platforms, such as `{\"macOS\": false}`";
            GraphError::invalid("platforms", message)
        })?;
        for (name, value) in platforms {
            let target = format!("platforms/{name}");
            let platform = Platform::parse(name).ok_or_else(|| {
                let message = format!("`{name}` is no platform that can be enrolled here");
                GraphError::invalid(target.clone(), message)
            })?;
            changes.push((platform, boolean(&target, value)?));
        }
    }
    state.engine().enable_platforms(actor, &changes).await?;
    show_setup(state, actor).await
}

/// `GET connections`
pub(crate) async fn list_connections(state: &GraphState, actor: &Actor) -> Result<Value> {
    let (list, tested) = state.engine().connections(actor).await?;
    Ok(shown(&list, tested.as_ref()))
}

/// `POST connections/test`: `{}` for all, `{"ids": […]}` for some.
pub(crate) async fn test_connections(
    state: &GraphState,
    actor: &Actor,
    body: &Map<String, Value>,
) -> Result<Value> {
    if let Some(name) = body.keys().find(|name| *name != "ids") {
        let message = format!("`{name}` is nothing that a test is told, only `ids` is");
        return Err(GraphError::invalid(name, message));
    }
    let ids = match body.get("ids") {
        None | Some(Value::Null) => None,
        Some(value) => Some(texts("ids", value)?),
    };
    Ok(json!(state.engine().test_connections(actor, ids).await?))
}

/// `POST domains/{name}/discovery`: where Windows is led by an address under the domain.
pub(crate) async fn check_discovery(
    state: &GraphState,
    actor: &Actor,
    name: &str,
) -> Result<Value> {
    Ok(json!(state.engine().check_discovery(actor, name).await?))
}

fn shown(list: &[Connection], tested: Option<&ConnectionTest>) -> Value {
    json!({ "value": list, "lastTest": tested })
}
