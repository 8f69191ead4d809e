use aws_lc_rs::{constant_time, digest, hmac};

use crate::{
    Error, Oid, Result,
    asn1::{Element, oid, writer},
};

/// A digest that messages may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigestAlgorithm {
    /// Only for old Apple devices and simulators, where [`Legacy::AllowSha1`] is given.
    Sha1,
    /// SHA-256
    Sha256,
    /// SHA-384
    Sha384,
    /// SHA-512
    Sha512,
}

/// Whether signatures over SHA-1 count. They may where they only bind a message that TLS protects anyway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Legacy {
    /// SHA-1 is refused.
    Refuse,
    /// SHA-1 is taken.
    AllowSha1,
}

impl Legacy {
    pub(crate) fn check(self, digest: DigestAlgorithm) -> Result<()> {
        match (self, digest) {
            (Self::Refuse, DigestAlgorithm::Sha1) => Err(Error::Forbidden("SHA-1")),
            _ => Ok(()),
        }
    }
}

impl DigestAlgorithm {
    /// The digest of `bytes`.
    pub fn digest(self, bytes: &[u8]) -> Vec<u8> {
        digest::digest(self.algorithm(), bytes).as_ref().to_vec()
    }

    pub(crate) fn algorithm(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        }
    }

    pub(crate) fn oid(self) -> Oid {
        match self {
            Self::Sha1 => oid::SHA1,
            Self::Sha256 => oid::SHA256,
            Self::Sha384 => oid::SHA384,
            Self::Sha512 => oid::SHA512,
        }
    }

    pub(crate) fn to_der(self) -> Vec<u8> {
        writer::algorithm(&self.oid(), &writer::null())
    }

    pub(crate) fn from_oid(id: &Element<'_>) -> Result<Self> {
        [Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512]
            .into_iter()
            .find(|digest| id.is_oid(&digest.oid()))
            .ok_or(Error::Unsupported("digest algorithm"))
    }
}

/// The SHA-256 digest, such as a certificate's fingerprint.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    fixed(DigestAlgorithm::Sha256, bytes)
}

/// The SHA-1 digest. Names things (key ids, fingerprints that Apple shows); protects nothing.
pub fn sha1(bytes: &[u8]) -> [u8; 20] {
    fixed(DigestAlgorithm::Sha1, bytes)
}

fn fixed<const N: usize>(algorithm: DigestAlgorithm, bytes: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(digest::digest(algorithm.algorithm(), bytes).as_ref());
    out
}

/// HMAC-SHA-1 of `message`, which OAuth 1.0 signs with (RFC 5849 §3.4.2). For protocols that know nothing else.
pub fn hmac_sha1(key: &[u8], message: &[u8]) -> [u8; 20] {
    let mut out = [0; 20];
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key);
    out.copy_from_slice(hmac::sign(&key, message).as_ref());
    out
}

/// HMAC-SHA-256 of `message`, for challenges that the server signs for itself.
pub fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message).as_ref());
    out
}

/// Whether `code` is the HMAC-SHA-256 of `message`, in constant time.
pub fn hmac_sha256_verify(key: &[u8], message: &[u8], code: &[u8]) -> bool {
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, key), message, code).is_ok()
}

/// Compares secrets in a time that tells only their lengths.
pub fn constant_time_eq(left: &[u8], right: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(left, right).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_oauth_is_that_of_rfc_2202() {
        let code = hmac_sha1(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(code[..4], [0xef, 0xfc, 0xdf, 0x6a]);
        assert_eq!(code[16..], [0x25, 0x9a, 0x7c, 0x79]);
    }

    #[test]
    fn a_code_verifies_only_with_its_key_and_message() {
        let code = hmac_sha256(b"key", b"message");
        assert!(hmac_sha256_verify(b"key", b"message", &code));
        assert!(!hmac_sha256_verify(b"other", b"message", &code));
        assert!(!hmac_sha256_verify(b"key", b"massage", &code));
        assert!(!hmac_sha256_verify(b"key", b"message", &code[..31]));
    }

    #[test]
    fn constant_time_comparison_compares() {
        assert!(constant_time_eq(b"same", b"same"));
        assert!(!constant_time_eq(b"same", b"some"));
        assert!(!constant_time_eq(b"same", b"sam"));
    }
}
