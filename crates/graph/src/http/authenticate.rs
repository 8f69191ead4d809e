//! Who asks.

use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mandate_engine::{Actor, Origin, TokenRefusal};
use mandate_web::Caller;
use serde_json::json;

use super::{Received, authorization};
use crate::error::{GraphError, Result};
use crate::state::GraphState;

/// The actor that a bearer token stands for.
pub(super) async fn actor(state: &GraphState, parts: &Parts, received: &Received) -> Result<Actor> {
    let base_url = &received.base_url;
    let Some(token) = authorization(&parts.headers, "bearer") else {
        let error = GraphError::unauthenticated("the request has no bearer token");
        return Err(challenge(error, state, base_url));
    };
    let host = base_url
        .split_once("://")
        .map_or(base_url.as_str(), |(_, host)| host);
    let origin = Origin {
        address: Caller::of(state.scheme(), parts).address,
        request: Some(received.ids.request.to_string()),
    };
    let actor = state.engine().actor_of_token(token, host, origin).await;
    actor.map_err(|refusal| refused(refusal, state, base_url))
}

fn refused(refusal: TokenRefusal, state: &GraphState, base_url: &str) -> GraphError {
    match refusal {
        TokenRefusal::Engine(error) => error.into(),
        TokenRefusal::SessionEnded {
            not_before,
            takes_claims: true,
        } => claims_challenge(state, base_url, not_before),
        other => {
            let error = GraphError::unauthenticated(other.to_string());
            challenge(error, state, base_url)
        }
    }
}

/// What a client that can (`CP1`) shows the authority, to get a token that is good again.
fn claims_challenge(state: &GraphState, base_url: &str, not_before: i64) -> GraphError {
    let tenant = state.engine().tenant().id;
    let mut error = GraphError::unauthenticated("the session behind the token has ended");
    let claims = json!({
        "access_token": { "nbf": { "essential": true, "value": not_before.to_string() } },
    });
    let claims = STANDARD.encode(claims.to_string());
    let value = format!(
        "Bearer realm=\"\", authorization_uri=\"{base_url}/{tenant}/oauth2/v2.0/authorize\", \
         client_id=\"00000003-0000-0000-c000-000000000000\", error=\"insufficient_claims\", claims=\"{claims}\""
    );
    error.headers.push(("www-authenticate", value));
    error
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
