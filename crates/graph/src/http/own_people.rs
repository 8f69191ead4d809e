//! `/mandate/v1/users/import`.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;
use mandate_web::Routes;

use super::own::answer;
use crate::resources::own;
use crate::state::GraphState;

/// Where people come from a file.
pub(super) fn routes() -> Routes<GraphState> {
    Routes::new().route("/mandate/v1/users/import", post(import))
}

async fn import(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let run = |actor, body, _| async move { own::import_people(state, &actor, &body).await };
    answer(state, request, StatusCode::OK, run).await
}
