//! A push service in miniature.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use h2::server::SendResponse;
use http::{Request, Response, request};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::ROOT;

const SERVER: &str = include_str!("server.pem");

/// What the service does with a push.
pub(crate) enum Answer {
    /// Status and body.
    Status(u16, &'static str),
    /// Status and `Retry-After`.
    RetryAfter(u16, &'static str),
    /// Answers 200 and closes the connection in good order (GOAWAY).
    Goodbye,
    /// Breaks the connection without an answer.
    Drop,
}

pub(crate) struct PushService {
    address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    connections: usize,
    client_certificates: usize,
    pushes: Vec<(request::Parts, String)>,
}

/// Answers by token (hex) and by how many pushes there have been, this one included.
type Rule = fn(&str, usize) -> Answer;

impl PushService {
    pub(crate) async fn start(rule: Rule) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let service = Self {
            address: listener.local_addr().unwrap(),
            seen: Arc::default(),
        };
        let (acceptor, seen) = (acceptor(), service.seen.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(acceptor.clone(), stream, rule, seen.clone()));
            }
        });
        service
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("https://localhost:{}", self.address.port())
    }

    pub(crate) fn connections(&self) -> usize {
        self.seen.lock().unwrap().connections
    }

    pub(crate) fn client_certificates(&self) -> usize {
        self.seen.lock().unwrap().client_certificates
    }

    pub(crate) fn pushes(&self) -> Vec<(request::Parts, String)> {
        self.seen.lock().unwrap().pushes.clone()
    }
}

async fn serve(acceptor: TlsAcceptor, stream: TcpStream, rule: Rule, seen: Arc<Mutex<Seen>>) {
    let Ok(stream) = acceptor.accept(stream).await else {
        return;
    };
    {
        let mut seen = seen.lock().unwrap();
        seen.connections += 1;
        seen.client_certificates += stream.get_ref().1.peer_certificates().map_or(0, <[_]>::len);
    }
    let mut connection = h2::server::Builder::new()
        .max_concurrent_streams(1000)
        .handshake(stream)
        .await
        .unwrap();
    let (hang_up, mut told_to_hang_up) = tokio::sync::mpsc::channel::<bool>(1);
    loop {
        tokio::select! {
            biased;
            Some(politely) = told_to_hang_up.recv() => {
                if !politely {
                    return;
                }
                connection.graceful_shutdown();
            }
            next = connection.accept() => {
                let Some(Ok((request, respond))) = next else { return };
                tokio::spawn(answer(request, respond, rule, seen.clone(), hang_up.clone()));
            }
        }
    }
}

async fn answer(
    request: Request<h2::RecvStream>,
    mut respond: SendResponse<Bytes>,
    rule: Rule,
    seen: Arc<Mutex<Seen>>,
    hang_up: tokio::sync::mpsc::Sender<bool>,
) {
    let (head, mut incoming) = request.into_parts();
    let mut body = Vec::new();
    while let Some(Ok(piece)) = incoming.data().await {
        let _ = incoming.flow_control().release_capacity(piece.len());
        body.extend_from_slice(&piece);
    }
    let token = head.uri.path().rsplit('/').next().unwrap().to_owned();
    let count = {
        let mut seen = seen.lock().unwrap();
        seen.pushes.push((head, String::from_utf8(body).unwrap()));
        seen.pushes.len()
    };
    let respond_with = |respond: &mut SendResponse<Bytes>,
                        builder: http::response::Builder,
                        body: &'static str| {
        let response: Response<()> = builder.body(()).unwrap();
        if let Ok(mut stream) = respond.send_response(response, body.is_empty())
            && !body.is_empty()
        {
            let _ = stream.send_data(Bytes::from_static(body.as_bytes()), true);
        }
    };
    match rule(&token, count) {
        Answer::Status(status, body) => {
            respond_with(&mut respond, Response::builder().status(status), body);
        }
        Answer::RetryAfter(status, wait) => {
            respond_with(
                &mut respond,
                Response::builder()
                    .status(status)
                    .header("retry-after", wait),
                "",
            );
        }
        Answer::Goodbye => {
            respond_with(&mut respond, Response::builder().status(200), "");
            let _ = hang_up.send(true).await;
        }
        Answer::Drop => drop(hang_up.send(false).await),
    }
}

fn acceptor() -> TlsAcceptor {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(ROOT.as_bytes()).unwrap())
        .unwrap();
    let clients = WebPkiClientVerifier::builder(Arc::new(roots))
        .build()
        .unwrap();
    let mut config = ServerConfig::builder()
        .with_client_cert_verifier(clients)
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(SERVER.as_bytes()).unwrap()],
            PrivateKeyDer::from_pem_slice(SERVER.as_bytes()).unwrap(),
        )
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}
