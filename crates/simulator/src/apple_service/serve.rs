//! Its end points.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{Shared, oauth};
use crate::listening::serve;

const MAX_BODY: usize = 4 * 1_024 * 1_024;
const SESSION: HeaderName = HeaderName::from_static("x-adm-auth-session");
const VERSION: HeaderName = HeaderName::from_static("x-server-protocol-version");

pub(super) async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    serve(listener, "Apple's stand-in's", move |request| {
        let shared = Arc::clone(&shared);
        async move { answer(request, &shared).await }
    })
    .await;
}

async fn answer(request: Request<Incoming>, shared: &Shared) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, "TOO_LARGE");
    };
    let path = head.uri.path().to_owned();
    let now = shared.now();
    let mut world = shared.world();
    world.asked.push(path.clone());
    if let Some((status, body, retry_after)) = world.troubles.pop_front() {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = refuse(status, &body);
        if let Some(seconds) = retry_after {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        return response;
    }
    let text = |headers: &HeaderMap, name: &HeaderName| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    if path == "/session" {
        let header = text(&head.headers, &AUTHORIZATION);
        let url = format!("http://{}/session", shared.address);
        return match oauth::check(&mut world, &header, &url, now) {
            Ok(()) => respond(&json!({ "auth_session_token": world.new_session() })),
            Err(reason) => refuse(StatusCode::UNAUTHORIZED, reason),
        };
    }
    if !world.sessions.contains(&text(&head.headers, &SESSION)) {
        return refuse(StatusCode::FORBIDDEN, "FORBIDDEN");
    }
    if text(&head.headers, &VERSION).is_empty() {
        return refuse(StatusCode::BAD_REQUEST, "PROTOCOL_VERSION_REQUIRED");
    }
    if !world.has_agreed {
        return refuse(StatusCode::FORBIDDEN, "T_C_NOT_SIGNED");
    }
    let body = body.to_bytes();
    let body: Value = if body.is_empty() {
        Value::Null
    } else {
        match serde_json::from_slice(&body) {
            Ok(body) => body,
            Err(_) => return refuse(StatusCode::BAD_REQUEST, "MALFORMED_REQUEST_BODY"),
        }
    };
    let outcome = match (&head.method, path.as_str()) {
        (&Method::GET, "/account") => Ok(json!({
            "server_name": "Contoso's mandate", "server_uuid": "SERVER-1", "org_name": "Contoso", "org_type": "org",
            "urls": [{ "uri": "/profile/devices", "http_method": ["POST"], "limit": { "default": 1000, "maximum": 1000 } }],
        })),
        (&Method::POST, "/server/devices") => world.fetch(&body, now),
        (&Method::POST, "/devices/sync") => world.sync(&body, now),
        (&Method::POST, "/profile") => world.define(&body),
        (&Method::POST, "/profile/devices") => world.assign(&body, false),
        (&Method::POST, "/devices/disown") => world.disown(&body),
        (&Method::DELETE, "/profile/devices") => world.assign(&body, true),
        _ => return refuse(StatusCode::NOT_FOUND, "NOT_FOUND"),
    };
    let mut response = match outcome {
        Ok(content) => respond(&content),
        Err(reason) => refuse(StatusCode::BAD_REQUEST, reason),
    };
    // Each answer brings another session along.
    if let Ok(session) = HeaderValue::from_str(&world.new_session()) {
        response.headers_mut().insert(SESSION, session);
    }
    response
}

fn respond(content: &Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(content.to_string())));
    let json = HeaderValue::from_static("application/json;charset=UTF8");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

fn refuse(status: StatusCode, word: &str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(word.to_owned())));
    *response.status_mut() = status;
    response
}
