//! What each sealed value is bound to, so that none can be put into the place of another.

use mandate_model::{DeviceId, UserId};
use mandate_store::SealedAt;

use crate::instance::hex;

/// The unlock token that a device handed over.
pub(crate) fn unlock_token_context(device: DeviceId) -> String {
    format!("unlock:{device}")
}

/// A key that the server made for a device; `sha256` is that of its certificate.
pub(crate) fn certificate_key_context(sha256: &[u8]) -> String {
    format!("certificate-key:{}", hex(sha256))
}

/// A key imported for a person; `thumbprint` is the SHA-1 of its certificate, lower-case hexadecimal.
pub(crate) fn imported_key_context(user: UserId, thumbprint: &str) -> String {
    format!("imported:{user}:{thumbprint}")
}

/// The secret of a person's one-time codes.
pub(crate) fn totp_context(user: UserId) -> String {
    format!("totp:{user}")
}

/// The same for any sealed value of the database.
pub(super) fn context_of(at: &SealedAt) -> String {
    match at {
        SealedAt::Secret(name) => name.clone(),
        SealedAt::UnlockToken(device) => unlock_token_context(DeviceId(*device)),
        SealedAt::CertificateKey(sha256) => certificate_key_context(sha256),
        SealedAt::ImportedKey(user, thumbprint) => imported_key_context(UserId(*user), thumbprint),
        SealedAt::TotpSecret(user) => totp_context(UserId(*user)),
    }
}
