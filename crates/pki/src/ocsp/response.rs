use super::{CertId, Request};
use crate::{
    Error, Result,
    asn1::{oid, tag, time, writer},
    authority::RevocationReason,
    certificate::{Certificate, Extension},
    keys::PrivateKey,
};

/// What became of a certificate (RFC 6960 §2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertStatus {
    /// Issued, and not revoked
    Good,
    /// Revoked
    Revoked {
        /// When, in seconds since 1970
        at: i64,
        /// Why
        reason: RevocationReason,
    },
    /// Not one of this authority's, or never issued
    Unknown,
}

/// Why there is no answer (RFC 6960 §2.3). Such a response is not signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureStatus {
    /// The query cannot be read
    MalformedRequest,
    /// The responder failed
    InternalError,
    /// The responder cannot answer now, but will
    TryLater,
    /// The responder does not speak for this certificate's issuer
    Unauthorized,
}

/// Who answers: the issuer itself, or the holder of a certificate that [`crate::authority::Authority::issue_responder`] made.
#[derive(Clone, Copy, Debug)]
pub struct Responder<'a> {
    /// The certificate; a delegated one is sent along
    pub certificate: &'a Certificate,
    /// Its key
    pub key: &'a PrivateKey,
}

/// The times of an answer, in seconds since 1970 (RFC 6960 §2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// When the answer is signed
    pub produced_at: i64,
    /// When its content was known to be right
    pub this_update: i64,
    /// When newer content will be there at the latest; until then the answer may be kept
    pub next_update: i64,
}

/// The signed answer to `request` with these statuses (`BasicOCSPResponse`, RFC 6960 §4.2.1): the responder named by its key,
/// the nonce repeated. There must be at least one status; clients look for the very ids they sent.
pub fn respond(
    request: &Request,
    statuses: &[(CertId, CertStatus)],
    responder: Responder<'_>,
    times: Times,
) -> Result<Vec<u8>> {
    if statuses.is_empty() {
        return Err(Error::Unsupported("answer about no certificate"));
    }
    if responder.certificate.public_key_info() != responder.key.public_key_info() {
        return Err(Error::KeyMismatch);
    }
    let singles: Vec<_> = statuses
        .iter()
        .map(|(id, status)| single(id, *status, times))
        .collect();
    let key_hash = writer::octet_string(&responder.certificate.public_key()?.key_id());
    let data = writer::sequence([
        &writer::context(2, &key_hash),
        &time::encode_generalized(times.produced_at),
        &writer::sequence_of(&singles),
        &nonce(request),
    ]);
    let signature = writer::bit_string(&responder.key.sign(&data)?);
    let certificates = if responder.certificate.is_ca() {
        Vec::new()
    } else {
        writer::context(0, &writer::sequence([responder.certificate.der()]))
    };
    let basic = writer::sequence([
        &data,
        &responder.key.signature_algorithm().to_der()?,
        &signature,
        &certificates,
    ]);
    let bytes = writer::sequence([
        &writer::oid(&oid::OCSP_BASIC),
        &writer::octet_string(&basic),
    ]);
    Ok(writer::sequence([
        &writer::enumerated(SUCCESSFUL),
        &writer::context(0, &bytes),
    ]))
}

/// The answer that there is none.
pub fn failure(status: FailureStatus) -> Vec<u8> {
    writer::sequence([&writer::enumerated(status.code())])
}

impl FailureStatus {
    const fn code(self) -> u8 {
        match self {
            Self::MalformedRequest => 1,
            Self::InternalError => 2,
            Self::TryLater => 3,
            Self::Unauthorized => 6,
        }
    }
}

impl CertStatus {
    fn to_der(self) -> Vec<u8> {
        match self {
            Self::Good => writer::context_primitive(0, &[]),
            Self::Revoked { at, reason } => {
                // Rather no reason than "unspecified" (RFC 5280 §5.3.1).
                let reason = match reason {
                    RevocationReason::Unspecified => Vec::new(),
                    reason => writer::context(0, &writer::enumerated(reason.code())),
                };
                writer::context(1, &[time::encode_generalized(at), reason].concat())
            }
            Self::Unknown => writer::context_primitive(2, &[]),
        }
    }
}

/// `SingleResponse`
fn single(id: &CertId, status: CertStatus, times: Times) -> Vec<u8> {
    writer::sequence([
        id.der(),
        &status.to_der(),
        &time::encode_generalized(times.this_update),
        &writer::context(0, &time::encode_generalized(times.next_update)),
    ])
}

fn nonce(request: &Request) -> Vec<u8> {
    request.nonce_value().map_or_else(Vec::new, |value| {
        let nonce = Extension::to_der(&oid::OCSP_NONCE, false, value);
        writer::context(1, &writer::element(tag::SEQUENCE, &nonce))
    })
}

const SUCCESSFUL: u8 = 0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_five_octets() {
        for (status, code) in [
            (FailureStatus::MalformedRequest, 1),
            (FailureStatus::InternalError, 2),
            (FailureStatus::TryLater, 3),
            (FailureStatus::Unauthorized, 6),
        ] {
            assert_eq!(failure(status), [0x30, 3, 0x0a, 1, code]);
        }
    }

    #[test]
    fn a_status_tells_time_and_reason() {
        assert_eq!(CertStatus::Good.to_der(), [0x80, 0]);
        assert_eq!(CertStatus::Unknown.to_der(), [0x82, 0]);
        let revoked = |reason| CertStatus::Revoked { at: 0, reason }.to_der();
        assert_eq!(
            revoked(RevocationReason::Unspecified),
            [&[0xa1, 17, 0x18, 15][..], b"19700101000000Z"].concat()
        );
        assert!(revoked(RevocationReason::KeyCompromise).ends_with(&[0xa0, 3, 0x0a, 1, 1]));
    }
}
