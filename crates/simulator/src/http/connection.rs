//! Connections, kept for the next request to the same place.

use super::{Answer, HttpError, Request, names::Names, tls::Roots};
use crate::cms::Identity;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::Uri;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{
    CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderName, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE,
};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Mutex;
use tokio::net::TcpStream;

type Sender = SendRequest<Full<Bytes>>;

/// Where a connection leads, and as whom.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Target {
    tls: bool,
    host: String,
    port: u16,
    identity: Option<String>,
}

/// Idle connections by target.
pub(super) struct Pool {
    idle: Mutex<HashMap<Target, Vec<Sender>>>,
    names: Names,
}

impl Pool {
    pub(super) fn new(names: Names) -> Self {
        Self {
            idle: Mutex::default(),
            names,
        }
    }

    pub(super) fn names(&self) -> &Names {
        &self.names
    }

    pub(super) async fn exchange(
        &self,
        roots: &Roots,
        uri: &Uri,
        request: &Request<'_>,
    ) -> Result<Answer, HttpError> {
        let target = Target::of(uri, request.identity)?;
        if let Some(sender) = self.take(&target) {
            match self.ask(sender, &target, uri, request).await {
                // The server closed a kept connection before it read anything: ask again on a new one.
                Err(HttpError::Broken { source, .. })
                    if source.is_canceled()
                        || source.is_closed()
                        || source.is_incomplete_message() => {}
                answer => return answer,
            }
        }
        let named = self.names.find(&target.host);
        let sender = connect(roots, &target, named, request.identity).await?;
        self.ask(sender, &target, uri, request).await
    }

    pub(super) fn forget(&self, identity: &Identity) {
        let fingerprint = Some(identity.certificate.fingerprint());
        if let Ok(mut idle) = self.idle.lock() {
            idle.retain(|target, _| target.identity != fingerprint);
        }
    }

    fn take(&self, target: &Target) -> Option<Sender> {
        let mut idle = self.idle.lock().ok()?;
        let senders = idle.get_mut(target)?;
        while let Some(sender) = senders.pop() {
            if sender.is_ready() {
                return Some(sender);
            }
        }
        None
    }

    async fn ask(
        &self,
        mut sender: Sender,
        target: &Target,
        uri: &Uri,
        request: &Request<'_>,
    ) -> Result<Answer, HttpError> {
        let broken = |source| HttpError::Broken {
            host: target.authority(),
            source,
        };
        let path = uri
            .path_and_query()
            .map_or("/", hyper::http::uri::PathAndQuery::as_str);
        let mut outgoing = hyper::Request::builder()
            .method(request.method.clone())
            .uri(path);
        if let Some(headers) = outgoing.headers_mut() {
            headers.insert(
                HOST,
                target.authority().parse().map_err(|_| HttpError::Header)?,
            );
            for (name, value) in &request.headers {
                headers.insert(name.clone(), value.clone());
            }
            if request.body.is_empty() && request.method != hyper::Method::GET {
                headers.insert(CONTENT_LENGTH, hyper::header::HeaderValue::from_static("0"));
            }
        }
        let outgoing = outgoing
            .body(Full::new(request.body.clone()))
            .map_err(|_| HttpError::Url(request.url.to_owned()))?;
        let response = sender.send_request(outgoing).await.map_err(broken)?;
        let text = |name: HeaderName| {
            response
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned)
        };
        let mut answer = Answer {
            status: response.status().as_u16(),
            content_type: text(CONTENT_TYPE).unwrap_or_default(),
            location: text(LOCATION),
            challenge: text(WWW_AUTHENTICATE),
            retry_after: text(RETRY_AFTER),
            body: Bytes::new(),
        };
        answer.body = response
            .into_body()
            .collect()
            .await
            .map_err(broken)?
            .to_bytes();
        // The dispatcher needs a turn before the connection takes another request.
        if sender.ready().await.is_ok()
            && let Ok(mut idle) = self.idle.lock()
        {
            idle.entry(target.clone()).or_default().push(sender);
        }
        Ok(answer)
    }
}

impl Target {
    fn of(uri: &Uri, identity: Option<&Identity>) -> Result<Self, HttpError> {
        let wrong = || HttpError::Url(uri.to_string());
        let tls = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(wrong()),
        };
        let host = uri.host().ok_or_else(wrong)?.to_owned();
        let port = uri.port_u16().unwrap_or(if tls { 443 } else { 80 });
        let identity = identity
            .filter(|_| tls)
            .map(|identity| identity.certificate.fingerprint());
        Ok(Self {
            tls,
            host,
            port,
            identity,
        })
    }

    fn authority(&self) -> String {
        match (self.tls, self.port) {
            (true, 443) | (false, 80) => self.host.clone(),
            _ => format!("{}:{}", self.host, self.port),
        }
    }
}

async fn connect(
    roots: &Roots,
    target: &Target,
    named: Option<SocketAddr>,
    identity: Option<&Identity>,
) -> Result<Sender, HttpError> {
    let failed = |source| HttpError::Connect {
        host: format!("{}:{}", target.host, target.port),
        source,
    };
    let bare_host = target.host.trim_matches(['[', ']']);
    let tcp = match named {
        Some(address) => TcpStream::connect(address).await,
        None => TcpStream::connect((bare_host, target.port)).await,
    };
    let tcp = tcp.map_err(failed)?;
    tcp.set_nodelay(true).map_err(failed)?;
    if !target.tls {
        return start(TokioIo::new(tcp), target).await;
    }
    let name = ServerName::try_from(bare_host.to_owned())
        .map_err(|error| HttpError::Tls(error.to_string()))?;
    let connector = tokio_rustls::TlsConnector::from(roots.config(identity)?);
    let tls = connector.connect(name, tcp).await.map_err(failed)?;
    start(TokioIo::new(tls), target).await
}

async fn start<I>(io: I, target: &Target) -> Result<Sender, HttpError>
where
    I: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
{
    let (sender, connection) = handshake(io).await.map_err(|source| HttpError::Broken {
        host: target.authority(),
        source,
    })?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!("a connection ended: {error}");
        }
    });
    Ok(sender)
}
