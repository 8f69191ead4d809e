//! The first step of a mail app: `OPTIONS` of Exchange `ActiveSync` ([MS-ASHTTP] §2.2.3), with what profiles installed and nothing else.

use super::Device;
use super::mail::Role;
use crate::http::Http;
use crate::tls::{Clock, Completing, chain_and_key, der, roots};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::client::conn::http1::handshake;
use hyper::header::{HOST, USER_AGENT};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::pki_types::ServerName;
use std::collections::BTreeMap;
use std::error::Error as _;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Where `ActiveSync` is on every server.
const PATH: &str = "/Microsoft-Server-ActiveSync";
const PORT: u16 = 443;
const MAX_BODY: usize = 65_536;
const PATIENCE: Duration = Duration::from_secs(30);

/// What the mail server said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailAnswer {
    /// HTTP status; 200 means that the account works.
    pub status: u16,
    /// Headers by lower-case name.
    pub headers: BTreeMap<String, String>,
    /// The body, at most 64 KiB.
    pub body: Vec<u8>,
}

impl MailAnswer {
    /// `MS-ASProtocolVersions`; empty when absent.
    pub fn protocol_versions(&self) -> &str {
        self.header("ms-asprotocolversions")
    }

    /// A header's value; empty when absent.
    pub fn header(&self, lower_case_name: &str) -> &str {
        self.headers.get(lower_case_name).map_or("", String::as_str)
    }
}

/// Why there was no answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MailFailure {
    /// No profile made an account of that address.
    #[error("there is no account `{0}`")]
    NoAccount(String),
    /// The account does without TLS, which the simulated app does not do.
    #[error("the account `{0}` does not use TLS")]
    NoTls(String),
    /// The account names an identity that is no longer in the keychain, or whose key cannot be used.
    #[error("the identity of the account is not in the keychain")]
    NoIdentity,
    /// The host cannot be reached.
    #[error("cannot reach {host}: {reason}")]
    Unreachable {
        /// Host of the account.
        host: String,
        /// What the system said.
        reason: String,
    },
    /// The device does not trust the server's certificate: what is wrong with it.
    #[error("the server's certificate is not trusted: {0}")]
    ServerNotTrusted(String),
    /// The server ended the handshake, in most cases because of the client certificate.
    #[error("the server refused the connection: {alert}")]
    Refused {
        /// Name of the TLS alert, such as `CertificateRevoked`, `CertificateRequired`, `CertificateExpired` or `UnknownCA`.
        alert: String,
    },
    /// Something else about TLS.
    #[error("TLS failed: {0}")]
    Tls(String),
    /// The connection broke, or the answer is no HTTP.
    #[error("the connection broke: {0}")]
    Broken(String),
}

impl Device {
    /// Asks the server of the account of that address what it speaks, as Mail does first.
    ///
    /// Trusted are roots that profiles installed, by the clock of `http`; its names (see [`Http::name_host`]) say where the host is.
    /// The account's identity is the client certificate, with authorities that profiles brought.
    pub async fn connect_mail(
        &self,
        http: &Http,
        address: &str,
    ) -> Result<MailAnswer, MailFailure> {
        let account = self
            .account_at(address)
            .ok_or_else(|| MailFailure::NoAccount(address.to_owned()))?;
        let host = account.settings.host.clone();
        if !account.settings.tls {
            return Err(MailFailure::NoTls(account.settings.address.clone()));
        }
        let identity = match (
            &account.settings.identity,
            self.account_identity(account, Role::SignIn),
        ) {
            (None, _) => None,
            (Some(_), Some(held)) => Some(
                self.identity_of(held)
                    .map_err(|_| MailFailure::NoIdentity)?,
            ),
            (Some(_), None) => return Err(MailFailure::NoIdentity),
        };
        let chain = identity
            .as_ref()
            .map(|identity| chain_and_key(identity, &self.chain_of(&identity.certificate)));
        let config = self.mail_tls(http, chain)?;
        let talk = async {
            let stream = connect(http, &host, config).await?;
            ask(stream, &host, &self.mail_agent()).await
        };
        tokio::time::timeout(PATIENCE, talk)
            .await
            .unwrap_or_else(|_| Err(MailFailure::Broken("no answer in time".to_owned())))
    }

    fn mail_tls(
        &self,
        http: &Http,
        chain: Option<ClientChain>,
    ) -> Result<ClientConfig, MailFailure> {
        let tls = |error: rustls::Error| MailFailure::Tls(error.to_string());
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let roots = roots(self.trusted_roots());
        if roots.is_empty() {
            return Err(MailFailure::ServerNotTrusted(
                "no profile installed a root".to_owned(),
            ));
        }
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
                .build()
                .map_err(|error| MailFailure::Tls(error.to_string()))?;
        let verifier = Completing {
            inner: verifier,
            intermediates: self.intermediates().into_iter().map(der).collect(),
        };
        let builder = ClientConfig::builder_with_details(provider, Arc::new(Clock(http.clock())))
            .with_safe_default_protocol_versions()
            .map_err(tls)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        let mut config = match chain {
            None => builder.with_no_client_auth(),
            Some((certificates, key)) => builder
                .with_client_auth_cert(certificates, key)
                .map_err(tls)?,
        };
        config.resumption = Resumption::disabled();
        Ok(config)
    }

    /// As iOS 17.5 on an iPhone 14 does: `Apple-iPhone14C7/2106.79`.
    fn mail_agent(&self) -> String {
        let product = self.state.model.product().replace(',', "C");
        let build = self.state.os.build(self.state.model.platform());
        let numbers = build.split(|letter: char| !letter.is_ascii_digit());
        let minor = self.state.os.minor + 1;
        let numbers: Vec<&str> = numbers.collect();
        match numbers.as_slice() {
            [train, patch] => format!("Apple-{product}/{train}{minor:02}.{patch}"),
            _ => format!("Apple-{product}/{build}"),
        }
    }
}

type ClientChain = (
    Vec<rustls::pki_types::CertificateDer<'static>>,
    rustls::pki_types::PrivateKeyDer<'static>,
);

async fn connect(
    http: &Http,
    host: &str,
    config: ClientConfig,
) -> Result<TlsStream<TcpStream>, MailFailure> {
    let unreachable = |error: io::Error| MailFailure::Unreachable {
        host: host.to_owned(),
        reason: error.to_string(),
    };
    let tcp = match http.address_of(host) {
        Some(address) => TcpStream::connect(address).await,
        None => TcpStream::connect((host, PORT)).await,
    };
    let name = ServerName::try_from(host.to_owned())
        .map_err(|error| MailFailure::Tls(error.to_string()))?;
    TlsConnector::from(Arc::new(config))
        .connect(name, tcp.map_err(unreachable)?)
        .await
        .map_err(|error| failure(&error))
}

async fn ask(
    stream: TlsStream<TcpStream>,
    host: &str,
    agent: &str,
) -> Result<MailAnswer, MailFailure> {
    let broken = |error: hyper::Error| {
        let cause = error.source().and_then(|cause| cause.downcast_ref());
        cause.map_or_else(|| MailFailure::Broken(error.to_string()), failure)
    };
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await.map_err(broken)?;
    let driver = tokio::spawn(connection);
    let request = Request::builder()
        .method(Method::OPTIONS)
        .uri(PATH)
        .header(HOST, host)
        .header(USER_AGENT, agent)
        .body(Empty::<Bytes>::new())
        .map_err(|error| MailFailure::Broken(error.to_string()))?;
    let response = match sender.send_request(request).await {
        Ok(response) => response,
        // The connection's own end says more than that the request was not answered.
        Err(error) => {
            let end = driver.await.ok().and_then(Result::err);
            return Err(broken(end.unwrap_or(error)));
        }
    };
    let status = response.status().as_u16();
    let headers = response
        .headers()
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        })
        .collect();
    let body = Limited::new(response.into_body(), MAX_BODY)
        .collect()
        .await
        .map_err(|error| MailFailure::Broken(error.to_string()))?
        .to_bytes()
        .to_vec();
    driver.abort();
    Ok(MailAnswer {
        status,
        headers,
        body,
    })
}

/// What an error of the stream means; the library hides its own errors inside.
fn failure(error: &io::Error) -> MailFailure {
    let inner = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::AlertReceived(alert)) => MailFailure::Refused {
            alert: format!("{alert:?}"),
        },
        Some(rustls::Error::InvalidCertificate(reason)) => {
            MailFailure::ServerNotTrusted(format!("{reason:?}"))
        }
        Some(other) => MailFailure::Tls(other.to_string()),
        None => MailFailure::Broken(error.to_string()),
    }
}
