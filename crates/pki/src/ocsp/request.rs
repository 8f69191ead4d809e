use super::CertId;
use crate::{
    Error, Result,
    asn1::{Element, Reader, oid, tag},
};

/// The largest query that is read, in octets.
pub const MAX_SIZE: usize = 8 * 1024;

/// As many certificates may one query name.
pub const MAX_CERTIFICATE_IDS: usize = 32;

/// RFC 9654 §2.1 has clients send 32 octets and responders take up to 128.
const MAX_NONCE: usize = 128;

/// A query about the status of certificates (RFC 6960 §4.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    certificate_ids: Vec<CertId>,
    nonce: Option<Nonce>,
}

/// A nonce with the octets of its extension's value, which the answer repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Nonce {
    value: Vec<u8>,
    octets: Vec<u8>,
}

impl Request {
    /// Reads DER of at most [`MAX_SIZE`] octets that names 1 to [`MAX_CERTIFICATE_IDS`] certificates. Extensions that are
    /// critical and unknown, and nonces of other than 1 to 128 octets, are refused; answer every error with
    /// [`super::FailureStatus::MalformedRequest`].
    pub fn parse(der: &[u8]) -> Result<Self> {
        if der.len() > MAX_SIZE {
            return Err(Error::Malformed("OCSP request: too large"));
        }
        Self::read(der).map_err(|error| match error {
            Error::Unsupported(_) => error,
            _ => Error::Malformed("OCSP request"),
        })
    }

    fn read(der: &[u8]) -> Result<Self> {
        let mut outer = Reader::sequence_only(der)?;
        let mut fields = outer.sequence()?;
        outer.optional(tag::context_constructed(0))?;
        outer.finish()?;

        if let Some(version) = fields.optional(tag::context_constructed(0))? {
            let version = Element::only(version.content)?;
            if version.tag != tag::INTEGER || version.content != [0] {
                return Err(Error::Unsupported("version of OCSP"));
            }
        }
        // The requester's name, which nobody checks.
        fields.optional(tag::context_constructed(1))?;
        let mut requests = fields.sequence()?;
        let mut certificate_ids = Vec::new();
        while !requests.is_empty() {
            if certificate_ids.len() == MAX_CERTIFICATE_IDS {
                return Err(Error::Unsupported("number of certificates in a query"));
            }
            certificate_ids.push(read_single(requests.sequence()?)?);
        }
        let nonce = match fields.optional(tag::context_constructed(2))? {
            Some(extensions) => read_extensions(Reader::sequence_only(extensions.content)?)?,
            None => None,
        };
        fields.finish()?;
        if certificate_ids.is_empty() {
            return Err(Error::Malformed("OCSP request"));
        }
        Ok(Self {
            certificate_ids,
            nonce,
        })
    }

    /// The certificates asked about, in the order of the query; never none.
    pub fn certificate_ids(&self) -> &[CertId] {
        &self.certificate_ids
    }

    /// The nonce, if there is one. An answer to such a query cannot be kept for others.
    pub fn nonce(&self) -> Option<&[u8]> {
        self.nonce.as_ref().map(|nonce| nonce.octets.as_slice())
    }

    pub(super) fn nonce_value(&self) -> Option<&[u8]> {
        self.nonce.as_ref().map(|nonce| nonce.value.as_slice())
    }
}

/// `Request`, whose extensions may only say where else to ask.
fn read_single(mut fields: Reader<'_>) -> Result<CertId> {
    let id = CertId::read(&fields.element()?)?;
    if let Some(extensions) = fields.optional(tag::context_constructed(0))? {
        read_extensions(Reader::sequence_only(extensions.content)?)?;
    }
    fields.finish()?;
    Ok(id)
}

fn read_extensions(mut extensions: Reader<'_>) -> Result<Option<Nonce>> {
    let mut nonce = None;
    while !extensions.is_empty() {
        let mut fields = extensions.sequence()?;
        let id = fields.oid()?;
        let critical = fields
            .optional(tag::BOOLEAN)?
            .is_some_and(|critical| critical.content != [0]);
        let value = fields.expect(tag::OCTET_STRING)?.content;
        fields.finish()?;
        if id.is_oid(&oid::OCSP_NONCE) {
            if nonce.replace(Nonce::read(value)?).is_some() {
                return Err(Error::Malformed("OCSP nonce"));
            }
        } else if critical {
            return Err(Error::Unsupported("critical extension of an OCSP request"));
        }
    }
    Ok(nonce)
}

impl Nonce {
    fn read(value: &[u8]) -> Result<Self> {
        let inner = Element::only(value)?;
        if inner.tag != tag::OCTET_STRING || !(1..=MAX_NONCE).contains(&inner.content.len()) {
            return Err(Error::Malformed("OCSP nonce"));
        }
        Ok(Self {
            value: value.to_vec(),
            octets: inner.content.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{asn1::writer, certificate::Extension};
    use proptest::prelude::*;

    fn id(serial: u8) -> Vec<u8> {
        writer::sequence([
            &crate::DigestAlgorithm::Sha1.to_der(),
            &writer::octet_string(&[1; 20]),
            &writer::octet_string(&[2; 20]),
            &writer::unsigned(&[serial]),
        ])
    }

    fn query(ids: &[Vec<u8>], extensions: &[Vec<u8>]) -> Vec<u8> {
        let singles: Vec<_> = ids.iter().map(|id| writer::sequence([id])).collect();
        let extensions = if extensions.is_empty() {
            Vec::new()
        } else {
            writer::context(2, &writer::sequence_of(extensions))
        };
        let fields = writer::sequence([&writer::sequence_of(&singles), &extensions]);
        writer::sequence([&fields])
    }

    fn nonce(length: usize) -> Vec<u8> {
        Extension::to_der(
            &oid::OCSP_NONCE,
            false,
            &writer::octet_string(&vec![7; length]),
        )
    }

    #[test]
    fn a_query_names_its_certificates_and_nonce() {
        let read = Request::parse(&query(&[id(5), id(200)], &[nonce(32)])).unwrap();
        let serials: Vec<_> = read
            .certificate_ids()
            .iter()
            .map(CertId::serial_hex)
            .collect();
        assert_eq!(serials, ["05", "c8"]);
        assert_eq!(read.nonce(), Some(&[7; 32][..]));
        assert_eq!(Request::parse(&query(&[id(5)], &[])).unwrap().nonce(), None);
    }

    #[test]
    fn a_query_has_its_bounds() {
        let many: Vec<_> = (0..33).map(id).collect();
        assert_eq!(
            Request::parse(&query(&many[..32], &[]))
                .unwrap()
                .certificate_ids()
                .len(),
            32
        );
        for wrong in [
            query(&many, &[]),
            query(&[], &[]),
            query(&[id(1)], &[nonce(0)]),
            query(&[id(1)], &[nonce(129)]),
            query(&[id(1)], &[nonce(16), nonce(16)]),
            query(&[writer::sequence([&id(1)])], &[]),
            vec![0x30; MAX_SIZE + 1],
            b"nonsense".to_vec(),
        ] {
            assert!(Request::parse(&wrong).is_err());
        }
        assert!(Request::parse(&query(&[id(1)], &[nonce(128)])).is_ok());
    }

    #[test]
    fn an_unknown_extension_matters_only_where_it_is_critical() {
        let unknown =
            |critical| Extension::to_der(&crate::Oid::new_unwrap("1.2.3"), critical, &[5, 0]);
        assert!(Request::parse(&query(&[id(1)], &[unknown(false)])).is_ok());
        assert_eq!(
            Request::parse(&query(&[id(1)], &[unknown(true)])).unwrap_err(),
            Error::Unsupported("critical extension of an OCSP request")
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(at: proptest::sample::Index, octet: u8) {
            let mut der = query(&[id(5), id(200)], &[nonce(32)]);
            let at = at.index(der.len());
            der[at] = octet;
            let _ = Request::parse(&der);
        }
    }
}
