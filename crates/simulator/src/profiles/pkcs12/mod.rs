//! `com.apple.security.pkcs12`: reading PKCS#12 files (RFC 7292), the modern and the legacy form, as strictly as a device.
//!
//! RC2, which very old tools used for the certificate part, is read by no release.

mod crypt;

use super::fields::{bytes, check_mac_switches, wrong_type};
use super::{ErrorChain, System};
use crate::asn1::{self, Asn1Error, Node};
use crate::certificates::Certificate;
use crypt::{check_mac, decrypt};
use plist::Dictionary;

/// The identity of a PKCS#12 file.
#[derive(Debug, Clone)]
pub struct Pkcs12 {
    /// PKCS#8 DER of the private key.
    pub pkcs8: Vec<u8>,
    /// The certificate that belongs to the key.
    pub certificate: Certificate,
}

const WRONG_PASSWORD: i64 = 9_000;
const TOO_MANY: i64 = 9_001;
const MALFORMED: i64 = 9_005;
const NO_IDENTITY: i64 = 9_006;

const SHROUDED_KEY_BAG: &str = "1.2.840.113549.1.12.10.1.2";
const KEY_BAG: &str = "1.2.840.113549.1.12.10.1.1";
const CERTIFICATE_BAG: &str = "1.2.840.113549.1.12.10.1.3";
const ENCRYPTED_DATA: &str = "1.2.840.113549.1.7.6";

/// What of a file went wrong; becomes `MCCertificateErrorDomain`.
#[derive(Debug, Clone, Copy)]
enum Trouble {
    Malformed,
    Password,
}

impl From<Asn1Error> for Trouble {
    fn from(_: Asn1Error) -> Self {
        Self::Malformed
    }
}

#[derive(Default)]
struct Contents {
    keys: Vec<Vec<u8>>,
    certificates: Vec<Certificate>,
}

/// Opens a file with its password and finds the one identity in it.
///
/// Refusals are of `MCCertificateErrorDomain`: 9000 for a missing or wrong password and for a form that the system cannot decrypt
/// (which devices report as a wrong password), 9001 for several identities, 9005 for what is no PKCS#12 file, 9006 for none.
pub fn open(file: &[u8], password: &str, system: impl Into<System>) -> Result<Pkcs12, ErrorChain> {
    if password.is_empty() {
        return Err(refusal(
            WRONG_PASSWORD,
            "The certificate needs a password, and nobody can be asked.",
        ));
    }
    let with = Opening {
        password,
        modern: system.into().reads_modern_pkcs12(),
    };
    let contents = read(file, &with).map_err(|trouble| match trouble {
        Trouble::Malformed => refusal(MALFORMED, "The certificate file is malformed."),
        Trouble::Password => refusal(WRONG_PASSWORD, "The password for the certificate is wrong."),
    })?;
    let none = || refusal(NO_IDENTITY, "The certificate file holds no identity.");
    let mut keys = contents.keys.into_iter();
    let pkcs8 = keys.next().ok_or_else(none)?;
    if keys.next().is_some() {
        return Err(refusal(
            TOO_MANY,
            "The certificate file holds more than one identity.",
        ));
    }
    let key = crate::keys::Key::from_pkcs8(u32::MAX, &pkcs8).map_err(|_| none())?;
    let mut certificates = contents.certificates.into_iter();
    let certificate = certificates
        .find(|certificate| certificate.public() == key.public())
        .ok_or_else(none)?;
    Ok(Pkcs12 { pkcs8, certificate })
}

/// The rules of the payload that need no password.
pub(super) fn validate(payload: &Dictionary, system: System) -> Result<(), ErrorChain> {
    bytes(payload, "PayloadContent")?;
    if payload
        .get("Password")
        .is_some_and(|value| value.as_string().is_none())
    {
        return Err(wrong_type("Password"));
    }
    check_mac_switches(payload, system)
}

/// With what a file is opened.
#[derive(Clone, Copy)]
struct Opening<'a> {
    password: &'a str,
    /// Whether PBES2 and SHA-256 are read.
    modern: bool,
}

fn refusal(code: i64, description: &str) -> ErrorChain {
    ErrorChain::single("MCCertificateErrorDomain", code, description)
}

fn read(file: &[u8], with: &Opening<'_>) -> Result<Contents, Trouble> {
    let parts = asn1::parse(file)?.expect(0x30, "PFX")?.children()?;
    let safe = content_of(parts.get(1).ok_or(Trouble::Malformed)?)?;
    check_mac(parts.get(2).ok_or(Trouble::Malformed)?, &safe, with)?;
    let mut contents = Contents::default();
    for info in asn1::parse(&safe)?.children()? {
        let fields = info.children()?;
        let kind = fields
            .first()
            .and_then(Node::object_id)
            .ok_or(Trouble::Malformed)?;
        let bags = if kind == ENCRYPTED_DATA {
            encrypted_content(fields.get(1).ok_or(Trouble::Malformed)?, with)?
        } else {
            content_of(&info)?
        };
        for bag in asn1::parse(&bags)?.children()? {
            read_bag(&bag, with, &mut contents)?;
        }
    }
    Ok(contents)
}

/// `ContentInfo` of type data: the octets.
fn content_of(info: &Node<'_>) -> Result<Vec<u8>, Trouble> {
    let fields = info.children()?;
    let explicit = fields.get(1).ok_or(Trouble::Malformed)?.children()?;
    Ok(asn1::octets(explicit.first().ok_or(Trouble::Malformed)?)?)
}

fn encrypted_content(explicit: &Node<'_>, with: &Opening<'_>) -> Result<Vec<u8>, Trouble> {
    let data = explicit.children()?;
    let fields = data.first().ok_or(Trouble::Malformed)?.children()?;
    let info = fields.get(1).ok_or(Trouble::Malformed)?.children()?;
    let [_, algorithm, hidden, ..] = info.as_slice() else {
        return Err(Trouble::Malformed);
    };
    decrypt(algorithm, &asn1::octets(hidden)?, with)
}

fn read_bag(bag: &Node<'_>, with: &Opening<'_>, contents: &mut Contents) -> Result<(), Trouble> {
    let fields = bag.children()?;
    let (Some(kind), Some(value)) = (fields.first().and_then(Node::object_id), fields.get(1))
    else {
        return Err(Trouble::Malformed);
    };
    let inner = asn1::parse(value.content)?;
    match kind.as_str() {
        KEY_BAG => contents.keys.push(inner.raw.to_vec()),
        SHROUDED_KEY_BAG => {
            let parts = inner.children()?;
            let [algorithm, hidden, ..] = parts.as_slice() else {
                return Err(Trouble::Malformed);
            };
            contents
                .keys
                .push(decrypt(algorithm, &asn1::octets(hidden)?, with)?);
        }
        CERTIFICATE_BAG => {
            let parts = inner.children()?;
            let explicit = parts.get(1).ok_or(Trouble::Malformed)?.children()?;
            let der = asn1::octets(explicit.first().ok_or(Trouble::Malformed)?)?;
            contents.certificates.push(Certificate::from_der(&der)?);
        }
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::crypt::mac_of;
    use super::*;
    use crate::certificates::{Issuer, Name};
    use crate::keys::KeyPool;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_broken_file_is_refused_or_opened_and_never_panics(
            place in any::<prop::sample::Index>(), bits in 1..=255_u8
        ) {
            let mut file = file_of(&[0], "secret");
            let place = place.index(file.len());
            file[place] ^= bits;
            let _ = open(&file, "secret", (18, 0));
        }
    }

    /// A file with unencrypted keys and the first one's certificate.
    fn file_of(keys: &[u32], password: &str) -> Vec<u8> {
        let pool = KeyPool::shared();
        let bag = |kind: &str, value: &[u8]| {
            asn1::sequence(&[&asn1::object_id(kind), &asn1::context(0, value)])
        };
        let mut bags = Vec::new();
        for number in keys {
            bags.extend(bag(KEY_BAG, pool.key(*number).pkcs8()));
        }
        let validity = (1_600_000_000, 2_600_000_000);
        let issuer = Issuer::authority(pool.key(0), &Name::common("Ada"), validity).unwrap();
        let certificate = issuer.certificate.unwrap();
        let x509 = asn1::object_id("1.2.840.113549.1.9.22.1");
        let value = asn1::context(0, &asn1::octet_string(certificate.der()));
        bags.extend(bag(CERTIFICATE_BAG, &asn1::sequence(&[&x509, &value])));
        let data = |content: &[u8]| {
            let explicit = asn1::context(0, &asn1::octet_string(content));
            asn1::sequence(&[&asn1::object_id(asn1::oid::DATA), &explicit])
        };
        let safe = asn1::sequence(&[&data(&asn1::tlv(0x30, &bags))]);
        asn1::sequence(&[&asn1::integer(3), &data(&safe), &mac_of(&safe, password)])
    }

    #[test]
    fn one_identity_is_taken_and_two_are_too_many() {
        let one = file_of(&[0], "secret");
        open(&one, "secret", (12, 0)).unwrap();
        let two = file_of(&[0, 1], "secret");
        let refused = open(&two, "secret", (12, 0)).unwrap_err();
        assert!(
            refused.is("MCCertificateErrorDomain", TOO_MANY),
            "{refused}"
        );
        let none = file_of(&[], "secret");
        let refused = open(&none, "secret", (12, 0)).unwrap_err();
        assert!(
            refused.is("MCCertificateErrorDomain", NO_IDENTITY),
            "{refused}"
        );
        let foreign = file_of(&[1], "secret");
        let refused = open(&foreign, "secret", (12, 0)).unwrap_err();
        assert!(
            refused.is("MCCertificateErrorDomain", NO_IDENTITY),
            "{refused}"
        );
    }
}
