//! Its end points.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, LOCATION};
use hyper::{Request, Response, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::net::TcpListener;

use super::{Answering, Shared, query, token};
use crate::listening::serve;

const MAX_BODY: usize = 64 * 1_024;
/// More than a client should take.
const WITHOUT_END: usize = 8 * 1_024 * 1_024;

pub(super) async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    serve(listener, "an identity provider's", move |request| {
        let shared = Arc::clone(&shared);
        async move { answer(request, &shared).await }
    })
    .await;
}

async fn answer(request: Request<Incoming>, shared: &Shared) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
        return respond(StatusCode::PAYLOAD_TOO_LARGE, String::new());
    };
    let path = head.uri.path().to_owned();
    let manner = {
        let mut inside = shared.lock();
        inside.asked.push(path.clone());
        inside.manner.clone()
    };
    let good = |content: &Value| respond(StatusCode::OK, content.to_string());
    match path.as_str() {
        "/.well-known/openid-configuration" => good(&shared.metadata(&manner)),
        "/keys" => {
            let keys = shared.lock().key_set();
            as_told(manner.keys, &path, good(&keys)).await
        }
        "/token" => {
            let authorization = head.headers.get(AUTHORIZATION);
            let authorization = authorization.and_then(|value| value.to_str().ok());
            let form = String::from_utf8_lossy(&body.to_bytes()).into_owned();
            let given = tokens(shared, authorization.unwrap_or_default(), &form);
            as_told(manner.tokens, &path, given).await
        }
        "/me" => good(&manner.user_info.map_or(json!({}), Value::Object)),
        // Where redirects lead: everything is well there.
        "/elsewhere/keys" => good(&shared.lock().key_set()),
        _ => respond(StatusCode::NOT_FOUND, String::new()),
    }
}

async fn as_told(how: Answering, path: &str, well: Response<Full<Bytes>>) -> Response<Full<Bytes>> {
    match how {
        Answering::Well => well,
        Answering::WithoutEnd => respond(StatusCode::OK, " ".repeat(WITHOUT_END)),
        Answering::Elsewhere => {
            let mut response = respond(StatusCode::TEMPORARY_REDIRECT, String::new());
            if let Ok(place) = HeaderValue::from_str(&format!("/elsewhere{path}")) {
                response.headers_mut().insert(LOCATION, place);
            }
            response
        }
        Answering::Never => std::future::pending().await,
        Answering::Failing => respond(StatusCode::INTERNAL_SERVER_ERROR, String::new()),
    }
}

/// RFC 6749 §4.1.3, RFC 7636 §4.6.
fn tokens(shared: &Shared, authorization: &str, form: &str) -> Response<Full<Bytes>> {
    let form = query(form);
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    let mut inside = shared.lock();
    inside.authorizations.push(authorization.to_owned());
    let refused = || {
        let error = json!({ "error": "invalid_grant" });
        respond(StatusCode::BAD_REQUEST, error.to_string())
    };
    let Some(grant) = inside.codes.remove(field("code")) else {
        return refused();
    };
    let asked = |name: &str| grant.asked.get(name).map_or("", String::as_str);
    let verifier = digest(&SHA256, field("code_verifier").as_bytes());
    let proves = URL_SAFE_NO_PAD.encode(verifier) == asked("code_challenge")
        && asked("code_challenge_method") == "S256";
    if !proves || field("redirect_uri") != asked("redirect_uri") {
        return refused();
    }
    let id_token = token::id_token(shared, &inside, &grant);
    let content = json!({
        "access_token": "an-access-token", "token_type": "Bearer", "expires_in": 300, "id_token": id_token,
    });
    respond(StatusCode::OK, content.to_string())
}

fn respond(status: StatusCode, text: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
