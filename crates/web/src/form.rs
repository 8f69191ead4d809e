//! Forms, and that nobody else sends them in somebody's name.
//!
//! A request that changes something must say that it comes from a page of ours (`Origin`, `Sec-Fetch-Site`, where the
//! browser says so at all) and carry a token that only such a page can know: it is derived from the cookie of the
//! session or of the sign-in under way. Handlers get at the fields of a form only behind this check.

use std::sync::Arc;

use aws_lc_rs::{constant_time, hmac};
use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::cookies::{FLOW, SESSION};
use crate::upload::{Unread, has_files};
use crate::{Address, Scheme, address};

/// Name of the field with the token.
pub const FORM_TOKEN: &str = "form_token";
/// The largest form where nobody says otherwise. Passkeys with attestations are some kilobytes; the rest is room for what
/// somebody pasted by mistake, which is then refused beside its field.
const LARGEST: usize = 256 * 1024;

/// The token of forms for whoever holds a cookie.
pub fn form_token(cookie: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, cookie.as_bytes());
    URL_SAFE_NO_PAD.encode(hmac::sign(&key, b"form"))
}

/// Whether a token goes with a cookie.
pub(crate) fn is_token_of(token: &str, cookie: &str) -> bool {
    constant_time::verify_slices_are_equal(token.as_bytes(), form_token(cookie).as_bytes()).is_ok()
}

/// Why a form was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It does not come from a page of ours, or from one of another sign-in.
    NotOurs,
    /// It is larger than any form of ours.
    TooLarge,
}

impl Refusal {
    /// What it is answered with.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::NotOurs => StatusCode::FORBIDDEN,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        }
    }

    /// Ids of the title and the text of its page.
    pub const fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::NotOurs => ("form-refused-title", "form-refused"),
            Self::TooLarge => ("form-too-large-title", "form-too-large"),
        }
    }
}

/// Makes the page for a form that is not taken.
type Refuse = dyn Fn(&Parts, Refusal) -> Response + Send + Sync;

/// What the check has to know of a listener, and what it answers instead of a page.
#[derive(Clone)]
pub struct Guard {
    scheme: Scheme,
    fallback: String,
    refuse: Arc<Refuse>,
    largest: usize,
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guard")
            .field("scheme", &self.scheme)
            .finish_non_exhaustive()
    }
}

impl Guard {
    /// For a listener. `fallback` is its host for requests that name none; `refuse` makes the page for a form that was
    /// not taken.
    pub fn new(
        scheme: Scheme,
        fallback: impl Into<String>,
        refuse: impl Fn(&Parts, Refusal) -> Response + Send + Sync + 'static,
    ) -> Self {
        Self {
            scheme,
            fallback: fallback.into(),
            refuse: Arc::new(refuse),
            largest: LARGEST,
        }
    }

    /// What is answered instead of a page.
    pub(crate) fn refused(&self, parts: &Parts, why: Refusal) -> Response {
        (self.refuse)(parts, why)
    }

    /// With forms of up to so many bytes.
    #[must_use]
    pub fn accepting(self, largest: usize) -> Self {
        Self { largest, ..self }
    }
}

/// Zero characters, which nobody types and PostgreSQL does not keep, are left out.
impl FromIterator<(String, String)> for Fields {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(fields: I) -> Self {
        let fields = fields.into_iter().map(|(name, mut value)| {
            value.retain(|character| character != '\0');
            (name, value)
        });
        Self(Arc::new(fields.collect()))
    }
}

/// The fields of a form that was checked.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Fields(Arc<Vec<(String, String)>>);

impl std::fmt::Debug for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Their values are passwords and codes.
        f.debug_list()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

impl Fields {
    /// The first field of a name; empty if there is none.
    pub fn text(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value)
    }

    /// All values of a name, in the order of the form: boxes that were ticked.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.iter()
            .filter(move |(key, _)| *key == name)
            .map(|(_, value)| value)
    }

    /// Whether the form has a field of a name.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    /// All fields, in the order of the form.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Fields {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        // Without the check there are none, so that a route cannot forget it.
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or(StatusCode::FORBIDDEN)
    }
}

/// The check, for [`axum::middleware::from_fn_with_state`].
pub async fn check_forms(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    if matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    ) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let called = address(guard.scheme, &parts.uri, &parts.headers, &guard.fallback);
    if !comes_from_us(&parts.headers, &called) {
        return guard.refused(&parts, Refusal::NotOurs);
    }
    if has_files(&parts.headers) {
        let is_secure = called.is_secure;
        parts.extensions.insert(Unread { guard, is_secure });
        return next.run(Request::from_parts(parts, body)).await;
    }
    let Ok(body) = to_bytes(body, guard.largest).await else {
        return guard.refused(&parts, Refusal::TooLarge);
    };
    let fields: Fields = url::form_urlencoded::parse(&body).into_owned().collect();
    let token = fields.text(FORM_TOKEN);
    let is_ours = [FLOW, SESSION].iter().any(|cookie| {
        cookie
            .read(&parts.headers, called.is_secure)
            .is_some_and(|value| is_token_of(token, value))
    });
    if !is_ours {
        return guard.refused(&parts, Refusal::NotOurs);
    }
    parts.extensions.insert(fields);
    next.run(Request::from_parts(parts, Body::empty())).await
}

/// Whether the browser says nothing else of where the request comes from. Older ones say nothing; the token decides.
fn comes_from_us(headers: &HeaderMap, called: &Address) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let is_site = text("sec-fetch-site").is_none_or(|site| site == "same-origin");
    let is_origin = text("origin").is_none_or(|origin| is_same(origin, &called.base_url()));
    is_site && is_origin
}

/// Whether two origins are one, a port that goes without saying or not.
fn is_same(one: &str, other: &str) -> bool {
    match (url::Url::parse(one), url::Url::parse(other)) {
        (Ok(one), Ok(other)) => one.origin().is_tuple() && one.origin() == other.origin(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn is_taken(headers: &[(&'static str, &'static str)]) -> bool {
        let called = Address {
            is_secure: true,
            host: "mdm.example.com:443".to_owned(),
        };
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, HeaderValue::from_static(value));
        }
        comes_from_us(&map, &called)
    }

    #[test]
    fn a_form_of_another_site_is_seen_by_what_the_browser_says() {
        assert!(is_taken(&[]));
        assert!(is_taken(&[("origin", "https://mdm.example.com")]));
        assert!(is_taken(&[("sec-fetch-site", "same-origin")]));
        for origin in [
            "null",
            "https://evil.example",
            "http://mdm.example.com",
            "https://mdm.example.com:8443",
            "",
        ] {
            assert!(!is_taken(&[("origin", origin)]), "{origin}");
        }
        for site in ["cross-site", "same-site", "none"] {
            assert!(!is_taken(&[("sec-fetch-site", site)]), "{site}");
        }
    }

    #[test]
    fn a_token_goes_with_one_cookie() {
        let token = form_token("one");
        assert!(is_token_of(&token, "one"));
        assert!(!is_token_of(&token, "other"));
        assert!(!is_token_of("", "one"));
    }
}
