//! Cryptographic Message Syntax (RFC 5652), the device's half: signing requests, reading answers and profiles.

mod agreement;
mod cipher;
mod envelope;
mod key_wrap;
mod open;
mod recipient;
mod sign;

pub use cipher::ContentCipher;
pub use envelope::{Envelope, envelope_for, open_envelope};
pub use open::{Signature, SignedMessage, open_signed};
pub use sign::{Signing, certificates_only, sign};
pub(crate) use sign::{attribute, signing_time};

use crate::asn1::Asn1Error;
use crate::certificates::Certificate;
use crate::keys::{Key, KeyError};
use std::sync::Arc;
use thiserror::Error;

/// A message that cannot be made or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CmsError {
    /// Not the expected structure.
    #[error(transparent)]
    Structure(#[from] Asn1Error),
    /// A key refused its work.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Content is encrypted in a way that no device reads.
    #[error("unknown content encryption")]
    UnknownCipher,
    /// No recipient of the envelope is one of our identities.
    #[error("the envelope is for somebody else")]
    NotForUs,
    /// The content key or the padding is wrong.
    #[error("the content cannot be decrypted")]
    Undecryptable,
}

/// A private key and the certificate that names its holder.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The key.
    pub key: Arc<Key>,
    /// The certificate.
    pub certificate: Certificate,
}
