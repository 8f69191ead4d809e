//! Reading `SignedData`: signed profiles, SCEP answers and lists of certificates.

use super::CmsError;
use crate::asn1::{self, Asn1Error, Node, oid};
use crate::certificates::Certificate;
use crate::keys::{Digest, verifies};

/// A signed message taken apart.
#[derive(Debug, Clone)]
pub struct SignedMessage {
    /// The content; empty when detached or degenerate.
    pub content: Vec<u8>,
    /// Certificates in the order received.
    pub certificates: Vec<Certificate>,
    /// Who signed.
    pub signers: Vec<Signature>,
}

/// One signer's part.
#[derive(Debug, Clone)]
pub struct Signature {
    /// The certificate that made it, when it came along.
    pub certificate: Option<Certificate>,
    /// Signed attributes: dotted type and first value, each a whole element.
    pub attributes: Vec<(String, Vec<u8>)>,
    digest: Digest,
    signed: Option<Vec<u8>>,
    value: Vec<u8>,
}

impl SignedMessage {
    /// Whether every signature (and there is one) is right for `content`. Chains are not looked at.
    pub fn is_intact(&self, content: &[u8]) -> bool {
        !self.signers.is_empty() && self.signers.iter().all(|signer| signer.covers(content))
    }
}

impl Signature {
    /// The text of an attribute.
    pub fn text(&self, dotted: &str) -> Option<String> {
        asn1::parse(self.element(dotted)?)
            .ok()
            .map(|node| node.text())
    }

    /// The octets of an attribute.
    pub fn octets(&self, dotted: &str) -> Option<Vec<u8>> {
        asn1::octets(&asn1::parse(self.element(dotted)?).ok()?).ok()
    }

    fn element(&self, dotted: &str) -> Option<&[u8]> {
        self.attributes
            .iter()
            .find(|(kind, _)| kind == dotted)
            .map(|(_, value)| value.as_slice())
    }

    fn covers(&self, content: &[u8]) -> bool {
        let Some(certificate) = &self.certificate else {
            return false;
        };
        let message = match &self.signed {
            None => content,
            Some(set) => {
                if self.octets(oid::MESSAGE_DIGEST).as_deref() != Some(&self.digest.of(content)) {
                    return false;
                }
                set
            }
        };
        verifies(&certificate.public(), self.digest, message, &self.value)
    }
}

/// Takes a `SignedData` message apart. DER or BER.
pub fn open_signed(message: &[u8]) -> Result<SignedMessage, CmsError> {
    const WHAT: &str = "SignedData";
    let outer = asn1::parse(message)?.expect(0x30, WHAT)?.children()?;
    let [kind, wrapped, ..] = outer.as_slice() else {
        return Err(Asn1Error::Unexpected(WHAT).into());
    };
    if kind.object_id().as_deref() != Some(oid::SIGNED_DATA) {
        return Err(Asn1Error::Unexpected(WHAT).into());
    }
    let body = wrapped.children()?;
    let fields = body
        .first()
        .ok_or(Asn1Error::Unexpected(WHAT))?
        .expect(0x30, WHAT)?
        .children()?;
    let encapsulated = fields
        .get(2)
        .ok_or(Asn1Error::Unexpected(WHAT))?
        .children()?;
    let content = match encapsulated.get(1) {
        Some(explicit) => match explicit.children()?.first() {
            Some(string) => asn1::octets(string)?,
            None => Vec::new(),
        },
        None => Vec::new(),
    };
    let mut certificates = Vec::new();
    for list in fields.iter().skip(3).filter(|node| node.tag == 0xA0) {
        for node in list.children()? {
            certificates.push(Certificate::from_der(node.raw)?);
        }
    }
    let mut signers = Vec::new();
    for list in fields.iter().skip(3).filter(|node| node.tag == 0x31) {
        for node in list.children()? {
            signers.push(signature(&node, &certificates)?);
        }
    }
    Ok(SignedMessage {
        content,
        certificates,
        signers,
    })
}

fn signature(node: &Node<'_>, certificates: &[Certificate]) -> Result<Signature, CmsError> {
    const WHAT: &str = "SignerInfo";
    let parts = node.children()?;
    let [_, named, digest, rest @ ..] = parts.as_slice() else {
        return Err(Asn1Error::Unexpected(WHAT).into());
    };
    let digest = digest
        .children()?
        .first()
        .and_then(Node::object_id)
        .and_then(|kind| Digest::from_oid(&kind))
        .unwrap_or_default();
    let (attributes, rest) = match rest {
        [first, rest @ ..] if first.tag == 0xA0 => (Some(first), rest),
        _ => (None, rest),
    };
    let [_, value, ..] = rest else {
        return Err(Asn1Error::Unexpected(WHAT).into());
    };
    let mut read = Vec::new();
    let mut signed = None;
    if let Some(implicit) = attributes {
        let mut set = asn1::to_definite(implicit)?;
        if let Some(tag) = set.first_mut() {
            *tag = 0x31;
        }
        signed = Some(set);
        for attribute in implicit.children()? {
            let parts = attribute.children()?;
            let values = parts
                .get(1)
                .map(Node::children)
                .transpose()?
                .unwrap_or_default();
            if let (Some(kind), Some(value)) =
                (parts.first().and_then(Node::object_id), values.first())
            {
                read.push((kind, value.raw.to_vec()));
            }
        }
    }
    Ok(Signature {
        certificate: signer_certificate(named, certificates),
        attributes: read,
        digest,
        signed,
        value: asn1::octets(value)?,
    })
}

fn signer_certificate(named: &Node<'_>, certificates: &[Certificate]) -> Option<Certificate> {
    let parts = named.children().ok()?;
    match parts.as_slice() {
        [issuer, serial] if named.tag == 0x30 => certificates
            .iter()
            .find(|certificate| {
                certificate.issuer() == issuer.raw && certificate.serial() == serial.raw
            })
            .cloned(),
        _ => certificates
            .iter()
            .find(|certificate| {
                certificate.subject_key_identifier().as_deref() == Some(named.content)
            })
            // With one certificate that does not say its identifier there is nothing to choose.
            .or_else(|| certificates.first())
            .cloned(),
    }
}
