//! `/mandate/v1/enrollmentManagers`.

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{delete, get};
use mandate_web::Routes;
use serde_json::Value;

use super::own::answer;
use crate::resources::own;
use crate::state::GraphState;

/// Where device enrolment managers are listed, appointed and dismissed.
pub(super) fn routes() -> Routes<GraphState> {
    Routes::new()
        .route("/mandate/v1/enrollmentManagers", get(list).post(appoint))
        .route("/mandate/v1/enrollmentManagers/{user}", delete(dismiss))
}

async fn list(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let run = |actor, _, _| async move { own::list_enrollment_managers(state, &actor).await };
    answer(state, request, StatusCode::OK, run).await
}

async fn appoint(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let run = |actor, body, _| async move {
        own::appoint_enrollment_manager(state, &actor, &body).await?;
        Ok(Value::Null)
    };
    answer(state, request, StatusCode::NO_CONTENT, run).await
}

async fn dismiss(
    State(state): State<GraphState>,
    Path(user): Path<String>,
    request: Request,
) -> Response {
    let state = &state;
    let run = |actor, _, _| async move {
        own::dismiss_enrollment_manager(state, &actor, &user).await?;
        Ok(Value::Null)
    };
    answer(state, request, StatusCode::NO_CONTENT, run).await
}
