//! Why somebody could not sign in through a provider.

use thiserror::Error;

use crate::EngineError;

/// Why somebody could not sign in through a provider; the text is for the log, as it may name what strangers are not to
/// know.
#[derive(Debug, Error)]
pub enum ProviderFault {
    /// No provider of this name takes people in.
    #[error("there is no provider `{0}` that people can be sent to")]
    NoProvider(String),
    /// The provider does not answer, or not with what it should; trying again may help.
    #[error("the provider `{provider}` cannot be used now: {reason}")]
    Unavailable {
        /// Its name.
        provider: String,
        /// What happened.
        reason: String,
    },
    /// The person, or the provider, ended it.
    #[error("the provider `{provider}` refused: {reason}")]
    Refused {
        /// Its name.
        provider: String,
        /// The error that it named.
        reason: String,
    },
    /// Nobody of this browser was sent there, or they came back before.
    #[error("somebody came back from a provider who was not sent from this browser, or not now")]
    Stray,
    /// What came back proves nothing.
    #[error("the answer of the provider `{provider}` is not to be trusted: {reason}")]
    Untrusted {
        /// Its name.
        provider: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The provider knows the person, but they may not sign in here.
    #[error(
        "the provider `{provider}` vouches for `{subject}`, who may not sign in here: {reason}"
    )]
    NotHere {
        /// Its name.
        provider: String,
        /// What the provider calls the account.
        subject: String,
        /// Why not.
        reason: String,
    },
    /// We failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl From<mandate_store::StoreError> for ProviderFault {
    fn from(error: mandate_store::StoreError) -> Self {
        Self::Engine(error.into())
    }
}
