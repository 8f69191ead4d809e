//! The innermost layer: keys and certificates in their bags.

use zeroize::Zeroizing;

use super::{
    Pkcs12Error,
    pfx::{definite, unsupported},
};
use crate::{
    Oid,
    asn1::{Element, Reader, tag},
    certificate::Certificate,
    pbe::{Password, Work, decrypt},
};

pub(super) const KEY: Oid = Oid::new_unwrap("1.2.840.113549.1.12.10.1.1");
pub(super) const SHROUDED_KEY: Oid = Oid::new_unwrap("1.2.840.113549.1.12.10.1.2");
pub(super) const CERTIFICATE: Oid = Oid::new_unwrap("1.2.840.113549.1.12.10.1.3");
pub(super) const SAFE_CONTENTS: Oid = Oid::new_unwrap("1.2.840.113549.1.12.10.1.6");
pub(super) const X509_CERTIFICATE: Oid = Oid::new_unwrap("1.2.840.113549.1.9.22.1");
pub(super) const FRIENDLY_NAME: Oid = Oid::new_unwrap("1.2.840.113549.1.9.20");
pub(super) const LOCAL_KEY_ID: Oid = Oid::new_unwrap("1.2.840.113549.1.9.21");

/// More bags than any file has.
const MAX_BAGS: usize = 128;
/// Reading a key checks it, which is the dearest thing here after stretching a password.
const MAX_KEYS: usize = 16;
const MAX_DEPTH: usize = 4;

const MALFORMED: Pkcs12Error = Pkcs12Error::Malformed("one of its bags");

/// What a file holds that we look at. Revocation lists, secrets and what nobody knows are passed over.
#[derive(Default)]
pub(super) struct Bags {
    pub(super) keys: Vec<Bag<Zeroizing<Vec<u8>>>>,
    pub(super) certificates: Vec<Bag<Certificate>>,
    seen: usize,
}

/// A value with the attributes that tell what belongs together.
pub(super) struct Bag<T> {
    pub(super) value: T,
    pub(super) local_key_id: Option<Vec<u8>>,
    pub(super) friendly_name: Option<String>,
}

impl<T> Bag<T> {
    /// The same bag around what its value was read to be.
    pub(super) fn holding<U>(self, value: U) -> Bag<U> {
        Bag {
            value,
            local_key_id: self.local_key_id,
            friendly_name: self.friendly_name,
        }
    }

    /// Whether a file ties both together.
    pub(super) fn has_mark_of<U>(&self, other: &Bag<U>) -> bool {
        self.local_key_id.is_some() && self.local_key_id == other.local_key_id
    }
}

impl Bags {
    /// Adds what is in `SafeContents` (RFC 7292 §4.2).
    pub(super) fn read_safe(
        &mut self,
        der: &[u8],
        password: &Password,
        work: &mut Work,
    ) -> Result<(), Pkcs12Error> {
        let bags = Reader::sequence_only(der).map_err(|_| MALFORMED)?;
        self.read_bags(bags, password, work, MAX_DEPTH)
    }

    fn read_bags(
        &mut self,
        mut bags: Reader<'_>,
        password: &Password,
        work: &mut Work,
        depth: usize,
    ) -> Result<(), Pkcs12Error> {
        while !bags.is_empty() {
            self.seen += 1;
            if self.seen > MAX_BAGS || self.keys.len() > MAX_KEYS {
                return Err(Pkcs12Error::TooMuchWork);
            }
            let bag = RawBag::read(bags.sequence().map_err(|_| MALFORMED)?).ok_or(MALFORMED)?;
            if bag.id.is_oid(&KEY) {
                let pkcs8 = Zeroizing::new(bag.value.raw.to_vec());
                self.keys.push(bag.with(pkcs8));
            } else if bag.id.is_oid(&SHROUDED_KEY) {
                let pkcs8 = open_shrouded(&bag.value, password, work)?;
                self.keys.push(bag.with(pkcs8));
            } else if bag.id.is_oid(&CERTIFICATE) {
                let certificate = read_certificate(&bag.value)?;
                self.certificates.push(bag.with(certificate));
            } else if bag.id.is_oid(&SAFE_CONTENTS) {
                let depth = depth.checked_sub(1).ok_or(Pkcs12Error::TooMuchWork)?;
                if bag.value.tag != tag::SEQUENCE {
                    return Err(MALFORMED);
                }
                self.read_bags(bag.value.reader(), password, work, depth)?;
            }
        }
        Ok(())
    }
}

/// `PKCS8ShroudedKeyBag`, which is `EncryptedPrivateKeyInfo` (RFC 5208 §6).
fn open_shrouded(
    value: &Element<'_>,
    password: &Password,
    work: &mut Work,
) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
    let mut fields = value.reader();
    let algorithm = fields.expect(tag::SEQUENCE).map_err(|_| MALFORMED)?;
    let ciphertext = fields.expect(tag::OCTET_STRING).map_err(|_| MALFORMED)?;
    let plaintext = decrypt(&algorithm, password, ciphertext.content, work)?;
    definite(&plaintext)
        .filter(|pkcs8| pkcs8.first() == Some(&tag::SEQUENCE))
        .ok_or(Pkcs12Error::WrongPassword)
}

/// `CertBag` (RFC 7292 §4.2.3).
fn read_certificate(value: &Element<'_>) -> Result<Certificate, Pkcs12Error> {
    let mut fields = value.reader();
    let id = fields.oid().map_err(|_| MALFORMED)?;
    if !id.is_oid(&X509_CERTIFICATE) {
        return Err(unsupported("kind of certificate", &id));
    }
    let der = fields
        .expect(tag::context_constructed(0))
        .and_then(|wrapper| Element::only(wrapper.content))
        .and_then(|octets| octets.octets())
        .map_err(|_| MALFORMED)?;
    Certificate::from_der(&der).map_err(|_| Pkcs12Error::Malformed("one of its certificates"))
}

/// `SafeBag` (RFC 7292 §4.2).
struct RawBag<'a> {
    id: Element<'a>,
    value: Element<'a>,
    local_key_id: Option<Vec<u8>>,
    friendly_name: Option<String>,
}

impl<'a> RawBag<'a> {
    fn read(mut fields: Reader<'a>) -> Option<Self> {
        let id = fields.oid().ok()?;
        let wrapper = fields.expect(tag::context_constructed(0)).ok()?;
        let mut bag = Self {
            id,
            value: Element::only(wrapper.content).ok()?,
            local_key_id: None,
            friendly_name: None,
        };
        let mut attributes = match fields.optional(tag::SET).ok()? {
            Some(set) => set.reader(),
            None => return Some(bag),
        };
        while !attributes.is_empty() {
            let mut attribute = attributes.sequence().ok()?;
            let id = attribute.oid().ok()?;
            // An attribute without a value says nothing.
            let Ok(value) = attribute.set().ok()?.element() else {
                continue;
            };
            if id.is_oid(&LOCAL_KEY_ID) {
                bag.local_key_id = Some(value.content.to_vec());
            } else if id.is_oid(&FRIENDLY_NAME) {
                bag.friendly_name = read_name(&value);
            }
        }
        Some(bag)
    }

    fn with<T>(self, value: T) -> Bag<T> {
        Bag {
            value,
            local_key_id: self.local_key_id,
            friendly_name: self.friendly_name,
        }
    }
}

/// A `BMPString`, whose surrogate pairs count; nothing where it is empty.
fn read_name(value: &Element<'_>) -> Option<String> {
    let units: Vec<u16> = value
        .content
        .chunks_exact(2)
        .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
        .collect();
    let name = String::from_utf16_lossy(&units);
    (value.tag == tag::BMP_STRING && !name.is_empty()).then_some(name)
}
