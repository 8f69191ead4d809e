//! Digests.

use crate::asn1;
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512, digest};

/// The digest that a signature is made over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Digest {
    /// Real devices on older releases, mdmb, Fleet's client.
    Sha1,
    /// Everything of today.
    #[default]
    Sha256,
    /// Authorities with P-384 keys.
    Sha384,
    /// Some authorities.
    Sha512,
}

impl Digest {
    const ALL: [Self; 4] = [Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512];

    /// By dotted object identifier: of the digest, of RSA with it, or of ECDSA with it.
    pub fn from_oid(dotted: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|digest| [digest.oid(), digest.rsa_oid(), digest.ecdsa_oid()].contains(&dotted))
    }

    /// Dotted object identifier of the digest.
    pub fn oid(self) -> &'static str {
        match self {
            Self::Sha1 => asn1::oid::SHA1,
            Self::Sha256 => asn1::oid::SHA256,
            Self::Sha384 => "2.16.840.1.101.3.4.2.2",
            Self::Sha512 => "2.16.840.1.101.3.4.2.3",
        }
    }

    /// Dotted object identifier of RSA with this digest (RFC 8017 appendix C).
    pub fn rsa_oid(self) -> &'static str {
        match self {
            Self::Sha1 => asn1::oid::SHA1_RSA,
            Self::Sha256 => asn1::oid::SHA256_RSA,
            Self::Sha384 => "1.2.840.113549.1.1.12",
            Self::Sha512 => "1.2.840.113549.1.1.13",
        }
    }

    /// Dotted object identifier of ECDSA with this digest (RFC 5758 §3.2).
    pub fn ecdsa_oid(self) -> &'static str {
        match self {
            Self::Sha1 => "1.2.840.10045.4.1",
            Self::Sha256 => "1.2.840.10045.4.3.2",
            Self::Sha384 => "1.2.840.10045.4.3.3",
            Self::Sha512 => "1.2.840.10045.4.3.4",
        }
    }

    /// The digest of `data`.
    pub fn of(self, data: &[u8]) -> Vec<u8> {
        let algorithm = match self {
            Self::Sha1 => &SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &SHA256,
            Self::Sha384 => &SHA384,
            Self::Sha512 => &SHA512,
        };
        digest(algorithm, data).as_ref().to_vec()
    }
}
