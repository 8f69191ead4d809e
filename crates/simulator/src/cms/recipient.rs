//! `RecipientInfo` (RFC 5652 §6.2): keys transported by RSA, and agreed on by ECDH.

use super::CmsError;
use super::agreement::Agreement;
use crate::asn1::{self, Node, oid};
use crate::certificates::Certificate;
use crate::keys::{Digest, Key};

/// For whom an envelope is, and the content key for them.
pub(super) struct Recipient<'a> {
    named: Node<'a>,
    encrypted_key: Vec<u8>,
    way: Way<'a>,
}

/// How the content key is hidden.
enum Way<'a> {
    /// By RSA, in this manner.
    Transport {
        algorithm: Node<'a>,
    },
    Agreement(Agreement<'a>),
}

impl<'a> Recipient<'a> {
    /// Everybody that one `RecipientInfo` is for; nobody for kinds that need no private key (passwords, shared keys).
    pub(super) fn read(node: &Node<'a>) -> Vec<Self> {
        let found = match node.tag {
            0x30 => Self::transport(node).map(|recipient| vec![recipient]),
            0xA1 => Self::agreement(node),
            _ => None,
        };
        found.unwrap_or_default()
    }

    /// `KeyTransRecipientInfo` (§6.2.1).
    fn transport(node: &Node<'a>) -> Option<Self> {
        let parts = children(node)?;
        let [_, named, algorithm, encrypted_key, ..] = parts.as_slice() else {
            return None;
        };
        Some(Self {
            named: *named,
            encrypted_key: asn1::octets(encrypted_key).ok()?,
            way: Way::Transport {
                algorithm: *algorithm,
            },
        })
    }

    /// `KeyAgreeRecipientInfo` (§6.2.2).
    fn agreement(node: &Node<'a>) -> Option<Vec<Self>> {
        let (agreement, keys) = Agreement::read(node)?;
        let keys = children(&keys)?;
        let recipients = keys.iter().filter_map(|key| {
            let parts = children(key)?;
            Some(Self {
                named: *parts.first()?,
                encrypted_key: asn1::octets(parts.get(1)?).ok()?,
                way: Way::Agreement(agreement.clone()),
            })
        });
        Some(recipients.collect())
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
            // `[0] IMPLICIT RecipientKeyIdentifier`, of which the first field is the same.
            0xA0 => children(&self.named).is_some_and(|parts| {
                let own = certificate.subject_key_identifier();
                parts
                    .first()
                    .is_some_and(|id| own.as_deref() == Some(id.content))
            }),
            _ => false,
        }
    }

    /// Decrypts the content key.
    pub(super) fn content_key(&self, key: &Key) -> Result<Vec<u8>, CmsError> {
        let algorithm = match &self.way {
            Way::Transport { algorithm } => algorithm,
            Way::Agreement(agreement) => return agreement.content_key(key, &self.encrypted_key),
        };
        let algorithm = children(algorithm).ok_or(CmsError::UnknownCipher)?;
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

pub(super) fn children<'a>(node: &Node<'a>) -> Option<Vec<Node<'a>>> {
    asn1::children(node.content).ok()
}
