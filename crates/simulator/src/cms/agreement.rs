//! `KeyAgreeRecipientInfo` by ephemeral-static ECDH (RFC 5652 §6.2.2, RFC 5753 §3.1): mail to keys on curves.

use super::CmsError;
use super::key_wrap::KeyWrap;
use super::recipient::children;
use crate::asn1::{self, Node};
use crate::keys::{Digest, Key};

/// What a sender did for all recipients of one curve.
#[derive(Clone)]
pub(super) struct Agreement<'a> {
    /// Its point of this one message.
    point: Vec<u8>,
    /// What it adds to make the key another one each time.
    user_key: Option<Vec<u8>>,
    algorithm: Node<'a>,
}

impl<'a> Agreement<'a> {
    /// The agreement, and the `RecipientEncryptedKeys` that follow it.
    pub(super) fn read(node: &Node<'a>) -> Option<(Self, Node<'a>)> {
        let parts = children(node)?;
        let mut parts = parts.iter().skip(1);
        let originator = parts.next().filter(|node| node.tag == 0xA0)?;
        let mut next = parts.next()?;
        let user_key = match next.tag {
            0xA1 => {
                let octets = asn1::octets(children(next)?.first()?).ok()?;
                next = parts.next()?;
                Some(octets)
            }
            _ => None,
        };
        let agreement = Self {
            point: originator_point(originator)?,
            user_key,
            algorithm: *next,
        };
        Some((agreement, *parts.next()?))
    }

    /// Decrypts the content key for one recipient.
    pub(super) fn content_key(&self, key: &Key, encrypted: &[u8]) -> Result<Vec<u8>, CmsError> {
        let algorithm = children(&self.algorithm).ok_or(CmsError::UnknownCipher)?;
        let [scheme, wrapping, ..] = algorithm.as_slice() else {
            return Err(CmsError::UnknownCipher);
        };
        let digest = scheme.object_id().and_then(|scheme| digest_of(&scheme));
        let wrap = children(wrapping).and_then(|parts| parts.first()?.object_id());
        let wrap = wrap.and_then(|kind| KeyWrap::from_oid(&kind));
        let (Some(digest), Some(wrap)) = (digest, wrap) else {
            return Err(CmsError::UnknownCipher);
        };
        let shared = key
            .agree(&self.point)
            .map_err(|_| CmsError::Undecryptable)?;
        let info = self.shared_info(wrapping, wrap.key_length());
        let wrapping_key = derive(digest, &shared, &info, wrap.key_length());
        wrap.unwrap(&wrapping_key, encrypted)
    }

    /// `ECC-CMS-SharedInfo` (RFC 5753 §7.2).
    fn shared_info(&self, wrapping: &Node<'_>, key_length: usize) -> Vec<u8> {
        let user_key = (self.user_key.as_ref())
            .map(|octets| asn1::context(0, &asn1::octet_string(octets)))
            .unwrap_or_default();
        let bits = u32::try_from(key_length * 8).unwrap_or(u32::MAX);
        let bits = asn1::context(2, &asn1::octet_string(&bits.to_be_bytes()));
        asn1::sequence(&[wrapping.raw, &user_key, &bits])
    }
}

/// The point of `OriginatorPublicKey`; senders that name a certificate instead agree twice by the same key, which nobody does.
fn originator_point(originator: &Node<'_>) -> Option<Vec<u8>> {
    let inner = children(originator)?;
    let key = inner.first().filter(|node| node.tag == 0xA1)?;
    let (unused, point) = children(key)?.get(1)?.content.split_first()?;
    (*unused == 0).then(|| point.to_vec())
}

/// The digest of `dhSinglePass-stdDH-…kdf-scheme` (RFC 5753 §7.1.4); with a cofactor, which is 1 on these curves, it is the same.
fn digest_of(scheme: &str) -> Option<Digest> {
    Some(match scheme {
        "1.3.133.16.840.63.0.2" | "1.3.133.16.840.63.0.3" => Digest::Sha1,
        "1.3.132.1.11.1" | "1.3.132.1.14.1" => Digest::Sha256,
        "1.3.132.1.11.2" | "1.3.132.1.14.2" => Digest::Sha384,
        "1.3.132.1.11.3" | "1.3.132.1.14.3" => Digest::Sha512,
        _ => return None,
    })
}

/// The derivation of ANSI X9.63 (SEC 1 §3.6.1).
fn derive(digest: Digest, shared: &[u8], info: &[u8], length: usize) -> Vec<u8> {
    let mut key = Vec::with_capacity(length + 64);
    for counter in 1_u32.. {
        if key.len() >= length {
            break;
        }
        key.extend(digest.of(&[shared, &counter.to_be_bytes(), info].concat()));
    }
    key.truncate(length);
    key
}
