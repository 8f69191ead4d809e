use crate::{
    Error, Result,
    certificate::{Certificate, KeyUsages},
    cms::SignedMessage,
};

/// The certificates of a SCEP server, each with its part (RFC 8894 §4.2.1.2).
///
/// All hangs on [`Self::authority`]: the others are its own. Whoever holds any certificate of that authority could still pose as
/// its registration authority to somebody whose packets he can change, since nothing in a certificate tells the two apart; where
/// that matters, ask over TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerCertificates {
    /// The authority that issues. Whether it is the right one only its fingerprint tells, and that is the caller's to check
    pub authority: Certificate,
    /// Whom requests are encrypted for: a registration authority, else the authority itself
    pub encryption: Certificate,
    /// Whose signature counts on an answer: the authority, and registration authorities that may sign
    pub signers: Vec<Certificate>,
}

/// Reads an answer to `GetCACert`: a single certificate (`application/x-x509-ca-cert`) or a bag of them
/// (`application/x-x509-ca-ra-cert`); servers that mix the two up are understood. Certificates that are no authority's must all be
/// issued by the same one in the bag.
pub fn read_ca_certificates(body: &[u8], content_type: &str) -> Result<ServerCertificates> {
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if !MEDIA_TYPES
        .iter()
        .any(|known| media_type.eq_ignore_ascii_case(known))
    {
        return Err(Error::Unsupported("media type of the answer to GetCACert"));
    }
    if let Ok(single) = Certificate::from_der(body) {
        return ServerCertificates::choose(std::slice::from_ref(&single));
    }
    let bag = SignedMessage::from_ber(body).map_err(|_| Error::Malformed("answer to GetCACert"))?;
    ServerCertificates::choose(bag.certificates())
}

impl ServerCertificates {
    fn choose(certificates: &[Certificate]) -> Result<Self> {
        let (authorities, registrations): (Vec<_>, Vec<_>) = certificates
            .iter()
            // A lone certificate is the authority's, also where it is too old to say so.
            .partition(|certificate| certificate.is_ca() || certificates.len() == 1);
        let issued_all = |authority: &Certificate| {
            registrations
                .iter()
                .all(|registration| registration.verify_signed_by(authority).is_ok())
        };
        let authority = if registrations.is_empty() {
            lowest(&authorities).ok_or(Error::Malformed("answer to GetCACert"))?
        } else {
            authorities
                .into_iter()
                .find(|authority| issued_all(authority))
                .ok_or(Error::OtherIssuer)?
        };
        let encryption = registrations
            .iter()
            .copied()
            .find(|registration| {
                is_rsa(registration) && registration.permits(KeyUsages::KEY_ENCIPHERMENT)
            })
            .or_else(|| is_rsa(authority).then_some(authority))
            .ok_or(Error::Unsupported(
                "SCEP server without an RSA key to encrypt to",
            ))?;
        let signers = registrations
            .iter()
            .copied()
            .filter(|registration| registration.permits(KeyUsages::DIGITAL_SIGNATURE))
            .chain([authority])
            .cloned()
            .collect();
        Ok(Self {
            authority: authority.clone(),
            encryption: encryption.clone(),
            signers,
        })
    }
}

fn is_rsa(certificate: &Certificate) -> bool {
    certificate.public_key().is_ok_and(|key| key.is_rsa())
}

/// The authority below all others in the bag, which may bring its whole chain.
fn lowest<'a>(authorities: &[&'a Certificate]) -> Option<&'a Certificate> {
    let issued_another = |authority: &Certificate| {
        authorities
            .iter()
            .any(|other| *other != authority && other.issuer_der() == authority.subject_der())
    };
    authorities
        .iter()
        .copied()
        .find(|authority| !issued_another(authority))
        .or_else(|| authorities.first().copied())
}

const MEDIA_TYPES: [&str; 3] = [
    "application/x-x509-ca-cert",
    "application/x-x509-ca-ra-cert",
    "application/octet-stream",
];
