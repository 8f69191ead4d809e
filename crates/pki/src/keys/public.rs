use aws_lc_rs::{
    encoding::AsDer,
    rsa::{Pkcs1PublicEncryptingKey, PublicEncryptingKey},
    signature::{
        ECDSA_P256_SHA1_ASN1, ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1,
        ECDSA_P256_SHA512_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1,
        ECDSA_P384_SHA512_ASN1, ECDSA_P521_SHA256_ASN1, ECDSA_P521_SHA384_ASN1,
        ECDSA_P521_SHA512_ASN1, RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
        RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA384,
        RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
        UnparsedPublicKey, VerificationAlgorithm,
    },
};

use super::{SignatureAlgorithm, SignatureScheme, kind::bits};
use crate::{
    DigestAlgorithm, Error, Legacy, Result,
    asn1::{Reader, oid, tag},
    sha1,
};

/// A peer's public key, RSA or on one of the NIST curves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    info: Vec<u8>,
    /// The content of the BIT STRING: `RSAPublicKey` or an EC point.
    key: Vec<u8>,
    family: Family,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Rsa,
    P256,
    P384,
    P521,
}

impl PublicKey {
    /// Reads `SubjectPublicKeyInfo` in DER.
    pub fn from_der(info: &[u8]) -> Result<Self> {
        let malformed = |_| Error::Malformed("public key");
        let mut fields = Reader::sequence_only(info).map_err(malformed)?;
        let mut algorithm = fields.sequence().map_err(malformed)?;
        let key = fields.bit_string().map_err(malformed)?;
        let id = algorithm.oid().map_err(malformed)?;
        let family = if id.is_oid(&oid::RSA_ENCRYPTION) || id.is_oid(&oid::RSASSA_PSS) {
            Family::Rsa
        } else if id.is_oid(&oid::EC_PUBLIC_KEY) {
            let curve = algorithm
                .oid()
                .map_err(|_| Error::Unsupported("elliptic curve"))?;
            [
                (oid::P256, Family::P256),
                (oid::P384, Family::P384),
                (oid::P521, Family::P521),
            ]
            .into_iter()
            .find(|(oid, _)| curve.is_oid(oid))
            .map(|(_, family)| family)
            .ok_or(Error::Unsupported("elliptic curve"))?
        } else {
            return Err(Error::Unsupported("public key"));
        };
        Ok(Self {
            info: info.to_vec(),
            key: key.to_vec(),
            family,
        })
    }

    /// `SubjectPublicKeyInfo` in DER.
    pub fn der(&self) -> &[u8] {
        &self.info
    }

    /// SHA-1 over the key without its algorithm, as subject key ids are usually made (RFC 5280 §4.2.1.2).
    pub fn key_id(&self) -> [u8; 20] {
        sha1(&self.key)
    }

    /// Whether both are the same key, however their algorithm is written.
    pub(crate) fn is_same_key(&self, other: &Self) -> bool {
        self.family == other.family && self.key == other.key
    }

    /// Whether it is an RSA key that is marked for PSS signatures and nothing else (RFC 4055 §1.2).
    pub(crate) fn is_for_pss_alone(&self) -> bool {
        let algorithm = Reader::sequence_only(&self.info).and_then(|mut info| info.sequence());
        algorithm
            .and_then(|mut algorithm| algorithm.oid())
            .is_ok_and(|id| id.is_oid(&oid::RSASSA_PSS))
    }

    /// Whether it is an RSA key, hence one that can be encrypted to.
    pub fn is_rsa(&self) -> bool {
        self.family == Family::Rsa
    }

    /// Its size in bits; 0 for an RSA key that cannot be read.
    pub fn bits(&self) -> usize {
        match self.family {
            Family::P256 => 256,
            Family::P384 => 384,
            Family::P521 => 521,
            Family::Rsa => self
                .rsa_components()
                .map_or(0, |(modulus, _)| bits(&modulus)),
        }
    }

    /// Modulus and exponent of an RSA key as unsigned big-endian numbers.
    pub fn rsa_components(&self) -> Option<(Vec<u8>, Vec<u8>)> {
        if self.family != Family::Rsa {
            return None;
        }
        let mut fields = Reader::sequence_only(&self.key).ok()?;
        let modulus = fields.expect(tag::INTEGER).ok()?;
        let exponent = fields.expect(tag::INTEGER).ok()?;
        Some((modulus.unsigned().to_vec(), exponent.unsigned().to_vec()))
    }

    /// Checks a signature over `message`. RSA from 1,024 bits, since simulators and old devices make such keys.
    pub fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        legacy: Legacy,
        message: &[u8],
        signature: &[u8],
    ) -> Result<()> {
        legacy.check(algorithm.digest)?;
        let verification = self.verification(algorithm)?;
        UnparsedPublicKey::new(verification, &self.key)
            .verify(message, signature)
            .map_err(|_| Error::BadSignature)
    }

    fn verification(
        &self,
        algorithm: SignatureAlgorithm,
    ) -> Result<&'static dyn VerificationAlgorithm> {
        use DigestAlgorithm::{Sha1, Sha256, Sha384, Sha512};
        use SignatureScheme::{Ecdsa, RsaPkcs1, RsaPss};
        Ok(match (self.family, algorithm.scheme, algorithm.digest) {
            (Family::Rsa, RsaPkcs1, Sha1) => &RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
            (Family::Rsa, RsaPkcs1, Sha256) => &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
            (Family::Rsa, RsaPkcs1, Sha384) => &RSA_PKCS1_2048_8192_SHA384,
            (Family::Rsa, RsaPkcs1, Sha512) => &RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
            (Family::Rsa, RsaPss, Sha256) => &RSA_PSS_2048_8192_SHA256,
            (Family::Rsa, RsaPss, Sha384) => &RSA_PSS_2048_8192_SHA384,
            (Family::Rsa, RsaPss, Sha512) => &RSA_PSS_2048_8192_SHA512,
            (Family::P256, Ecdsa, Sha1) => &ECDSA_P256_SHA1_ASN1,
            (Family::P256, Ecdsa, Sha256) => &ECDSA_P256_SHA256_ASN1,
            (Family::P256, Ecdsa, Sha384) => &ECDSA_P256_SHA384_ASN1,
            (Family::P256, Ecdsa, Sha512) => &ECDSA_P256_SHA512_ASN1,
            (Family::P384, Ecdsa, Sha256) => &ECDSA_P384_SHA256_ASN1,
            (Family::P384, Ecdsa, Sha384) => &ECDSA_P384_SHA384_ASN1,
            (Family::P384, Ecdsa, Sha512) => &ECDSA_P384_SHA512_ASN1,
            (Family::P521, Ecdsa, Sha256) => &ECDSA_P521_SHA256_ASN1,
            (Family::P521, Ecdsa, Sha384) => &ECDSA_P521_SHA384_ASN1,
            (Family::P521, Ecdsa, Sha512) => &ECDSA_P521_SHA512_ASN1,
            _ => return Err(Error::Unsupported("signature algorithm for this key")),
        })
    }

    /// RSAES-PKCS1-v1_5, from 2,048 bits.
    pub fn encrypt_pkcs1(&self, plaintext: &[u8]) -> Result<Vec<u8>> {
        let key = Pkcs1PublicEncryptingKey::new(self.encrypting_key()?)
            .map_err(|_| Error::Unsupported("RSA key to encrypt to"))?;
        let mut ciphertext = vec![0; key.ciphertext_size()];
        let written = key
            .encrypt(plaintext, &mut ciphertext)
            .map_err(|_| Error::Library("encryption"))?
            .len();
        ciphertext.truncate(written);
        Ok(ciphertext)
    }

    pub(super) fn encrypting_key(&self) -> Result<PublicEncryptingKey> {
        if self.family != Family::Rsa {
            return Err(Error::Unsupported("encryption to an EC key"));
        }
        let unsuitable = || Error::Unsupported("RSA key to encrypt to");
        let rsa = aws_lc_rs::rsa::PublicKey::from_der(&self.key).map_err(|_| unsuitable())?;
        // Encoded anew because the library wants the plain RSA algorithm, which a key marked for PSS does not name.
        let info = rsa.as_der().map_err(|_| unsuitable())?;
        PublicEncryptingKey::from_der(info.as_ref()).map_err(|_| unsuitable())
    }
}
