//! `KeyTransRecipientInfo` (RFC 5652 §6.2.1).

use super::CmsError;
use crate::asn1::{self, Node, oid};
use crate::certificates::Certificate;
use crate::keys::{Digest, Key};

/// For whom an envelope is, and the content key for them.
pub(super) struct Recipient<'a> {
    named: Node<'a>,
    algorithm: Node<'a>,
    encrypted_key: Vec<u8>,
}

impl<'a> Recipient<'a> {
    /// `None` for kinds of recipients that need no RSA key (agreement, passwords).
    pub(super) fn read(node: &Node<'a>) -> Option<Self> {
        if node.tag != 0x30 {
            return None;
        }
        let parts = children(node)?;
        let [_, named, algorithm, encrypted_key, ..] = parts.as_slice() else {
            return None;
        };
        Some(Self {
            named: *named,
            algorithm: *algorithm,
            encrypted_key: asn1::octets(encrypted_key).ok()?,
        })
    }

    /// Whether that certificate's holder is meant.
    pub(super) fn is(&self, certificate: &Certificate) -> bool {
        match self.named.tag {
            0x30 => children(&self.named).is_some_and(|parts| {
                matches!(parts.as_slice(), [issuer, serial]
                    if issuer.raw == certificate.issuer() && serial.raw == certificate.serial())
            }),
            // `[0] IMPLICIT SubjectKeyIdentifier`
            0x80 => certificate.subject_key_identifier().as_deref() == Some(self.named.content),
            _ => false,
        }
    }

    /// Decrypts the content key.
    pub(super) fn content_key(&self, key: &Key) -> Result<Vec<u8>, CmsError> {
        let algorithm = children(&self.algorithm).ok_or(CmsError::UnknownCipher)?;
        let kind = algorithm.first().and_then(Node::object_id);
        let opened = match kind.as_deref() {
            Some(oid::RSA) => key.decrypt(&self.encrypted_key),
            Some(oid::RSA_OAEP) => {
                let digest = oaep_digest(algorithm.get(1)).ok_or(CmsError::UnknownCipher)?;
                key.decrypt_oaep(digest, &self.encrypted_key)
            }
            _ => return Err(CmsError::UnknownCipher),
        };
        opened.map_err(|_| CmsError::Undecryptable)
    }
}

/// `RSAES-OAEP-params` (RFC 4055 §4.1): SHA-1 where nothing is said; MGF1 has to use the same digest, and there is no label.
fn oaep_digest(parameters: Option<&Node<'_>>) -> Option<Digest> {
    let fields = parameters.map_or_else(|| Some(Vec::new()), children)?;
    let digest_in = |node: &Node<'_>| {
        let algorithm = children(node)?;
        Digest::from_oid(&algorithm.first()?.object_id()?)
    };
    let (mut hash, mut mask) = (Digest::Sha1, Digest::Sha1);
    for field in &fields {
        let inner = children(field)?;
        let inner = inner.first()?;
        match field.tag {
            0xA0 => hash = digest_in(inner)?,
            0xA1 => mask = digest_in(children(inner)?.get(1)?)?,
            _ => return None,
        }
    }
    (hash == mask).then_some(hash)
}

fn children<'a>(node: &Node<'a>) -> Option<Vec<Node<'a>>> {
    asn1::children(node.content).ok()
}
