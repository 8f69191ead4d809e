use aws_lc_rs::rand;
use zeroize::Zeroizing;

use super::{Pkcs12, bags, mac};
use crate::{
    Error, Oid, Result,
    asn1::{oid, tag, writer},
    certificate::Certificate,
    pbe::{Hash, Password, Scheme, Stretching, bmp, encrypt},
};

const ENCRYPTED_DATA: Oid = Oid::new_unwrap("1.2.840.113549.1.7.6");

/// The iterations of each of the three keys that a file derives from its password, as OpenSSL takes them too.
///
/// Iterations make guesses dearer, and our passwords cannot be guessed: they are random, of 128 bits at least, and made for
/// one delivery that is itself encrypted to the device. More iterations would only be paid for by servers, which write a file
/// for each rendering, and by telephones. 2,048 lies above the 1,000 that NIST SP 800-132 §5.2 sets as least.
pub const ITERATIONS: u32 = 2048;

/// The algorithms of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// PBES2 with PBKDF2 over HMAC-SHA-256 and AES-256 in CBC mode, protected by SHA-256
    Modern,
    /// `pbeWithSHAAnd3-KeyTripleDES-CBC`, protected by SHA-1; for devices that know nothing newer
    Legacy,
}

/// Whether a file carries the certificates of issuers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    /// Every certificate of the chain
    Included,
    /// The key's own certificate alone, where the device has the others from elsewhere
    Omitted,
}

/// Makes a file, in DER. Two of the same content differ: salts are random.
///
/// The password should be random, see [`ITERATIONS`]. Certificates are encrypted as well as the key.
pub fn write(
    identity: &Pkcs12,
    password: &str,
    encoding: Encoding,
    chain: Chain,
) -> Result<Zeroizing<Vec<u8>>> {
    write_under(identity, &Password::new(password), encoding, chain)
}

pub(super) fn write_under(
    identity: &Pkcs12,
    password: &Password,
    encoding: Encoding,
    chain: Chain,
) -> Result<Zeroizing<Vec<u8>>> {
    let content = writer::sequence([
        &certificates(identity, password, encoding, chain)?,
        &key(identity, password, encoding)?,
    ]);
    let mut salt = [0; 16];
    rand::fill(&mut salt).map_err(|_| Error::Library("randomness"))?;
    let stretching = Stretching {
        hash: encoding.mac_hash(),
        salt: &salt,
        iterations: ITERATIONS,
    };
    let mac = mac::protect(&stretching, password, &content)?;
    Ok(Zeroizing::new(writer::sequence([
        &writer::integer(3),
        &data(&content),
        &mac,
    ])))
}

impl Encoding {
    fn scheme(self) -> Scheme {
        match self {
            Self::Modern => Scheme::Pbes2,
            Self::Legacy => Scheme::Sha1TripleDes,
        }
    }

    fn mac_hash(self) -> Hash {
        match self {
            Self::Modern => Hash::Sha256,
            Self::Legacy => Hash::Sha1,
        }
    }
}

/// The safe of certificates, the key's own first.
fn certificates(
    identity: &Pkcs12,
    password: &Password,
    encoding: Encoding,
    chain: Chain,
) -> Result<Vec<u8>> {
    let mut safe = vec![certificate(&identity.certificate, &attributes(identity))];
    if chain == Chain::Included {
        safe.extend(identity.chain.iter().map(|issuer| certificate(issuer, &[])));
    }
    let (algorithm, ciphertext) = encrypt(
        encoding.scheme(),
        password,
        ITERATIONS,
        &writer::sequence_of(&safe),
    )?;
    let info = writer::sequence([
        &writer::oid(&oid::CMS_DATA),
        &algorithm,
        &writer::context_primitive(0, &ciphertext),
    ]);
    let encrypted = writer::sequence([&writer::integer(0), &info]);
    Ok(content_info(&ENCRYPTED_DATA, &encrypted))
}

fn certificate(certificate: &Certificate, attributes: &[u8]) -> Vec<u8> {
    let value = writer::sequence([
        &writer::oid(&bags::X509_CERTIFICATE),
        &writer::context(0, &writer::octet_string(certificate.der())),
    ]);
    bag(&bags::CERTIFICATE, &value, attributes)
}

/// The safe of the key, which is encrypted within it.
fn key(identity: &Pkcs12, password: &Password, encoding: Encoding) -> Result<Vec<u8>> {
    let (algorithm, ciphertext) = encrypt(
        encoding.scheme(),
        password,
        ITERATIONS,
        &identity.key.to_pkcs8(),
    )?;
    let value = writer::sequence([&algorithm, &writer::octet_string(&ciphertext)]);
    let bag = bag(&bags::SHROUDED_KEY, &value, &attributes(identity));
    Ok(data(&writer::sequence([&bag])))
}

/// `SafeBag` (RFC 7292 §4.2).
fn bag(id: &Oid, value: &[u8], attributes: &[u8]) -> Vec<u8> {
    writer::sequence([&writer::oid(id), &writer::context(0, value), attributes])
}

/// The mark that key and certificate share, and the name.
fn attributes(identity: &Pkcs12) -> Vec<u8> {
    let attribute = |id: &Oid, value: Vec<u8>| {
        writer::sequence([&writer::oid(id), &writer::set_of(vec![value])])
    };
    let mark = writer::octet_string(&identity.certificate.sha1());
    let mut attributes = vec![attribute(&bags::LOCAL_KEY_ID, mark)];
    if let Some(name) = &identity.friendly_name {
        let name = writer::element(tag::BMP_STRING, &bmp(name));
        attributes.push(attribute(&bags::FRIENDLY_NAME, name));
    }
    writer::set_of(attributes)
}

/// `ContentInfo` of plain octets.
fn data(octets: &[u8]) -> Vec<u8> {
    content_info(&oid::CMS_DATA, &writer::octet_string(octets))
}

fn content_info(id: &Oid, value: &[u8]) -> Vec<u8> {
    writer::sequence([&writer::oid(id), &writer::context(0, value)])
}
