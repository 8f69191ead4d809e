//! The way to authorities of others: HTTP as the engine sees it.

use std::pin::Pin;

use zeroize::Zeroizing;

/// One request to an address that an administrator entered.
pub struct IssuerRequest {
    /// The address.
    pub url: String,
    /// What to POST, with its media type; without it the request is a GET.
    pub body: Option<(&'static str, Vec<u8>)>,
    /// What proves who asks (`Authorization: Bearer`).
    pub bearer: Option<Zeroizing<String>>,
}

impl std::fmt::Debug for IssuerRequest {
    /// Without what is secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IssuerRequest")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// An answer, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerAnswer {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`, or nothing.
    pub content_type: String,
    /// The body; longer ones than an authority sends are an error.
    pub body: Vec<u8>,
}

/// An answer on its way; an error says in words why there is none.
pub type Asking<'a> = Pin<Box<dyn Future<Output = Result<IssuerAnswer, String>> + Send + 'a>>;

/// Asks authorities of others. Every request ends within seconds, whatever the other side does; redirects are not
/// followed.
pub trait IssuerGateway: Send + Sync + std::fmt::Debug {
    /// Sends a request.
    fn ask(&self, request: IssuerRequest) -> Asking<'_>;

    /// Lets some seconds pass before somebody is asked again.
    fn pause(&self, seconds: u32) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// No way to anybody, for instances that ask nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoIssuers;

impl IssuerGateway for NoIssuers {
    fn ask(&self, _request: IssuerRequest) -> Asking<'_> {
        Box::pin(async { Err("nobody is asked from here".to_owned()) })
    }

    fn pause(&self, _seconds: u32) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async {})
    }
}
