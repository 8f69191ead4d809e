//! What people read when something cannot be done with a device of theirs.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use mandate_engine::{Barrier, EngineError, OwnProblem};

use crate::colleague::Colleague;
use crate::failure::{Failure, show_message};

/// The page for a problem.
pub(crate) fn show_problem(colleague: &Colleague, problem: OwnProblem) -> Response {
    let Some(id) = text_id(&problem) else {
        let error = match problem {
            OwnProblem::Engine(error) => error,
            other => EngineError::NotFound {
                what: "device",
                id: other.to_string(),
            },
        };
        return Failure(error).into_response();
    };
    show_message(
        colleague.page(),
        StatusCode::CONFLICT,
        ("not-possible-title", id),
        ("/portal/", "portal-to-devices"),
    )
}

/// Its text, unless the frame has a page for it.
pub(crate) const fn text_id(problem: &OwnProblem) -> Option<&'static str> {
    Some(match problem {
        OwnProblem::NotYours | OwnProblem::Engine(_) => return None,
        OwnProblem::OfCompany => "portal-problem-of-company",
        OwnProblem::BeingErased => "portal-problem-being-erased",
        OwnProblem::BeingRetired => "portal-problem-being-retired",
        OwnProblem::HasGone => "portal-problem-has-gone",
        OwnProblem::StillManaged => "portal-problem-still-managed",
        OwnProblem::NameTooLong(_) => "portal-problem-name",
        OwnProblem::NotSetUp => "portal-problem-not-set-up",
        OwnProblem::NoLicence => "portal-problem-licence",
        OwnProblem::TooManyDevices(_) => "portal-problem-devices",
        OwnProblem::TooManyLinks => "portal-problem-links",
        OwnProblem::NotAdmitted(barrier) => barrier_text(barrier),
    })
}

/// What people read of what keeps their device out.
const fn barrier_text(barrier: &Barrier) -> &'static str {
    match barrier {
        Barrier::TooManyDevices { .. } => "portal-problem-devices",
        Barrier::PlatformRestricted { .. } => "portal-problem-platform",
        Barrier::PersonalDevice | Barrier::ManagedPartByManager => "portal-problem-personal",
        Barrier::MakeBlocked { .. } => "portal-problem-make",
        Barrier::OsTooOld { .. } | Barrier::OsTooNew { .. } => "portal-problem-version",
        Barrier::TermsNotAccepted { .. } => "portal-problem-terms",
        Barrier::NoLicence | Barrier::AllLicencesTaken => "portal-problem-licence",
        Barrier::NoAuthority
        | Barrier::OtherAuthority { .. }
        | Barrier::AuthorityReset
        | Barrier::PlatformNotReady { .. } => "portal-problem-not-set-up",
    }
}
