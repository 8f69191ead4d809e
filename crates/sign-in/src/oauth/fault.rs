//! What goes wrong, in the form that MSAL reads.

use axum::http::StatusCode;
use mandate_engine::{ClientRefusal, EngineError, GrantRefusal, ScopeProblem};
use mandate_model::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

/// A refused request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) kind: FaultKind,
    /// What to do about it.
    pub(super) description: String,
}

macro_rules! faults {
    ($($(#[$doc:meta])* $variant:ident = $error:literal, $code:literal, $status:ident;)*) => {
        /// Faults with their names in OAuth (RFC 6749 §4.1.2.1 and §5.2, RFC 8628 §3.5), the numbers by which Entra's
        /// documentation lists them, and the status of an answer that is not a redirect.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum FaultKind {
            $($(#[$doc])* $variant,)*
        }

        impl FaultKind {
            /// The name in OAuth.
            pub(super) const fn error(self) -> &'static str {
                match self { $(Self::$variant => $error,)* }
            }

            /// Entra's number.
            const fn code(self) -> u32 {
                match self { $(Self::$variant => $code,)* }
            }

            /// The status of the answer.
            pub(super) const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)* }
            }
        }
    };
}

faults! {
    /// Malformed.
    InvalidRequest = "invalid_request", 900_144, BAD_REQUEST;
    /// A parameter is missing.
    Missing = "invalid_request", 900_144, BAD_REQUEST;
    /// A parameter is there twice.
    Duplicate = "invalid_request", 9_000_411, BAD_REQUEST;
    /// More than anybody needs.
    TooLarge = "invalid_request", 900_144, PAYLOAD_TOO_LARGE;
    /// Not called by one of our names.
    UnknownHost = "invalid_request", 50_049, BAD_REQUEST;
    /// The tenant in the path is not ours.
    UnknownTenant = "invalid_request", 90_002, BAD_REQUEST;
    /// No such client.
    UnknownClient = "unauthorized_client", 700_016, BAD_REQUEST;
    /// Client unknown, or its secret wrong: which of both is not said.
    WrongSecret = "invalid_client", 7_000_215, UNAUTHORIZED;
    /// The secret has expired.
    ExpiredSecret = "invalid_client", 7_000_222, UNAUTHORIZED;
    /// The client proved nothing.
    NoProof = "invalid_client", 7_000_218, UNAUTHORIZED;
    /// The assertion is not good.
    WrongAssertion = "invalid_client", 700_027, UNAUTHORIZED;
    /// Another grant.
    UnsupportedGrantType = "unsupported_grant_type", 70_003, BAD_REQUEST;
    /// Another response type than `code`.
    UnsupportedResponseType = "unsupported_response_type", 70_005, BAD_REQUEST;
    /// Requests as objects (`OpenID` Connect Core §6).
    RequestNotSupported = "request_not_supported", 900_144, BAD_REQUEST;
    /// The same by reference.
    RequestUriNotSupported = "request_uri_not_supported", 900_144, BAD_REQUEST;
    /// A scope or resource that is not here.
    InvalidScope = "invalid_scope", 70_011, BAD_REQUEST;
    /// Nothing of what is asked for was given to the client.
    Consent = "invalid_grant", 65_001, BAD_REQUEST;
    /// Somebody declined.
    Declined = "access_denied", 65_004, BAD_REQUEST;
    /// Nobody is signed in, and no page may be shown.
    LoginRequired = "login_required", 50_058, BAD_REQUEST;
    /// A code or token that is not one of the client's.
    InvalidGrant = "invalid_grant", 70_000, BAD_REQUEST;
    /// The code has expired.
    ExpiredGrant = "invalid_grant", 70_008, BAD_REQUEST;
    /// The code or token was used.
    ReusedGrant = "invalid_grant", 54_005, BAD_REQUEST;
    /// Another redirect address.
    WrongRedirect = "invalid_grant", 500_112, BAD_REQUEST;
    /// The proof key does not fit.
    WrongVerifier = "invalid_grant", 50_148, BAD_REQUEST;
    /// A code for a page that something else brings.
    CrossOrigin = "invalid_request", 9_002_327, BAD_REQUEST;
    /// The session has ended.
    SessionEnded = "invalid_grant", 50_173, BAD_REQUEST;
    /// Nobody has decided yet.
    Pending = "authorization_pending", 70_016, BAD_REQUEST;
    /// Too often.
    SlowDown = "slow_down", 50_196, BAD_REQUEST;
    /// The device code has expired.
    DeviceExpired = "expired_token", 70_019, BAD_REQUEST;
    /// No such device code.
    UnknownDevice = "invalid_grant", 70_018, BAD_REQUEST;
    /// The database does not answer.
    Unavailable = "temporarily_unavailable", 90_033, SERVICE_UNAVAILABLE;
    /// Our fault.
    ServerError = "server_error", 90_000, INTERNAL_SERVER_ERROR;
}

impl Fault {
    pub(super) fn new(kind: FaultKind, description: impl Into<String>) -> Self {
        Self {
            kind,
            description: description.into(),
        }
    }

    /// The answer to an unknown client and to a wrong secret alike.
    pub(super) fn wrong_secret() -> Self {
        Self::new(
            FaultKind::WrongSecret,
            "The client is not registered here, or its secret is wrong.",
        )
    }

    /// The text with Entra's number in front, which some clients look for.
    pub(super) fn text(&self) -> String {
        format!("AADSTS{}: {}", self.kind.code(), self.description)
    }

    /// The JSON of the answer.
    pub(super) fn body(&self, now: Timestamp, trace: Uuid, correlation: &str) -> Value {
        let seconds = Timestamp::from_unix_seconds(now.unix_seconds());
        let timestamp = seconds.to_string().replace('T', " ");
        let mut body = json!({
            "error": self.kind.error(),
            "error_description": format!(
                "{} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}",
                self.text(),
            ),
            "error_codes": [self.kind.code()],
            "timestamp": timestamp,
            "trace_id": trace.to_string(),
            "correlation_id": correlation,
        });
        if self.kind == FaultKind::Consent {
            body["suberror"] = json!("consent_required");
        }
        body
    }
}

impl From<EngineError> for Fault {
    fn from(error: EngineError) -> Self {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "a sign-in request failed"
        );
        match error {
            EngineError::Unavailable(_) => Self::new(
                FaultKind::Unavailable,
                "The server cannot answer now; try again.",
            ),
            _ => Self::new(FaultKind::ServerError, "The server failed."),
        }
    }
}

impl From<ClientRefusal> for Fault {
    fn from(refusal: ClientRefusal) -> Self {
        let kind = match refusal {
            ClientRefusal::Engine(error) => return error.into(),
            ClientRefusal::Wrong => return Self::wrong_secret(),
            ClientRefusal::Expired => FaultKind::ExpiredSecret,
            ClientRefusal::NoProof => FaultKind::NoProof,
            ClientRefusal::Assertion(_) | ClientRefusal::Replay => FaultKind::WrongAssertion,
        };
        Self::new(kind, sentence(&refusal.to_string()))
    }
}

impl From<ScopeProblem> for Fault {
    fn from(problem: ScopeProblem) -> Self {
        let kind = match problem {
            ScopeProblem::Missing => FaultKind::Missing,
            ScopeProblem::Consent => FaultKind::Consent,
            ScopeProblem::Resource(_) | ScopeProblem::Several | ScopeProblem::Malformed(_) => {
                FaultKind::InvalidScope
            }
        };
        Self::new(kind, problem.to_string())
    }
}

impl From<GrantRefusal> for Fault {
    fn from(refusal: GrantRefusal) -> Self {
        let kind = match refusal {
            GrantRefusal::Engine(error) => return error.into(),
            GrantRefusal::Scope(problem) => return problem.into(),
            GrantRefusal::UnknownCode | GrantRefusal::UnknownToken => FaultKind::InvalidGrant,
            GrantRefusal::Expired => FaultKind::ExpiredGrant,
            GrantRefusal::Reused => FaultKind::ReusedGrant,
            GrantRefusal::Redirect => FaultKind::WrongRedirect,
            GrantRefusal::Verifier => FaultKind::WrongVerifier,
            GrantRefusal::NoProof => FaultKind::NoProof,
            GrantRefusal::CrossOrigin => FaultKind::CrossOrigin,
            GrantRefusal::SessionEnded => FaultKind::SessionEnded,
            GrantRefusal::Pending => FaultKind::Pending,
            GrantRefusal::SlowDown => FaultKind::SlowDown,
            GrantRefusal::Denied => FaultKind::Declined,
            GrantRefusal::DeviceExpired => FaultKind::DeviceExpired,
            GrantRefusal::UnknownDevice => FaultKind::UnknownDevice,
        };
        Self::new(kind, refusal.to_string())
    }
}

/// An error of ours as a sentence.
fn sentence(error: &str) -> String {
    let mut letters = error.chars();
    match letters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), letters.as_str()),
        None => String::new(),
    }
}
