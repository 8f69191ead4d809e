//! Sending an answer to the client through the browser.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::cors::origin_of;
use super::pages::{self, PageContext};
use super::parameters::encode;
use super::{Fault, FaultKind};

/// How the answer travels (`OAuth` 2.0 Multiple Response Type Encoding Practices, Form Post Response Mode).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ResponseMode {
    Query,
    Fragment,
    FormPost,
}

/// Where answers to a client go, once it is known that they may.
#[derive(Debug, Clone)]
pub(super) struct Destination {
    /// The registered address, as the client named it.
    pub(super) address: String,
    pub(super) mode: ResponseMode,
    /// Given back as it came.
    pub(super) state: Option<String>,
    /// For `session_state`, which some clients look for.
    pub(super) issuer: String,
}

impl ResponseMode {
    pub(super) fn parse(text: Option<&str>) -> Option<Self> {
        match text {
            None | Some("query") => Some(Self::Query),
            Some("fragment") => Some(Self::Fragment),
            Some("form_post") => Some(Self::FormPost),
            Some(_) => None,
        }
    }
}

impl Destination {
    /// A code. After a form of ours a page leads on, for browsers forbid a form to end up elsewhere.
    pub(super) fn code(&self, context: &PageContext, code: &str, after_form: bool) -> Response {
        self.send(context, &[("code", code)], after_form)
    }

    /// A refusal.
    pub(super) fn refuse(
        &self,
        context: &PageContext,
        fault: &Fault,
        after_form: bool,
    ) -> Response {
        let text = fault.text();
        let fields = [
            ("error", error_name(fault.kind)),
            ("error_description", text.as_str()),
        ];
        self.send(context, &fields, after_form)
    }

    fn send(&self, context: &PageContext, fields: &[(&str, &str)], after_form: bool) -> Response {
        let mut all = fields.to_vec();
        if let Some(state) = &self.state {
            all.push(("state", state));
        }
        // RFC 9207: the client knows which authority answers.
        all.push(("iss", &self.issuer));
        let separator = match self.mode {
            ResponseMode::FormPost => return self.post(context, &all),
            ResponseMode::Fragment => '#',
            ResponseMode::Query if self.address.contains('?') => '&',
            ResponseMode::Query => '?',
        };
        let address = format!("{}{separator}{}", self.address, encode(all));
        if after_form {
            return pages::leading(context, &address);
        }
        let Ok(location) = HeaderValue::from_str(&address) else {
            // Registered addresses are printable, and so is what was encoded.
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let mut answer = StatusCode::FOUND.into_response();
        let headers = answer.headers_mut();
        headers.insert(header::LOCATION, location);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        answer
    }

    /// A form that sends itself, or is sent with its button where scripts are off.
    fn post(&self, context: &PageContext, fields: &[(&str, &str)]) -> Response {
        let to = origin_of(&self.address).unwrap_or_default();
        let digest = pages::SUBMIT_SHA256;
        let policy = format!(
            "default-src 'none'; script-src 'sha256-{digest}'; style-src 'self'; img-src 'self'; form-action {to}; frame-ancestors 'none'; base-uri 'none'"
        );
        let mut answer = pages::form_post(context, &self.address, fields);
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            answer
                .headers_mut()
                .insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        answer
    }
}

/// At the authorization end point a client that may not do something is told so in another word.
fn error_name(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::Consent => "access_denied",
        other => other.error(),
    }
}
