//! `/mandate/v1/setup`, `/mandate/v1/connections` and what domains have beside Graph.

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use mandate_web::Routes;

use super::own::answer;
use crate::resources::own;
use crate::state::GraphState;

/// Routes of the way to the first device.
pub(super) fn routes() -> Routes<GraphState> {
    Routes::new()
        .route("/mandate/v1/setup", get(show).patch(update))
        .route("/mandate/v1/connections", get(list))
        .route("/mandate/v1/connections/test", post(test))
        .route("/mandate/v1/domains/{name}/discovery", post(discovery))
}

async fn show(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let run = |actor, _, _| async move { own::show_setup(state, &actor).await };
    answer(state, request, StatusCode::OK, run).await
}

async fn update(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let run = |actor, body, _| async move { own::update_setup(state, &actor, &body).await };
    answer(state, request, StatusCode::OK, run).await
}

async fn list(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let run = |actor, _, _| async move { own::list_connections(state, &actor).await };
    answer(state, request, StatusCode::OK, run).await
}

async fn test(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let run = |actor, body, _| async move { own::test_connections(state, &actor, &body).await };
    answer(state, request, StatusCode::OK, run).await
}

async fn discovery(
    State(state): State<GraphState>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let state = &state;
    let run = |actor, _, _| async move { own::check_discovery(state, &actor, &name).await };
    answer(state, request, StatusCode::OK, run).await
}
