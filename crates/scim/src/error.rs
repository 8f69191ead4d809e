//! Errors in the form of RFC 7644 §3.12.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use mandate_engine::{EngineError, ProvisionFault};
use serde_json::json;

use crate::answer::answer;

/// Why a request is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScimError {
    pub(crate) status: StatusCode,
    /// A word of RFC 7644 table 9, where one fits.
    pub(crate) kind: Option<&'static str>,
    pub(crate) detail: String,
}

impl ScimError {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            kind: None,
            detail: detail.into(),
        }
    }

    fn bad(kind: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind: Some(kind),
            ..Self::new(StatusCode::BAD_REQUEST, detail)
        }
    }

    pub(crate) fn invalid_value(detail: impl Into<String>) -> Self {
        Self::bad("invalidValue", detail)
    }

    pub(crate) fn invalid_syntax(detail: impl Into<String>) -> Self {
        Self::bad("invalidSyntax", detail)
    }

    pub(crate) fn invalid_filter(detail: impl Into<String>) -> Self {
        Self::bad("invalidFilter", detail)
    }

    pub(crate) fn invalid_path(detail: impl Into<String>) -> Self {
        Self::bad("invalidPath", detail)
    }

    pub(crate) fn no_target(detail: impl Into<String>) -> Self {
        Self::bad("noTarget", detail)
    }

    pub(crate) fn too_many(detail: impl Into<String>) -> Self {
        Self::bad("tooMany", detail)
    }

    pub(crate) fn mutability(detail: impl Into<String>) -> Self {
        Self::bad("mutability", detail)
    }

    pub(crate) fn not_found(id: &str) -> Self {
        let id: String = id.chars().take(64).collect();
        Self::new(StatusCode::NOT_FOUND, format!("there is no `{id}`"))
    }
}

impl From<ProvisionFault> for ScimError {
    fn from(fault: ProvisionFault) -> Self {
        let conflict = |detail: &str| Self {
            kind: Some("uniqueness"),
            ..Self::new(StatusCode::CONFLICT, detail)
        };
        match fault {
            ProvisionFault::NameTaken => conflict("there is somebody of this `userName` already"),
            ProvisionFault::NotFound => Self::new(StatusCode::NOT_FOUND, "it is not there"),
            ProvisionFault::Overtaken => Self::new(
                StatusCode::PRECONDITION_FAILED,
                "it was changed meanwhile; read it again",
            ),
            ProvisionFault::Refused(fault) => {
                let detail = format!("{}: {}", fault.property, fault.reason);
                match fault.category.as_str() {
                    "PropertyConflict" => conflict(&detail),
                    "NotAllowed" => Self::new(StatusCode::FORBIDDEN, detail),
                    _ => Self::invalid_value(detail),
                }
            }
        }
    }
}

impl From<EngineError> for ScimError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::NotFound { .. } => Self::new(StatusCode::NOT_FOUND, error.to_string()),
            EngineError::NotAllowed { .. } => Self::new(StatusCode::FORBIDDEN, error.to_string()),
            EngineError::AlreadyExists { .. } => Self {
                kind: Some("uniqueness"),
                ..Self::new(StatusCode::CONFLICT, error.to_string())
            },
            EngineError::InUse { .. } | EngineError::Overtaken { .. } => {
                Self::new(StatusCode::CONFLICT, error.to_string())
            }
            EngineError::Invalid(_)
            | EngineError::NotPossible { .. }
            | EngineError::NotAdmitted(_) => Self::invalid_value(error.to_string()),
            EngineError::Locked { .. } => Self::new(StatusCode::LOCKED, error.to_string()),
            EngineError::Unavailable(_) | EngineError::IssuerUnavailable { .. } => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "come again later")
            }
            EngineError::Internal(_) => {
                tracing::error!("a SCIM request could not be answered: {error}");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal error")
            }
        }
    }
}

impl IntoResponse for ScimError {
    fn into_response(self) -> Response {
        let mut body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": self.status.as_u16().to_string(),
            "detail": self.detail,
        });
        if let Some(kind) = self.kind {
            body["scimType"] = json!(kind);
        }
        let mut response = answer(self.status, &body);
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer realm=\"scim\"");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
