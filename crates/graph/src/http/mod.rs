//! HTTP: in comes a request, out goes an answer.

mod authenticate;
mod body;
mod own;
mod own_account_steps;
mod own_audit;
mod own_authority;
mod own_certificates;
mod own_directories;
mod own_licences;
mod own_managers;
mod own_notifications;
mod own_people;
mod own_providers;
mod own_rules;
mod own_setup;
mod own_versions;
mod respond;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::Response;
use axum::routing::{any, delete, get, post};
use mandate_engine::Actor;
use mandate_model::AppId;
use mandate_web::{Address, Routes, address};
use tracing::Instrument;
use uuid::Uuid;

use self::respond::respond;
use crate::batch;
use crate::dispatch::{dispatch, error_answer, is_batch};
use crate::error::{GraphError, Result};
use crate::odata::MetadataLevel;
use crate::path::Version;
use crate::reply::{Answer, Content};
use crate::request::{Call, Ids, Preference};
use crate::state::GraphState;

/// Microsoft Graph and `/mandate/v1`, for one listener.
pub fn router(state: GraphState) -> Router {
    let mut router = routes().into_router();
    for root in ["/v1.0", "/V1.0", "/beta", "/Beta", "/BETA"] {
        router = router
            .route(root, any(answer))
            .route(&format!("{root}/"), any(answer))
            .route(&format!("{root}/{{*path}}"), any(answer));
    }
    router.with_state(state)
}

/// Everything outside of Graph.
pub(crate) fn routes() -> Routes<GraphState> {
    Routes::new()
        .route(
            "/mandate/v1/enrollmentLinks",
            get(own::list_enrollment_links).post(own::create_enrollment_link),
        )
        .route(
            "/mandate/v1/enrollmentLinks/{id}",
            delete(own::withdraw_enrollment_link),
        )
        .route(
            "/mandate/v1/users/{id}/certificates",
            get(own_certificates::list_user_certificates),
        )
        .route(
            "/mandate/v1/certificates/expiring",
            get(own_certificates::list_expiring_certificates),
        )
        .route("/mandate/v1/plan", post(own::show_plan))
        .route("/mandate/v1/preflight", post(own::preflight))
        .route("/mandate/v1/simulate", post(own::simulate))
        .merge(own_account_steps::routes())
        .merge(own_audit::routes())
        .merge(own_authority::routes())
        .merge(own_licences::routes())
        .merge(own_directories::routes())
        .merge(own_managers::routes())
        .merge(own_notifications::routes())
        .merge(own_people::routes())
        .merge(own_providers::routes())
        .merge(own_rules::routes())
        .merge(own_setup::routes())
        .merge(own_versions::routes())
}

/// What every request brings, before anything is known of it.
struct Received {
    ids: Ids,
    base_url: String,
}

async fn answer(State(state): State<GraphState>, request: Request) -> Response {
    let received = receive(&state, request.uri(), request.headers());
    let level = header_text(request.headers(), "accept")
        .map(MetadataLevel::from_accept)
        .unwrap_or_default();
    let span = tracing::info_span!("graph", request.id = %received.ids.request);
    let ids = received.ids.clone();
    let answer = async {
        match graph(&state, received, level, request).await {
            Ok(answer) => answer,
            Err(error) => error_answer(&state, &ids, error),
        }
    };
    let answer = answer.instrument(span).await;
    respond(answer, level, &ids)
}

async fn graph(
    state: &GraphState,
    received: Received,
    level: MetadataLevel,
    request: Request,
) -> Result<Answer> {
    check_host(state, &received.base_url)?;
    let (parts, incoming) = request.into_parts();
    let (version, target) = split(&parts.uri)?;
    let path = target
        .split('?')
        .next()
        .unwrap_or_default()
        .trim_matches('/');
    let actor = if is_public(&parts.method, path) {
        Actor::app(AppId(Uuid::nil()), "anonymous", [])
    } else {
        authenticate::actor(state, &parts, &received).await?
    };
    let is_batch = is_batch(path);
    let body = body::read(&parts.headers, incoming).await?;
    let call = Call {
        version,
        method: parts.method,
        target,
        level,
        prefer: header_text(&parts.headers, "prefer").and_then(Preference::parse),
        body,
        actor,
        base_url: received.base_url,
        ids: received.ids,
    };
    if !is_batch {
        return Ok(dispatch(state, call).await);
    }
    if call.method != Method::POST {
        return Err(GraphError::method_not_allowed(
            call.method.as_str(),
            &["POST"],
        ));
    }
    let body = batch::run(state, &call).await?;
    Ok(Answer {
        status: StatusCode::OK,
        headers: Vec::new(),
        content: Content::Json(body),
    })
}

/// Ids and address of a request.
fn receive(state: &GraphState, uri: &Uri, headers: &HeaderMap) -> Received {
    let request = state.random_id();
    let is_plain = |text: &&str| {
        !text.is_empty() && text.len() <= 128 && text.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let client = header_text(headers, "client-request-id")
        .filter(is_plain)
        .map_or_else(|| request.to_string(), str::to_owned);
    Received {
        ids: Ids { request, client },
        base_url: base_url(state, uri, headers),
    }
}

/// Scheme and host that the client called.
fn base_url(state: &GraphState, uri: &Uri, headers: &HeaderMap) -> String {
    let fallback = state.hosts().first().map_or("localhost", String::as_str);
    address(state.scheme(), uri, headers, fallback).base_url()
}

/// The host goes into addresses that we write, so it must be one of ours.
fn check_host(state: &GraphState, base_url: &str) -> Result<()> {
    let (scheme, host) = base_url.split_once("://").unwrap_or(("", base_url));
    let called = Address {
        is_secure: scheme == "https",
        host: host.to_owned(),
    };
    if called.is_one_of(state.hosts()) {
        return Ok(());
    }
    Err(GraphError::bad_request(
        "the server is not known by the name in the `Host` header; `--host` adds names",
    ))
}

/// The version, and what stands behind it.
fn split(uri: &Uri) -> Result<(Version, String)> {
    let path = uri.path().trim_start_matches('/');
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    let version = Version::parse(first)
        .ok_or_else(|| GraphError::not_found(format!("there is no version `{first}`")))?;
    let target = match uri.query() {
        Some(query) => format!("{rest}?{query}"),
        None => rest.to_owned(),
    };
    Ok((version, target))
}

/// The model holds no secrets, and `IntuneManagement` fetches it without a token.
fn is_public(method: &Method, path: &str) -> bool {
    *method == Method::GET
        && (path.eq_ignore_ascii_case("$metadata") || path.eq_ignore_ascii_case("%24metadata"))
}

fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The `Authorization` header, in the form of a scheme.
fn authorization<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let (found, rest) = header_text(headers, header::AUTHORIZATION.as_str())?
        .trim()
        .split_once(' ')?;
    found.eq_ignore_ascii_case(scheme).then(|| rest.trim())
}
