//! `com.apple.security.pkcs12`: reading PKCS#12 files (RFC 7292), the modern and the legacy form.
//!
//! RC2, which very old tools used for the certificate part, is not read.

use super::ErrorChain;
use crate::asn1::{self, Asn1Error, Node};
use crate::certificates::Certificate;
use crate::cms::ContentCipher;
use aws_lc_rs::{digest, hmac, pbkdf2};
use std::num::NonZeroU32;

/// The identity of a PKCS#12 file.
#[derive(Debug, Clone)]
pub struct Pkcs12 {
    /// PKCS#8 DER of the private key.
    pub pkcs8: Vec<u8>,
    /// The certificate that belongs to the key.
    pub certificate: Certificate,
}

const WRONG_PASSWORD: i64 = 9_000;
const MALFORMED: i64 = 9_005;
const NO_IDENTITY: i64 = 9_006;
/// More than any tool writes; bounds the work that a file can ask for.
const MAX_ITERATIONS: u32 = 2_000_000;

const SHROUDED_KEY_BAG: &str = "1.2.840.113549.1.12.10.1.2";
const KEY_BAG: &str = "1.2.840.113549.1.12.10.1.1";
const CERTIFICATE_BAG: &str = "1.2.840.113549.1.12.10.1.3";
const ENCRYPTED_DATA: &str = "1.2.840.113549.1.7.6";
const PBE_SHA1_3DES: &str = "1.2.840.113549.1.12.1.3";
const PBES2: &str = "1.2.840.113549.1.5.13";
const HMAC_SHA256: &str = "1.2.840.113549.2.9";

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
pub fn open(file: &[u8], password: &str) -> Result<Pkcs12, ErrorChain> {
    let contents = read(file, password).map_err(|trouble| match trouble {
        Trouble::Malformed => refusal(MALFORMED, "The certificate file is malformed."),
        Trouble::Password => refusal(WRONG_PASSWORD, "The password for the certificate is wrong."),
    })?;
    let none = || refusal(NO_IDENTITY, "The certificate file holds no identity.");
    let pkcs8 = contents.keys.into_iter().next().ok_or_else(none)?;
    let key = crate::keys::Key::from_pkcs8(u32::MAX, &pkcs8).map_err(|_| none())?;
    let mut certificates = contents.certificates.into_iter();
    let certificate = certificates
        .find(|certificate| certificate.public() == key.public())
        .ok_or_else(none)?;
    Ok(Pkcs12 { pkcs8, certificate })
}

fn refusal(code: i64, description: &str) -> ErrorChain {
    ErrorChain::single("MCCertificateErrorDomain", code, description)
}

fn read(file: &[u8], password: &str) -> Result<Contents, Trouble> {
    let parts = asn1::parse(file)?.expect(0x30, "PFX")?.children()?;
    let safe = content_of(parts.get(1).ok_or(Trouble::Malformed)?)?;
    if let Some(mac) = parts.get(2) {
        check_mac(mac, &safe, password)?;
    }
    let mut contents = Contents::default();
    for info in asn1::parse(&safe)?.children()? {
        let fields = info.children()?;
        let kind = fields
            .first()
            .and_then(Node::object_id)
            .ok_or(Trouble::Malformed)?;
        let bags = if kind == ENCRYPTED_DATA {
            encrypted_content(fields.get(1).ok_or(Trouble::Malformed)?, password)?
        } else {
            content_of(&info)?
        };
        for bag in asn1::parse(&bags)?.children()? {
            read_bag(&bag, password, &mut contents)?;
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

fn encrypted_content(explicit: &Node<'_>, password: &str) -> Result<Vec<u8>, Trouble> {
    let data = explicit.children()?;
    let fields = data.first().ok_or(Trouble::Malformed)?.children()?;
    let info = fields.get(1).ok_or(Trouble::Malformed)?.children()?;
    let [_, algorithm, hidden, ..] = info.as_slice() else {
        return Err(Trouble::Malformed);
    };
    decrypt(algorithm, &asn1::octets(hidden)?, password)
}

fn read_bag(bag: &Node<'_>, password: &str, contents: &mut Contents) -> Result<(), Trouble> {
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
                .push(decrypt(algorithm, &asn1::octets(hidden)?, password)?);
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

fn decrypt(algorithm: &Node<'_>, hidden: &[u8], password: &str) -> Result<Vec<u8>, Trouble> {
    let fields = algorithm.children()?;
    let (Some(kind), Some(parameters)) = (fields.first().and_then(Node::object_id), fields.get(1))
    else {
        return Err(Trouble::Malformed);
    };
    match kind.as_str() {
        PBES2 => decrypt_modern(parameters, hidden, password),
        PBE_SHA1_3DES => {
            let parts = parameters.children()?;
            let [salt, iterations, ..] = parts.as_slice() else {
                return Err(Trouble::Malformed);
            };
            let rounds = number(iterations)?;
            let sha1 = &digest::SHA1_FOR_LEGACY_USE_ONLY;
            let key = derive(sha1, 1, password, salt.content, rounds, 24);
            let iv = derive(sha1, 2, password, salt.content, rounds, 8);
            ContentCipher::TripleDes
                .decrypt(&key, &iv, hidden)
                .map_err(|_| Trouble::Password)
        }
        _ => Err(Trouble::Malformed),
    }
}

/// PBES2 with PBKDF2 (RFC 8018 §6.2).
fn decrypt_modern(
    parameters: &Node<'_>,
    hidden: &[u8],
    password: &str,
) -> Result<Vec<u8>, Trouble> {
    let schemes = parameters.children()?;
    let [derivation, scheme, ..] = schemes.as_slice() else {
        return Err(Trouble::Malformed);
    };
    let derivation = derivation.children()?;
    let settings = derivation.get(1).ok_or(Trouble::Malformed)?.children()?;
    let [salt, iterations, rest @ ..] = settings.as_slice() else {
        return Err(Trouble::Malformed);
    };
    let function = rest
        .iter()
        .find(|node| node.tag == 0x30)
        .and_then(|node| node.children().ok()?.first()?.object_id());
    let function = match function.as_deref() {
        Some(HMAC_SHA256) => pbkdf2::PBKDF2_HMAC_SHA256,
        _ => pbkdf2::PBKDF2_HMAC_SHA1,
    };
    let scheme = scheme.children()?;
    let cipher = scheme
        .first()
        .and_then(Node::object_id)
        .and_then(|kind| ContentCipher::from_oid(&kind));
    let (cipher, iv) = (
        cipher.ok_or(Trouble::Malformed)?,
        scheme.get(1).ok_or(Trouble::Malformed)?.content,
    );
    let rounds = NonZeroU32::new(number(iterations)?).ok_or(Trouble::Malformed)?;
    let mut key = vec![0; cipher.key_length()];
    pbkdf2::derive(
        function,
        rounds,
        salt.content,
        password.as_bytes(),
        &mut key,
    );
    cipher
        .decrypt(&key, iv, hidden)
        .map_err(|_| Trouble::Password)
}

fn check_mac(mac: &Node<'_>, safe: &[u8], password: &str) -> Result<(), Trouble> {
    let fields = mac.children()?;
    let [info, salt, rest @ ..] = fields.as_slice() else {
        return Err(Trouble::Malformed);
    };
    let parts = info.children()?;
    let [algorithm, expected, ..] = parts.as_slice() else {
        return Err(Trouble::Malformed);
    };
    let kind = algorithm.children()?.first().and_then(Node::object_id);
    let rounds = rest.first().map_or(Ok(1), number)?;
    let (hash, function) = if kind.as_deref() == Some(asn1::oid::SHA256) {
        (&digest::SHA256, hmac::HMAC_SHA256)
    } else {
        (
            &digest::SHA1_FOR_LEGACY_USE_ONLY,
            hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        )
    };
    let key = derive(hash, 3, password, salt.content, rounds, hash.output_len());
    let key = hmac::Key::new(function, &key);
    hmac::verify(&key, safe, expected.content).map_err(|_| Trouble::Password)
}

fn number(node: &Node<'_>) -> Result<u32, Trouble> {
    let value = node.content.iter().try_fold(0_u32, |value, byte| {
        value.checked_mul(256)?.checked_add(u32::from(*byte))
    });
    value
        .filter(|value| *value <= MAX_ITERATIONS)
        .ok_or(Trouble::Malformed)
}

/// The key derivation of PKCS#12 (RFC 7292 appendix B.2); `purpose` is 1 for keys, 2 for vectors, 3 for MACs.
fn derive(
    hash: &'static digest::Algorithm,
    purpose: u8,
    password: &str,
    salt: &[u8],
    rounds: u32,
    length: usize,
) -> Vec<u8> {
    let block = hash.block_len();
    let mut password: Vec<u8> = password.encode_utf16().flat_map(u16::to_be_bytes).collect();
    password.extend([0, 0]);
    let stretch = |bytes: &[u8]| -> Vec<u8> {
        let wanted = bytes.len().div_ceil(block) * block;
        bytes.iter().copied().cycle().take(wanted).collect()
    };
    let mut input = stretch(salt);
    input.extend(stretch(&password));
    let mut out = Vec::with_capacity(length);
    while out.len() < length {
        let mut state = digest::digest(hash, &[vec![purpose; block], input.clone()].concat())
            .as_ref()
            .to_vec();
        for _ in 1..rounds {
            state = digest::digest(hash, &state).as_ref().to_vec();
        }
        let addend: Vec<u8> = state.iter().copied().cycle().take(block).collect();
        for chunk in input.chunks_mut(block) {
            // Each block of the input grows by the addend plus one, as big-endian numbers.
            let mut carry = 1_u16;
            for (byte, add) in chunk.iter_mut().zip(&addend).rev() {
                carry += u16::from(*byte) + u16::from(*add);
                *byte = carry.to_be_bytes()[1];
                carry >>= 8;
            }
        }
        out.extend(state);
    }
    out.truncate(length);
    out
}
