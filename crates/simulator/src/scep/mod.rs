//! Simple Certificate Enrolment Protocol, the requester's side (RFC 8894).

mod client;
mod message;

pub use client::{ScepError, ScepRequest, enrol};
pub use message::{CertificateReply, PkiMessage, Reply, read_reply, write_request};

use crate::cms::ContentCipher;
use crate::keys::Digest;
use serde::{Deserialize, Serialize};

/// Which client the requests look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScepMode {
    /// iOS of today: AES-128, SHA-256; POST when offered.
    #[default]
    Modern,
    /// Older iOS: 3DES, SHA-256.
    TripleDes,
    /// The open-source `mdmb`: single DES in a constructed element, SHA-1, another key for the signer, and the whole message in
    /// the query string although it is posted.
    Mdmb,
}

impl ScepMode {
    /// Encryption of the request.
    pub fn cipher(self) -> ContentCipher {
        match self {
            Self::Modern => ContentCipher::Aes128,
            Self::TripleDes => ContentCipher::TripleDes,
            Self::Mdmb => ContentCipher::Des,
        }
    }

    /// Digest of signatures.
    pub fn digest(self) -> Digest {
        match self {
            Self::Modern | Self::TripleDes => Digest::Sha256,
            Self::Mdmb => Digest::Sha1,
        }
    }
}
