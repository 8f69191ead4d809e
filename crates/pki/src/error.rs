use crate::{authority::AuthorityError, scep::FailInfo};

/// What can go wrong with bytes from outside, with a request to this crate, or (rarely) inside AWS-LC.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The bytes are not what the name says.
    #[error("malformed {0}")]
    Malformed(&'static str),
    /// Well formed, but of a kind that is not supported or not allowed here.
    #[error("unsupported {0}")]
    Unsupported(&'static str),
    /// Likewise, with the name of what is not supported, such as `scrypt (1.3.6.1.4.1.11591.4.11)`.
    #[error("unsupported {0}")]
    UnsupportedAlgorithm(String),
    /// A private key of a kind that is not supported, by its name.
    #[error("unsupported private key: {0}")]
    UnsupportedKey(String),
    /// An encrypted key, and no password.
    #[error("the key is encrypted and needs its password")]
    PasswordNeeded,
    /// A password that does not open what it should; or that was spoilt, which cannot be told apart.
    #[error("the password is wrong")]
    WrongPassword,
    /// A file that asks for more iterations of its password than any that is meant seriously.
    #[error("opening it would take too much work")]
    TooMuchWork,
    /// A digest, cipher or key too weak for the policy in force.
    #[error("{0} is not allowed")]
    Forbidden(&'static str),
    /// A signature that does not verify with the key it should.
    #[error("the signature does not verify")]
    BadSignature,
    /// The signed digest is not that of the content.
    #[error("the content is not what was signed")]
    ContentMismatch,
    /// The message names a signer whose certificate it does not carry.
    #[error("the certificate of the signer is missing")]
    SignerMissing,
    /// The message is encrypted, but not for this certificate.
    #[error("the message is not for this recipient")]
    NotRecipient,
    /// Decryption failed; deliberately without a reason, which would serve as an oracle.
    #[error("the message cannot be decrypted")]
    Decryption,
    /// The issuer of the certificate is another one.
    #[error("the certificate was issued by somebody else")]
    OtherIssuer,
    /// A private key that does not belong to the certificate beside it.
    #[error("the key does not belong to the certificate")]
    KeyMismatch,
    /// A sealed value that was changed, moved to another context, or sealed with another key.
    #[error("the sealed value cannot be opened")]
    Sealed,
    /// A distinguished name in text form, with the place of the fault.
    #[error("the name `{text}` cannot be read: {reason}")]
    Name {
        /// The whole text.
        text: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Certificates and a key that make no authority.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// A SCEP request that is to be answered with this reason.
    #[error("the SCEP request is refused with {0:?}")]
    Scep(FailInfo),
    /// An answer that a SCEP server did not give, or not to this request.
    #[error("the answer is not the SCEP server's to this request: {0}")]
    ForeignAnswer(&'static str),
    /// AWS-LC refused an operation that should not fail.
    #[error("the cryptographic library failed at {0}")]
    Library(&'static str),
}

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;
