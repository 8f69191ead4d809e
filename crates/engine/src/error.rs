//! What can go wrong with a use case.

use mandate_model::catalogue::Violation;
use mandate_store::StoreError;
use thiserror::Error;

use crate::{Action, Barrier, Lacking};

/// An error of a use case; doors turn it into their own form.
#[derive(Debug, Error)]
pub enum EngineError {
    /// The actor may not do this.
    #[error("{}", not_allowed(*.action, *.lacking))]
    NotAllowed {
        /// What was to be done.
        action: Action,
        /// What is lacking for it.
        lacking: Lacking,
    },
    /// There is no such thing.
    #[error("there is no {what} with the id `{id}`")]
    NotFound {
        /// What was looked for.
        what: &'static str,
        /// How it was named.
        id: String,
    },
    /// The request breaks rules; nothing of it was taken.
    #[error("{}", .0.iter().map(|violation| violation.message.as_str()).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<Violation>),
    /// A value that must be unique is there already.
    #[error("there is already a {what} whose `{property}` is `{value}`")]
    AlreadyExists {
        /// What is there.
        what: &'static str,
        /// Property that must be unique.
        property: &'static str,
        /// Its value.
        value: String,
    },
    /// Something else needs it.
    #[error("{what} `{name}` is used by {}", .by.join(", "))]
    InUse {
        /// What was to go.
        what: &'static str,
        /// Its name.
        name: String,
        /// Who needs it.
        by: Vec<String>,
    },
    /// It cannot be done here, or not now.
    #[error("{reason}")]
    NotPossible {
        /// Why, for the administrator.
        reason: String,
    },
    /// The configuration is locked for a while.
    #[error("{reason}")]
    Locked {
        /// Why and until when, for the administrator.
        reason: String,
    },
    /// A device may not be enrolled.
    #[error("{0}")]
    NotAdmitted(Barrier),
    /// Somebody else changed the same thing at the same time.
    #[error("{what} was changed by somebody else at the same time; look again and repeat")]
    Overtaken {
        /// What was changed.
        what: &'static str,
    },
    /// An authority of others does not answer, or has not decided yet; trying again later may help.
    #[error("the issuer `{issuer}` gives no certificate now: {reason}")]
    IssuerUnavailable {
        /// Its name.
        issuer: String,
        /// What happened.
        reason: String,
    },
    /// The database does not answer; trying again later may help.
    #[error("the database is not available")]
    Unavailable(#[source] StoreError),
    /// Our fault.
    #[error("internal error: {0}")]
    Internal(String),
}

impl EngineError {
    /// One broken rule about one property.
    pub(crate) fn invalid(property: &str, rule: &str, value: Option<&str>) -> Self {
        let violation = match value {
            Some(value) => Violation::new(property, rule, &serde_json::Value::from(value)),
            None => Violation::without_value(property, rule),
        };
        Self::Invalid(vec![violation])
    }

    pub(crate) fn not_found(what: &'static str, id: impl std::fmt::Display) -> Self {
        Self::NotFound {
            what,
            id: id.to_string(),
        }
    }
}

impl From<StoreError> for EngineError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::Unavailable(error),
            other => Self::Internal(chain(&other)),
        }
    }
}

impl From<mandate_pki::Error> for EngineError {
    fn from(error: mandate_pki::Error) -> Self {
        Self::Internal(chain(&error))
    }
}

fn not_allowed(action: Action, lacking: Lacking) -> String {
    match lacking {
        Lacking::Permission => format!("the permission `{}` is needed", action.permission().name()),
        Lacking::Role => format!("no role of yours allows `{}`", action.name()),
        Lacking::Scope => format!(
            "your roles allow `{}` elsewhere, but not here",
            action.name()
        ),
    }
}

/// An error with its causes in one line, for the log.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        text = format!("{text}: {source}");
        cause = source.source();
    }
    text
}
