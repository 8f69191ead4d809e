use super::signed::{SignedMessage, Signer, SignerId};
use crate::{
    Error, Legacy, Result,
    asn1::{Element, Reader, oid, tag, writer},
    certificate::Certificate,
    constant_time_eq,
};

impl SignedMessage {
    /// Checks the only signer's signature over `content` (RFC 5652 §5.4, §5.6).
    pub(super) fn verify(&self, content: &[u8], legacy: Legacy) -> Result<&Certificate> {
        let [signer] = self.signers.as_slice() else {
            return Err(Error::Unsupported("number of signers"));
        };
        legacy.check(signer.digest)?;
        let certificate = self.certificate_of(&signer.id)?;
        if let Some(attributes) = &signer.signed_attributes {
            self.check_attributes(signer, content)?;
            signer.verify_attributes(certificate, attributes, legacy)?;
        } else {
            refuse_attributes_as_content(content)?;
            certificate.public_key()?.verify(
                signer.algorithm,
                legacy,
                content,
                &signer.signature,
            )?;
        }
        Ok(certificate)
    }

    fn certificate_of(&self, id: &SignerId) -> Result<&Certificate> {
        self.certificates
            .iter()
            .find(|certificate| match id {
                SignerId::IssuerAndSerial { issuer, serial } => {
                    certificate.has_issuer_and_serial(issuer, serial)
                }
                SignerId::SubjectKeyId(id) => certificate.has_key_id(id),
            })
            .ok_or(Error::SignerMissing)
    }

    /// `contentType` and `messageDigest`, which must be there and right (RFC 5652 §11.1, §11.2).
    fn check_attributes(&self, signer: &Signer, content: &[u8]) -> Result<()> {
        let content_type = signer.attribute(&oid::CONTENT_TYPE)?;
        let content_type = Element::only(&content_type)?;
        if content_type.content != self.content_type || !content_type.is_oid(&oid::CMS_DATA) {
            return Err(Error::Malformed("signed attributes"));
        }
        let digest = signer.attribute(&oid::MESSAGE_DIGEST)?;
        if constant_time_eq(
            &Element::only(&digest)?.octets()?,
            &signer.digest.digest(content),
        ) {
            Ok(())
        } else {
            Err(Error::ContentMismatch)
        }
    }
}

impl Signer {
    /// The signature covers the attributes as a SET instead of the `[0]` they are sent in. Some clients send them in another
    /// order than the sorted one they sign.
    fn verify_attributes(
        &self,
        certificate: &Certificate,
        attributes: &[u8],
        legacy: Legacy,
    ) -> Result<()> {
        let key = certificate.public_key()?;
        let as_sent = writer::element(tag::SET, attributes);
        let outcome = key.verify(self.algorithm, legacy, &as_sent, &self.signature);
        if outcome != Err(Error::BadSignature) {
            return outcome;
        }
        let sorted = sorted_set(attributes)?;
        if sorted == as_sent {
            return outcome;
        }
        key.verify(self.algorithm, legacy, &sorted, &self.signature)
    }
}

fn sorted_set(attributes: &[u8]) -> Result<Vec<u8>> {
    let mut reader = Reader::new(attributes);
    let mut parts = Vec::new();
    while !reader.is_empty() {
        parts.push(reader.element()?.raw.to_vec());
    }
    Ok(writer::set_of(parts))
}

/// A signature over attributes must not be passed off as one over content that consists of these attributes. Nothing a device
/// signs begins like a SET of attributes.
fn refuse_attributes_as_content(content: &[u8]) -> Result<()> {
    let Ok(mut attributes) = Element::only(content).and_then(|set| Reader::new(set.raw).set())
    else {
        return Ok(());
    };
    let looks_like_one = attributes
        .sequence()
        .and_then(|mut attribute| attribute.oid())
        .is_ok();
    if looks_like_one {
        Err(Error::ContentMismatch)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::{
        authority::{CertificateRequest, SerialNumber},
        cms::sign_attached,
        keys::{KeyKind, PrivateKey},
        name::DistinguishedName,
    };

    static KEY: LazyLock<PrivateKey> =
        LazyLock::new(|| PrivateKey::generate(KeyKind::P256).unwrap());

    fn message() -> SignedMessage {
        let name = DistinguishedName::common_name("signer");
        let request = CertificateRequest::new(
            KEY.public_key_info(),
            name,
            SerialNumber::from_random([1; 16]),
        );
        let certificate = request.self_sign(&KEY).unwrap();
        SignedMessage::from_ber(&sign_attached(b"content", &KEY, &certificate, &[], 0).unwrap())
            .unwrap()
    }

    fn reversed(attributes: &[u8]) -> Vec<u8> {
        let mut reader = Reader::new(attributes);
        let mut parts = Vec::new();
        while let Ok(part) = reader.element() {
            parts.push(part.raw);
        }
        parts.reverse();
        parts.concat()
    }

    #[test]
    fn attributes_may_be_sent_in_another_order_than_signed() {
        let mut message = message();
        let signer = &mut message.signers[0];
        signer.signed_attributes = signer.signed_attributes.as_deref().map(reversed);
        message.verify_attached(Legacy::Refuse).unwrap();
    }

    #[test]
    fn attributes_may_be_signed_in_the_order_sent() {
        let mut message = message();
        let signer = &mut message.signers[0];
        let attributes = reversed(signer.signed_attributes.as_deref().unwrap());
        signer.signature = KEY.sign(&writer::element(tag::SET, &attributes)).unwrap();
        signer.signed_attributes = Some(attributes);
        message.verify_attached(Legacy::Refuse).unwrap();
    }

    #[test]
    fn attributes_must_be_complete_and_speak_of_the_content() {
        for missing in [oid::CONTENT_TYPE, oid::MESSAGE_DIGEST] {
            let mut message = message();
            let signer = &mut message.signers[0];
            let attributes = signer.signed_attributes.take().unwrap();
            let mut reader = Reader::new(&attributes);
            let mut kept = Vec::new();
            while let Ok(attribute) = reader.element() {
                if !attribute.reader().oid().unwrap().is_oid(&missing) {
                    kept.extend_from_slice(attribute.raw);
                }
            }
            signer.signature = KEY.sign(&writer::element(tag::SET, &kept)).unwrap();
            signer.signed_attributes = Some(kept);
            assert_eq!(
                message.verify_attached(Legacy::Refuse).unwrap_err(),
                Error::Malformed("signed attributes")
            );
        }
        assert_eq!(
            message()
                .verify_detached(b"other", Legacy::Refuse)
                .unwrap_err(),
            Error::ContentMismatch
        );
    }

    #[test]
    fn signed_attributes_cannot_be_passed_off_as_content() {
        let mut message = message();
        let attributes = message.signers[0].signed_attributes.take().unwrap();
        message.content = Some(writer::element(tag::SET, &attributes));
        assert_eq!(
            message.verify_attached(Legacy::Refuse).unwrap_err(),
            Error::ContentMismatch
        );
    }
}
