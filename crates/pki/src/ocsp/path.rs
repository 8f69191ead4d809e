use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use super::MAX_SIZE;
use crate::{Error, Result};

/// Reads a query sent by GET (RFC 6960 Appendix A.1): what follows the responder's address and a slash, as it stands in the
/// request line. It is base64 in which `+`, `/` and `=` may be percent-encoded or not; padding may be missing, and clients that
/// join addresses carelessly put a further slash in front.
pub fn decode_path(path: &str) -> Result<Vec<u8>> {
    // No DER begins with an octet whose base64 is a slash.
    let path = path.trim_start_matches('/');
    if path.len() > MAX_SIZE * 4 {
        return Err(Error::Malformed("OCSP request: too large"));
    }
    let text = percent_decode(path.as_bytes()).ok_or(Error::Malformed("OCSP request"))?;
    ANY_PADDING
        .decode(text)
        .ok()
        .filter(|der| !der.is_empty() && der.len() <= MAX_SIZE)
        .ok_or(Error::Malformed("OCSP request"))
}

fn percent_decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'%' {
            decoded.push(*first);
            continue;
        }
        let [high, low, after @ ..] = after else {
            return None;
        };
        decoded.push(digit(*high)? << 4 | digit(*low)?);
        rest = after;
    }
    Some(decoded)
}

fn digit(character: u8) -> Option<u8> {
    char::from(character)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

const ANY_PADDING: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(false),
);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_way_of_writing_a_path_is_read() {
        let der = [0x30, 0xfb, 0xef, 0xff, 0x01];
        for path in [
            "MPvv/wE=",
            "/MPvv/wE=",
            "MPvv/wE",
            "MPvv%2FwE%3D",
            "MPvv%2fwE%3d",
            "//MPvv%2fwE",
        ] {
            assert_eq!(decode_path(path).unwrap(), der, "{path}");
        }
        assert_eq!(decode_path("MPvvAfs%2B").unwrap()[5], 0x3e);
    }

    #[test]
    fn what_is_no_base64_is_refused() {
        for path in [
            "", "/", "%", "MPvv%2", "MPvv%zz", "MP vv", "MPvv-wE", "MPvv/wF",
        ] {
            assert!(decode_path(path).is_err(), "{path}");
        }
        assert!(decode_path(&"A".repeat(MAX_SIZE * 2)).is_err());
        assert!(decode_path(&"A".repeat(MAX_SIZE * 5)).is_err());
    }

    proptest! {
        #[test]
        fn any_path_is_read_or_refused(path in "\\PC{0,40}") {
            let _ = decode_path(&path);
        }
    }
}
