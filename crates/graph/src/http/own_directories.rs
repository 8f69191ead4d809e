//! `/mandate/v1/directories`.

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use mandate_web::Routes;
use serde_json::Value;

use super::own::answer;
use crate::resources::own;
use crate::state::GraphState;

/// Where directories that people come from are managed.
pub(super) fn routes() -> Routes<GraphState> {
    Routes::new()
        .route("/mandate/v1/directories", get(list).post(create))
        .route(
            "/mandate/v1/directories/{name}",
            get(show).patch(update).delete(remove),
        )
        .route("/mandate/v1/directories/{name}/readiness", get(readiness))
        .route("/mandate/v1/directories/{name}/errors", get(errors))
        .route("/mandate/v1/directories/{name}/gone", get(gone))
        .route("/mandate/v1/directories/{name}/test", post(test))
        .route("/mandate/v1/directories/{name}/forecast", post(forecast))
        .route(
            "/mandate/v1/directories/{name}/synchronize",
            post(synchronize),
        )
        .route(
            "/mandate/v1/directories/{name}/confirmDeletions",
            post(confirm_deletions),
        )
        .route(
            "/mandate/v1/directories/{name}/deleteGone",
            post(delete_gone),
        )
}

async fn list(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let run = |actor, _, _| async move { own::list_directories(state, &actor).await };
    answer(state, request, StatusCode::OK, run).await
}

async fn create(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let run = |actor, body, _| async move { own::create_directory(state, &actor, body).await };
    answer(state, request, StatusCode::CREATED, run).await
}

async fn show(
    State(state): State<GraphState>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let state = &state;
    let run = |actor, _, _| async move { own::show_directory(state, &actor, &name).await };
    answer(state, request, StatusCode::OK, run).await
}

async fn update(
    State(state): State<GraphState>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let state = &state;
    let run =
        |actor, body, _| async move { own::update_directory(state, &actor, &name, body).await };
    answer(state, request, StatusCode::OK, run).await
}

async fn remove(
    State(state): State<GraphState>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let state = &state;
    let run = |actor, _, _| async move {
        own::delete_directory(state, &actor, &name).await?;
        Ok(Value::Null)
    };
    answer(state, request, StatusCode::NO_CONTENT, run).await
}

async fn readiness(
    State(state): State<GraphState>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let state = &state;
    let run = |actor, _, _| async move { own::show_readiness(state, &actor, &name).await };
    answer(state, request, StatusCode::OK, run).await
}

async fn errors(state: State<GraphState>, name: Path<String>, request: Request) -> Response {
    worries(state, name, request, false).await
}

async fn gone(state: State<GraphState>, name: Path<String>, request: Request) -> Response {
    worries(state, name, request, true).await
}

async fn worries(
    State(state): State<GraphState>,
    Path(name): Path<String>,
    request: Request,
    gone: bool,
) -> Response {
    let state = &state;
    let after = after(request.uri().query().unwrap_or_default());
    let run =
        |actor, _, _| async move { own::list_worries(state, &actor, (&name, gone), &after).await };
    answer(state, request, StatusCode::OK, run).await
}

/// The id after which a page begins: what the page before gave as `next`, which needs no encoding.
fn after(query: &str) -> String {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let mut found = pairs.filter(|(name, _)| *name == "after");
    found
        .next()
        .map_or_else(String::new, |(_, id)| id.to_owned())
}

async fn test(
    State(state): State<GraphState>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let state = &state;
    let run = |actor, _, _| async move { own::test_directory(state, &actor, &name).await };
    answer(state, request, StatusCode::OK, run).await
}

async fn forecast(
    State(state): State<GraphState>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let state = &state;
    let run = |actor, _, _| async move { own::forecast_directory(state, &actor, &name).await };
    answer(state, request, StatusCode::OK, run).await
}

async fn synchronize(
    State(state): State<GraphState>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let state = &state;
    let run = |actor, body, _| async move {
        own::synchronize_directory(state, &actor, &name, &body).await
    };
    answer(state, request, StatusCode::OK, run).await
}

async fn confirm_deletions(
    State(state): State<GraphState>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let state = &state;
    let run = |actor, _, _| async move { own::confirm_deletions(state, &actor, &name).await };
    answer(state, request, StatusCode::OK, run).await
}

async fn delete_gone(
    State(state): State<GraphState>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let state = &state;
    let run = |actor, _, _| async move { own::delete_gone(state, &actor, &name).await };
    answer(state, request, StatusCode::OK, run).await
}
