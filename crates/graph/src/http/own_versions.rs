//! `/mandate/v1`: the history of profiles.

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use mandate_web::Routes;

use super::own::answer;
use crate::resources::own;
use crate::state::GraphState;

/// Everything under `profiles/{id}/versions` and `deletedProfiles`.
pub(super) fn routes() -> Routes<GraphState> {
    Routes::new()
        .route("/mandate/v1/profiles/{id}/versions", get(list_versions))
        .route(
            "/mandate/v1/profiles/{id}/versions/{version}",
            get(show_version),
        )
        .route(
            "/mandate/v1/profiles/{id}/versions/{version}/differences",
            get(compare_versions),
        )
        .route(
            "/mandate/v1/profiles/{id}/versions/{version}/restore",
            post(restore_version),
        )
        .route("/mandate/v1/deletedProfiles", get(list_deleted))
        .route(
            "/mandate/v1/deletedProfiles/{id}/restore",
            post(restore_deleted),
        )
}

async fn list_versions(
    State(state): State<GraphState>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let state = &state;
    let query = request.uri().query().unwrap_or_default().to_owned();
    let run = |actor, _, base_url: String| async move {
        let address = format!("{base_url}/mandate/v1/profiles/{id}/versions");
        own::list_versions(state, &actor, &id, &query, &address).await
    };
    answer(state, request, StatusCode::OK, run).await
}

async fn show_version(
    State(state): State<GraphState>,
    Path((id, version)): Path<(String, String)>,
    request: Request,
) -> Response {
    let state = &state;
    let run = |actor, _, _| async move { own::show_version(state, &actor, &id, &version).await };
    answer(state, request, StatusCode::OK, run).await
}

async fn compare_versions(
    State(state): State<GraphState>,
    Path((id, version)): Path<(String, String)>,
    request: Request,
) -> Response {
    let state = &state;
    let query = request.uri().query().unwrap_or_default().to_owned();
    let run = |actor, _, _| async move {
        own::compare_versions(state, &actor, &id, &version, &query).await
    };
    answer(state, request, StatusCode::OK, run).await
}

async fn restore_version(
    State(state): State<GraphState>,
    Path((id, version)): Path<(String, String)>,
    request: Request,
) -> Response {
    let state = &state;
    let run = |actor, _, _| async move { own::restore_version(state, &actor, &id, &version).await };
    answer(state, request, StatusCode::OK, run).await
}

async fn list_deleted(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let query = request.uri().query().unwrap_or_default().to_owned();
    let run = |actor, _, base_url: String| async move {
        let address = format!("{base_url}/mandate/v1/deletedProfiles");
        own::list_deleted(state, &actor, &query, &address).await
    };
    answer(state, request, StatusCode::OK, run).await
}

async fn restore_deleted(
    State(state): State<GraphState>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let state = &state;
    let run = |actor, _, _| async move { own::restore_deleted(state, &actor, &id).await };
    answer(state, request, StatusCode::OK, run).await
}
