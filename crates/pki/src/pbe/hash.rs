use aws_lc_rs::{digest, hmac};

use super::{Failure, describe};
use crate::{
    Oid,
    asn1::{Element, oid},
};

/// A digest below a password, alone or in an HMAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

const HMAC_SHA1: Oid = Oid::new_unwrap("1.2.840.113549.2.7");
const HMAC_SHA224: Oid = Oid::new_unwrap("1.2.840.113549.2.8");
const HMAC_SHA256: Oid = Oid::new_unwrap("1.2.840.113549.2.9");
const HMAC_SHA384: Oid = Oid::new_unwrap("1.2.840.113549.2.10");
const HMAC_SHA512: Oid = Oid::new_unwrap("1.2.840.113549.2.11");
const SHA224: Oid = Oid::new_unwrap("2.16.840.1.101.3.4.2.4");

const ALL: [Hash; 5] = [
    Hash::Sha1,
    Hash::Sha224,
    Hash::Sha256,
    Hash::Sha384,
    Hash::Sha512,
];

impl Hash {
    pub(crate) fn from_digest_oid(id: &Element<'_>) -> Result<Self, Failure> {
        Self::find(id, Self::digest_oid)
    }

    pub(crate) fn from_hmac_oid(id: &Element<'_>) -> Result<Self, Failure> {
        Self::find(id, Self::hmac_oid)
    }

    fn find(id: &Element<'_>, oid_of: impl Fn(Self) -> Oid) -> Result<Self, Failure> {
        ALL.into_iter()
            .find(|hash| id.is_oid(&oid_of(*hash)))
            .ok_or_else(|| Failure::Unsupported(describe(id)))
    }

    pub(crate) fn digest_oid(self) -> Oid {
        match self {
            Self::Sha1 => oid::SHA1,
            Self::Sha224 => SHA224,
            Self::Sha256 => oid::SHA256,
            Self::Sha384 => oid::SHA384,
            Self::Sha512 => oid::SHA512,
        }
    }

    pub(crate) fn hmac_oid(self) -> Oid {
        match self {
            Self::Sha1 => HMAC_SHA1,
            Self::Sha224 => HMAC_SHA224,
            Self::Sha256 => HMAC_SHA256,
            Self::Sha384 => HMAC_SHA384,
            Self::Sha512 => HMAC_SHA512,
        }
    }

    pub(super) fn digest(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha224 => &digest::SHA224,
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        }
    }

    pub(crate) fn hmac(self) -> hmac::Algorithm {
        match self {
            Self::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha224 => hmac::HMAC_SHA224,
            Self::Sha256 => hmac::HMAC_SHA256,
            Self::Sha384 => hmac::HMAC_SHA384,
            Self::Sha512 => hmac::HMAC_SHA512,
        }
    }

    /// The length of the digest in octets.
    pub(crate) fn length(self) -> usize {
        self.digest().output_len()
    }
}
