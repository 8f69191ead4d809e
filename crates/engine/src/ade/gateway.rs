//! The way to Apple's service: what the engine needs of the network.

use zeroize::Zeroizing;

/// A request to a service that is spoken to in JSON.
pub struct ServiceRequest {
    /// `GET`, `POST` or `DELETE`.
    pub method: &'static str,
    /// The address: HTTPS, or HTTP of this machine itself.
    pub url: String,
    /// Headers, by name.
    pub headers: Vec<(&'static str, Zeroizing<String>)>,
    /// A body, JSON.
    pub body: Option<Vec<u8>>,
    /// Roots (PEM) instead of those of this machine.
    pub roots: Option<String>,
}

impl std::fmt::Debug for ServiceRequest {
    /// Without headers and body, which may hold tokens.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServiceRequest")
            .field("method", &self.method)
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// An answer, whatever its status.
#[derive(Clone, PartialEq, Eq)]
pub struct ServiceAnswer {
    /// HTTP status.
    pub status: u16,
    /// Headers with their names in lower case; those that are no text are left out.
    pub headers: Vec<(String, String)>,
    /// The body; longer ones than such a service sends are an error.
    pub body: Vec<u8>,
}

impl ServiceAnswer {
    /// The value of a header; `name` is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl std::fmt::Debug for ServiceAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServiceAnswer")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
