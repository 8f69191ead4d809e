//! `/mandate/v1/notifications` and `/mandate/v1/notificationSettings`.

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use mandate_web::Routes;
use serde_json::Value;

use super::own::answer;
use crate::resources::own;
use crate::state::GraphState;

/// Where notifications are looked at and settled.
pub(super) fn routes() -> Routes<GraphState> {
    Routes::new()
        .route("/mandate/v1/notifications", get(list))
        .route("/mandate/v1/notifications/{id}/sendAgain", post(send_again))
        .route("/mandate/v1/notificationSettings", get(show).patch(update))
}

async fn list(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let query = request.uri().query().unwrap_or_default().to_owned();
    let run = |actor, _, base_url: String| async move {
        let address = format!("{base_url}/mandate/v1/notifications");
        own::list_notifications(state, &actor, &query, &address).await
    };
    answer(state, request, StatusCode::OK, run).await
}

async fn send_again(
    State(state): State<GraphState>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let state = &state;
    let run = |actor, _, _| async move {
        own::send_notification_again(state, &actor, &id).await?;
        Ok(Value::Null)
    };
    answer(state, request, StatusCode::NO_CONTENT, run).await
}

async fn show(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let run = |actor, _, _| async move { own::show_notification_settings(state, &actor).await };
    answer(state, request, StatusCode::OK, run).await
}

async fn update(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let run = |actor, body, _| async move {
        own::update_notification_settings(state, &actor, &body).await
    };
    answer(state, request, StatusCode::OK, run).await
}
