//! The house's states in Graph's words.

use mandate_model::{Because, Evidence, Platform, State, Status};
use serde_json::{Value, json};

/// A state as `complianceStatus`, which has no word for pending: `unknown` is what Intune shows then.
pub(crate) fn compliance_status(state: State) -> &'static str {
    match state {
        State::Succeeded => "compliant",
        State::Error => "error",
        State::Conflict => "conflict",
        State::Pending => "unknown",
        State::NotApplicable => "notApplicable",
    }
}

/// A platform as Graph names it, both of operating systems and of policies.
pub(crate) const fn system_name(platform: Platform) -> &'static str {
    match platform {
        Platform::Ios => "iOS",
        Platform::MacOs => "macOS",
    }
}

/// What Graph has no property for, as an annotation that its clients pass over: the five states, each explained.
pub(crate) fn explanation(status: &Status, because: &Because) -> Value {
    let evidence =
        |evidence: &Evidence| json!({ "at": evidence.at.to_string(), "source": evidence.source });
    json!({
        "state": status.state(),
        "reason": status.reason,
        "message": status.reason.message(),
        "nextStep": status.reason.next_step(),
        "since": status.since.to_string(),
        "deadline": status.deadline.map(|deadline| deadline.to_string()),
        "evidence": status.evidence.as_ref().map(evidence),
        "because": because,
        "becauseMessage": because.message(),
        "notices": status.notices,
    })
}

/// The annotation's name.
pub(crate) const EXPLANATION: &str = "@mandate.status";

/// Graph's "never".
pub(crate) const NEVER: &str = "0001-01-01T00:00:00Z";
