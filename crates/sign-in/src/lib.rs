//! The door at which people and clients sign in: the authority that MSAL expects, the pages with password and second
//! factor, and what people look after themselves.
//!
//! ```text
//!  oauth/     /{tenant}/oauth2/…   clients: codes, tokens, device codes      ─┐
//!  pages/     /sign-in/…           people: password, code, passkey, provider ─┼─► one engine call each
//!  account/   /account/…           people: their factors and sessions        ─┘
//! ```

mod state;

use axum::Router;

pub use state::SignInState;

/// Sign-in, for one listener.
pub fn router(state: SignInState) -> Router {
    Router::new().with_state(state)
}
