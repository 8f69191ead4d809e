//! `/mandate/v1`: what became of telling the webhook of the audit.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use mandate_web::Routes;

use super::own::answer;
use crate::resources::own;
use crate::state::GraphState;

/// `auditDeliveries`.
pub(super) fn routes() -> Routes<GraphState> {
    Routes::new().route("/mandate/v1/auditDeliveries", get(list_deliveries))
}

async fn list_deliveries(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let query = request.uri().query().unwrap_or_default().to_owned();
    let run = |actor, _, base_url: String| async move {
        let address = format!("{base_url}/mandate/v1/auditDeliveries");
        own::list_deliveries(state, &actor, &query, &address).await
    };
    answer(state, request, StatusCode::OK, run).await
}
