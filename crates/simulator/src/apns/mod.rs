//! A stand-in for Apple's push service, and for the authority that issues push certificates.
//!
//! Speaks HTTP/2 over TLS with a certificate of its own root, and without TLS (prior knowledge) for tests. Requests are checked
//! as Apple does (topic, push type, priority, expiration, body) and recorded; every answer can be set per token.

mod answer;
mod authority;
mod serve;

pub use answer::{Push, PushAnswer};
pub use authority::{PushAuthority, PushAuthorityError};

use crate::certificates::hex;
use crate::keys::KeyPool;
use serve::Shared;
use std::net::SocketAddr;
use std::sync::{Arc, MutexGuard};
use tokio::sync::mpsc;

/// The running stand-in; it stops when dropped.
#[derive(Debug)]
pub struct ApnsStandIn {
    shared: Arc<Shared>,
    authority: PushAuthority,
    tls: SocketAddr,
    plain: SocketAddr,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl ApnsStandIn {
    /// Starts on two free loopback ports. `now` (seconds since 1970) begins the validity of its certificates.
    pub async fn start(keys: &KeyPool, now: i64) -> Result<Self, PushAuthorityError> {
        let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
        Self::start_on(loopback, loopback, keys, now).await
    }

    /// Starts on the given addresses: TLS, and plain HTTP/2.
    pub async fn start_on(
        tls: SocketAddr,
        plain: SocketAddr,
        keys: &KeyPool,
        now: i64,
    ) -> Result<Self, PushAuthorityError> {
        let authority = PushAuthority::new(keys, now)?;
        let shared = Arc::new(Shared::default());
        let config = authority.server_config(keys, now)?;
        let tls_listener = tokio::net::TcpListener::bind(tls).await?;
        let plain_listener = tokio::net::TcpListener::bind(plain).await?;
        let (tls, plain) = (tls_listener.local_addr()?, plain_listener.local_addr()?);
        let tasks = vec![
            tokio::spawn(serve::accept(
                tls_listener,
                Some(config),
                Arc::clone(&shared),
            )),
            tokio::spawn(serve::accept(plain_listener, None, Arc::clone(&shared))),
        ];
        Ok(Self {
            shared,
            authority,
            tls,
            plain,
            tasks,
        })
    }

    /// Base URL with TLS; the host is `localhost`.
    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.tls.port())
    }

    /// Base URL without TLS (HTTP/2 with prior knowledge).
    pub fn plain_url(&self) -> String {
        format!("http://{}", self.plain)
    }

    /// PEM of the root that signed the server's certificate; client certificates have to come from it too.
    pub fn root_pem(&self) -> String {
        self.authority.root_pem()
    }

    /// The authority that issues push certificates the stand-in accepts.
    pub fn authority(&self) -> &PushAuthority {
        &self.authority
    }

    /// From now on answers pushes to that token so.
    pub fn answer(&self, token: &[u8], answer: PushAnswer) {
        self.inside().answers.insert(hex(token), answer);
    }

    /// From now on answers pushes to all other tokens so.
    pub fn answer_all(&self, answer: PushAnswer) {
        self.inside().default_answer = answer;
    }

    /// All requests so far, refused ones too.
    pub fn pushes(&self) -> Vec<Push> {
        self.inside().pushes.clone()
    }

    /// Forgets the requests so far.
    pub fn forget_pushes(&self) {
        self.inside().pushes.clear();
    }

    /// Every accepted push from now on.
    pub fn subscribe(&self) -> mpsc::UnboundedReceiver<Push> {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.inside().listeners.push(sender);
        receiver
    }

    fn inside(&self) -> MutexGuard<'_, serve::Inside> {
        self.shared.lock()
    }
}

impl Drop for ApnsStandIn {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}
