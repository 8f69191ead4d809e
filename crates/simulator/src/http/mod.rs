//! The devices' HTTP client: HTTP/1.1 on hyper, kept-alive connections, plain or TLS, optionally with a client certificate.
//!
//! One client serves a whole fleet. Connections are not bound to a device unless a client certificate binds them.

mod connection;
mod meter;
mod names;
mod tls;

pub use meter::{Latency, Meter};

use crate::cms::Identity;
use bytes::Bytes;
use connection::Pool;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use hyper::{Method, Uri};
use names::Names;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;

/// Redirects followed when a profile is fetched; MDM requests follow none.
const MAX_REDIRECTS: usize = 5;

/// A request that got no answer.
#[derive(Debug, Error)]
pub enum HttpError {
    /// Not an absolute `http` or `https` URL.
    #[error("`{0}` is not an http or https URL")]
    Url(String),
    /// The host cannot be reached.
    #[error("cannot connect to {host}")]
    Connect {
        /// Host and port.
        host: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The TLS configuration cannot be built.
    #[error("cannot set up TLS: {0}")]
    Tls(String),
    /// The connection broke while asking or answering.
    #[error("the connection to {host} broke")]
    Broken {
        /// Host and port.
        host: String,
        /// What hyper said.
        source: hyper::Error,
    },
    /// No answer in time.
    #[error("no answer from {0} in time")]
    Timeout(String),
    /// A redirect without an end or without a target.
    #[error("`{0}` redirects without end")]
    Redirects(String),
    /// A header value that cannot be sent.
    #[error("a header value holds forbidden characters")]
    Header,
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// Method.
    pub method: Method,
    /// Absolute URL.
    pub url: &'a str,
    /// Headers besides `Host`.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Body; empty for none.
    pub body: Bytes,
    /// Client certificate for TLS.
    pub identity: Option<&'a Identity>,
}

impl<'a> Request<'a> {
    /// A request without body or headers.
    pub fn new(method: Method, url: &'a str) -> Self {
        Self {
            method,
            url,
            headers: Vec::new(),
            body: Bytes::new(),
            identity: None,
        }
    }

    /// The request with one more header.
    pub fn header(mut self, name: HeaderName, value: &str) -> Result<Self, HttpError> {
        self.headers.push((
            name,
            HeaderValue::from_str(value).map_err(|_| HttpError::Header)?,
        ));
        Ok(self)
    }

    /// The request with a body of that type.
    pub fn body(self, content_type: &str, body: impl Into<Bytes>) -> Result<Self, HttpError> {
        let mut request = self.header(CONTENT_TYPE, content_type)?;
        request.body = body.into();
        Ok(request)
    }
}

/// What was answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type` as sent; empty when absent.
    pub content_type: String,
    /// `Location`, when there is one.
    pub location: Option<String>,
    /// `WWW-Authenticate`, when there is one.
    pub challenge: Option<String>,
    /// `Retry-After`, when there is one.
    pub retry_after: Option<String>,
    /// The whole body.
    pub body: Bytes,
}

impl Answer {
    /// Status 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The beginning of the body, for messages to people.
    pub fn excerpt(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        text.chars().take(300).collect()
    }
}

/// The client. Cloning shares connections and meter.
#[derive(Clone)]
pub struct Http {
    inner: Arc<Inner>,
}

struct Inner {
    pool: Pool,
    roots: tls::Roots,
    timeout: Duration,
    clock: Arc<dyn Fn() -> i64 + Send + Sync>,
    meter: Meter,
}

impl Http {
    /// A client for plain `http` and the wall clock.
    pub fn new() -> Self {
        Self::build(tls::Roots::default())
    }

    /// A client that trusts the given PEM certificates for `https`, and no others.
    pub fn with_roots(pem: &[u8]) -> Result<Self, HttpError> {
        Ok(Self::build(tls::Roots::from_pem(pem)?))
    }

    fn build(roots: tls::Roots) -> Self {
        Self {
            inner: Arc::new(Inner {
                pool: Pool::new(Names::default()),
                roots,
                timeout: Duration::from_mins(1),
                clock: Arc::new(wall_clock),
                meter: Meter::default(),
            }),
        }
    }

    /// The same trust and names with another clock (seconds since 1970) for signing times; connections and meter start afresh.
    #[must_use]
    pub fn with_clock(&self, clock: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self {
            inner: Arc::new(Inner {
                pool: Pool::new(self.inner.pool.names().clone()),
                roots: self.inner.roots.clone(),
                timeout: self.inner.timeout,
                clock: Arc::new(clock),
                meter: Meter::default(),
            }),
        }
    }

    /// From now on `host` is at `address`, whatever port is asked for: a name server for tests. Shared with clients made from this one.
    pub fn name_host(&self, host: &str, address: SocketAddr) {
        self.inner.pool.names().set(host, address);
    }

    /// Where `host` is, if [`Http::name_host`] said so.
    pub fn address_of(&self, host: &str) -> Option<SocketAddr> {
        self.inner.pool.names().find(host)
    }

    /// Seconds since 1970 by this client's clock.
    pub fn now(&self) -> i64 {
        (self.inner.clock)()
    }

    /// Counts and times of all requests so far.
    pub fn meter(&self) -> &Meter {
        &self.inner.meter
    }

    /// Sends one request and reads the whole answer.
    pub async fn send(&self, request: &Request<'_>) -> Result<Answer, HttpError> {
        let uri: Uri = request
            .url
            .parse()
            .map_err(|_| HttpError::Url(request.url.to_owned()))?;
        let started = tokio::time::Instant::now();
        let exchange = self.inner.pool.exchange(&self.inner.roots, &uri, request);
        let answer = tokio::time::timeout(self.inner.timeout, exchange)
            .await
            .unwrap_or_else(|_| {
                Err(HttpError::Timeout(
                    uri.authority()
                        .map_or_else(String::new, ToString::to_string),
                ))
            });
        self.inner.meter.record(
            started.elapsed(),
            answer.as_ref().ok().map(|answer| answer.status),
        );
        answer
    }

    /// GET, following redirects as a browser does.
    pub async fn fetch(&self, url: &str) -> Result<Answer, HttpError> {
        self.fetch_as(url, "CFNetwork Darwin").await
    }

    /// The same under the name of a browser.
    pub async fn fetch_as(&self, url: &str, user_agent: &str) -> Result<Answer, HttpError> {
        let mut url = url.to_owned();
        for _ in 0..MAX_REDIRECTS {
            let answer = self
                .send(&Request::new(Method::GET, &url).header(USER_AGENT, user_agent)?)
                .await?;
            match &answer.location {
                Some(target) if (300..400).contains(&answer.status) => url = resolve(&url, target),
                _ => return Ok(answer),
            }
        }
        Err(HttpError::Redirects(url))
    }

    /// The clock, for what outlives a borrow of the client.
    pub(crate) fn clock(&self) -> Arc<dyn Fn() -> i64 + Send + Sync> {
        Arc::clone(&self.inner.clock)
    }

    /// Closes the connections that belong to a client certificate.
    pub fn forget(&self, identity: &Identity) {
        self.inner.pool.forget(identity);
    }
}

impl Default for Http {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Http {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Http").finish_non_exhaustive()
    }
}

/// The only place where the simulator reads the time of day.
#[expect(
    clippy::disallowed_methods,
    reason = "a simulated device has a clock of its own, the server's engine is not asked"
)]
fn wall_clock() -> i64 {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// A redirect target that may lack scheme and host.
fn resolve(base: &str, target: &str) -> String {
    if target.contains("://") {
        return target.to_owned();
    }
    let origin = base
        .find("://")
        .and_then(|scheme| base[scheme + 3..].find('/').map(|path| scheme + 3 + path));
    let origin = origin.map_or(base, |end| &base[..end]);
    format!("{origin}/{}", target.trim_start_matches('/'))
}
