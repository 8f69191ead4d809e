//! Access tokens: issued, verified, and the documents by which sign-in libraries find their way.
//!
//! Only the client-credentials grant exists so far.

mod claims;
mod documents;
mod fault;
mod request;
mod service;

pub use claims::Claims;
pub use fault::{Fault, FaultKind};
pub use request::TokenRequest;
pub use service::{AppGrant, TokenError, TokenService};

pub(crate) use request::invalid_client;

pub(crate) use documents::{instance_discovery, openid_configuration};

/// The resource id of Microsoft Graph, which some clients ask for instead of its address.
const GRAPH_ID: &str = "00000003-0000-0000-c000-000000000000";
/// The address of Microsoft Graph, hard-coded in most clients.
const GRAPH_URL: &str = "https://graph.microsoft.com";
