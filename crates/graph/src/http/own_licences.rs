//! `/mandate/v1/licences`.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use mandate_web::Routes;

use super::own::answer;
use crate::resources::own;
use crate::state::GraphState;

/// Where licences are counted, given and taken back.
pub(super) fn routes() -> Routes<GraphState> {
    Routes::new()
        .route("/mandate/v1/licences", get(show).patch(update))
        .route("/mandate/v1/licences/preview", post(preview))
        .route("/mandate/v1/licences/people", get(list_people))
}

async fn show(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let run = |actor, _, _| async move { own::show_licences(state, &actor).await };
    answer(state, request, StatusCode::OK, run).await
}

async fn update(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let run = |actor, body, _| async move { own::update_licences(state, &actor, &body).await };
    answer(state, request, StatusCode::OK, run).await
}

async fn preview(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let run = |actor, body, _| async move { own::preview_licences(state, &actor, &body).await };
    answer(state, request, StatusCode::OK, run).await
}

async fn list_people(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let query = request.uri().query().unwrap_or_default().to_owned();
    let run = |actor, _, _| async move { own::list_licensed_people(state, &actor, &query).await };
    answer(state, request, StatusCode::OK, run).await
}
