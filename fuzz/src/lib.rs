//! What the targets share: fixed keys, so that what is encrypted for them is read to its end, and an envelope that verifies
//! whatever is in it.
//!
//! The keys are in the repository and protect nothing. They are fixed because the seeds were made for them, and because a finding
//! must be one again tomorrow.

mod scep;

use std::sync::LazyLock;

use mandate_pki::{certificate::Certificate, keys::PrivateKey};

pub use scep::signed_message;

/// A key with its certificate.
pub struct Identity {
    /// The key
    pub key: PrivateKey,
    /// The certificate
    pub certificate: Certificate,
}

/// The RSA key that messages are encrypted for.
pub static RECIPIENT: LazyLock<Identity> = LazyLock::new(|| {
    identity(
        include_str!("../fixtures/recipient.key.pem"),
        include_str!("../fixtures/recipient.pem"),
    )
});

/// A key on a curve, quick to sign with.
pub static SIGNER: LazyLock<Identity> = LazyLock::new(|| {
    identity(
        include_str!("../fixtures/signer.key.pem"),
        include_str!("../fixtures/signer.pem"),
    )
});

fn identity(key: &str, certificate: &str) -> Identity {
    Identity {
        key: PrivateKey::from_pem(key).expect("the fixture is a key"),
        certificate: Certificate::from_pem(certificate).expect("the fixture is a certificate"),
    }
}

/// Everything that is ever asked of a certificate.
pub fn look_at(certificate: &Certificate) {
    let _ = certificate.subject();
    let _ = certificate.issuer();
    let _ = certificate.subject_name();
    let _ = certificate.common_name();
    let _ = certificate.subject_alt_names();
    let _ = certificate.subject_key_id();
    let _ = certificate.key_usages();
    let _ = certificate.extended_key_usages();
    let _ = certificate.is_ca();
    let _ = certificate.public_key().map(|key| key.bits());
    let _ = certificate.verify_signed_by(&RECIPIENT.certificate);
}
