//! Hands the client certificate of a TLS connection to the handlers.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use axum::Extension;
use axum::middleware::AddExtension;
use axum_server::accept::Accept;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use mandate_apple::PeerCertificate;
use mandate_pki::certificate::Certificate;
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tower::Layer;

/// Accepts TLS and remembers who came.
#[derive(Debug, Clone)]
pub(super) struct PeerAcceptor {
    inner: RustlsAcceptor,
}

impl PeerAcceptor {
    pub(super) fn new(config: RustlsConfig) -> Self {
        Self {
            inner: RustlsAcceptor::new(config),
        }
    }
}

/// A service with, or without, a peer's certificate in its requests.
type WithPeer<S> = tower::util::Either<AddExtension<S, PeerCertificate>, S>;
type Accepting<S> =
    Pin<Box<dyn Future<Output = io::Result<(TlsStream<TcpStream>, WithPeer<S>)>> + Send>>;

impl<S: Send + 'static> Accept<TcpStream, S> for PeerAcceptor {
    type Stream = TlsStream<TcpStream>;
    type Service = WithPeer<S>;
    type Future = Accepting<S>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let acceptor = self.inner.clone();
        Box::pin(async move {
            let (stream, service) = acceptor.accept(stream, service).await?;
            let peer = stream
                .get_ref()
                .1
                .peer_certificates()
                .and_then(|chain| chain.first());
            let certificate = peer.and_then(|der| Certificate::from_der(der).ok());
            let service = match certificate {
                Some(certificate) => {
                    let peer = PeerCertificate(Arc::new(certificate));
                    tower::util::Either::Left(Extension(peer).layer(service))
                }
                None => tower::util::Either::Right(service),
            };
            Ok((stream, service))
        })
    }
}
