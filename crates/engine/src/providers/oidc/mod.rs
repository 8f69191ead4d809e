//! OpenID Connect, as a relying party: authorization code with PKCE (OpenID Connect Core 1.0 §3.1, RFC 7636, RFC 9700).
//!
//! ```text
//!  browser ──► begin: state, nonce, PKCE ──► provider ──► code, state ──► finish: code ─► ID token ─► claims
//! ```
//!
//! Nonce and PKCE verifier are made of the flow that only the browser holds, so that an answer fits no other browser,
//! and nothing that would open one is in the database.

mod discovery;
mod exchange;
mod id_token;
mod key_set;
mod try_out;

pub(crate) use discovery::Memory;
pub use exchange::ProviderReturn;
