//! What goes wrong, in Graph's words.

mod engine;

use axum::http::StatusCode;
use serde_json::{Value, json};

/// An error as a client of Graph sees it: a status, a code, and a text that names the failing thing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct GraphError {
    /// HTTP status.
    pub status: StatusCode,
    /// Graph's error code.
    pub code: &'static str,
    /// For people: the field, the rule and the value.
    pub message: String,
    /// The property, query option or path segment that is at fault.
    pub target: Option<String>,
    /// Further faults of the same request.
    pub details: Vec<Detail>,
    /// Headers that belong to the answer (`Allow`, `Retry-After`, `WWW-Authenticate`).
    pub headers: Vec<(&'static str, String)>,
}

/// One of several faults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// Graph's error code.
    pub code: &'static str,
    /// For people.
    pub message: String,
    /// The property at fault.
    pub target: Option<String>,
}

/// Result of everything that answers a Graph request.
pub type Result<T, E = GraphError> = std::result::Result<T, E>;

impl GraphError {
    /// An error of a status and code.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            target: None,
            details: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// 400: the request cannot be understood.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    /// 400: one property or option is wrong.
    pub fn invalid(target: impl Into<String>, message: impl Into<String>) -> Self {
        Self::bad_request(message).at(target)
    }

    /// 400: the object contradicts its model.
    pub fn model_validation(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "ModelValidationFailure", message)
    }

    /// 401: who asks is unknown.
    pub fn unauthenticated(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "InvalidAuthenticationToken",
            message,
        )
    }

    /// 403: who asks may not.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "Forbidden", message)
    }

    /// 404: there is no such object or path.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "ResourceNotFound", message)
    }

    /// 404: an object of a kind with this id does not exist.
    pub fn no_such(kind: &str, id: &str) -> Self {
        Self::not_found(format!("there is no {kind} `{id}`"))
    }

    /// 405: the path exists, the method does not.
    pub fn method_not_allowed(method: &str, allowed: &[&str]) -> Self {
        let allow = allowed.join(", ");
        let message = format!("{method} is not possible here; possible: {allow}");
        let mut error = Self::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message);
        error.headers.push(("allow", allow));
        error
    }

    /// 409: something else is in the way.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "Conflict", message)
    }

    /// 423: nothing can be configured for a while.
    pub fn locked(message: impl Into<String>) -> Self {
        Self::new(StatusCode::LOCKED, "Locked", message)
    }

    /// 413: the body is larger than the limit.
    pub fn too_large(limit: usize) -> Self {
        let message = format!("the body is larger than {limit} bytes");
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestEntityTooLarge",
            message,
        )
    }

    /// 415: a body in a form we do not read.
    pub fn unsupported_media(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UnsupportedMediaType",
            message,
        )
    }

    /// 501: Graph has this, we do not.
    pub fn not_implemented(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message)
    }

    /// 503: not now, but soon.
    pub fn unavailable(message: impl Into<String>) -> Self {
        let mut error = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "ServiceUnavailable",
            message,
        );
        error.headers.push(("retry-after", "5".to_owned()));
        error
    }

    /// 500: our fault; the cause is in the log under the request id, never in the answer.
    pub fn internal() -> Self {
        let message =
            "something went wrong on the server; its log has the cause under the request id";
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalServerError",
            message,
        )
    }

    /// Names the property, option or segment at fault.
    #[must_use]
    pub fn at(mut self, target: impl Into<String>) -> Self {
        self.target = Some(target.into());
        self
    }

    /// Adds faults; the first one is usually the message itself.
    #[must_use]
    pub fn with_details(mut self, details: Vec<Detail>) -> Self {
        self.details = details;
        self
    }

    /// The same error in the codes that directory objects use.
    #[must_use]
    pub fn for_directory(mut self) -> Self {
        self.code = match self.code {
            "BadRequest" => "Request_BadRequest",
            "ResourceNotFound" => "Request_ResourceNotFound",
            "Forbidden" => "Authorization_RequestDenied",
            "Conflict" => "Request_MultipleObjectsWithSameKeyValue",
            other => other,
        };
        self
    }

    /// The error object. `date` is without an offset, as Graph writes it here.
    pub fn body(&self, date: &str, request_id: &str, client_request_id: &str) -> Value {
        let mut error = json!({
            "code": self.code,
            "message": self.message,
            "innerError": {
                "date": date,
                "request-id": request_id,
                "client-request-id": client_request_id,
            },
        });
        if let Some(target) = &self.target {
            error["target"] = json!(target);
        }
        if !self.details.is_empty() {
            error["details"] = self.details.iter().map(Detail::body).collect();
        }
        json!({ "error": error })
    }
}

impl Detail {
    fn body(&self) -> Value {
        let mut detail = json!({ "code": self.code, "message": self.message });
        if let Some(target) = &self.target {
            detail["target"] = json!(target);
        }
        detail
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_object_names_the_failing_property() {
        let error = GraphError::invalid("hostName", "`hostName` has a scheme");
        let body = error.body("2026-01-02T03:04:05", "r", "c");
        assert_eq!(body["error"]["code"], "BadRequest");
        assert_eq!(body["error"]["target"], "hostName");
        assert_eq!(body["error"]["innerError"]["request-id"], "r");
        assert_eq!(body["error"]["innerError"]["client-request-id"], "c");
    }

    #[test]
    fn a_method_not_allowed_lists_what_is() {
        let error = GraphError::method_not_allowed("PUT", &["GET", "POST"]);
        assert_eq!(error.headers, [("allow", "GET, POST".to_owned())]);
    }
}
