//! `/mandate/v1/identityProviders`.

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use mandate_web::Routes;
use serde_json::Value;

use super::own::answer;
use crate::resources::own;
use crate::state::GraphState;

/// Where identity providers are managed.
pub(super) fn routes() -> Routes<GraphState> {
    Routes::new()
        .route("/mandate/v1/identityProviders", get(list).post(create))
        .route(
            "/mandate/v1/identityProviders/{name}",
            get(show).patch(update).delete(remove),
        )
        .route("/mandate/v1/identityProviders/{name}/test", post(test))
}

async fn list(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let run = |actor, _, _| async move { own::list_identity_providers(state, &actor).await };
    answer(state, request, StatusCode::OK, run).await
}

async fn create(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let run =
        |actor, body, _| async move { own::create_identity_provider(state, &actor, body).await };
    answer(state, request, StatusCode::CREATED, run).await
}

async fn show(
    State(state): State<GraphState>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let state = &state;
    let run = |actor, _, _| async move { own::show_identity_provider(state, &actor, &name).await };
    answer(state, request, StatusCode::OK, run).await
}

async fn update(
    State(state): State<GraphState>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let state = &state;
    let run = |actor, body, _| async move {
        own::update_identity_provider(state, &actor, &name, body).await
    };
    answer(state, request, StatusCode::OK, run).await
}

async fn remove(
    State(state): State<GraphState>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let state = &state;
    let run = |actor, _, _| async move {
        own::delete_identity_provider(state, &actor, &name).await?;
        Ok(Value::Null)
    };
    answer(state, request, StatusCode::NO_CONTENT, run).await
}

async fn test(
    State(state): State<GraphState>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let state = &state;
    let run = |actor, body, _| async move {
        own::test_identity_provider(state, &actor, &name, &body).await
    };
    answer(state, request, StatusCode::OK, run).await
}
