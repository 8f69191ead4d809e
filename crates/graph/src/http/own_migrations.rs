//! `/mandate/v1/migrations`.

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use mandate_web::Routes;
use serde_json::Value;

use super::own::answer;
use crate::resources::own;
use crate::state::GraphState;

/// Where migrations from other servers are managed.
pub(super) fn routes() -> Routes<GraphState> {
    Routes::new()
        .route("/mandate/v1/migrations", get(list).post(open))
        .route(
            "/mandate/v1/migrations/{id}",
            get(show).patch(change).delete(remove),
        )
        .route(
            "/mandate/v1/migrations/{id}/key",
            post(make_key).delete(revoke_key),
        )
        .route("/mandate/v1/migrations/{id}/people", post(set_people))
        .route("/mandate/v1/migrations/{id}/wake", post(wake))
        .route("/mandate/v1/migrations/{id}/enrollments", get(enrolments))
}

async fn list(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let run = |actor, _, _| async move { own::list_migrations(state, &actor).await };
    answer(state, request, StatusCode::OK, run).await
}

async fn open(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let run = |actor, body, _| async move { own::open_migration(state, &actor, &body).await };
    answer(state, request, StatusCode::CREATED, run).await
}

async fn show(
    State(state): State<GraphState>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let state = &state;
    let run = |actor, _, _| async move { own::show_migration(state, &actor, &id).await };
    answer(state, request, StatusCode::OK, run).await
}

async fn change(
    State(state): State<GraphState>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let state = &state;
    let run =
        |actor, body, _| async move { own::change_migration(state, &actor, &id, &body).await };
    answer(state, request, StatusCode::OK, run).await
}

async fn remove(
    State(state): State<GraphState>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let state = &state;
    let run = |actor, _, _| async move {
        own::delete_migration(state, &actor, &id).await?;
        Ok(Value::Null)
    };
    answer(state, request, StatusCode::NO_CONTENT, run).await
}

async fn make_key(
    State(state): State<GraphState>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let state = &state;
    let run =
        |actor, body, _| async move { own::make_migration_key(state, &actor, &id, &body).await };
    answer(state, request, StatusCode::CREATED, run).await
}

async fn revoke_key(
    State(state): State<GraphState>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let state = &state;
    let run = |actor, _, _| async move {
        own::revoke_migration_key(state, &actor, &id).await?;
        Ok(Value::Null)
    };
    answer(state, request, StatusCode::NO_CONTENT, run).await
}

async fn set_people(
    State(state): State<GraphState>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let state = &state;
    let run =
        |actor, body, _| async move { own::set_migration_people(state, &actor, &id, &body).await };
    answer(state, request, StatusCode::OK, run).await
}

async fn wake(
    State(state): State<GraphState>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let state = &state;
    let run = |actor, _, _| async move { own::wake_migration(state, &actor, &id).await };
    answer(state, request, StatusCode::OK, run).await
}

async fn enrolments(
    State(state): State<GraphState>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let state = &state;
    let query = request.uri().query().unwrap_or_default().to_owned();
    let run = |actor, _, base_url: String| async move {
        let address = format!("{base_url}/mandate/v1/migrations/{id}/enrollments");
        own::list_migrated(state, &actor, (&id, &query), &address).await
    };
    answer(state, request, StatusCode::OK, run).await
}
