//! Access tokens: issued, verified, and the documents by which sign-in libraries find their way.
//!
//! Only the client-credentials grant exists so far.

mod documents;
mod fault;
mod request;

pub use fault::{Fault, FaultKind};
pub use request::TokenRequest;

pub(crate) use request::invalid_client;

pub(crate) use documents::{instance_discovery, openid_configuration};
