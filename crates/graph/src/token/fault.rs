//! What goes wrong at the token endpoint, in the form that MSAL reads.

use axum::http::StatusCode;
use mandate_model::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

/// A refused token request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which rule was broken.
    pub kind: FaultKind,
    /// What to do about it.
    pub description: String,
}

/// Faults with their OAuth names, Entra's numbers and their status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// A parameter is missing or twice there.
    InvalidRequest,
    /// The tenant in the path is not ours.
    UnknownTenant,
    /// Client unknown, or its secret wrong: which of both is not said.
    InvalidClient,
    /// Another grant than client credentials.
    UnsupportedGrantType,
    /// A resource that is not ours, or single permissions instead of `/.default`.
    InvalidScope,
    /// The database does not answer.
    TemporarilyUnavailable,
    /// Our fault.
    ServerError,
}

impl FaultKind {
    /// The status of the answer.
    pub fn status(self) -> StatusCode {
        match self {
            Self::InvalidRequest
            | Self::UnknownTenant
            | Self::UnsupportedGrantType
            | Self::InvalidScope => StatusCode::BAD_REQUEST,
            Self::InvalidClient => StatusCode::UNAUTHORIZED,
            Self::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// RFC 6749 §5.2
    fn error(self) -> &'static str {
        match self {
            Self::InvalidRequest | Self::UnknownTenant => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::ServerError => "server_error",
        }
    }

    /// The number by which Entra's documentation lists it.
    fn code(self) -> u32 {
        match self {
            Self::InvalidRequest => 900_144,
            Self::UnknownTenant => 90_002,
            Self::InvalidClient => 7_000_215,
            Self::UnsupportedGrantType => 70_003,
            Self::InvalidScope => 70_011,
            Self::TemporarilyUnavailable => 90_033,
            Self::ServerError => 90_000,
        }
    }
}

impl Fault {
    /// A fault with its description.
    pub fn new(kind: FaultKind, description: impl Into<String>) -> Self {
        Self {
            kind,
            description: description.into(),
        }
    }

    /// The JSON of the answer.
    pub fn body(&self, now: Timestamp, trace: Uuid, correlation: &str) -> Value {
        let code = self.kind.code();
        let seconds = Timestamp::from_unix_seconds(now.unix_seconds());
        let timestamp = seconds.to_string().replace('T', " ");
        json!({
            "error": self.kind.error(),
            "error_description": format!(
                "AADSTS{code}: {} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}",
                self.description,
            ),
            "error_codes": [code],
            "timestamp": timestamp,
            "trace_id": trace.to_string(),
            "correlation_id": correlation,
        })
    }
}
