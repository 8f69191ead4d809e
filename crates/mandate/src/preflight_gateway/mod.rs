//! The way to mail servers, to servers whose connection is tested, and to name servers. Nothing is sent unless an
//! administrator asks for it.

mod name_servers;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::Empty;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, HOST, HeaderValue, USER_AGENT};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use mandate_engine::{
    Anchors, Distrust, FromMailServer, MailAnswer, MailLook, MailSight, PreflightGateway, TlsSight,
    Touch,
};
use mandate_model::Timestamp;
use mandate_pki::constant_time_eq;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ResolvesClientCert, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::task::JoinSet;
use tokio::time::{Duration, timeout};
use tokio_rustls::TlsConnector;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// TLS and the answer. Somebody waits in front of a browser meanwhile.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Status line and headers; nothing else is read.
const LONGEST_HEAD: usize = 32 * 1024;
/// A server has a handful; thousands would be a trick.
const MOST_CERTIFICATES: usize = 10;
const PATH: &str = "/Microsoft-Server-ActiveSync";

/// Looks at servers over the network.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct MailServers {
    /// Who is asked for the records of domains; whom this machine asks if it is absent.
    pub(crate) name_server: Option<SocketAddr>,
}

impl PreflightGateway for MailServers {
    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> FromMailServer<'a, Vec<SocketAddr>> {
        Box::pin(async move {
            match timeout(CONNECT_TIMEOUT, lookup_host((host, port))).await {
                Ok(Ok(found)) => Ok(found.collect()),
                Ok(Err(error)) => Err(error.to_string()),
                Err(_) => Err("no name server answers".to_owned()),
            }
        })
    }

    fn look(&self, look: MailLook) -> FromMailServer<'_, MailSight> {
        Box::pin(async move {
            let stream = connect(look.address).await?;
            if look.tls {
                over_tls(stream, &look).await
            } else {
                let answer = in_time(ask(stream, &look, None)).await;
                Ok(MailSight { tls: None, answer })
            }
        })
    }

    fn touch(&self, touch: Touch) -> FromMailServer<'_, Result<TlsSight, String>> {
        Box::pin(async move {
            let stream = connect(touch.address).await?;
            if touch.tls {
                return Ok(shake_hands(stream, &touch.host).await);
            }
            Ok(Ok(TlsSight::default()))
        })
    }

    fn texts<'a>(&'a self, name: &'a str) -> FromMailServer<'a, Vec<String>> {
        Box::pin(name_servers::texts(self.name_server, name))
    }

    fn aliases<'a>(&'a self, name: &'a str) -> FromMailServer<'a, Vec<String>> {
        Box::pin(name_servers::aliases(self.name_server, name))
    }

    fn trust(
        &self,
        chain: &[Vec<u8>],
        host: &str,
        anchors: Anchors<'_>,
        at: Timestamp,
    ) -> Result<(), Distrust> {
        let (own, between) = chain
            .split_first()
            .ok_or_else(|| Distrust::Other("there is no certificate".to_owned()))?;
        let name = ServerName::try_from(host.to_owned()).map_err(|_| Distrust::OtherName)?;
        let roots = match anchors {
            Anchors::Public => public_roots(),
            Anchors::These(roots) => {
                store(roots.iter().map(|der| CertificateDer::from(der.clone())))
            }
        };
        if roots.is_empty() {
            return Err(Distrust::UnknownIssuer);
        }
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider())
            .build()
            .map_err(|error| Distrust::Other(error.to_string()))?;
        let seconds = u64::try_from(at.unix_seconds()).unwrap_or_default();
        let now = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let own = CertificateDer::from(own.as_slice());
        let between: Vec<CertificateDer<'_>> = between
            .iter()
            .map(|der| CertificateDer::from(der.as_slice()))
            .collect();
        match verifier.verify_server_cert(&own, &between, &name, &[], now) {
            Ok(_) => Ok(()),
            Err(error) => Err(distrust(error)),
        }
    }
}

async fn connect(address: SocketAddr) -> Result<TcpStream, String> {
    match timeout(CONNECT_TIMEOUT, TcpStream::connect(address)).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("nobody answers".to_owned()),
    }
}

/// Shakes hands with whoever is there, looks at what it shows, and hangs up.
async fn shake_hands(stream: TcpStream, host: &str) -> Result<TlsSight, String> {
    let (seen, connector, name) = onlooker(host, &[b"h2", b"http/1.1"])?;
    let handshake = async {
        let connecting = connector.connect(name, stream);
        connecting.await.map_err(|error| words(&error))
    };
    match in_time(handshake).await {
        Ok(stream) => {
            let version = stream.get_ref().1.protocol_version();
            let version = version.and_then(|version| version.as_str().map(str::to_owned));
            Ok(seen.sight(version).unwrap_or_default())
        }
        Err(reason) => seen.sight(None).ok_or(reason),
    }
}

/// Who looks at a handshake, and the means for it. `protocols` are what is offered to be spoken then: the push service wants
/// HTTP/2.
fn onlooker(
    host: &str,
    protocols: &[&[u8]],
) -> Result<(Arc<Seen>, TlsConnector, ServerName<'static>), String> {
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| format!("`{host}` cannot be asked for in TLS"))?;
    let seen = Arc::new(Seen::default());
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(seen.clone())
        .with_client_cert_resolver(seen.clone());
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    Ok((seen, TlsConnector::from(Arc::new(config)), name))
}

/// Shakes hands with whoever is there, looks at what it shows, and asks if it is who it has to be.
async fn over_tls(stream: TcpStream, look: &MailLook) -> Result<MailSight, String> {
    let (seen, connector, name) = onlooker(&look.host, &[b"http/1.1"])?;
    let handshake = async {
        let connecting = connector.connect(name, stream);
        connecting.await.map_err(|error| words(&error))
    };
    let stream = match in_time(handshake).await {
        Ok(stream) => stream,
        Err(reason) => {
            return Ok(MailSight {
                tls: seen.sight(None),
                answer: Err(reason),
            });
        }
    };
    let version = stream.get_ref().1.protocol_version();
    let version = version.and_then(|version| version.as_str().map(str::to_owned));
    let sight = seen.sight(version);
    let own = sight.as_ref().and_then(|sight| sight.chain.first());
    let shown = own.map(|der| mandate_pki::sha256(der));
    let answer = in_time(ask(stream, look, shown)).await;
    // What a server does not like about a client it may say after the handshake.
    Ok(MailSight {
        tls: seen.sight(sight.and_then(|sight| sight.version)),
        answer,
    })
}

/// Sends `OPTIONS` and reads status and headers. `shown` is the fingerprint of the server's certificate.
async fn ask(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    look: &MailLook,
    shown: Option<[u8; 32]>,
) -> Result<MailAnswer, String> {
    let mut request = Request::builder()
        .method(Method::OPTIONS)
        .uri(PATH)
        .header(HOST, look.host.as_str())
        .header(USER_AGENT, concat!("mandate/", env!("CARGO_PKG_VERSION")));
    if let Some(credentials) = &look.credentials {
        let is_expected =
            shown.is_some_and(|shown| constant_time_eq(&shown, &credentials.certificate));
        if !is_expected {
            return Err("another server answered than the one that was looked at".to_owned());
        }
        let mut value = HeaderValue::from_str(&credentials.authorization)
            .map_err(|_| "what proves who asks cannot be sent".to_owned())?;
        value.set_sensitive(true);
        request = request.header(AUTHORIZATION, value);
    }
    let request = request
        .body(Empty::<Bytes>::new())
        .map_err(|error| words(&error))?;
    let (mut sender, connection) = hyper::client::conn::http1::Builder::new()
        .max_buf_size(LONGEST_HEAD)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|error| words(&error))?;
    // Ends with this set, whatever the server does.
    let mut driving = JoinSet::new();
    driving.spawn(connection);
    let answer = sender
        .send_request(request)
        .await
        .map_err(|error| words(&error))?;
    let headers = answer.headers().iter().filter_map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        READ.contains(&name.as_str())
            .then(|| (name.as_str().to_owned(), value))
    });
    Ok(MailAnswer {
        status: answer.status().as_u16(),
        headers: headers.collect(),
    })
}

/// All headers that are read: what else a server says is nobody's business.
const READ: [&str; 5] = [
    "location",
    "ms-asprotocolversions",
    "ms-server-activesync",
    "www-authenticate",
    "x-ms-location",
];

async fn in_time<T>(work: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    timeout(TIMEOUT, work)
        .await
        .unwrap_or_else(|_| Err("it does not answer in time".to_owned()))
}

/// Notes what a server shows and asks for. Whether that is to be trusted is judged afterwards, against more than one set of
/// roots; that the server has the key of its certificate is checked here.
#[derive(Debug, Default)]
struct Seen {
    sight: Mutex<TlsSight>,
}

impl Seen {
    /// What was seen so far; `None` without any certificate.
    fn sight(&self, version: Option<String>) -> Option<TlsSight> {
        let seen = self.sight.lock().unwrap_or_else(PoisonError::into_inner);
        let sight = TlsSight {
            version,
            ..seen.clone()
        };
        (!sight.chain.is_empty()).then_some(sight)
    }
}

impl ServerCertVerifier for Seen {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let all = std::iter::once(own).chain(between);
        let chain = all
            .take(MOST_CERTIFICATES)
            .map(|der| der.to_vec())
            .collect();
        let mut seen = self.sight.lock().unwrap_or_else(PoisonError::into_inner);
        seen.chain = chain;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = provider().signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, &algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = provider().signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, &algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}

impl ResolvesClientCert for Seen {
    fn resolve(&self, hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let mut seen = self.sight.lock().unwrap_or_else(PoisonError::into_inner);
        seen.asks_certificate = true;
        seen.takes_from = hints
            .iter()
            .take(MOST_CERTIFICATES)
            .map(|name| name.to_vec())
            .collect();
        None
    }

    fn has_certs(&self) -> bool {
        // Nothing is ever shown, but without this nobody would ask.
        true
    }
}

fn provider() -> Arc<CryptoProvider> {
    CryptoProvider::get_default().map_or_else(
        || Arc::new(rustls::crypto::aws_lc_rs::default_provider()),
        Arc::clone,
    )
}

/// The roots that this machine trusts; they stand for those that devices come with.
fn public_roots() -> RootCertStore {
    store(rustls_native_certs::load_native_certs().certs.into_iter())
}

fn store<'a>(roots: impl Iterator<Item = CertificateDer<'a>>) -> RootCertStore {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(roots.map(CertificateDer::into_owned));
    store
}

fn distrust(error: Error) -> Distrust {
    match error {
        Error::InvalidCertificate(error) => match error {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                Distrust::Expired
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                Distrust::NotYetValid
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Distrust::OtherName
            }
            CertificateError::UnknownIssuer => Distrust::UnknownIssuer,
            other => Distrust::Other(other.to_string()),
        },
        other => Distrust::Other(other.to_string()),
    }
}

/// An error with its causes: the first line alone says only that something failed.
fn words(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        text = format!("{text}: {source}");
        cause = source.source();
    }
    text
}
