use super::Responder;
use crate::{authority::Authority, cms};

/// The answer to `GetCACert` (RFC 8894 §4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaCertificates {
    /// The media type it must be sent with
    pub content_type: &'static str,
    /// A certificate in DER, or a bag of them
    pub body: Vec<u8>,
}

/// The certificates that a client of this authority needs: the issuing one alone, since some clients take nothing else; where
/// a registration authority answers, that one first, then the issuing one and those above it.
pub fn ca_certificates(authority: &Authority) -> CaCertificates {
    match authority.registration() {
        None => CaCertificates {
            content_type: "application/x-x509-ca-cert",
            body: authority.issuing().der().to_vec(),
        },
        Some((registration, _)) => {
            let mut certificates = vec![registration.clone()];
            certificates.extend(authority.chain());
            CaCertificates {
                content_type: "application/x-x509-ca-ra-cert",
                body: cms::degenerate(&certificates),
            }
        }
    }
}

impl<'a> Responder<'a> {
    /// Who answers for an authority: its registration authority if it has one, else the issuing certificate.
    pub fn of(authority: &'a Authority) -> Self {
        match authority.registration() {
            Some((certificate, key)) => Self { key, certificate },
            None => Self {
                key: authority.issuing_key(),
                certificate: authority.issuing(),
            },
        }
    }
}
