//! The wire: TLS, HTTP/1.1, one answer.

use super::{Knock, Open, SignIn};
use crate::certificates::Certificate;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{ALLOW, AUTHORIZATION, HOST, HeaderName, HeaderValue, USER_AGENT};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

const PATH: &str = "/Microsoft-Server-ActiveSync";
/// What Exchange 2019 says ([MS-ASHTTP] §2.2.3.1.2).
pub(super) const VERSIONS: &str = "2.0,2.1,2.5,12.0,12.1,14.0,14.1,16.0,16.1";
/// The same source.
const HEADERS: [(&str, &str); 3] = [
    ("ms-server-activesync", "15.2"),
    (
        "ms-asprotocolcommands",
        "Sync,SendMail,SmartForward,SmartReply,GetAttachment,FolderSync,FolderCreate,FolderDelete,FolderUpdate,MoveItems,\
         GetItemEstimate,MeetingResponse,Search,Settings,Ping,ItemOperations,Provision,ResolveRecipients,ValidateCert,Find",
    ),
    ("public", "OPTIONS,POST"),
];
/// So long a refused client may take to read why.
const FAREWELL: Duration = Duration::from_secs(5);

/// What all connections share.
#[derive(Debug)]
pub(super) struct Shared {
    open: Option<Open>,
    inside: Mutex<Inside>,
}

#[derive(Debug)]
struct Inside {
    config: Arc<ServerConfig>,
    sign_ins: Vec<SignIn>,
    knocks: Vec<Knock>,
    refusals: Vec<String>,
}

impl Shared {
    pub(super) fn new(config: Arc<ServerConfig>, open: Option<Open>) -> Self {
        Self {
            open,
            inside: Mutex::new(Inside {
                config,
                sign_ins: Vec::new(),
                knocks: Vec::new(),
                refusals: Vec::new(),
            }),
        }
    }

    pub(super) fn configure(&self, config: Arc<ServerConfig>) {
        self.lock().config = config;
    }

    pub(super) fn sign_ins(&self) -> Vec<SignIn> {
        self.lock().sign_ins.clone()
    }

    pub(super) fn knocks(&self) -> Vec<Knock> {
        self.lock().knocks.clone()
    }

    pub(super) fn refusals(&self) -> Vec<String> {
        self.lock().refusals.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Accepts connections until the task is aborted.
pub(super) async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok((tcp, _)) = listener.accept().await else {
            continue;
        };
        connections.spawn(connection(tcp, Arc::clone(&shared)));
    }
}

async fn connection(tcp: TcpStream, shared: Arc<Shared>) {
    let acceptor = TlsAcceptor::from(Arc::clone(&shared.lock().config));
    let stream = match acceptor.accept(tcp).into_fallible().await {
        Ok(stream) => stream,
        Err((error, tcp)) => {
            shared.lock().refusals.push(error.to_string());
            return farewell(tcp).await;
        }
    };
    let open = shared.open.clone();
    let peer = stream
        .get_ref()
        .1
        .peer_certificates()
        .and_then(<[_]>::first);
    let certificate = peer.and_then(|der| Certificate::from_der(der).ok());
    if certificate.is_none() && open.is_none() {
        return;
    }
    let service = service_fn(move |request| {
        let (shared, certificate, open) = (Arc::clone(&shared), certificate.clone(), open.clone());
        async move {
            Ok::<_, Infallible>(match (certificate, open) {
                (Some(certificate), _) => answer(&request, certificate, &shared),
                (None, Some(open)) => answer_stranger(&request, &open, &shared),
                (None, None) => status_alone(StatusCode::FORBIDDEN),
            })
        }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        tracing::debug!("a mail connection ended: {error}");
    }
}

/// Reads what the client still sends, so that the alert is not lost with a reset connection.
async fn farewell(mut tcp: TcpStream) {
    let mut rest = [0; 1_024];
    let read = async { while matches!(tcp.read(&mut rest).await, Ok(length) if length > 0) {} };
    let _ = tokio::time::timeout(FAREWELL, read).await;
}

fn answer(
    request: &Request<Incoming>,
    certificate: Certificate,
    shared: &Shared,
) -> Response<Full<Bytes>> {
    let path = request
        .uri()
        .path_and_query()
        .map_or("", hyper::http::uri::PathAndQuery::as_str);
    let sign_in = SignIn {
        subject: certificate.subject_text(),
        principal_name: certificate.principal_name(),
        addresses: certificate.addresses(),
        method: request.method().to_string(),
        path: path.to_owned(),
        agent: request
            .headers()
            .get(USER_AGENT)
            .map_or_else(String::new, |value| {
                String::from_utf8_lossy(value.as_bytes()).into_owned()
            }),
        certificate,
    };
    let status = match (request.method(), request.uri().path()) {
        (&Method::OPTIONS, PATH) => StatusCode::OK,
        (_, PATH) => StatusCode::NOT_IMPLEMENTED,
        _ => StatusCode::NOT_FOUND,
    };
    let mut response = status_alone(status);
    if status == StatusCode::OK {
        tell_versions(&mut response, VERSIONS);
        let headers = response.headers_mut();
        let who = sign_in.principal_name.as_ref().unwrap_or(&sign_in.subject);
        if let Ok(value) = HeaderValue::from_str(who) {
            headers.insert(HeaderName::from_static("x-signed-in-as"), value);
        }
    }
    shared.lock().sign_ins.push(sign_in);
    response
}

/// Somebody without a certificate, who may have a password.
fn answer_stranger(
    request: &Request<Incoming>,
    open: &Open,
    shared: &Shared,
) -> Response<Full<Bytes>> {
    let header = |name| {
        let value = request.headers().get(name)?;
        value.to_str().ok()
    };
    let credentials = header(AUTHORIZATION).and_then(|value| value.strip_prefix("Basic "));
    let pair = credentials.and_then(|pair| STANDARD.decode(pair).ok());
    let pair = pair.and_then(|pair| String::from_utf8(pair).ok());
    let name = pair.as_deref().and_then(|pair| {
        let (name, password) = pair.split_once(':')?;
        let mut accounts = open.accounts.iter();
        accounts
            .any(|known| known.0 == name && known.1 == password)
            .then(|| name.to_owned())
    });
    let uri = request.uri();
    let path = uri
        .path_and_query()
        .map_or("", hyper::http::uri::PathAndQuery::as_str);
    shared.lock().knocks.push(Knock {
        method: request.method().to_string(),
        path: path.to_owned(),
        host: header(HOST).unwrap_or_default().to_owned(),
        has_password: credentials.is_some(),
        name: name.clone(),
    });
    if uri.path() != PATH || request.method() != Method::OPTIONS {
        return status_alone(StatusCode::NOT_FOUND);
    }
    if name.is_some() {
        let mut response = status_alone(StatusCode::OK);
        tell_versions(&mut response, &open.versions);
        return response;
    }
    let status = StatusCode::from_u16(open.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = status_alone(status);
    if status == StatusCode::OK {
        tell_versions(&mut response, &open.versions);
    }
    for (name, value) in &open.headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

fn status_alone(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::new()));
    *response.status_mut() = status;
    response
}

fn tell_versions(response: &mut Response<Full<Bytes>>, versions: &str) {
    let headers = response.headers_mut();
    headers.insert(ALLOW, HeaderValue::from_static("OPTIONS,POST"));
    if let Ok(versions) = HeaderValue::from_str(versions) {
        headers.insert("ms-asprotocolversions", versions);
    }
    for (name, value) in HEADERS {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
}
