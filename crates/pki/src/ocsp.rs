//! Online Certificate Status Protocol (RFC 6960), the responder's side, with nonces (RFC 8954, RFC 9654).
//!
//! A query is read by [`Request::parse`]. What became of each certificate it names is for the caller to look up; his answer is
//! signed by [`respond`], or, where there is none, said by [`failure`]. A query's own signature, which nobody sends, is passed
//! over: everybody may ask.

mod certificate_id;
mod path;
mod request;
mod response;

pub use certificate_id::CertId;
pub use path::decode_path;
pub use request::{MAX_CERTIFICATE_IDS, MAX_SIZE, Request};
pub use response::{CertStatus, FailureStatus, Responder, Times, failure, respond};

/// The media type of a query sent by POST (RFC 6960 Appendix A.1).
pub const REQUEST_CONTENT_TYPE: &str = "application/ocsp-request";

/// The media type of every answer (RFC 6960 Appendix A.2).
pub const RESPONSE_CONTENT_TYPE: &str = "application/ocsp-response";
