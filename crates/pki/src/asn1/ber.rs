use super::{Reader, reader::split_length, tag, writer};
use crate::{Error, Result};

/// Deeper nesting than any CMS message has; keeps hostile input from exhausting the stack.
const MAX_DEPTH: usize = 48;

const CONSTRUCTED: u8 = 0x20;

/// Re-encodes BER as DER: definite lengths in their shortest form, OCTET STRINGs in one piece.
///
/// macOS signs its requests in BER of indefinite length, OpenSSL streams. Primitive content is left alone, also where it is
/// itself BER. What cannot be known without the schema stays to the reader of the field: implicitly tagged strings in parts
/// and the order within a SET.
pub(crate) fn to_der(input: &[u8], max_size: usize) -> Result<Vec<u8>> {
    if input.len() > max_size {
        return Err(Error::Malformed("BER: too large"));
    }
    let mut der = Vec::with_capacity(input.len());
    let rest = convert(input, MAX_DEPTH, &mut der).ok_or(Error::Malformed("BER"))?;
    if rest.is_empty() {
        Ok(der)
    } else {
        Err(Error::Malformed("BER: trailing bytes"))
    }
}

/// Appends the first element of `input` to `out` and returns what follows it.
fn convert<'a>(input: &'a [u8], depth: usize, out: &mut Vec<u8>) -> Option<&'a [u8]> {
    let depth = depth.checked_sub(1)?;
    let (&tag, after_tag) = input.split_first()?;
    if tag & 0x1f == 0x1f || tag == 0 {
        return None;
    }
    if tag & CONSTRUCTED == 0 {
        let (length, rest) = split_length(after_tag)?;
        writer::push_element(out, tag, rest.get(..length)?);
        return Some(&rest[length..]);
    }
    let mut content = Vec::new();
    let rest = if after_tag.first() == Some(&0x80) {
        convert_until_end(&after_tag[1..], depth, &mut content)?
    } else {
        let (length, rest) = split_length(after_tag)?;
        convert_all(rest.get(..length)?, depth, &mut content)?;
        &rest[length..]
    };
    if tag == tag::OCTET_STRING | CONSTRUCTED {
        writer::push_element(out, tag::OCTET_STRING, &join(&content)?);
    } else {
        writer::push_element(out, tag, &content);
    }
    Some(rest)
}

fn convert_until_end<'a>(mut input: &'a [u8], depth: usize, out: &mut Vec<u8>) -> Option<&'a [u8]> {
    loop {
        if let Some(rest) = input.strip_prefix(&[0, 0]) {
            return Some(rest);
        }
        input = convert(input, depth, out)?;
    }
}

fn convert_all(mut input: &[u8], depth: usize, out: &mut Vec<u8>) -> Option<()> {
    while !input.is_empty() {
        input = convert(input, depth, out)?;
    }
    Some(())
}

/// The octets of parts that are OCTET STRINGs themselves, already in one piece each.
fn join(parts: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader::new(parts);
    let mut joined = Vec::with_capacity(parts.len());
    while !reader.is_empty() {
        joined.extend_from_slice(reader.expect(tag::OCTET_STRING).ok()?.content);
    }
    Some(joined)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIMIT: usize = 1 << 16;

    #[test]
    fn indefinite_lengths_become_definite() {
        let ber = [0x30, 0x80, 0x02, 0x01, 0x05, 0x30, 0x80, 0, 0, 0, 0];
        assert_eq!(
            to_der(&ber, LIMIT).unwrap(),
            [0x30, 0x05, 0x02, 0x01, 0x05, 0x30, 0x00]
        );
    }

    #[test]
    fn octet_strings_in_parts_are_joined() {
        let ber = [
            0x24, 0x80, 0x04, 0x01, b'a', 0x24, 0x03, 0x04, 0x01, b'b', 0, 0,
        ];
        assert_eq!(to_der(&ber, LIMIT).unwrap(), [0x04, 0x02, b'a', b'b']);
    }

    #[test]
    fn endless_nesting_and_size_are_refused() {
        let deep: Vec<u8> = [0x30, 0x80].repeat(10_000);
        assert!(to_der(&deep, LIMIT).is_err());
        assert!(to_der(&vec![4; LIMIT + 1], LIMIT).is_err());
        assert!(to_der(&[0x30, 0x80, 0x02, 0x01, 0x05], LIMIT).is_err());
    }

    proptest! {
        #[test]
        fn converting_twice_changes_nothing(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(der) = to_der(&bytes, LIMIT) {
                prop_assert_eq!(to_der(&der, LIMIT).unwrap(), der);
            }
        }
    }
}
