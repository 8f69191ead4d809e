//! What stands around a message before the numbers of an RSA key are applied to it (RFC 8017 §7, §9).

use super::Digest;
use crate::asn1;

/// EMSA-PKCS1-v1_5 (§9.2) of a message for a modulus of so many octets.
pub(super) fn for_signature(digest: Digest, message: &[u8], octets: usize) -> Option<Vec<u8>> {
    let info = asn1::sequence(&[
        &asn1::algorithm(digest.oid()),
        &asn1::octet_string(&digest.of(message)),
    ]);
    let filling = octets.checked_sub(info.len() + 3)?;
    Some([&[0, 1], vec![0xFF; filling].as_slice(), &[0], &info].concat())
}

/// The message in RSAES-PKCS1-v1_5 (§7.2.2).
pub(super) fn within_pkcs1(encoded: &[u8]) -> Option<Vec<u8>> {
    let rest = encoded.strip_prefix(&[0, 2])?;
    let end = rest.iter().position(|byte| *byte == 0)?;
    (end >= 8).then(|| rest[end + 1..].to_vec())
}

/// The message in RSAES-OAEP without a label, MGF1 over the same digest (§7.1.2).
pub(super) fn within_oaep(digest: Digest, encoded: &[u8]) -> Option<Vec<u8>> {
    let label = digest.of(b"");
    let length = label.len();
    let (0, rest) = encoded.split_first().map(|(first, rest)| (*first, rest))? else {
        return None;
    };
    let (seed, block) = rest.split_at_checked(length)?;
    let seed = masked(seed, &mask(digest, block, length));
    let block = masked(block, &mask(digest, &seed, block.len()));
    let rest = block.strip_prefix(label.as_slice())?;
    let end = rest.iter().position(|byte| *byte != 0)?;
    (rest[end] == 1).then(|| rest[end + 1..].to_vec())
}

/// MGF1 (appendix B.2.1).
fn mask(digest: Digest, seed: &[u8], length: usize) -> Vec<u8> {
    let mut mask = Vec::with_capacity(length + 64);
    for counter in 0_u32.. {
        if mask.len() >= length {
            break;
        }
        mask.extend(digest.of(&[seed, &counter.to_be_bytes()].concat()));
    }
    mask.truncate(length);
    mask
}

fn masked(bytes: &[u8], mask: &[u8]) -> Vec<u8> {
    bytes
        .iter()
        .zip(mask)
        .map(|(byte, mask)| byte ^ mask)
        .collect()
}
