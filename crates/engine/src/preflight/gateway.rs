//! The way to mail servers: what the engine needs of the network, as a trait.

use std::net::SocketAddr;
use std::pin::Pin;

use mandate_model::Timestamp;
use zeroize::Zeroizing;

/// One look at a mail server, at one network address.
pub struct MailLook {
    /// Where to connect. Decided once, so that no second answer of a name server leads elsewhere.
    pub address: SocketAddr,
    /// The name that the server is asked for, in TLS and in HTTP.
    pub host: String,
    /// Whether to speak TLS; else in clear.
    pub tls: bool,
    /// What proves who asks. Never sent in clear.
    pub credentials: Option<MailCredentials>,
}

/// What proves who asks, and to whom alone it may be said.
pub struct MailCredentials {
    /// The whole `Authorization` header.
    pub authorization: Zeroizing<String>,
    /// SHA-256 of the certificate that the server has to show; anybody else is told nothing.
    pub certificate: [u8; 32],
}

impl std::fmt::Debug for MailLook {
    /// Without what is secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MailLook")
            .field("address", &self.address)
            .field("host", &self.host)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}

/// One look at any server, at one network address, without asking it for anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touch {
    /// Where to connect. Decided once, so that no second answer of a name server leads elsewhere.
    pub address: SocketAddr,
    /// The name that the server is asked for in TLS.
    pub host: String,
    /// Whether to speak TLS; else the connection alone is made.
    pub tls: bool,
}

/// What was seen of a server that takes connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailSight {
    /// What TLS showed; absent in clear, or if the server showed no certificate at all.
    pub tls: Option<TlsSight>,
    /// What was answered to `OPTIONS`, or in words why nothing was.
    pub answer: Result<MailAnswer, String>,
}

/// What a server showed in TLS.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsSight {
    /// `TLSv1_3` or `TLSv1_2`; absent if the handshake was broken off.
    pub version: Option<String>,
    /// Its certificates (DER), its own first.
    pub chain: Vec<Vec<u8>>,
    /// Whether it asked for a certificate of the client.
    pub asks_certificate: bool,
    /// Names (DER) of the authorities whose certificates it takes, if it said so.
    pub takes_from: Vec<Vec<u8>>,
}

/// An answer, whatever its status.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MailAnswer {
    /// HTTP status.
    pub status: u16,
    /// Headers by name in lower case, in order.
    pub headers: Vec<(String, String)>,
}

impl MailAnswer {
    /// Values of a header, by its name in lower case.
    pub(super) fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = move |pair: &&(String, String)| pair.0 == name;
        self.headers
            .iter()
            .filter(named)
            .map(|(_, value)| value.as_str())
    }
}

/// Which roots a chain of certificates is held against.
#[derive(Debug, Clone, Copy)]
pub enum Anchors<'a> {
    /// The public ones that this machine has.
    Public,
    /// These (DER).
    These(&'a [Vec<u8>]),
}

/// Why a chain of certificates is not trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Distrust {
    /// One of them has ended.
    Expired,
    /// One of them has not begun.
    NotYetValid,
    /// It is for other names.
    OtherName,
    /// It does not lead to a root.
    UnknownIssuer,
    /// Something else, in words.
    Other(String),
}

/// Something on its way; an error says in words why there is none.
pub type FromMailServer<'a, T> = Pin<Box<dyn Future<Output = Result<T, String>> + Send + 'a>>;

/// The way to mail servers, to servers whose connection is tested, and to name servers. Whatever the other side does,
/// everything ends within seconds and is read within bounds; redirects are not followed.
pub trait PreflightGateway: Send + Sync + std::fmt::Debug {
    /// Network addresses of a host.
    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> FromMailServer<'a, Vec<SocketAddr>>;

    /// Connects, looks at what TLS shows whether it is to be trusted or not, and sends
    /// `OPTIONS /Microsoft-Server-ActiveSync`. An error says why there is no connection.
    fn look(&self, look: MailLook) -> FromMailServer<'_, MailSight>;

    /// Connects, and looks at what TLS shows whether it is to be trusted or not. An error says why there is no connection,
    /// one inside of it why there is no TLS. In clear there is nothing to see.
    fn touch(&self, _touch: Touch) -> FromMailServer<'_, Result<TlsSight, String>> {
        Box::pin(async { Err("nobody is asked from here".to_owned()) })
    }

    /// The TXT records of a name, the parts of each put together; none if there is no such name. An error says why nothing
    /// is known.
    fn texts<'a>(&'a self, _name: &'a str) -> FromMailServer<'a, Vec<String>> {
        Box::pin(async { Err("nobody is asked from here".to_owned()) })
    }

    /// Where a name leads by its CNAME record, without a dot at the end; nothing if it has none. An error says why nothing
    /// is known.
    fn aliases<'a>(&'a self, _name: &'a str) -> FromMailServer<'a, Vec<String>> {
        Box::pin(async { Err("nobody is asked from here".to_owned()) })
    }

    /// Whether certificates (DER, the server's own first) prove that a server has a name.
    fn trust(
        &self,
        chain: &[Vec<u8>],
        host: &str,
        anchors: Anchors<'_>,
        at: Timestamp,
    ) -> Result<(), Distrust>;
}

/// No way to anybody, for instances that ask nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoMailServers;

impl PreflightGateway for NoMailServers {
    fn resolve<'a>(&'a self, _host: &'a str, _port: u16) -> FromMailServer<'a, Vec<SocketAddr>> {
        Box::pin(async { Err("nobody is asked from here".to_owned()) })
    }

    fn look(&self, _look: MailLook) -> FromMailServer<'_, MailSight> {
        Box::pin(async { Err("nobody is asked from here".to_owned()) })
    }

    fn trust(
        &self,
        _chain: &[Vec<u8>],
        _host: &str,
        _anchors: Anchors<'_>,
        _at: Timestamp,
    ) -> Result<(), Distrust> {
        Err(Distrust::Other("nobody is asked from here".to_owned()))
    }
}
