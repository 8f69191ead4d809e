//! Sign-in as MSAL expects it.

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use mandate_engine::ClientRefusal;
use serde_json::json;

use super::body::collect;
use super::respond::document;
use super::{Received, header_text, receive};
use crate::state::GraphState;
use crate::token::{
    Fault, FaultKind, TokenRequest, instance_discovery, invalid_client, openid_configuration,
};

/// A token request is a few hundred bytes.
const MAX_FORM: usize = 64 * 1024;

/// `POST /{tenant}/oauth2/v2.0/token`
pub(super) async fn issue_token(
    State(state): State<GraphState>,
    Path(tenant): Path<String>,
    request: Request,
) -> Response {
    let received = receive(&state, request.uri(), request.headers());
    match token(&state, &tenant, &received, request).await {
        Ok(token) => {
            let lifetime = mandate_engine::TOKEN_LIFETIME;
            let body = json!({
                "token_type": "Bearer",
                "expires_in": lifetime,
                "ext_expires_in": lifetime,
                "access_token": token,
            });
            document(StatusCode::OK, &body)
        }
        Err(fault) => {
            let now = state.engine().now();
            let body = fault.body(now, received.ids.request, &received.ids.client);
            document(fault.kind.status(), &body)
        }
    }
}

/// `GET /{tenant}/discovery/v2.0/keys`
pub(super) async fn show_keys(
    State(state): State<GraphState>,
    Path(tenant): Path<String>,
) -> Response {
    match check_tenant(&state, &tenant) {
        Ok(()) => document(
            StatusCode::OK,
            &state.engine().tokens().key_set(state.engine().now()),
        ),
        Err(fault) => refuse(&state, &fault),
    }
}

/// `GET /{tenant}/v2.0/.well-known/openid-configuration`
pub(super) async fn show_configuration(
    State(state): State<GraphState>,
    Path(tenant): Path<String>,
    request: Request,
) -> Response {
    let received = receive(&state, request.uri(), request.headers());
    match check_tenant(&state, &tenant) {
        Ok(()) => document(
            StatusCode::OK,
            &openid_configuration(&received.base_url, state.engine().tenant().id),
        ),
        Err(fault) => refuse(&state, &fault),
    }
}

/// `GET /common/discovery/instance`
pub(super) async fn show_instance(State(state): State<GraphState>, request: Request) -> Response {
    let received = receive(&state, request.uri(), request.headers());
    let document_of_hosts = instance_discovery(
        &received.base_url,
        state.engine().tenant().id,
        state.hosts(),
    );
    document(StatusCode::OK, &document_of_hosts)
}

async fn token(
    state: &GraphState,
    tenant: &str,
    received: &Received,
    request: Request,
) -> Result<String, Fault> {
    check_tenant(state, tenant)?;
    let (parts, body) = request.into_parts();
    let form = collect(body, MAX_FORM)
        .await
        .map_err(|error| Fault::new(FaultKind::InvalidRequest, error.message))?;
    let host = received
        .base_url
        .split_once("://")
        .map_or("", |(_, host)| host);
    let asked = TokenRequest::parse(&form, header_text(&parts.headers, "authorization"), host)?;
    let app = state
        .engine()
        .authenticate_app(asked.app, &asked.secret)
        .await
        .map_err(|refusal| match refusal {
            ClientRefusal::Engine(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "an app could not be authenticated"
                );
                Fault::new(
                    FaultKind::TemporarilyUnavailable,
                    "The server cannot check the client now; try again.",
                )
            }
            _ => invalid_client(),
        })?;
    state
        .engine()
        .app_token(&app, mandate_engine::ClientProof::Secret, &asked.audience, &received.base_url)
        .map_err(|error| {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a token could not be signed"
            );
            Fault::new(FaultKind::ServerError, "The server could not make a token.")
        })
}

/// One instance is one tenant: its id, its domains, and the two names that stand for any.
fn check_tenant(state: &GraphState, named: &str) -> Result<(), Fault> {
    let tenant = state.engine().tenant();
    let is_ours = named.eq_ignore_ascii_case(&tenant.id.to_string())
        || tenant
            .domains
            .iter()
            .any(|domain| domain.eq_ignore_ascii_case(named))
        || ["common", "organizations"].contains(&named.to_ascii_lowercase().as_str());
    if is_ours {
        Ok(())
    } else {
        Err(Fault::new(
            FaultKind::UnknownTenant,
            format!("The tenant '{named}' is not here."),
        ))
    }
}

fn refuse(state: &GraphState, fault: &Fault) -> Response {
    let id = state.random_id();
    document(
        fault.kind.status(),
        &fault.body(state.engine().now(), id, &id.to_string()),
    )
}
