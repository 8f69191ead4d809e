//! Identity providers: listing, adding, changing, trying and removing them.

use mandate_engine::{Actor, Provider};
use serde_json::{Map, Value, json};

use crate::error::{GraphError, Result};
use crate::resources::found;
use crate::state::GraphState;

/// `GET identityProviders`
pub(crate) async fn list_identity_providers(state: &GraphState, actor: &Actor) -> Result<Value> {
    let providers = state.engine().list_providers(actor).await?;
    let value: Vec<Value> = providers.iter().map(shown).collect();
    Ok(json!({ "value": value }))
}

/// `POST identityProviders`
pub(crate) async fn create_identity_provider(
    state: &GraphState,
    actor: &Actor,
    body: Map<String, Value>,
) -> Result<Value> {
    Ok(shown(&state.engine().create_provider(actor, body).await?))
}

/// `GET identityProviders/{name}`
pub(crate) async fn show_identity_provider(
    state: &GraphState,
    actor: &Actor,
    name: &str,
) -> Result<Value> {
    let provider = state.engine().find_provider(actor, name).await?;
    Ok(shown(&found(provider, "identity provider", name)?))
}

/// `PATCH identityProviders/{name}`
pub(crate) async fn update_identity_provider(
    state: &GraphState,
    actor: &Actor,
    name: &str,
    body: Map<String, Value>,
) -> Result<Value> {
    let provider = state.engine().update_provider(actor, name, body).await?;
    Ok(shown(&provider))
}

/// `DELETE identityProviders/{name}`
pub(crate) async fn delete_identity_provider(
    state: &GraphState,
    actor: &Actor,
    name: &str,
) -> Result<()> {
    Ok(state.engine().delete_provider(actor, name).await?)
}

/// `POST identityProviders/{name}/test`: each step of the way to it, with its outcome.
pub(crate) async fn test_identity_provider(
    state: &GraphState,
    actor: &Actor,
    name: &str,
    body: &Map<String, Value>,
) -> Result<Value> {
    let person = match body.get("userPrincipalName") {
        None | Some(Value::Null) => None,
        Some(Value::String(person)) => Some(person.as_str()),
        Some(_) => {
            let message = "`userPrincipalName` must be a text";
            return Err(GraphError::invalid("userPrincipalName", message));
        }
    };
    let steps = state.engine().try_provider(actor, name, person).await?;
    Ok(json!({ "value": steps }))
}

fn shown(provider: &Provider) -> Value {
    Value::Object(provider.to_map())
}
