//! `com.apple.security.pkcs12`.

use super::ErrorChain;
use crate::certificates::Certificate;

/// The identity of a PKCS#12 file.
#[derive(Debug, Clone)]
pub struct Pkcs12 {
    /// PKCS#8 DER.
    pub pkcs8: Vec<u8>,
    /// The certificate that belongs to the key.
    pub certificate: Certificate,
}

/// Opens a file with its password.
pub fn open(_file: &[u8], _password: &str) -> Result<Pkcs12, ErrorChain> {
    Err(ErrorChain::single(
        "MCCertificateErrorDomain",
        9005,
        "The certificate file is malformed.",
    ))
}
