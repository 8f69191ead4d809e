//! Encryption, integrity and key derivation of PKCS#12.

use super::{Opening, Trouble};
use crate::asn1::{self, Node};
use crate::cms::ContentCipher;
use aws_lc_rs::{digest, hmac, pbkdf2};
use std::num::NonZeroU32;

/// More than any tool writes; bounds the work that a file can ask for.
const MAX_ITERATIONS: u32 = 2_000_000;

const PBE_SHA1_3DES: &str = "1.2.840.113549.1.12.1.3";
const PBES2: &str = "1.2.840.113549.1.5.13";
const PBKDF2: &str = "1.2.840.113549.1.5.12";
const HMAC_SHA1: &str = "1.2.840.113549.2.7";
const HMAC_SHA256: &str = "1.2.840.113549.2.9";

/// Decrypts one part. Devices report a form they cannot read as a wrong password.
pub(super) fn decrypt(
    algorithm: &Node<'_>,
    hidden: &[u8],
    with: &Opening<'_>,
) -> Result<Vec<u8>, Trouble> {
    let password = with.password;
    let fields = algorithm.children()?;
    let (Some(kind), Some(parameters)) = (fields.first().and_then(Node::object_id), fields.get(1))
    else {
        return Err(Trouble::Malformed);
    };
    match kind.as_str() {
        PBES2 if with.modern => decrypt_modern(parameters, hidden, password),
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
        _ => Err(Trouble::Password),
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
    let derivation_kind = derivation.first().and_then(Node::object_id);
    let settings = derivation.get(1).ok_or(Trouble::Malformed)?.children()?;
    let [salt, iterations, rest @ ..] = settings.as_slice() else {
        return Err(Trouble::Malformed);
    };
    if derivation_kind.as_deref() != Some(PBKDF2) {
        return Err(Trouble::Password);
    }
    let function = rest
        .iter()
        .find(|node| node.tag == 0x30)
        .and_then(|node| node.children().ok()?.first()?.object_id());
    let function = match function.as_deref() {
        Some(HMAC_SHA256) => pbkdf2::PBKDF2_HMAC_SHA256,
        Some(HMAC_SHA1) | None => pbkdf2::PBKDF2_HMAC_SHA1,
        Some(_) => return Err(Trouble::Password),
    };
    let scheme = scheme.children()?;
    let cipher = scheme
        .first()
        .and_then(Node::object_id)
        .and_then(|kind| ContentCipher::from_oid(&kind));
    let (cipher, iv) = (
        cipher.ok_or(Trouble::Password)?,
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

/// Checks the integrity of the whole file; a file without it is no identity's.
pub(super) fn check_mac(mac: &Node<'_>, safe: &[u8], with: &Opening<'_>) -> Result<(), Trouble> {
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
    let (hash, function) = match kind.as_deref() {
        Some(asn1::oid::SHA256) if with.modern => (&digest::SHA256, hmac::HMAC_SHA256),
        Some(asn1::oid::SHA1) => (
            &digest::SHA1_FOR_LEGACY_USE_ONLY,
            hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        ),
        _ => return Err(Trouble::Password),
    };
    let key = derive(
        hash,
        3,
        with.password,
        salt.content,
        rounds,
        hash.output_len(),
    );
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

/// `MacData` with SHA-1, for files that tests make.
#[cfg(test)]
pub(super) fn mac_of(safe: &[u8], password: &str) -> Vec<u8> {
    let (salt, rounds) = (b"saltsalt", 2);
    let key = derive(
        &digest::SHA1_FOR_LEGACY_USE_ONLY,
        3,
        password,
        salt,
        rounds,
        20,
    );
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &key);
    let value = hmac::sign(&key, safe);
    let info = asn1::sequence(&[
        &asn1::algorithm(asn1::oid::SHA1),
        &asn1::octet_string(value.as_ref()),
    ]);
    asn1::sequence(&[
        &info,
        &asn1::octet_string(salt),
        &asn1::integer(u64::from(rounds)),
    ])
}
