//! The wire: HTTP/2, one handler.

use super::{Push, PushAnswer};
use crate::asn1::oid;
use crate::certificates::{Certificate, hex};
use crate::keys::Digest;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

/// Apple's limit for a payload.
const MAX_BODY: usize = 4_096;

/// What all connections share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    inside: Mutex<Inside>,
}

#[derive(Debug, Default)]
pub(super) struct Inside {
    pub(super) pushes: Vec<Push>,
    pub(super) answers: HashMap<String, PushAnswer>,
    pub(super) default_answer: PushAnswer,
    pub(super) listeners: Vec<mpsc::UnboundedSender<Push>>,
}

impl Shared {
    pub(super) fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Accepts connections until the task is aborted.
pub(super) async fn accept(
    listener: TcpListener,
    tls: Option<Arc<rustls::ServerConfig>>,
    shared: Arc<Shared>,
) {
    let acceptor = tls.map(TlsAcceptor::from);
    let mut connections = tokio::task::JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok((tcp, _)) = listener.accept().await else {
            continue;
        };
        let (shared, acceptor) = (Arc::clone(&shared), acceptor.clone());
        connections.spawn(async move {
            let Some(acceptor) = acceptor else {
                return serve(TokioIo::new(tcp), None, true, shared).await;
            };
            match acceptor.accept(tcp).await {
                Err(error) => tracing::debug!("a client's TLS handshake failed: {error}"),
                Ok(stream) => {
                    let peer = stream
                        .get_ref()
                        .1
                        .peer_certificates()
                        .and_then(<[_]>::first);
                    let topic = peer
                        .and_then(|der| Certificate::from_der(der).ok())
                        .and_then(|certificate| certificate.subject_attribute(oid::USER_ID));
                    serve(TokioIo::new(stream), topic, false, shared).await;
                }
            }
        });
    }
}

async fn serve<I>(io: I, certificate_topic: Option<String>, plain: bool, shared: Arc<Shared>)
where
    I: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
{
    let service = service_fn(move |request| {
        let (shared, certificate_topic) = (Arc::clone(&shared), certificate_topic.clone());
        async move { Ok::<_, Infallible>(handle(request, certificate_topic, plain, &shared).await) }
    });
    let connection = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
        .serve_connection(io, service);
    if let Err(error) = connection.await {
        tracing::debug!("a push connection ended: {error}");
    }
}

async fn handle(
    request: Request<Incoming>,
    certificate_topic: Option<String>,
    plain: bool,
    shared: &Shared,
) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, MAX_BODY)
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes);
    let mut push = Push {
        token: head
            .uri
            .path()
            .strip_prefix("/3/device/")
            .unwrap_or_default()
            .to_lowercase(),
        topic: text(&head.headers, "apns-topic"),
        push_type: text(&head.headers, "apns-push-type"),
        priority: text(&head.headers, "apns-priority"),
        expiration: text(&head.headers, "apns-expiration"),
        magic: body.as_ref().ok().and_then(|body| magic(body)),
        certificate_topic,
        status: 200,
        reason: String::new(),
    };
    let refusal = match &body {
        Err(_) => Some((413, "PayloadTooLarge")),
        Ok(body) => check(&head.method, head.uri.path(), &push, body, plain),
    };
    let mut inside = shared.lock();
    let answer = inside
        .answers
        .get(&push.token)
        .copied()
        .unwrap_or(inside.default_answer);
    let (status, reason) = refusal.unwrap_or_else(|| answer.parts());
    push.status = status;
    reason.clone_into(&mut push.reason);
    if status == 200 {
        inside
            .listeners
            .retain(|listener| listener.send(push.clone()).is_ok());
    }
    let id = id_of(&push, inside.pushes.len());
    inside.pushes.push(push);
    drop(inside);
    respond(status, reason, answer, &id)
}

/// Apple's reasons for refusing a request; `None` when it is right.
fn check(
    method: &Method,
    path: &str,
    push: &Push,
    body: &[u8],
    plain: bool,
) -> Option<(u16, &'static str)> {
    if method != Method::POST {
        return Some((405, "MethodNotAllowed"));
    }
    if !path.starts_with("/3/device/") {
        return Some((404, "BadPath"));
    }
    if push.token.is_empty() {
        return Some((400, "MissingDeviceToken"));
    }
    if !push.token.len().is_multiple_of(2)
        || !push.token.bytes().all(|byte| byte.is_ascii_hexdigit())
    {
        return Some((400, "BadDeviceToken"));
    }
    let Some(topic) = &push.topic else {
        return Some((400, "MissingTopic"));
    };
    if !topic.starts_with("com.apple.mgmt.") {
        return Some((400, "BadTopic"));
    }
    match &push.certificate_topic {
        None if !plain => return Some((403, "BadCertificate")),
        Some(allowed) if allowed != topic => return Some((400, "TopicDisallowed")),
        _ => {}
    }
    if push.push_type.as_deref() != Some("mdm") {
        return Some((400, "InvalidPushType"));
    }
    if push
        .priority
        .as_deref()
        .is_some_and(|priority| priority != "10")
    {
        return Some((400, "BadPriority"));
    }
    if push
        .expiration
        .as_deref()
        .is_some_and(|time| time.parse::<u64>().is_err())
    {
        return Some((400, "BadExpirationDate"));
    }
    // Apple does not look into the body; a device would ignore another one, so the stand-in is strict.
    if body.is_empty() || push.magic.is_none() {
        return Some((400, "PayloadEmpty"));
    }
    None
}

/// The magic of a body that is exactly `{"mdm": "…"}`.
fn magic(body: &[u8]) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(body).ok()?;
    let object = value.as_object().filter(|object| object.len() == 1)?;
    object.get("mdm")?.as_str().map(str::to_owned)
}

fn respond(status: u16, reason: &str, answer: PushAnswer, id: &str) -> Response<Full<Bytes>> {
    let body = match (status, answer) {
        (200, _) => String::new(),
        (410, PushAnswer::Unregistered(timestamp)) => {
            serde_json::json!({ "reason": reason, "timestamp": timestamp }).to_string()
        }
        _ => serde_json::json!({ "reason": reason }).to_string(),
    };
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    if let Ok(value) = id.parse() {
        response.headers_mut().insert("apns-id", value);
    }
    response
}

/// A UUID-shaped id that follows from the request and its number.
fn id_of(push: &Push, number: usize) -> String {
    let digest =
        hex(&Digest::Sha256.of(format!("{}{number}", push.token).as_bytes())).to_uppercase();
    format!(
        "{}-{}-{}-{}-{}",
        &digest[..8],
        &digest[8..12],
        &digest[12..16],
        &digest[16..20],
        &digest[20..32]
    )
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}
