//! The middle layer: the safes of a file, encrypted or not.

use zeroize::Zeroizing;

use super::{
    Pkcs12Error,
    bags::Bags,
    pfx::{definite, unsupported},
};
use crate::{
    Oid,
    asn1::{Element, Reader, oid, tag},
    pbe::{Password, Work, decrypt},
};

const ENCRYPTED_DATA: Oid = Oid::new_unwrap("1.2.840.113549.1.7.6");

const MALFORMED: Pkcs12Error = Pkcs12Error::Malformed("its content has another structure");

/// Reads `AuthenticatedSafe` (RFC 7292 §4.1) with everything inside.
pub(super) fn read(
    content: &[u8],
    password: &Password,
    work: &mut Work,
) -> Result<Bags, Pkcs12Error> {
    let der = definite(content).ok_or(MALFORMED)?;
    let mut safes = Reader::sequence_only(&der).map_err(|_| MALFORMED)?;
    let mut bags = Bags::default();
    while !safes.is_empty() {
        let mut info = safes.sequence().map_err(|_| MALFORMED)?;
        let id = info.oid().map_err(|_| MALFORMED)?;
        let wrapper = info
            .expect(tag::context_constructed(0))
            .map_err(|_| MALFORMED)?;
        let value = Element::only(wrapper.content).map_err(|_| MALFORMED)?;
        if id.is_oid(&oid::CMS_DATA) {
            let octets = Zeroizing::new(value.octets().map_err(|_| MALFORMED)?);
            let safe = definite(&octets).ok_or(MALFORMED)?;
            bags.read_safe(&safe, password, work)?;
        } else if id.is_oid(&ENCRYPTED_DATA) {
            read_encrypted(&mut bags, &value, password, work)?;
        } else {
            return Err(unsupported("encryption", &id));
        }
    }
    Ok(bags)
}

/// `EncryptedData` (RFC 5652 §8).
fn read_encrypted(
    bags: &mut Bags,
    value: &Element<'_>,
    password: &Password,
    work: &mut Work,
) -> Result<(), Pkcs12Error> {
    let (algorithm, ciphertext) = read_fields(value).ok_or(MALFORMED)?;
    let plaintext = decrypt(&algorithm, password, &ciphertext, work)?;
    // Without a code over the whole it is here that a wrong password shows, in one of 256 cases after the padding fitted.
    let safe = definite(&plaintext)
        .filter(|safe| safe.first() == Some(&tag::SEQUENCE))
        .ok_or(Pkcs12Error::WrongPassword)?;
    bags.read_safe(&safe, password, work)
}

fn read_fields<'a>(value: &Element<'a>) -> Option<(Element<'a>, Vec<u8>)> {
    let mut fields = value.reader();
    fields.expect(tag::INTEGER).ok()?;
    let mut info = fields.sequence().ok()?;
    info.oid().ok()?;
    let algorithm = info.expect(tag::SEQUENCE).ok()?;
    let content = info.element().ok()?;
    // Tagged [0], in one piece or in parts.
    (content.tag & 0xdf == tag::context(0))
        .then(|| content.octets().ok())?
        .map(|ciphertext| (algorithm, ciphertext))
}
