//! `/mandate/v1`: the same identity, body and errors as Graph, without its options.

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use mandate_engine::Actor;
use serde_json::{Map, Value};

use super::respond::respond;
use super::{authenticate, body, check_host, receive};
use crate::dispatch::error_answer;
use crate::error::{GraphError, Result};
use crate::odata::MetadataLevel;
use crate::reply::{Answer, Content};
use crate::resources::own;
use crate::state::GraphState;

/// `POST /mandate/v1/enrollmentLinks`
pub(super) async fn create_enrollment_link(
    State(state): State<GraphState>,
    request: Request,
) -> Response {
    let state = &state;
    answer(
        state,
        request,
        StatusCode::CREATED,
        |actor, body, _| async move { own::create_enrollment_link(state, &actor, &body).await },
    )
    .await
}

/// `GET /mandate/v1/enrollmentLinks`
pub(super) async fn list_enrollment_links(
    State(state): State<GraphState>,
    request: Request,
) -> Response {
    let state = &state;
    let query = request.uri().query().unwrap_or_default().to_owned();
    let run = |actor, _, base_url: String| async move {
        let address = format!("{base_url}/mandate/v1/enrollmentLinks");
        own::list_enrollment_links(state, &actor, &query, &address).await
    };
    answer(state, request, StatusCode::OK, run).await
}

/// `DELETE /mandate/v1/enrollmentLinks/{id}`
pub(super) async fn withdraw_enrollment_link(
    State(state): State<GraphState>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let state = &state;
    let run = |actor, _, _| async move {
        own::withdraw_enrollment_link(state, &actor, &id).await?;
        Ok(Value::Null)
    };
    answer(state, request, StatusCode::NO_CONTENT, run).await
}

/// `POST /mandate/v1/plan`
pub(super) async fn show_plan(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let run = |actor, body, _| async move { own::show_plan(state, &actor, &body).await };
    answer(state, request, StatusCode::OK, run).await
}

/// `POST /mandate/v1/preflight`
pub(super) async fn preflight(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let run = |actor, body, _| async move { own::preflight(state, &actor, body).await };
    answer(state, request, StatusCode::OK, run).await
}

/// `POST /mandate/v1/simulate`
pub(super) async fn simulate(State(state): State<GraphState>, request: Request) -> Response {
    let state = &state;
    let run = |actor, body, _| async move { own::simulate(state, &actor, &body).await };
    answer(state, request, StatusCode::OK, run).await
}

/// Runs with who asks, what he sends, and the address that he called. `Null` is an answer without a body.
pub(super) async fn answer<F, R>(
    state: &GraphState,
    request: Request,
    status: StatusCode,
    run: F,
) -> Response
where
    F: FnOnce(Actor, Map<String, Value>, String) -> R,
    R: Future<Output = Result<Value>>,
{
    let received = receive(state, request.uri(), request.headers());
    let ids = received.ids.clone();
    let answered = async {
        check_host(state, &received.base_url)?;
        let (parts, incoming) = request.into_parts();
        let actor = authenticate::actor(state, &parts, &received).await?;
        match body::read(&parts.headers, incoming).await? {
            Some(Value::Object(body)) => run(actor, body, received.base_url).await,
            None => run(actor, Map::new(), received.base_url).await,
            Some(_) => Err(GraphError::bad_request("the body must be a JSON object")),
        }
    };
    let answer = match answered.await {
        Ok(value) => Answer {
            status,
            headers: Vec::new(),
            content: match value {
                Value::Null => Content::None,
                value => Content::Json(value),
            },
        },
        Err(error) => error_answer(state, &ids, error),
    };
    respond(answer, MetadataLevel::Minimal, &ids)
}
