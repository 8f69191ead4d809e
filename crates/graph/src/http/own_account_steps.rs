//! `/mandate/v1/accountSteps`.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use mandate_web::Routes;

use super::own::answer;
use crate::resources::own;
use crate::state::GraphState;

/// Routes of the steps for removing accounts.
pub(super) fn routes() -> Routes<GraphState> {
    Routes::new().route("/mandate/v1/accountSteps", get(show).patch(update))
}

async fn show(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let run = |actor, _, _| async move { own::show_account_steps(state, &actor).await };
    answer(state, request, StatusCode::OK, run).await
}

async fn update(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let run = |actor, body, _| async move { own::update_account_steps(state, &actor, &body).await };
    answer(state, request, StatusCode::OK, run).await
}
