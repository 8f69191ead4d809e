//! How people prove who they are.
//!
//! ```text
//!   begin_flow ─► name ─► password ─────────┐
//!      │  └─────► passkey ──────────────────┤        ┌► second factor ┐
//!      ├────────► provider ─────────────────┼► who ──┼► set one up    ├─► finish_flow ─► session
//!      └────────► set-up link ► new password┘        └► new password  ┘
//! ```
//!
//! A sign-in under way is a row of the database that the browser knows by a random token, and so is a session. The
//! browser is never told more: where the way leads, who somebody said to be and which challenge was asked are kept
//! here. Each step looks anew at what still lacks, so that none can be skipped by calling another.

mod account;
mod administer;
mod breached;
mod credentials;
mod flow;
mod links;
mod passkeys;
mod passwords;
mod policy;
mod recovery;
mod sessions;
mod steps;
mod throttle;
mod tidy;
mod totp;

pub use account::{Changed, Factors, PasskeyView};
pub use flow::{FlowView, Problem, Step, Visit};
pub use links::SetUpLink;
pub(crate) use links::new_link;
pub use passkeys::RelyingParty;
pub(crate) use passwords::Hasher;
pub use passwords::{NewPassword, PasswordProblem};
pub use policy::{SecondFactor, SignInOptions};
pub use sessions::{NewSession, SessionView, SignedIn};
pub use steps::TotpSetUp;
pub(crate) use steps::itself;

/// A random value of 256 bits as browsers carry it (base64url).
fn token(chance: &dyn crate::Chance) -> zeroize::Zeroizing<String> {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let key = zeroize::Zeroizing::new(chance.key());
    zeroize::Zeroizing::new(URL_SAFE_NO_PAD.encode(key.as_slice()))
}

/// What the database knows a random value by. It is long enough that a slow hash would gain nothing.
fn hash(token: &str) -> [u8; 32] {
    mandate_pki::sha256(token.as_bytes())
}
