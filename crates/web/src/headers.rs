//! What every page forbids the browser.

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::{Address, Scheme, address};

/// Nothing from elsewhere, nothing inline, and nobody puts us into a frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
/// A year.
const STRICT_TRANSPORT: &str = "max-age=31536000";

/// How a listener is reached, for [`protect`].
#[derive(Debug, Clone)]
pub struct Protection {
    /// How clients reach the listener.
    pub scheme: Scheme,
    /// Host for requests that name none.
    pub fallback: String,
}

/// Adds the headers that keep a page to itself, for [`axum::middleware::from_fn_with_state`]. What an answer says of its
/// caching stays, and so does a policy of its own.
pub async fn protect(
    State(protection): State<Protection>,
    request: Request,
    next: Next,
) -> Response {
    let called = address(
        protection.scheme,
        request.uri(),
        request.headers(),
        &protection.fallback,
    );
    let mut response = next.run(request).await;
    keep_to_itself(&called, &mut response);
    response
}

/// Adds those headers to one page.
pub fn keep_to_itself(called: &Address, response: &mut Response) {
    let headers = response.headers_mut();
    let mut say = |name: HeaderName, value: &'static str| {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    };
    say(header::CONTENT_SECURITY_POLICY, POLICY);
    say(header::X_FRAME_OPTIONS, "DENY");
    say(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    // `no-referrer` would make the origin of our own forms `null`.
    say(header::REFERRER_POLICY, "same-origin");
    say(header::CACHE_CONTROL, "no-store");
    if is_strict(called) {
        say(header::STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT);
    }
}

/// Whether browsers may be told to come over TLS alone. On `localhost` that would concern whatever else listens there.
fn is_strict(called: &Address) -> bool {
    let host = called.host.split(':').next().unwrap_or_default();
    called.is_secure && !host.eq_ignore_ascii_case("localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_host_of_its_own_is_bound_to_tls() {
        let of = |is_secure, host: &str| {
            is_strict(&Address {
                is_secure,
                host: host.to_owned(),
            })
        };
        assert!(of(true, "mdm.example.com:8443"));
        assert!(!of(false, "mdm.example.com"));
        assert!(!of(true, "localhost:8443"));
    }
}
