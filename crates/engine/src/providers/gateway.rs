//! The way to providers: what the engine needs of the network, as traits.

use std::collections::BTreeMap;
use std::pin::Pin;

use zeroize::Zeroizing;

/// One request to a provider by HTTP.
pub struct ProviderRequest {
    /// The address: HTTPS, or HTTP of this machine itself.
    pub url: String,
    /// A form to POST (`application/x-www-form-urlencoded`); without it the request is a GET.
    pub form: Option<Zeroizing<String>>,
    /// The whole `Authorization` header.
    pub authorization: Option<Zeroizing<String>>,
    /// Roots (PEM) instead of those of this machine.
    pub roots: Option<String>,
}

impl std::fmt::Debug for ProviderRequest {
    /// Without what is secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProviderRequest")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// An answer, whatever its status.
#[derive(Clone, PartialEq, Eq)]
pub struct ProviderAnswer {
    /// HTTP status.
    pub status: u16,
    /// The body; longer ones than a provider sends are an error.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for ProviderAnswer {
    /// Without the body, which may hold tokens.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProviderAnswer")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// A directory and how to reach it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryServer {
    /// `ldaps://…`, or `ldap://…`.
    pub url: String,
    /// Begin TLS on a plain connection (RFC 4511 §4.14).
    pub start_tls: bool,
    /// Roots (PEM) instead of those of this machine.
    pub roots: Option<String>,
}

/// What a directory says to a bind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindAnswer {
    /// LDAP result code (RFC 4511 §4.1.9); 0 is success.
    pub code: u32,
    /// The diagnostic message.
    pub text: String,
}

/// What is asked of a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DirectorySearch<'a> {
    /// Where to begin.
    pub base: &'a str,
    /// Everything below it, or that entry alone.
    pub whole_tree: bool,
    /// RFC 4515 text.
    pub filter: &'a str,
    /// Attributes wanted.
    pub attributes: &'a [&'a str],
}

/// What is asked of a directory a page at a time (RFC 2696).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DirectoryPageSearch<'a> {
    /// Where to begin.
    pub base: &'a str,
    /// Everything below it, or that entry alone.
    pub whole_tree: bool,
    /// RFC 4515 text.
    pub filter: &'a str,
    /// Attributes wanted.
    pub attributes: &'a [&'a str],
    /// How many entries a page has.
    pub size: u32,
    /// What the server gave with the page before; nothing for the first one.
    pub cookie: &'a [u8],
    /// Whether what was deleted is shown too ([MS-ADTS] §3.1.1.3.4.1.14).
    pub shows_deleted: bool,
}

/// A page of entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DirectoryPage {
    /// The entries.
    pub entries: Vec<DirectoryEntry>,
    /// What gets the next page; nothing at the end.
    pub cookie: Vec<u8>,
}

/// An entry of a directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DirectoryEntry {
    /// Distinguished name.
    pub dn: String,
    /// Values by the name of the attribute, in lower case.
    pub attributes: BTreeMap<String, Vec<Vec<u8>>>,
}

impl DirectoryEntry {
    /// Values of an attribute, by its name in any letter case.
    pub fn values(&self, attribute: &str) -> &[Vec<u8>] {
        self.attributes
            .get(&attribute.to_ascii_lowercase())
            .map_or(&[], Vec::as_slice)
    }

    /// Whether an attribute has this value, in any letter case of ASCII.
    pub(crate) fn has(&self, attribute: &str, text: &str) -> bool {
        let values = self.values(attribute);
        values
            .iter()
            .any(|value| value.eq_ignore_ascii_case(text.as_bytes()))
    }
}

/// Something on its way; an error says in words why there is none.
pub type FromProvider<'a, T> = Pin<Box<dyn Future<Output = Result<T, String>> + Send + 'a>>;

/// The way to providers. Whatever the other side does, everything ends within seconds; neither redirects nor referrals
/// are followed; nothing is sent in clear but to this machine
/// itself, or where an administrator said so.
pub trait ProviderGateway: Send + Sync + std::fmt::Debug {
    /// Sends a request.
    fn ask(&self, request: ProviderRequest) -> FromProvider<'_, ProviderAnswer>;

    /// Sends a request to a service that is spoken to in JSON, and gives its headers back.
    fn call(&self, request: crate::ServiceRequest) -> FromProvider<'_, crate::ServiceAnswer> {
        let _ = request;
        Box::pin(async { Err("no service is asked from here".to_owned()) })
    }

    /// Connects with a directory, with TLS up.
    fn connect<'a>(
        &'a self,
        server: &'a DirectoryServer,
    ) -> FromProvider<'a, Box<dyn DirectoryConnection>>;

    /// Network addresses of a host, as `ADDRESS:PORT`.
    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> FromProvider<'a, Vec<String>>;

    /// Whether something takes connections at a network address.
    fn dial<'a>(&'a self, address: &'a str) -> FromProvider<'a, ()>;
}

/// A connection with a directory.
pub trait DirectoryConnection: Send {
    /// Says who asks, by a simple bind (RFC 4511 §4.2). Never called without a password: that would be a bind of nobody,
    /// which succeeds.
    fn bind<'a>(&'a mut self, name: &'a str, password: &'a str) -> FromProvider<'a, BindAnswer>;

    /// Entries found: at most two, as more than one is too many.
    fn search<'a>(
        &'a mut self,
        search: DirectorySearch<'a>,
    ) -> FromProvider<'a, Vec<DirectoryEntry>>;

    /// A page of entries found. An entry that is not there, and whose name is the base, is none found. Values of more than
    /// 64 KiB come without their rest, as no text.
    fn page<'a>(&'a mut self, search: DirectoryPageSearch<'a>) -> FromProvider<'a, DirectoryPage> {
        let reason = format!("`{}` cannot be read page by page from here", search.base);
        Box::pin(async { Err(reason) })
    }
}

/// No way to anybody, for instances that ask nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoProviders;

impl ProviderGateway for NoProviders {
    fn ask(&self, _request: ProviderRequest) -> FromProvider<'_, ProviderAnswer> {
        Box::pin(async { Err("nobody is asked from here".to_owned()) })
    }

    fn connect<'a>(
        &'a self,
        _server: &'a DirectoryServer,
    ) -> FromProvider<'a, Box<dyn DirectoryConnection>> {
        Box::pin(async { Err("nobody is asked from here".to_owned()) })
    }

    fn resolve<'a>(&'a self, _host: &'a str, _port: u16) -> FromProvider<'a, Vec<String>> {
        Box::pin(async { Err("nobody is asked from here".to_owned()) })
    }

    fn dial<'a>(&'a self, _address: &'a str) -> FromProvider<'a, ()> {
        Box::pin(async { Err("nobody is asked from here".to_owned()) })
    }
}
