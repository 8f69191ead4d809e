//! `/mandate/v1/authority` and `/mandate/v1/authorityResets`.

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use mandate_web::Routes;

use super::own::answer;
use crate::resources::own;
use crate::state::GraphState;

/// Where the management authority is seen, set and reset.
pub(super) fn routes() -> Routes<GraphState> {
    Routes::new()
        .route("/mandate/v1/authority", get(show).patch(update))
        .route("/mandate/v1/authorityResets", get(list).post(request_reset))
        .route("/mandate/v1/authorityResets/{id}", get(show_reset))
        .route("/mandate/v1/authorityResets/{id}/start", post(start))
        .route("/mandate/v1/authorityResets/{id}/cancel", post(cancel))
        .route(
            "/mandate/v1/authorityResets/{id}/items/{item}/attest",
            post(attest),
        )
        .route(
            "/mandate/v1/authorityResets/{id}/items/{item}/withdraw",
            post(withdraw),
        )
}

async fn show(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let run = |actor, _, _| async move { own::show_authority(state, &actor).await };
    answer(state, request, StatusCode::OK, run).await
}

async fn update(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let run = |actor, body, _| async move { own::update_authority(state, &actor, &body).await };
    answer(state, request, StatusCode::OK, run).await
}

async fn list(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let query = request.uri().query().unwrap_or_default().to_owned();
    let run = |actor, _, _| async move { own::list_authority_resets(state, &actor, &query).await };
    answer(state, request, StatusCode::OK, run).await
}

async fn request_reset(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let run =
        |actor, body, _| async move { own::request_authority_reset(state, &actor, &body).await };
    answer(state, request, StatusCode::CREATED, run).await
}

async fn show_reset(
    State(state): State<GraphState>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let state = &state;
    let run = |actor, _, _| async move { own::show_authority_reset(state, &actor, &id).await };
    answer(state, request, StatusCode::OK, run).await
}

async fn start(
    State(state): State<GraphState>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let state = &state;
    let run = |actor, body, _| async move {
        own::start_authority_reset(state, &actor, (&id, &body)).await
    };
    answer(state, request, StatusCode::OK, run).await
}

async fn cancel(
    State(state): State<GraphState>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let state = &state;
    let run = |actor, _, _| async move { own::cancel_authority_reset(state, &actor, &id).await };
    answer(state, request, StatusCode::OK, run).await
}

async fn attest(
    State(state): State<GraphState>,
    Path((id, item)): Path<(String, String)>,
    request: Request,
) -> Response {
    let state = &state;
    let run =
        |actor, body, _| async move { own::attest_item(state, &actor, (&id, &item), &body).await };
    answer(state, request, StatusCode::OK, run).await
}

async fn withdraw(
    State(state): State<GraphState>,
    Path((id, item)): Path<(String, String)>,
    request: Request,
) -> Response {
    let state = &state;
    let run = |actor, _, _| async move { own::withdraw_item(state, &actor, (&id, &item)).await };
    answer(state, request, StatusCode::OK, run).await
}
