//! What clients get for people: codes, device codes, refresh tokens, and tokens for them.
//!
//! ```text
//!  signed in ─► code ──────────┐                ┌─► access token (an hour)
//!                              ├─► PersonGrant ─┼─► id_token
//!  device code ─► approved ────┘       ▲        └─► refresh token ─┐
//!                                      └──────────────────────────┘ rotated at each use
//! ```
//!
//! Codes and refresh tokens are random; the database knows their hashes. Each is used once, and a second use ends all that
//! followed from the first.

mod code;
mod device;
mod issue;
mod refresh;

use mandate_model::{Timestamp, UserId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use code::{CodeExchange, CodeRequest};
pub use device::{DeviceProblem, DeviceRequest, NewDeviceCode};
pub use issue::PersonTokens;
pub use refresh::RefreshExchange;

use super::{Scope, ScopeProblem};
use crate::EngineError;

/// Why a grant is not honoured.
#[derive(Debug, thiserror::Error)]
pub enum GrantRefusal {
    /// The code is not one of this client, or was withdrawn.
    #[error("The code is not valid for this client.")]
    UnknownCode,
    /// Its time is over.
    #[error("The code or token has expired; a new sign-in is needed.")]
    Expired,
    /// It was used before; all that came of that has ended.
    #[error("The code or token was used before; a new sign-in is needed.")]
    Reused,
    /// Another address than the code was sent to.
    #[error("The redirect_uri is not the one for which the code was issued.")]
    Redirect,
    /// The verifier does not fit the challenge, or one of both lacks.
    #[error("The code_verifier does not fit the code_challenge of the authorization request.")]
    Verifier,
    /// The client must prove who it is.
    #[error("The client must prove who it is with 'client_secret' or 'client_assertion'.")]
    NoProof,
    /// Codes for pages are exchanged by pages.
    #[error(
        "The code was issued to a single-page application and is exchanged from its page only (a cross-origin request)."
    )]
    CrossOrigin,
    /// The refresh token is not one of this client, or was withdrawn.
    #[error("The refresh token is not valid for this client, or was withdrawn.")]
    UnknownToken,
    /// The person may not sign in, or the session has ended.
    #[error("The session has ended or the account is disabled; a new sign-in is needed.")]
    SessionEnded,
    /// More is asked for than was given.
    #[error(transparent)]
    Scope(#[from] ScopeProblem),
    /// Nobody has decided yet.
    #[error("Nobody has signed in with the user code yet.")]
    Pending,
    /// The client asks too often.
    #[error("The client asks too often; it has to wait five seconds longer each time.")]
    SlowDown,
    /// The person refused.
    #[error("The sign-in was declined.")]
    Denied,
    /// The time for the device code is over.
    #[error("The device code has expired; begin anew.")]
    DeviceExpired,
    /// No such device code.
    #[error("The device code is not valid for this client.")]
    UnknownDevice,
    /// Our fault.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl From<mandate_store::StoreError> for GrantRefusal {
    fn from(error: mandate_store::StoreError) -> Self {
        Self::Engine(error.into())
    }
}

/// What a client was granted for a person, as it is handed from token to token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct PersonGrant {
    scope: Scope,
    /// How the person proved who they are (RFC 8176).
    methods: Vec<String>,
    /// When they did; microseconds.
    authenticated_at: i64,
    /// When their session was issued, which is later if they changed their password in it; microseconds.
    issued_at: i64,
    /// Whether the client understands a challenge for claims.
    takes_claims: bool,
    /// Whether the client proved who it is, and has to do so again.
    is_proven: bool,
    /// No refresh token after this; microseconds.
    ends_at: i64,
}

/// Whose tokens, in which session.
#[derive(Debug, Clone, Copy)]
struct Bearer {
    user: UserId,
    session: Option<Uuid>,
    family: Uuid,
}

/// A random value of 256 bits.
fn random(chance: &dyn crate::Chance) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(chance.key())
}

fn hash(token: &str) -> [u8; 32] {
    mandate_pki::sha256(token.as_bytes())
}

fn written(content: &impl Serialize) -> Result<String, EngineError> {
    serde_json::to_string(content).map_err(|error| EngineError::Internal(error.to_string()))
}

fn read<'a, T: Deserialize<'a>>(content: &'a str) -> Result<T, EngineError> {
    serde_json::from_str(content)
        .map_err(|error| EngineError::Internal(format!("a grant cannot be read: {error}")))
}

fn days(days: i64) -> i64 {
    days.saturating_mul(Timestamp::DAY)
}
