//! Tokens: what they say, the keys that sign them, and who somebody is who shows one.
//!
//! ```text
//!  keys ──► service ──► sign, verify            the keys of one tenant at one moment
//!   ▲          ▲
//!  rotate    actor ──► Actor                    a bearer token becomes somebody who may do something
//! ```

mod actor;
mod assertion;
mod audience;
mod claims;
mod grants;
mod jwt;
mod keys;
mod mint;
mod rotate;
mod scope;
mod service;

pub use actor::TokenRefusal;
pub use audience::{GRAPH_ID, GRAPH_URL, is_graph};
pub use claims::AccessClaims;
pub use grants::{
    CodeExchange, CodeRequest, DeviceProblem, DeviceRequest, GrantRefusal, NewDeviceCode,
    PersonTokens, RefreshExchange,
};
pub use keys::TokenKeyView;
pub(crate) use keys::{KeyRing, keep_new_key};
pub use scope::{AskedScope, Scope, ScopeProblem};
pub use service::{TOKEN_LIFETIME, TokenError, TokenService};
