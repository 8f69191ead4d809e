use std::{fmt, sync::Arc};

use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    rsa::{KeySize, Pkcs1PrivateDecryptingKey, PrivateDecryptingKey},
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair,
        EcdsaSigningAlgorithm, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512,
        RsaKeyPair,
    },
};
use zeroize::Zeroizing;

use super::{KeyKind, PublicKey, SignatureAlgorithm, SignatureScheme};
use crate::{
    DigestAlgorithm, Error, Result,
    asn1::{oid, writer},
    pem,
};

/// The digest of RSA-OAEP, for its label and its mask alike.
pub type OaepDigest = DigestAlgorithm;

/// A private key of this server. Cloning shares it.
#[derive(Clone)]
pub struct PrivateKey(Arc<Inner>);

struct Inner {
    kind: KeyKind,
    pkcs8: Zeroizing<Vec<u8>>,
    public_key_info: Vec<u8>,
    pair: Pair,
}

enum Pair {
    Rsa {
        signing: Box<RsaKeyPair>,
        decrypting: Box<Pkcs1PrivateDecryptingKey>,
    },
    Ec(Box<EcdsaKeyPair>),
}

impl PrivateKey {
    /// Makes a new key; some 50 ms for RSA-2048, a second for RSA-4096.
    pub fn generate(kind: KeyKind) -> Result<Self> {
        let failed = |_| Error::Library("key generation");
        let rsa = |size| -> Result<Zeroizing<Vec<u8>>> {
            let pair = RsaKeyPair::generate(size).map_err(failed)?;
            Ok(Zeroizing::new(
                pair.as_der().map_err(failed)?.as_ref().to_vec(),
            ))
        };
        let ec = |algorithm| -> Result<Zeroizing<Vec<u8>>> {
            let document =
                EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new()).map_err(failed)?;
            Ok(Zeroizing::new(document.as_ref().to_vec()))
        };
        let pkcs8 = match kind {
            KeyKind::Rsa2048 => rsa(KeySize::Rsa2048)?,
            KeyKind::Rsa3072 => rsa(KeySize::Rsa3072)?,
            KeyKind::Rsa4096 => rsa(KeySize::Rsa4096)?,
            KeyKind::P256 => ec(&ECDSA_P256_SHA256_ASN1_SIGNING)?,
            KeyKind::P384 => ec(&ECDSA_P384_SHA384_ASN1_SIGNING)?,
        };
        Self::from_pkcs8(&pkcs8)
    }

    /// Reads an unencrypted PKCS#8 document (RFC 5208).
    pub fn from_pkcs8(pkcs8: &[u8]) -> Result<Self> {
        let kind = KeyKind::of_pkcs8(pkcs8)?;
        let pair = match kind {
            KeyKind::Rsa2048 | KeyKind::Rsa3072 | KeyKind::Rsa4096 => rsa_pair(pkcs8)?,
            KeyKind::P256 => ec_pair(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8)?,
            KeyKind::P384 => ec_pair(&ECDSA_P384_SHA384_ASN1_SIGNING, pkcs8)?,
        };
        let public_key_info = public_key_info(kind, &pair);
        Ok(Self(Arc::new(Inner {
            kind,
            pkcs8: Zeroizing::new(pkcs8.to_vec()),
            public_key_info,
            pair,
        })))
    }

    /// Reads an unencrypted `PRIVATE KEY` block, or one of the older `RSA PRIVATE KEY` and `EC PRIVATE KEY`.
    pub fn from_pem(text: &str) -> Result<Self> {
        Self::from_pem_or_der(text.as_bytes(), None)
    }

    /// The key as an unencrypted PKCS#8 document.
    pub fn to_pkcs8(&self) -> Zeroizing<Vec<u8>> {
        self.0.pkcs8.clone()
    }

    /// The key as an unencrypted `PRIVATE KEY` block.
    pub fn to_pem(&self) -> Zeroizing<String> {
        Zeroizing::new(pem::encode("PRIVATE KEY", &self.0.pkcs8))
    }

    /// Its kind.
    pub fn kind(&self) -> KeyKind {
        self.0.kind
    }

    /// Whether it is an RSA key, hence one that decrypts.
    pub fn is_rsa(&self) -> bool {
        matches!(self.0.pair, Pair::Rsa { .. })
    }

    /// Its public half as `SubjectPublicKeyInfo` in DER.
    pub fn public_key_info(&self) -> Vec<u8> {
        self.0.public_key_info.clone()
    }

    /// Its public half.
    pub fn public_key(&self) -> Result<PublicKey> {
        PublicKey::from_der(&self.0.public_key_info)
    }

    /// What [`Self::sign`] uses: SHA-256, and SHA-384 with P-384.
    pub fn signature_algorithm(&self) -> SignatureAlgorithm {
        match self.0.kind {
            KeyKind::Rsa2048 | KeyKind::Rsa3072 | KeyKind::Rsa4096 => SignatureAlgorithm {
                scheme: SignatureScheme::RsaPkcs1,
                digest: DigestAlgorithm::Sha256,
            },
            KeyKind::P256 => SignatureAlgorithm {
                scheme: SignatureScheme::Ecdsa,
                digest: DigestAlgorithm::Sha256,
            },
            KeyKind::P384 => SignatureAlgorithm {
                scheme: SignatureScheme::Ecdsa,
                digest: DigestAlgorithm::Sha384,
            },
        }
    }

    /// The algorithm to sign with where the peer would like this digest: RSA follows, an EC key keeps its own, and nobody
    /// gets SHA-1.
    pub fn signature_algorithm_for(&self, digest: DigestAlgorithm) -> SignatureAlgorithm {
        let usual = self.signature_algorithm();
        match (usual.scheme, digest) {
            (SignatureScheme::RsaPkcs1, DigestAlgorithm::Sha384 | DigestAlgorithm::Sha512) => {
                SignatureAlgorithm { digest, ..usual }
            }
            _ => usual,
        }
    }

    /// Signs `message` by [`Self::signature_algorithm`].
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        self.sign_with(self.signature_algorithm(), message)
    }

    /// Signs `message` by an algorithm that [`Self::signature_algorithm_for`] gave.
    pub fn sign_with(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>> {
        let random = SystemRandom::new();
        match &self.0.pair {
            Pair::Rsa { signing, .. } => {
                let encoding = match algorithm.digest {
                    DigestAlgorithm::Sha256 => &RSA_PKCS1_SHA256,
                    DigestAlgorithm::Sha384 => &RSA_PKCS1_SHA384,
                    DigestAlgorithm::Sha512 => &RSA_PKCS1_SHA512,
                    DigestAlgorithm::Sha1 => return Err(Error::Forbidden("signing with SHA-1")),
                };
                let mut signature = vec![0; signing.public_modulus_len()];
                signing
                    .sign(encoding, &random, message, &mut signature)
                    .map_err(|_| Error::Library("signing"))?;
                Ok(signature)
            }
            Pair::Ec(signing) if algorithm == self.signature_algorithm() => {
                let signature = signing
                    .sign(&random, message)
                    .map_err(|_| Error::Library("signing"))?;
                Ok(signature.as_ref().to_vec())
            }
            Pair::Ec(_) => Err(Error::Unsupported("signature algorithm")),
        }
    }

    /// Undoes RSAES-PKCS1-v1_5. To never become an oracle, callers must treat a failure like a wrong plaintext.
    pub fn decrypt_pkcs1(&self, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let Pair::Rsa { decrypting, .. } = &self.0.pair else {
            return Err(Error::Unsupported("decryption with an EC key"));
        };
        let mut buffer = Zeroizing::new(vec![0; decrypting.min_output_size()]);
        let plaintext = decrypting
            .decrypt(ciphertext, &mut buffer)
            .map_err(|_| Error::Decryption)?;
        Ok(Zeroizing::new(plaintext.to_vec()))
    }

    /// Modulus and exponent as unsigned big-endian numbers, for a JWK; nothing for an EC key.
    pub fn rsa_public_components(&self) -> Option<(Vec<u8>, Vec<u8>)> {
        self.public_key().ok()?.rsa_components()
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PrivateKey")
            .field("kind", &self.0.kind)
            .finish_non_exhaustive()
    }
}

fn rsa_pair(pkcs8: &[u8]) -> Result<Pair> {
    let rejected = |_| Error::Malformed("private key");
    let decrypting = PrivateDecryptingKey::from_pkcs8(pkcs8).map_err(rejected)?;
    Ok(Pair::Rsa {
        signing: Box::new(RsaKeyPair::from_pkcs8(pkcs8).map_err(rejected)?),
        decrypting: Box::new(
            Pkcs1PrivateDecryptingKey::new(decrypting)
                .map_err(|_| Error::Library("reading a key"))?,
        ),
    })
}

fn ec_pair(algorithm: &'static EcdsaSigningAlgorithm, pkcs8: &[u8]) -> Result<Pair> {
    let pair =
        EcdsaKeyPair::from_pkcs8(algorithm, pkcs8).map_err(|_| Error::Malformed("private key"))?;
    Ok(Pair::Ec(Box::new(pair)))
}

fn public_key_info(kind: KeyKind, pair: &Pair) -> Vec<u8> {
    let curve = if kind == KeyKind::P384 {
        oid::P384
    } else {
        oid::P256
    };
    let (algorithm, key) = match pair {
        Pair::Rsa { signing, .. } => (
            writer::algorithm(&oid::RSA_ENCRYPTION, &writer::null()),
            signing.public_key().as_ref(),
        ),
        Pair::Ec(signing) => (
            writer::algorithm(&oid::EC_PUBLIC_KEY, &writer::oid(&curve)),
            signing.public_key().as_ref(),
        ),
    };
    writer::sequence([&algorithm, &writer::bit_string(key)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Legacy, asn1::Reader};

    #[test]
    fn every_kind_signs_and_comes_back() {
        for kind in [KeyKind::Rsa2048, KeyKind::P256, KeyKind::P384] {
            let key = PrivateKey::generate(kind).unwrap();
            let again = PrivateKey::from_pkcs8(&key.to_pkcs8()).unwrap();
            assert_eq!(again.kind(), kind);
            assert_eq!(
                PrivateKey::from_pem(&key.to_pem())
                    .unwrap()
                    .public_key_info(),
                key.public_key_info()
            );
            let signature = again.sign(b"message").unwrap();
            let public = key.public_key().unwrap();
            public
                .verify(
                    key.signature_algorithm(),
                    Legacy::Refuse,
                    b"message",
                    &signature,
                )
                .unwrap();
            assert!(
                public
                    .verify(
                        key.signature_algorithm(),
                        Legacy::Refuse,
                        b"massage",
                        &signature
                    )
                    .is_err()
            );
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let key = PrivateKey::generate(KeyKind::P256).unwrap();
        assert_eq!(format!("{key:?}"), "PrivateKey { kind: P256, .. }");
    }

    #[test]
    fn keys_of_other_sorts_are_refused() {
        assert_eq!(
            PrivateKey::from_pkcs8(b"nonsense").unwrap_err(),
            Error::Malformed("private key")
        );
        let ed25519 = writer::algorithm(&crate::Oid::new_unwrap("1.3.101.112"), &[]);
        let document = writer::sequence([
            &writer::integer(0),
            &ed25519,
            &writer::octet_string(&[4; 34]),
        ]);
        assert_eq!(
            PrivateKey::from_pkcs8(&document).unwrap_err(),
            Error::UnsupportedKey("Ed25519 (1.3.101.112)".to_owned())
        );
    }

    #[test]
    fn attributes_beside_a_key_do_not_matter() {
        // Windows notes the key usage there when it exports.
        let usage = writer::sequence([
            &writer::oid(&oid::KEY_USAGE),
            &writer::set_of(vec![writer::named_bits(0b1000)]),
        ]);
        for kind in [KeyKind::Rsa2048, KeyKind::P256] {
            let key = PrivateKey::generate(kind).unwrap();
            let pkcs8 = key.to_pkcs8();
            let mut reader = Reader::sequence_only(&pkcs8).unwrap();
            let fields: Vec<_> = (0..3).map(|_| reader.element().unwrap().raw).collect();
            let with_usage = writer::sequence([&fields.concat(), &writer::context(0, &usage)]);
            let read = PrivateKey::from_pkcs8(&with_usage).unwrap();
            assert_eq!(read.public_key_info(), key.public_key_info());
        }
    }
}
