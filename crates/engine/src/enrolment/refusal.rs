//! Why whoever opens an enrolment link gets no profile, in a form that doors can carry.

use crate::{Barrier, EngineError};

/// Why an enrolment link did not give its profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnrolmentRefusal {
    /// There is no such link, or it has expired or been used.
    NoSuchLink,
    /// The device may not be enrolled.
    NotAdmitted(Barrier),
    /// The server can enrol nobody: it has no push certificate, for one.
    NotReady,
}

impl EnrolmentRefusal {
    /// What an error at a link means to whoever opened it; `None` if we failed.
    pub fn of(error: &EngineError) -> Option<Self> {
        match error {
            EngineError::NotAdmitted(barrier) => Some(Self::NotAdmitted(barrier.clone())),
            EngineError::NotPossible { .. } => Some(Self::NotReady),
            _ => None,
        }
    }
}
