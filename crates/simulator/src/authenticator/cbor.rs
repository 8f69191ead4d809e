//! The two things that an authenticator writes in CBOR (RFC 8949).

use anyhow::ensure;

/// A public key as COSE has it (RFC 9053 §7.1.1): EC2, ES256, P-256. `point` is uncompressed.
pub(super) fn es256_key(point: &[u8]) -> anyhow::Result<Vec<u8>> {
    ensure!(point.len() == 65 && point[0] == 4, "not a point of P-256");
    let (x, y) = point[1..].split_at(32);
    // {1: 2, 3: -7, -1: 1, -2: x, -3: y}
    let mut key = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21];
    key.extend(bytes(x));
    key.push(0x22);
    key.extend(bytes(y));
    Ok(key)
}

/// An attestation object that attests nothing: `{"fmt": "none", "attStmt": {}, "authData": …}`.
pub(super) fn without_attestation(data: &[u8]) -> Vec<u8> {
    let mut object = vec![0xa3];
    object.extend(text("fmt"));
    object.extend(text("none"));
    object.extend(text("attStmt"));
    object.push(0xa0);
    object.extend(text("authData"));
    object.extend(bytes(data));
    object
}

fn bytes(content: &[u8]) -> Vec<u8> {
    with_head(0x40, content)
}

fn text(content: &str) -> Vec<u8> {
    with_head(0x60, content.as_bytes())
}

/// Content of fewer than 65,536 octets behind its type and length.
fn with_head(kind: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len())
        .unwrap_or(u16::MAX)
        .to_be_bytes();
    let mut all = match (high, low) {
        (0, length) if length < 24 => vec![kind | length],
        (0, length) => vec![kind | 0x18, length],
        (high, low) => vec![kind | 0x19, high, low],
    };
    all.extend(content);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_written_as_short_as_can_be() {
        // RFC 8949 appendix A.
        assert_eq!(text("IETF"), [0x64, 0x49, 0x45, 0x54, 0x46]);
        assert_eq!(bytes(&[0; 24])[..2], [0x58, 24]);
        assert_eq!(bytes(&[0; 256])[..3], [0x59, 1, 0]);
    }

    #[test]
    fn a_key_is_a_point() {
        assert!(es256_key(&[4; 64]).is_err());
        assert_eq!(es256_key(&[4; 65]).unwrap().len(), 77);
    }
}
