//! The outermost layer: from a file to the octets that the password protects.

use zeroize::Zeroizing;

use super::{MAX_SIZE, Pkcs12Error, mac::Mac};
use crate::{
    Oid,
    asn1::{Element, Reader, ber, oid, tag},
    pbe::describe,
};

/// Deeper nesting than any file has.
const MAX_DEPTH: usize = 24;

/// `PFX` (RFC 7292 §4).
pub(super) struct Pfx<'a> {
    /// `AuthenticatedSafe` as it was protected: possibly BER, and with a key that nothing encrypts.
    pub(super) content: Zeroizing<Vec<u8>>,
    pub(super) mac: Option<Mac<'a>>,
}

/// The file with definite lengths. Says what people commonly mistake for one.
pub(super) fn to_der(file: &[u8]) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
    if file.len() > MAX_SIZE {
        return Err(Pkcs12Error::TooMuchWork);
    }
    if file.is_empty() {
        return Err(Pkcs12Error::Malformed("it is empty"));
    }
    if file.trim_ascii_start().starts_with(b"-----BEGIN") {
        return Err(Pkcs12Error::Malformed(
            "it is PEM text, whose key and certificates are files of their own",
        ));
    }
    if file.trim_ascii_start().starts_with(b"MI") {
        return Err(Pkcs12Error::Malformed(
            "it is base64 text, to be decoded first",
        ));
    }
    definite(file).ok_or(Pkcs12Error::Malformed("it is cut off or not ASN.1"))
}

impl<'a> Pfx<'a> {
    pub(super) fn read(der: &'a [u8]) -> Result<Self, Pkcs12Error> {
        const NOT_ONE: Pkcs12Error = Pkcs12Error::Malformed("it has another structure");
        let mut fields = Reader::sequence_only(der).map_err(|_| NOT_ONE)?;
        let version = fields.expect(tag::INTEGER).map_err(|_| NOT_ONE)?;
        let mut info = fields.sequence().map_err(|_| NOT_ONE)?;
        let id = info.oid().map_err(|_| NOT_ONE)?;
        if version.content != [3] {
            return Err(Pkcs12Error::Malformed("it has another version than 3"));
        }
        if !id.is_oid(&oid::CMS_DATA) {
            return Err(unsupported("protection", &id));
        }
        let wrapper = info
            .expect(tag::context_constructed(0))
            .map_err(|_| NOT_ONE)?;
        let content = Element::only(wrapper.content)
            .ok()
            .filter(|octets| octets.tag == tag::OCTET_STRING)
            .ok_or(NOT_ONE)?
            .content
            .to_vec();
        let mac = match fields.optional(tag::SEQUENCE).map_err(|_| NOT_ONE)? {
            Some(mac) => Some(Mac::read(mac.reader())?),
            None => None,
        };
        fields.finish().map_err(|_| NOT_ONE)?;
        Ok(Self {
            content: Zeroizing::new(content),
            mac,
        })
    }
}

pub(super) fn unsupported(what: &str, id: &Element<'_>) -> Pkcs12Error {
    // Public-key forms are the ones that exist on paper.
    let name = [
        (oid::CMS_SIGNED, "by a signature"),
        (oid::CMS_ENVELOPED, "for a recipient's key"),
    ]
    .into_iter()
    .find(|(oid, _): &(Oid, _)| id.is_oid(oid))
    .map_or_else(|| describe(id), |(_, name)| name.to_owned());
    Pkcs12Error::Unsupported(format!("{what} {name}"))
}

/// The same element with definite lengths and whole strings; untouched where it has them, so that nothing secret is copied
/// about.
pub(super) fn definite(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    if Element::only(bytes).is_ok() && is_definite(bytes, MAX_DEPTH) {
        return Some(Zeroizing::new(bytes.to_vec()));
    }
    ber::to_der(bytes, MAX_SIZE).ok().map(Zeroizing::new)
}

fn is_definite(bytes: &[u8], depth: usize) -> bool {
    const CONSTRUCTED: u8 = 0x20;
    let mut reader = Reader::new(bytes);
    while !reader.is_empty() {
        let Ok(element) = reader.element() else {
            return false;
        };
        let inside_is = match element.tag & CONSTRUCTED {
            0 => true,
            _ if element.tag == tag::OCTET_STRING | CONSTRUCTED || depth == 0 => false,
            _ => is_definite(element.content, depth - 1),
        };
        if !inside_is {
            return false;
        }
    }
    true
}
