//! Who asks.

use axum::http::HeaderMap;
use mandate_engine::{Actor, Permission};
use mandate_model::AppId;
use uuid::Uuid;

use super::authorization;
use crate::error::{GraphError, Result};
use crate::state::GraphState;

/// The actor that a bearer token stands for. A permission counts while both the token and the app have it, so that
/// what is taken from an app is gone at once.
pub(super) async fn actor(
    state: &GraphState,
    headers: &HeaderMap,
    base_url: &str,
) -> Result<Actor> {
    let refuse = |text: &str| challenge(GraphError::unauthenticated(text), state, base_url);
    let token = authorization(headers, "bearer")
        .ok_or_else(|| refuse("the request has no bearer token"))?;
    let host = base_url
        .split_once("://")
        .map_or(base_url, |(_, host)| host);
    let claims = state
        .tokens()
        .verify(token, host, state.engine().now())
        .map_err(|error| refuse(&error.to_string()))?;
    let app = Uuid::try_parse(&claims.azp)
        .map(AppId)
        .map_err(|_| refuse("the token names no app"))?;
    let app = state
        .engine()
        .find_app(app)
        .await?
        .ok_or_else(|| refuse("the app of the token is no longer registered"))?;
    let granted = claims
        .roles
        .iter()
        .filter_map(|role| Permission::parse(role));
    let granted = granted.filter(|permission| app.permissions.contains(permission));
    Ok(Actor::app(app.id, app.name.clone(), granted))
}

/// RFC 6750 §3
fn challenge(mut error: GraphError, state: &GraphState, base_url: &str) -> GraphError {
    let tenant = state.engine().tenant().id;
    let text = error.message.replace(['"', '\\'], "'");
    let value = format!(
        "Bearer realm=\"\", authorization_uri=\"{base_url}/{tenant}/oauth2/v2.0/authorize\", \
         error=\"invalid_token\", error_description=\"{text}\""
    );
    error.headers.push(("www-authenticate", value));
    error
}
