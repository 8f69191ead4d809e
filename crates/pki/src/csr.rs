//! PKCS#10 requests for certificates (RFC 2986): those of devices, and our own to Apple.

mod build;

use std::fmt;

pub use build::{RequestedAttributes, build};

use crate::{
    Error, Legacy, Oid, Result,
    asn1::{Element, Reader, oid, tag},
    certificate::{Extensions, KeyUsages, SubjectAltName},
    keys::{PublicKey, SignatureAlgorithm},
    name::{DistinguishedName, attribute_string},
    pem,
};

/// A request whose signature was checked, over the bytes as received: it proves that the requester holds the key. Nothing
/// else in it is more than a wish.
#[derive(Clone, PartialEq, Eq)]
pub struct CertificateSigningRequest {
    der: Vec<u8>,
    subject: Vec<u8>,
    public_key: PublicKey,
    challenge_password: Option<String>,
    extensions: Extensions,
}

impl CertificateSigningRequest {
    /// Reads a request and checks its signature, which may not be over SHA-1.
    pub fn from_der(der: &[u8]) -> Result<Self> {
        Self::from_der_with(der, Legacy::Refuse)
    }

    /// Reads a request and checks its signature.
    pub fn from_der_with(der: &[u8], legacy: Legacy) -> Result<Self> {
        let (request, signed) = Self::read(der).map_err(|error| match error {
            Error::Unsupported(_) => error,
            _ => Error::Malformed("certificate request"),
        })?;
        request
            .public_key
            .verify(signed.algorithm, legacy, signed.message, signed.signature)?;
        Ok(request)
    }

    /// Reads a `CERTIFICATE REQUEST` block.
    pub fn from_pem(text: &str) -> Result<Self> {
        let der = pem::decode("CERTIFICATE REQUEST", text)
            .or_else(|_| pem::decode("NEW CERTIFICATE REQUEST", text))?;
        Self::from_der(&der)
    }

    fn read(der: &[u8]) -> Result<(Self, Signed<'_>)> {
        let mut outer = Reader::sequence_only(der)?;
        let message = outer.expect(tag::SEQUENCE)?;
        let algorithm = SignatureAlgorithm::from_der(outer.expect(tag::SEQUENCE)?.raw)?;
        let signature = outer.bit_string()?;
        outer.finish()?;

        let mut fields = message.reader();
        fields.expect(tag::INTEGER)?;
        let mut request = Self {
            der: der.to_vec(),
            subject: fields.expect(tag::SEQUENCE)?.raw.to_vec(),
            public_key: PublicKey::from_der(fields.expect(tag::SEQUENCE)?.raw)?,
            challenge_password: None,
            extensions: Extensions::default(),
        };
        // Some clients leave the attributes out where they have none.
        if let Some(attributes) = fields.optional(tag::context_constructed(0))? {
            request.read_attributes(&attributes)?;
        }
        fields.finish()?;
        Ok((
            request,
            Signed {
                message: message.raw,
                algorithm,
                signature,
            },
        ))
    }

    /// What is read must stand there once (RFC 2985 §5.4): of two challenges or two lists of names, somebody behind us might
    /// take the other one.
    fn read_attributes(&mut self, attributes: &Element<'_>) -> Result<()> {
        let mut attributes = attributes.reader();
        let mut extensions = None;
        while !attributes.is_empty() {
            let mut attribute = attributes.sequence()?;
            let id = attribute.oid()?;
            let values = attribute.set()?;
            attribute.finish()?;
            let repeated = if id.is_oid(&oid::CHALLENGE_PASSWORD) {
                let password = attribute_string(&Element::only(values.rest())?)?;
                self.challenge_password.replace(password).is_some()
            } else if id.is_oid(&oid::EXTENSION_REQUEST) || id.is_oid(&oid::MS_EXTENSION_REQUEST) {
                let requested = Extensions::read(&Element::only(values.rest())?)?;
                requested.repeat() || extensions.replace(requested).is_some()
            } else {
                false
            };
            if repeated {
                return Err(Error::Malformed("certificate request"));
            }
        }
        self.extensions = extensions.unwrap_or_default();
        Ok(())
    }

    /// The DER as received.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The requested subject in DER.
    pub fn subject_der(&self) -> &[u8] {
        &self.subject
    }

    /// The requested subject, where all its values are strings.
    pub fn subject_name(&self) -> Result<DistinguishedName> {
        DistinguishedName::from_der(&self.subject)
    }

    /// Whether the requested subject is `expected`, by the rules of [`DistinguishedName::matches`].
    pub fn has_subject(&self, expected: &DistinguishedName) -> bool {
        self.subject_name()
            .is_ok_and(|subject| subject.matches(expected))
    }

    /// The challenge password (RFC 2985 §5.4.1). Compare it by [`crate::constant_time_eq`].
    pub fn challenge_password(&self) -> Option<&str> {
        self.challenge_password.as_deref()
    }

    /// The alternative names asked for, of the kinds we know.
    pub fn subject_alt_names(&self) -> Vec<SubjectAltName> {
        self.extensions.subject_alt_names()
    }

    /// The key usages asked for.
    pub fn key_usages(&self) -> Option<KeyUsages> {
        self.extensions.key_usages()
    }

    /// The extended key usages asked for.
    pub fn extended_key_usages(&self) -> Vec<Oid> {
        self.extensions.extended_key_usages()
    }

    /// The key to be certified.
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// The key to be certified as `SubjectPublicKeyInfo` in DER.
    pub fn public_key_info(&self) -> &[u8] {
        self.public_key.der()
    }

    /// The size of that key in bits.
    pub fn key_bits(&self) -> usize {
        self.public_key.bits()
    }

    /// As a `CERTIFICATE REQUEST` block.
    pub fn to_pem(&self) -> String {
        pem::encode("CERTIFICATE REQUEST", &self.der)
    }
}

/// Without the challenge password, which stands in the DER too.
impl fmt::Debug for CertificateSigningRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CertificateSigningRequest")
            .field("subject", &self.subject_name())
            .field("public_key", &self.public_key)
            .finish_non_exhaustive()
    }
}

struct Signed<'a> {
    message: &'a [u8],
    algorithm: SignatureAlgorithm,
    signature: &'a [u8],
}

#[cfg(test)]
mod tests {
    use super::{build::attribute, *};
    use crate::{
        asn1::writer,
        authority::alt_name_extension,
        keys::{KeyKind, PrivateKey},
    };
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static REQUEST: LazyLock<CertificateSigningRequest> = LazyLock::new(|| {
        let key = PrivateKey::generate(KeyKind::P256).unwrap();
        let requested = RequestedAttributes {
            challenge_password: Some("s3cret".to_owned()),
            subject_alt_names: vec![SubjectAltName::Dns("dev.example.org".to_owned())],
            key_usages: KeyUsages::DIGITAL_SIGNATURE,
            extended_key_usages: vec![oid::CLIENT_AUTH],
        };
        build(&key, &DistinguishedName::common_name("device"), &requested).unwrap()
    });

    #[test]
    fn what_was_asked_for_is_read_back() {
        let request = CertificateSigningRequest::from_pem(&REQUEST.to_pem()).unwrap();
        assert_eq!(request.challenge_password(), Some("s3cret"));
        assert_eq!(
            request.subject_alt_names(),
            [SubjectAltName::Dns("dev.example.org".to_owned())]
        );
        assert_eq!(request.key_usages(), Some(KeyUsages::DIGITAL_SIGNATURE));
        assert_eq!(request.extended_key_usages(), [oid::CLIENT_AUTH]);
        assert_eq!(request.key_bits(), 256);
        assert!(request.has_subject(&DistinguishedName::common_name("Device")));
        assert!(!request.has_subject(&DistinguishedName::common_name("other")));
    }

    #[test]
    fn debug_shows_no_challenge() {
        let requested = RequestedAttributes {
            challenge_password: Some("s3cret".to_owned()),
            ..Default::default()
        };
        let shown = format!("{:?} {requested:?}", *REQUEST);
        let octets = format!("{:?}", b"s3cret");
        let octets = octets.trim_matches(['[', ']']);
        assert!(shown.contains("device"), "{shown}");
        assert!(
            !shown.contains("s3cret") && !shown.contains(octets),
            "{shown}"
        );
    }

    fn with_attributes(attributes: &[Vec<u8>]) -> Result<CertificateSigningRequest> {
        let key = PrivateKey::generate(KeyKind::P256).unwrap();
        let message = writer::sequence([
            &writer::integer(0),
            &DistinguishedName::common_name("device").to_der(),
            &key.public_key_info(),
            &writer::context(0, &attributes.concat()),
        ]);
        let signature = writer::bit_string(&key.sign(&message).unwrap());
        let algorithm = key.signature_algorithm().to_der().unwrap();
        CertificateSigningRequest::from_der(&writer::sequence([&message, &algorithm, &signature]))
    }

    #[test]
    fn nothing_is_asked_for_twice() {
        let challenge = |text: &str| writer::element(tag::UTF8_STRING, text.as_bytes());
        let names = |name: &str| {
            let name = SubjectAltName::Dns(name.to_owned());
            alt_name_extension(&[name], false).unwrap().unwrap()
        };
        let (one, other) = (names("a.example.org"), names("b.example.org"));
        let both = writer::sequence([&one, &other]);
        let (one, other) = (writer::sequence([&one]), writer::sequence([&other]));
        let request = |extensions: &[u8]| attribute(&oid::EXTENSION_REQUEST, extensions.to_vec());
        let password = attribute(&oid::CHALLENGE_PASSWORD, challenge("s3cret"));
        with_attributes(&[password.clone(), request(&one)]).unwrap();
        let two_values = writer::sequence([
            &writer::oid(&oid::CHALLENGE_PASSWORD),
            &writer::set_of(vec![challenge("s3cret"), challenge("guess")]),
        ]);
        let microsoft = attribute(&oid::MS_EXTENSION_REQUEST, other.clone());
        for attributes in [
            vec![request(&both)],
            vec![request(&one), request(&other)],
            vec![request(&one), microsoft],
            vec![password.clone(), password],
            vec![two_values],
        ] {
            assert_eq!(
                with_attributes(&attributes).unwrap_err(),
                Error::Malformed("certificate request")
            );
        }
    }

    proptest! {
        #[test]
        fn a_changed_request_is_refused(at: proptest::sample::Index, flip in 1_u8..) {
            let mut der = REQUEST.der().to_vec();
            let at = at.index(der.len());
            der[at] ^= flip;
            prop_assert!(CertificateSigningRequest::from_der(&der).is_err());
        }
    }
}
