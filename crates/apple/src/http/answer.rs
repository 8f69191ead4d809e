//! Answers, and what problems become on the wire.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use mandate_engine::{EngineError, Refused};

use crate::wire::WireError;

/// Why a request is not done.
#[derive(Debug)]
pub(crate) enum Problem {
    /// The request breaks the protocol.
    Malformed(String),
    /// Nothing proves who speaks, or not rightly.
    Unproven(&'static str),
    /// Who speaks is not served.
    Refused(Refused),
    /// The method does not fit.
    Method,
    /// There is nothing here.
    NotFound(&'static str),
    /// We failed.
    Engine(EngineError),
}

impl From<WireError> for Problem {
    fn from(error: WireError) -> Self {
        Self::Malformed(error.to_string())
    }
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

impl From<mandate_pki::Error> for Problem {
    fn from(error: mandate_pki::Error) -> Self {
        Self::Engine(EngineError::Internal(error.to_string()))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        match self {
            Self::Malformed(reason) => (StatusCode::BAD_REQUEST, reason).into_response(),
            Self::Unproven(reason) => (StatusCode::FORBIDDEN, reason).into_response(),
            Self::Refused(Refused::Gone) => unrecognised(),
            Self::Refused(Refused::NotAdmitted(barrier))
            | Self::Engine(EngineError::NotAdmitted(barrier)) => {
                tracing::info!("a device was not enrolled ({}): {barrier}", barrier.code());
                (StatusCode::FORBIDDEN, barrier.to_string()).into_response()
            }
            Self::Refused(
                refused @ (Refused::Foreign | Refused::Revoked | Refused::OtherDevice),
            ) => (StatusCode::FORBIDDEN, refused.to_string()).into_response(),
            Self::Method => StatusCode::METHOD_NOT_ALLOWED.into_response(),
            Self::NotFound(reason) => (StatusCode::NOT_FOUND, reason).into_response(),
            Self::Engine(EngineError::Unavailable(cause)) => {
                tracing::error!(
                    "a device could not be served: {}",
                    EngineError::Unavailable(cause)
                );
                let retry_after = [(header::RETRY_AFTER, HeaderValue::from_static("30"))];
                (
                    StatusCode::SERVICE_UNAVAILABLE,
                    retry_after,
                    "come again later",
                )
                    .into_response()
            }
            Self::Engine(error @ EngineError::IssuerUnavailable { .. }) => {
                let retry_after = [(header::RETRY_AFTER, HeaderValue::from_static("60"))];
                (
                    StatusCode::SERVICE_UNAVAILABLE,
                    retry_after,
                    error.to_string(),
                )
                    .into_response()
            }
            Self::Engine(EngineError::NotPossible { reason }) => {
                (StatusCode::CONFLICT, reason).into_response()
            }
            Self::Engine(error) => {
                tracing::error!("a device could not be served: {error}");
                (StatusCode::INTERNAL_SERVER_ERROR, "internal error").into_response()
            }
        }
    }
}

/// A device that was retired or wiped may forget us: iOS 17 does so on this code, older versions take it as a refusal.
fn unrecognised() -> Response {
    let body = r#"{"code":"com.apple.unrecognized.device","description":"the device is no longer managed here"}"#;
    (
        StatusCode::FORBIDDEN,
        [(header::CONTENT_TYPE, "application/json")],
        body,
    )
        .into_response()
}

/// A property list, or nothing.
pub(crate) fn plist_answer(body: Option<Vec<u8>>) -> Response {
    match body {
        Some(body) => ([(header::CONTENT_TYPE, "application/xml")], body).into_response(),
        None => StatusCode::OK.into_response(),
    }
}
