//! Messages of the Simple Certificate Enrolment Protocol (RFC 8894), the server's side; the client's is [`client`].
//!
//! A request is opened by [`parse_request`]; whatever is wrong with it comes back as a [`Refusal`], which remembers what an
//! answer needs. Challenge passwords, subjects and who may renew are for the caller to judge; he answers by [`success`] or
//! [`failure`].

mod attributes;
mod ca_certificates;
pub mod client;
mod request;
mod response;
#[cfg(test)]
mod tests;

pub use attributes::MessageType;
pub use ca_certificates::{CaCertificates, ca_certificates};
pub use request::{Policy, Refusal, Request, parse_request, parse_request_for};
pub use response::{Responder, failure, success};

/// The answer to `GetCACaps`: one word per line (RFC 8894 §3.5.2).
///
/// strongSwan 5.9 tests `AES` and `SHA-256` wrongly and needs `DES3` and `SHA-384` in the list too; macOS was upset when
/// `Renewal` was left out.
pub fn capabilities(policy: Policy) -> String {
    let mut words = vec![
        "AES",
        "DES3",
        "POSTPKIOperation",
        "Renewal",
        "SCEPStandard",
        "SHA-256",
        "SHA-384",
        "SHA-512",
    ];
    if policy.allow_sha1 {
        words.push("SHA-1");
    }
    words.join("\n") + "\n"
}

/// Why a request is refused (RFC 8894 §3.2.1.4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailInfo {
    /// An algorithm that is not supported or not allowed
    BadAlg,
    /// The message cannot be verified or decrypted; also the usual answer to a wrong challenge
    BadMessageCheck,
    /// The transaction is not permitted or not supported
    BadRequest,
    /// The time in the message is too far off
    BadTime,
    /// No certificate matches
    BadCertId,
}

impl FailInfo {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::BadAlg => "0",
            Self::BadMessageCheck => "1",
            Self::BadRequest => "2",
            Self::BadTime => "3",
            Self::BadCertId => "4",
        }
    }

    pub(crate) fn from_code(code: &str) -> Option<Self> {
        [
            Self::BadAlg,
            Self::BadMessageCheck,
            Self::BadRequest,
            Self::BadTime,
            Self::BadCertId,
        ]
        .into_iter()
        .find(|reason| reason.code() == code)
    }
}
