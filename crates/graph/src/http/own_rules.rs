//! `/mandate/v1/membershipRules` and `/mandate/v1/deviceCategorySettings`.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use mandate_web::Routes;
use serde_json::Value;

use super::own::answer;
use crate::resources::own;
use crate::state::GraphState;

/// Where rules are tried, and where it is said whether people choose a category.
pub(super) fn routes() -> Routes<GraphState> {
    Routes::new()
        .route("/mandate/v1/membershipRules/validate", post(validate))
        .route("/mandate/v1/membershipRules/preview", post(preview))
        .route(
            "/mandate/v1/deviceCategorySettings",
            get(show_settings).patch(update_settings),
        )
}

async fn validate(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let run = |actor, body, _| async move { own::validate_membership_rule(state, &actor, &body) };
    answer(state, request, StatusCode::OK, run).await
}

async fn preview(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let run =
        |actor, body, _| async move { own::preview_membership_rule(state, &actor, &body).await };
    answer(state, request, StatusCode::OK, run).await
}

async fn show_settings(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let run = |actor, _, _| async move { own::show_category_settings(state, &actor).await };
    answer(state, request, StatusCode::OK, run).await
}

async fn update_settings(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let run = |actor, body, _| async move {
        own::update_category_settings(state, &actor, &body).await?;
        Ok(Value::Null)
    };
    answer(state, request, StatusCode::NO_CONTENT, run).await
}
