//! The listeners: plain, TLS, and TLS that asks devices for their certificate.

mod peer;
mod tls;

pub(crate) use tls::{Material, server_config};

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::extract::connect_info::IntoMakeServiceWithConnectInfo;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use tokio::task::JoinHandle;

/// How long requests under way may take to end after the server was told to stop.
const GRACE: Duration = Duration::from_secs(20);

/// A listener that runs.
#[derive(Debug)]
pub(crate) struct Listening {
    handle: Handle<SocketAddr>,
    task: JoinHandle<std::io::Result<()>>,
}

/// Opens a port; `what` names it in errors.
pub(crate) fn bind(address: &str, what: &str) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).with_context(|| {
        format!("cannot listen on `{address}` ({what}): choose another address with `--{what}`")
    })?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

impl Listening {
    /// Serves plain HTTP.
    pub(crate) fn plain(listener: TcpListener, router: Router) -> anyhow::Result<Self> {
        let handle = Handle::new();
        let server = axum_server::from_tcp(listener)?.handle(handle.clone());
        let task = tokio::spawn(server.serve(with_peer(router)));
        Ok(Self { handle, task })
    }

    /// Serves TLS.
    pub(crate) fn tls(
        listener: TcpListener,
        router: Router,
        config: RustlsConfig,
    ) -> anyhow::Result<Self> {
        let handle = Handle::new();
        let server = axum_server::from_tcp_rustls(listener, config)?.handle(handle.clone());
        let task = tokio::spawn(server.serve(with_peer(router)));
        Ok(Self { handle, task })
    }

    /// Serves TLS and asks for a client certificate, which handlers find in the request.
    pub(crate) fn mutual_tls(
        listener: TcpListener,
        router: Router,
        config: RustlsConfig,
    ) -> anyhow::Result<Self> {
        let handle = Handle::new();
        let acceptor = peer::PeerAcceptor::new(config);
        let server = axum_server::from_tcp(listener)?
            .acceptor(acceptor)
            .handle(handle.clone());
        let task = tokio::spawn(server.serve(with_peer(router)));
        Ok(Self { handle, task })
    }

    /// Takes no new connections and waits for requests under way.
    pub(crate) async fn stop(self) {
        self.handle.graceful_shutdown(Some(GRACE));
        match self.task.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!("a listener ended with an error: {error}"),
            Err(error) => tracing::warn!("a listener did not end well: {error}"),
        }
    }
}

/// Tells handlers the network address that a connection comes from.
fn with_peer(router: Router) -> IntoMakeServiceWithConnectInfo<Router, SocketAddr> {
    router.into_make_service_with_connect_info()
}

/// A TLS configuration that can be replaced while it serves.
pub(crate) fn reloadable(config: rustls::ServerConfig) -> RustlsConfig {
    RustlsConfig::from_config(Arc::new(config))
}
