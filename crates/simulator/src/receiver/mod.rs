//! A stand-in for whoever is told things by HTTP: a webhook's receiver, or the revocation endpoint of an external authority.
//!
//! Records every request, answers 200 (or what it is told to), and can fail so many times first.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode};
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::listening::serve;

const MAX_BODY: usize = 4 * 1_024 * 1_024;

/// One request as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// HTTP method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Headers by lower-case name; of repeated ones the last.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
    /// The status it was answered with.
    pub answered: u16,
}

impl Received {
    /// The body as JSON; `None` when it is none.
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// A header's value; empty when absent.
    pub fn header(&self, lower_case_name: &str) -> &str {
        self.headers.get(lower_case_name).map_or("", String::as_str)
    }
}

/// The running receiver; it stops when dropped.
#[derive(Debug)]
pub struct Receiver {
    shared: Arc<Shared>,
    address: SocketAddr,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    inside: Mutex<Inside>,
    count: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct Inside {
    received: Vec<Received>,
    failures: VecDeque<u16>,
    answer: Option<(u16, String)>,
}

impl Receiver {
    /// Starts on a free loopback port, without TLS.
    pub async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            inside: Mutex::default(),
            count: watch::Sender::new(0),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self {
            shared,
            address,
            task,
        })
    }

    /// Its address as a URL that ends with a slash; every path below is received alike.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// The next so many requests are answered with that status, and recorded.
    pub fn fail_next(&self, count: usize, status: u16) {
        let failures = std::iter::repeat_n(status, count);
        self.shared.lock().failures.extend(failures);
    }

    /// From now on requests that do not fail are answered so; the body is sent as JSON.
    pub fn answer(&self, status: u16, body: &serde_json::Value) {
        self.shared.lock().answer = Some((status, body.to_string()));
    }

    /// All requests so far, failed ones too.
    pub fn received(&self) -> Vec<Received> {
        self.shared.lock().received.clone()
    }

    /// Forgets the requests so far.
    pub fn forget(&self) {
        self.shared.lock().received.clear();
        self.shared.count.send_replace(0);
    }

    /// Waits until there are at least `count` requests; `None` when they do not come in time.
    pub async fn wait_for(&self, count: usize, at_most: Duration) -> Option<Vec<Received>> {
        let mut counts = self.shared.count.subscribe();
        let enough = counts.wait_for(|number| *number >= count);
        tokio::time::timeout(at_most, enough).await.ok()?.ok()?;
        Some(self.received())
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    serve(listener, "a receiver's", move |request| {
        let shared = Arc::clone(&shared);
        async move { receive(request, &shared).await }
    })
    .await;
}

async fn receive(request: Request<Incoming>, shared: &Shared) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
        return respond(413, String::new());
    };
    let headers = head.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    });
    let mut inside = shared.lock();
    let (status, text) = match (inside.failures.pop_front(), &inside.answer) {
        (Some(status), _) => (status, String::new()),
        (None, Some((status, text))) => (*status, text.clone()),
        (None, None) => (200, String::new()),
    };
    inside.received.push(Received {
        method: head.method.to_string(),
        path: head
            .uri
            .path_and_query()
            .map_or_else(String::new, ToString::to_string),
        headers: headers.collect(),
        body: body.to_bytes().to_vec(),
        answered: status,
    });
    let count = inside.received.len();
    drop(inside);
    shared.count.send_replace(count);
    respond(status, text)
}

fn respond(status: u16, text: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    response.headers_mut().insert(
        hyper::header::CONTENT_TYPE,
        hyper::header::HeaderValue::from_static("application/json"),
    );
    response
}
