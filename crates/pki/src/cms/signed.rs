use super::{MAX_SIZE, open_content_info};
use crate::{
    DigestAlgorithm, Error, Legacy, Oid, Result,
    asn1::{Element, Reader, ber, oid, tag},
    certificate::Certificate,
    keys::SignatureAlgorithm,
};

/// Certificates beyond this many in one message are not looked at.
const MAX_CERTIFICATES: usize = 32;

/// `SignedData` (RFC 5652 §5) that was read but not yet verified.
#[derive(Clone, Debug)]
pub struct SignedMessage {
    pub(super) content_type: Vec<u8>,
    pub(super) content: Option<Vec<u8>>,
    pub(super) certificates: Vec<Certificate>,
    pub(super) signers: Vec<Signer>,
}

/// `SignerInfo` (RFC 5652 §5.3).
#[derive(Clone, Debug)]
pub(super) struct Signer {
    pub(super) id: SignerId,
    pub(super) digest: DigestAlgorithm,
    pub(super) algorithm: SignatureAlgorithm,
    /// The content of the `[0]`, in the order sent.
    pub(super) signed_attributes: Option<Vec<u8>>,
    pub(super) signature: Vec<u8>,
}

#[derive(Clone, Debug)]
pub(super) enum SignerId {
    IssuerAndSerial { issuer: Vec<u8>, serial: Vec<u8> },
    SubjectKeyId(Vec<u8>),
}

impl SignedMessage {
    /// Reads BER or DER of at most [`MAX_SIZE`] octets.
    pub fn from_ber(bytes: &[u8]) -> Result<Self> {
        let der = ber::to_der(bytes, MAX_SIZE).map_err(|_| Error::Malformed("signed message"))?;
        Self::read(&der).map_err(|error| match error {
            Error::Unsupported(_) => error,
            _ => Error::Malformed("signed message"),
        })
    }

    fn read(der: &[u8]) -> Result<Self> {
        let mut fields = open_content_info(der, &oid::CMS_SIGNED)?;
        fields.expect(tag::INTEGER)?;
        fields.set()?;
        let mut encapsulated = fields.sequence()?;
        let content_type = encapsulated.oid()?.content.to_vec();
        let content = match encapsulated.optional(tag::context_constructed(0))? {
            // PKCS#7 allowed any type here; the octets inside are what is digested (RFC 5652 §5.2.1).
            Some(wrapper) => Some(Element::only(wrapper.content)?.octets()?),
            None => None,
        };
        let certificates = match fields.optional(tag::context_constructed(0))? {
            Some(set) => read_certificates(set.reader()),
            None => Vec::new(),
        };
        fields.optional(tag::context_constructed(1))?;
        let mut signers = Vec::new();
        let mut infos = fields.set()?;
        while !infos.is_empty() {
            signers.push(Signer::read(infos.sequence()?)?);
        }
        Ok(Self {
            content_type,
            content,
            certificates,
            signers,
        })
    }

    /// The content, if the message carries it. Not verified.
    pub fn content(&self) -> Option<&[u8]> {
        self.content.as_deref()
    }

    /// The certificates it carries, in order. Not verified.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// The message with certificates that were known before, for peers who do not send their own along.
    #[must_use]
    pub fn with_certificates(mut self, known: &[Certificate]) -> Self {
        self.certificates.extend_from_slice(known);
        self
    }

    /// Whether anybody signed it; a bag of certificates has no signer.
    pub fn is_signed(&self) -> bool {
        !self.signers.is_empty()
    }

    /// The first value of a signed attribute of the only signer, with its tag. Worth nothing before the message was verified.
    pub(crate) fn signed_attribute(&self, id: &Oid) -> Option<(u8, Vec<u8>)> {
        let [signer] = self.signers.as_slice() else {
            return None;
        };
        let value = signer.attribute(id).ok()?;
        let value = Element::only(&value).ok()?;
        Some((value.tag, value.content.to_vec()))
    }

    /// The digest that the only signer used.
    pub(crate) fn digest(&self) -> Option<DigestAlgorithm> {
        self.signers.first().map(|signer| signer.digest)
    }

    /// Checks the signature over `content`, which travelled beside the message. If the message carries content too, as Fleet's
    /// simulator sends it, it must be the same. Whether the signer is anybody is the caller's to tell.
    pub fn verify_detached(&self, content: &[u8], legacy: Legacy) -> Result<&Certificate> {
        if self
            .content
            .as_deref()
            .is_some_and(|attached| attached != content)
        {
            return Err(Error::ContentMismatch);
        }
        self.verify(content, legacy)
    }

    /// Checks the signature over the content inside and returns both.
    pub fn verify_attached(&self, legacy: Legacy) -> Result<(&Certificate, &[u8])> {
        let content = self
            .content
            .as_deref()
            .ok_or(Error::Malformed("signed message"))?;
        Ok((self.verify(content, legacy)?, content))
    }
}

/// Certificates that cannot be read, and other kinds than X.509's, are passed over.
fn read_certificates(mut set: Reader<'_>) -> Vec<Certificate> {
    let mut certificates = Vec::new();
    while let Ok(element) = set.element() {
        if certificates.len() == MAX_CERTIFICATES {
            break;
        }
        certificates.extend(Certificate::from_der(element.raw));
    }
    certificates
}

impl Signer {
    fn read(mut fields: Reader<'_>) -> Result<Self> {
        const WHOLE: u8 = tag::context(0);
        const IN_PARTS: u8 = tag::context_constructed(0);
        fields.expect(tag::INTEGER)?;
        let id = fields.element()?;
        let id = match id.tag {
            tag::SEQUENCE => {
                let mut pair = id.reader();
                let issuer = pair.expect(tag::SEQUENCE)?.raw.to_vec();
                SignerId::IssuerAndSerial {
                    issuer,
                    serial: pair.expect(tag::INTEGER)?.content.to_vec(),
                }
            }
            WHOLE | IN_PARTS => SignerId::SubjectKeyId(id.octets()?),
            _ => return Err(Error::Malformed("signer")),
        };
        let digest = DigestAlgorithm::from_oid(&fields.sequence()?.oid()?)?;
        let signed_attributes = fields
            .optional(tag::context_constructed(0))?
            .map(|set| set.content.to_vec());
        let algorithm = SignatureAlgorithm::parse(&fields.expect(tag::SEQUENCE)?, Some(digest))?;
        let signature = fields.expect(tag::OCTET_STRING)?.content.to_vec();
        Ok(Self {
            id,
            digest,
            algorithm,
            signed_attributes,
            signature,
        })
    }

    /// The single value of a signed attribute that stands there once (RFC 5652 §11).
    pub(super) fn attribute(&self, id: &Oid) -> Result<Vec<u8>> {
        let malformed = Error::Malformed("signed attributes");
        let mut found = None;
        let mut attributes = Reader::new(self.signed_attributes.as_deref().unwrap_or_default());
        while !attributes.is_empty() {
            let mut attribute = attributes.sequence()?;
            if attribute.oid()?.is_oid(id) {
                let value = Element::only(attribute.set()?.rest())?.raw.to_vec();
                if found.replace(value).is_some() {
                    return Err(malformed);
                }
            }
        }
        found.ok_or(malformed)
    }
}
