//! Tokens: what they say, the keys that sign them, and who somebody is who shows one.
//!
//! ```text
//!  keys ──► service ──► sign, verify            the keys of one tenant at one moment
//!   ▲          ▲
//!  rotate    actor ──► Actor                    a bearer token becomes somebody who may do something
//! ```

mod actor;
mod audience;
mod claims;
mod jwt;
mod keys;
mod mint;
mod rotate;
mod service;

pub use actor::TokenRefusal;
pub use audience::{GRAPH_ID, GRAPH_URL, is_graph};
pub use claims::AccessClaims;
pub use keys::TokenKeyView;
pub(crate) use keys::{KeyRing, keep_new_key};
pub use service::{TOKEN_LIFETIME, TokenError, TokenService};
