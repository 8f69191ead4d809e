//! The client's side: asking another SCEP server for a certificate, for a key of one's own or, as a registration authority, for
//! somebody else's request.
//!
//! The transport is the caller's. He fetches `GetCACaps` and `GetCACert`, reads them by [`Capabilities::parse`] and
//! [`read_ca_certificates`], compares [`ServerCertificates::authority`] with the fingerprint he was given, and sends what
//! [`Exchange::request`] makes as `PKIOperation`; [`Exchange::read_response`] tells what became of it.

mod capabilities;
mod exchange;
mod server;
#[cfg(test)]
mod tests;

pub use capabilities::{Algorithms, Capabilities};
pub use exchange::{Exchange, Identity, Outcome, transient_certificate};
pub use server::{ServerCertificates, read_ca_certificates};
