//! Keys on elliptic curves (NIST P-256, P-384 and P-521).

use super::{Digest, KeyError};
use aws_lc_rs::agreement::{self, ECDH_P256, ECDH_P384, ECDH_P521, PrivateKey, UnparsedPublicKey};
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING,
    EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair as _,
};

/// A curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curve {
    /// secp256r1, signs with SHA-256.
    P256,
    /// secp384r1, signs with SHA-384.
    P384,
    /// secp521r1, signs with SHA-512.
    P521,
}

impl Curve {
    /// PKCS#8 of a fresh key.
    pub(super) fn generate(self) -> Result<Vec<u8>, KeyError> {
        let made = EcdsaKeyPair::generate_pkcs8(self.algorithm(), &SystemRandom::new());
        Ok(made.map_err(|_| KeyError::Generate)?.as_ref().to_vec())
    }

    pub(super) fn digest(self) -> Digest {
        match self {
            Self::P256 => Digest::Sha256,
            Self::P384 => Digest::Sha384,
            Self::P521 => Digest::Sha512,
        }
    }

    pub(super) fn signature_oid(self) -> &'static str {
        self.digest().ecdsa_oid()
    }

    fn algorithm(self) -> &'static EcdsaSigningAlgorithm {
        match self {
            Self::P256 => &ECDSA_P256_SHA256_ASN1_SIGNING,
            Self::P384 => &ECDSA_P384_SHA384_ASN1_SIGNING,
            Self::P521 => &ECDSA_P521_SHA512_ASN1_SIGNING,
        }
    }

    fn agreement(self) -> &'static agreement::Algorithm {
        match self {
            Self::P256 => &ECDH_P256,
            Self::P384 => &ECDH_P384,
            Self::P521 => &ECDH_P521,
        }
    }
}

/// A private key on a curve.
pub(super) struct CurveKey {
    pub(super) curve: Curve,
    pair: EcdsaKeyPair,
    agreeing: PrivateKey,
}

impl CurveKey {
    pub(super) fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, KeyError> {
        [Curve::P256, Curve::P384, Curve::P521]
            .into_iter()
            .find_map(|curve| {
                let pair = EcdsaKeyPair::from_pkcs8(curve.algorithm(), pkcs8).ok()?;
                let agreeing = PrivateKey::from_private_key_der(curve.agreement(), pkcs8).ok()?;
                Some(Self {
                    curve,
                    pair,
                    agreeing,
                })
            })
            .ok_or(KeyError::Rejected)
    }

    pub(super) fn public(&self) -> Result<Vec<u8>, KeyError> {
        let der = self.pair.public_key().as_der();
        Ok(der.map_err(|_| KeyError::Rejected)?.as_ref().to_vec())
    }

    /// `ECDSA-Sig-Value` (RFC 5480 appendix A).
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let signature = self.pair.sign(&SystemRandom::new(), message);
        Ok(signature
            .map_err(|_| KeyError::Operation)?
            .as_ref()
            .to_vec())
    }

    /// What both sides find, from the other's point (SEC 1 §3.3.1).
    pub(super) fn agree(&self, point: &[u8]) -> Result<Vec<u8>, KeyError> {
        let other = UnparsedPublicKey::new(self.curve.agreement(), point);
        agreement::agree(&self.agreeing, other, KeyError::Operation, |shared| {
            Ok(shared.to_vec())
        })
    }
}
