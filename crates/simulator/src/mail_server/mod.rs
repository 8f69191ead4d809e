//! A stand-in for an Exchange server that asks for client certificates, or for passwords.
//!
//! Speaks HTTP/1.1 over TLS. Who has no certificate of a given root, or a revoked one, does not get past the handshake, unless the
//! server is [`Open`]. `OPTIONS` of `ActiveSync` is answered as Exchange does; nothing else is.

mod serve;
mod trust;

use crate::asn1;
use crate::certificates::{Certificate, Extension, Issuer, Name, Template};
use crate::cms::Identity;
use crate::http::Http;
use crate::keys::{Digest, Key, KeyError};
use serve::Shared;
use std::net::SocketAddr;
use std::sync::Arc;
use thiserror::Error;
use trust::Trust;

const SERVER_AUTHENTICATION: &str = "1.3.6.1.5.5.7.3.1";

/// The server cannot start, or cannot use what it is given.
#[derive(Debug, Error)]
pub enum MailServerError {
    /// The address cannot be listened on.
    #[error("cannot listen: {0}")]
    Listen(#[from] std::io::Error),
    /// TLS refuses certificates, keys or revocation lists.
    #[error("cannot set up TLS: {0}")]
    Tls(String),
}

/// Who the server is and whom it lets in. Start from [`MailServerPlan::new`] and change fields.
#[derive(Debug, Clone)]
pub struct MailServerPlan {
    /// Name of the server; must stand in its certificate. It is entered into the names of the client given at the start.
    pub host: String,
    /// The server's certificate and key, such as one made by [`server_identity`].
    pub identity: Identity,
    /// Authorities sent along with the server's certificate.
    pub chain: Vec<Certificate>,
    /// Roots of client certificates.
    pub roots: Vec<Certificate>,
    /// Authorities between, known to the server so that clients need not send them.
    pub intermediates: Vec<Certificate>,
    /// Revocation lists (DER); see [`MailServer::set_revocation_lists`].
    pub revocation_lists: Vec<Vec<u8>>,
    /// How it treats those without a certificate, if it lets them in at all.
    pub open: Option<Open>,
}

/// A server that talks to those without a certificate as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// Whether it asks for a certificate all the same.
    pub asks_certificates: bool,
    /// Status of the answer to strangers; with 200 they are told the versions.
    pub status: u16,
    /// Further headers of that answer, such as `www-authenticate`, in order.
    pub headers: Vec<(String, String)>,
    /// Names and passwords of those who are let in (RFC 7617).
    pub accounts: Vec<(String, String)>,
    /// `MS-ASProtocolVersions`.
    pub versions: String,
}

impl Open {
    /// A server that wants a name and a password, as Exchange does.
    pub fn with_passwords(accounts: &[(&str, &str)]) -> Self {
        let accounts = accounts.iter();
        Self {
            asks_certificates: false,
            status: 401,
            headers: vec![(
                "www-authenticate".to_owned(),
                "Basic realm=\"mail\"".to_owned(),
            )],
            accounts: accounts
                .map(|(name, password)| ((*name).to_owned(), (*password).to_owned()))
                .collect(),
            versions: serve::VERSIONS.to_owned(),
        }
    }
}

/// A request to an [`Open`] server by somebody without a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Knock {
    /// HTTP method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// `Host`.
    pub host: String,
    /// The name that came with the right password.
    pub name: Option<String>,
    /// Whether any password came.
    pub has_password: bool,
}

impl MailServerPlan {
    /// A server that lets in who has a certificate under `root`, without revocation lists.
    pub fn new(host: &str, identity: Identity, root: Certificate) -> Self {
        Self {
            host: host.to_owned(),
            identity,
            chain: Vec::new(),
            roots: vec![root],
            intermediates: Vec::new(),
            revocation_lists: Vec::new(),
            open: None,
        }
    }
}

/// A request by somebody who got past the handshake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// The client certificate.
    pub certificate: Certificate,
    /// Its subject, for people.
    pub subject: String,
    /// Its user principal name.
    pub principal_name: Option<String>,
    /// Its mail addresses.
    pub addresses: Vec<String>,
    /// HTTP method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// `User-Agent`.
    pub agent: String,
}

/// The running server; it stops when dropped.
#[derive(Debug)]
pub struct MailServer {
    shared: Arc<Shared>,
    trust: Trust,
    address: SocketAddr,
    task: tokio::task::JoinHandle<()>,
}

impl MailServer {
    /// Starts on a free loopback port, by the clock of `http`, and tells `http` that the host is there.
    pub async fn start(http: &Http, plan: MailServerPlan) -> Result<Self, MailServerError> {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        http.name_host(&plan.host, address);
        let lists = plan.revocation_lists.clone();
        let open = plan.open.clone();
        let trust = Trust::new(http, plan);
        let shared = Arc::new(Shared::new(trust.server_config(lists)?, open));
        let task = tokio::spawn(serve::accept(listener, Arc::clone(&shared)));
        Ok(Self {
            shared,
            trust,
            address,
            task,
        })
    }

    /// From now on these lists (DER) count, for new connections.
    ///
    /// With any list the server is strict: a client certificate whose issuer has no list is refused, and so is one whose list has
    /// ended (`nextUpdate`). Authorities are not looked up, certificates of clients only. Without lists nobody is revoked.
    pub fn set_revocation_lists(&self, lists: Vec<Vec<u8>>) -> Result<(), MailServerError> {
        self.shared.configure(self.trust.server_config(lists)?);
        Ok(())
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Requests so far of those who were let in, in order.
    pub fn sign_ins(&self) -> Vec<SignIn> {
        self.shared.sign_ins()
    }

    /// Requests so far of those without a certificate, in order.
    pub fn knocks(&self) -> Vec<Knock> {
        self.shared.knocks()
    }

    /// Why handshakes failed so far, in the words of the TLS library.
    pub fn refusals(&self) -> Vec<String> {
        self.shared.refusals()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A certificate for a server of that host (name or IP address) under an authority, and its key.
pub fn server_identity(
    issuer: &Issuer,
    key: Arc<Key>,
    host: &str,
    validity: (i64, i64),
) -> Result<Identity, KeyError> {
    let name = match host.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(address)) => asn1::context_primitive(7, &address.octets()),
        Ok(std::net::IpAddr::V6(address)) => asn1::context_primitive(7, &address.octets()),
        Err(_) => asn1::context_primitive(2, host.as_bytes()),
    };
    let mut serial = Digest::Sha256.of(&[key.public(), host.as_bytes()].concat());
    serial.truncate(12);
    if let Some(first) = serial.first_mut() {
        *first = *first & 0x7F | 0x40;
    }
    let template = Template {
        subject: Name::common(host).der(),
        public: key.public().to_vec(),
        serial,
        validity,
        extensions: vec![
            Extension::KeyUsage(0xA0),
            Extension::ExtendedKeyUsage(vec![SERVER_AUTHENTICATION]),
            Extension::AlternativeNames(vec![name]),
        ],
    };
    Ok(Identity {
        certificate: issuer.issue(&template, Digest::Sha256)?,
        key,
    })
}
