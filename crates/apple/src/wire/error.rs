use thiserror::Error;

/// Why a message from a device could not be read. All of these are the peer's doing; the answer is 400.
///
/// Carries no value that the device sent, so that it can be logged.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WireError {
    /// The body, or what it unfolds to, is larger than allowed.
    #[error("message is larger than {limit} bytes")]
    TooLarge {
        /// Bytes allowed.
        limit: usize,
    },
    /// Arrays and dictionaries lie too deep in one another.
    #[error("message is nested deeper than {limit} levels")]
    TooDeep {
        /// Levels allowed.
        limit: usize,
    },
    /// Not a property list.
    #[error("message is no property list: {0}")]
    Malformed(&'static str),
    /// A key without which the message has no meaning.
    #[error("message lacks `{0}`")]
    Missing(&'static str),
    /// A key has a value of another type than the protocol says.
    #[error("`{key}` is not {expected}")]
    WrongType {
        /// The key.
        key: &'static str,
        /// What it should have been, with its article.
        expected: &'static str,
    },
    /// An identifier is empty, too long or has characters that no identifier has.
    #[error("`{0}` is no identifier")]
    BadIdentifier(&'static str),
    /// A `Status` that the protocol does not know.
    #[error("`Status` is none that the protocol knows")]
    UnknownStatus,
}
