//! `/mandate/v1`: reports about certificates.

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::own::answer;
use crate::resources::own;
use crate::state::GraphState;

/// `GET /mandate/v1/users/{id}/certificates`
pub(super) async fn list_user_certificates(
    State(state): State<GraphState>,
    Path(key): Path<String>,
    request: Request,
) -> Response {
    let state = &state;
    let run = |actor, _, _| async move { own::list_user_certificates(state, &actor, &key).await };
    answer(state, request, StatusCode::OK, run).await
}

/// `GET /mandate/v1/certificates/expiring`
pub(super) async fn list_expiring_certificates(
    State(state): State<GraphState>,
    request: Request,
) -> Response {
    let state = &state;
    let query = request.uri().query().unwrap_or_default().to_owned();
    let run = |actor, _, base_url: String| async move {
        let address = format!("{base_url}/mandate/v1/certificates/expiring");
        own::list_expiring_certificates(state, &actor, &query, &address).await
    };
    answer(state, request, StatusCode::OK, run).await
}
