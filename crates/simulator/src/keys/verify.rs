//! What needs public keys alone.

use super::{Digest, KeyError};
use crate::asn1;
use aws_lc_rs::rsa::{Pkcs1PublicEncryptingKey, PublicEncryptingKey};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1,
    ECDSA_P521_SHA256_ASN1, ECDSA_P521_SHA384_ASN1, ECDSA_P521_SHA512_ASN1, ParsedPublicKey,
    RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA384,
    VerificationAlgorithm,
};

const EC_PUBLIC_KEY: &str = "1.2.840.10045.2.1";
const SECP256R1: &str = "1.2.840.10045.3.1.7";
const SECP384R1: &str = "1.3.132.0.34";
const SECP521R1: &str = "1.3.132.0.35";

/// PKCS#1 v1.5 encryption to a `SubjectPublicKeyInfo`.
pub fn encrypt_to(public: &[u8], message: &[u8]) -> Result<Vec<u8>, KeyError> {
    let key = PublicEncryptingKey::from_der(public).map_err(|_| KeyError::Rejected)?;
    let key = Pkcs1PublicEncryptingKey::new(key).map_err(|_| KeyError::Rejected)?;
    let mut out = vec![0; key.ciphertext_size()];
    let length = key
        .encrypt(message, &mut out)
        .map_err(|_| KeyError::Operation)?
        .len();
    out.truncate(length);
    Ok(out)
}

/// Whether `signature` is a signature of `message` by the given `SubjectPublicKeyInfo`: PKCS#1 v1.5, or ECDSA on P-256, P-384
/// or P-521.
pub fn verifies(public: &[u8], digest: Digest, message: &[u8], signature: &[u8]) -> bool {
    algorithm_of(public, digest).is_some_and(|algorithm| {
        ParsedPublicKey::new(algorithm, public)
            .is_ok_and(|key| key.verify_sig(message, signature).is_ok())
    })
}

fn algorithm_of(public: &[u8], digest: Digest) -> Option<&'static dyn VerificationAlgorithm> {
    let fields = asn1::parse(public).ok()?.children().ok()?;
    let algorithm = fields.first()?.children().ok()?;
    let kind = algorithm.first()?.object_id()?;
    if kind != EC_PUBLIC_KEY {
        return Some(match digest {
            Digest::Sha1 => &RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
            Digest::Sha256 => &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
            Digest::Sha384 => &RSA_PKCS1_2048_8192_SHA384,
            Digest::Sha512 => &RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
        });
    }
    let curve = algorithm.get(1)?.object_id()?;
    match (curve.as_str(), digest) {
        (SECP256R1, Digest::Sha256) => Some(&ECDSA_P256_SHA256_ASN1),
        (SECP256R1, Digest::Sha384) => Some(&ECDSA_P256_SHA384_ASN1),
        (SECP384R1, Digest::Sha256) => Some(&ECDSA_P384_SHA256_ASN1),
        (SECP384R1, Digest::Sha384) => Some(&ECDSA_P384_SHA384_ASN1),
        (SECP521R1, Digest::Sha256) => Some(&ECDSA_P521_SHA256_ASN1),
        (SECP521R1, Digest::Sha384) => Some(&ECDSA_P521_SHA384_ASN1),
        (SECP521R1, Digest::Sha512) => Some(&ECDSA_P521_SHA512_ASN1),
        _ => None,
    }
}
