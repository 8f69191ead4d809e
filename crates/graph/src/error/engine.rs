//! The engine's errors in Graph's words.

use mandate_engine::EngineError;
use mandate_model::catalogue::Violation;

use super::{Detail, GraphError};

impl From<EngineError> for GraphError {
    fn from(error: EngineError) -> Self {
        let text = error.to_string();
        match error {
            EngineError::NotAllowed { .. } => Self::forbidden(text),
            EngineError::NotFound { .. } => Self::not_found(text),
            EngineError::Invalid(violations) => invalid(&violations),
            EngineError::AlreadyExists {
                what: "member" | "owner",
                property,
                value,
            } => {
                // Graph answers 400 here, and scripts look for these words.
                Self::invalid(
                    property,
                    format!("One or more added object references already exist: `{value}`"),
                )
            }
            EngineError::AlreadyExists { property, .. } => Self::conflict(text).at(property),
            EngineError::InUse { .. } | EngineError::Overtaken { .. } => Self::conflict(text),
            EngineError::NotPossible { .. } | EngineError::NotAdmitted(_) => {
                Self::bad_request(text)
            }
            EngineError::Locked { .. } => Self::locked(text),
            EngineError::Unavailable(cause) => {
                tracing::error!(
                    error = &cause as &dyn std::error::Error,
                    "the database is not available"
                );
                Self::unavailable("the server cannot reach its database; try again")
            }
            EngineError::IssuerUnavailable { .. } => Self::unavailable(text),
            EngineError::Internal(cause) => {
                tracing::error!(cause, "a request failed");
                Self::internal()
            }
        }
    }
}

/// The first violation is the message; all are details.
fn invalid(violations: &[Violation]) -> GraphError {
    let Some(first) = violations.first() else {
        return GraphError::model_validation("the request breaks a rule");
    };
    let detail = |violation: &Violation| Detail {
        code: "ModelValidationFailure",
        message: violation.message.clone(),
        target: Some(violation.property.clone()),
    };
    let error = GraphError::model_validation(first.message.clone()).at(first.property.clone());
    error.with_details(violations.iter().map(detail).collect())
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use mandate_engine::{Action, Lacking};

    use super::*;

    #[test]
    fn each_error_of_the_engine_has_its_status() {
        let violation = Violation::without_value("hostName", "is required");
        let table = [
            (
                EngineError::NotAllowed {
                    action: Action::UsersRead,
                    lacking: Lacking::Permission,
                },
                StatusCode::FORBIDDEN,
            ),
            (
                EngineError::NotFound {
                    what: "user",
                    id: "x".to_owned(),
                },
                StatusCode::NOT_FOUND,
            ),
            (
                EngineError::Invalid(vec![violation]),
                StatusCode::BAD_REQUEST,
            ),
            (
                EngineError::AlreadyExists {
                    what: "user",
                    property: "userPrincipalName",
                    value: String::new(),
                },
                StatusCode::CONFLICT,
            ),
            (
                EngineError::AlreadyExists {
                    what: "member",
                    property: "members",
                    value: String::new(),
                },
                StatusCode::BAD_REQUEST,
            ),
            (
                EngineError::InUse {
                    what: "profile",
                    name: "x".to_owned(),
                    by: Vec::new(),
                },
                StatusCode::CONFLICT,
            ),
            (
                EngineError::NotPossible {
                    reason: "x".to_owned(),
                },
                StatusCode::BAD_REQUEST,
            ),
            (
                EngineError::Locked {
                    reason: "x".to_owned(),
                },
                StatusCode::LOCKED,
            ),
            (
                EngineError::Overtaken {
                    what: "the profile",
                },
                StatusCode::CONFLICT,
            ),
            (
                EngineError::Internal("secret".to_owned()),
                StatusCode::INTERNAL_SERVER_ERROR,
            ),
        ];
        for (error, status) in table {
            let text = error.to_string();
            let answer = GraphError::from(error);
            assert_eq!(answer.status, status, "{text}");
            assert!(!answer.message.contains("secret"));
        }
    }

    #[test]
    fn every_broken_rule_is_a_detail_and_the_first_is_the_target() {
        let violations = vec![
            Violation::without_value("a", "is required"),
            Violation::without_value("b", "is odd"),
        ];
        let error = GraphError::from(EngineError::Invalid(violations));
        assert_eq!(error.target.as_deref(), Some("a"));
        assert_eq!(error.details.len(), 2);
    }
}
