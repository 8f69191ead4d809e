use crate::pbe::Failure;

/// Why a PKCS#12 file cannot be used, in words for whoever brought it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Pkcs12Error {
    /// No such file, or one that was damaged; with what of it.
    #[error("this is not a PKCS#12 (PFX) file, or it is damaged: {0}")]
    Malformed(&'static str),
    /// The password does not open the file. A change to a file looks the same.
    #[error("the password does not open the file")]
    WrongPassword,
    /// No private key that has its certificate beside it.
    #[error(
        "the file holds no private key together with its certificate; export it again with both"
    )]
    NoIdentity,
    /// A private key of another kind than those that are taken; with its name.
    #[error(
        "unsupported private key: {0}; keys may be RSA of 1024 to 8192 bits, or on the curves P-256, P-384 and P-521"
    )]
    UnsupportedKey(String),
    /// More than one private key with a certificate.
    #[error(
        "the file holds several private keys with certificates; export each into a file of its own"
    )]
    SeveralIdentities,
    /// Well formed, but made by means that are not supported; with their name and identifier.
    #[error("unsupported {0}")]
    Unsupported(String),
    /// Larger, or with more iterations, than any file meant seriously.
    #[error("the file is far larger or asks for far more work than any real PKCS#12 file")]
    TooMuchWork,
}

impl From<Failure> for Pkcs12Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Malformed => Self::Malformed("the parameters of its encryption"),
            Failure::Unsupported(name) => Self::Unsupported(format!("algorithm {name}")),
            Failure::TooMuchWork => Self::TooMuchWork,
            Failure::WrongPassword => Self::WrongPassword,
        }
    }
}
