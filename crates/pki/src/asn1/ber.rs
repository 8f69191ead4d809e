use super::{reader::split_length, tag, writer};
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
    let (der, rest) = convert(input, MAX_DEPTH).ok_or(Error::Malformed("BER"))?;
    if rest.is_empty() {
        Ok(der)
    } else {
        Err(Error::Malformed("BER: trailing bytes"))
    }
}

fn convert(input: &[u8], depth: usize) -> Option<(Vec<u8>, &[u8])> {
    let depth = depth.checked_sub(1)?;
    let (&tag, after_tag) = input.split_first()?;
    if tag & 0x1f == 0x1f || tag == 0 {
        return None;
    }
    if tag & CONSTRUCTED == 0 {
        let (length, rest) = split_length(after_tag)?;
        return Some((writer::element(tag, rest.get(..length)?), &rest[length..]));
    }
    let (children, rest) = if after_tag.first() == Some(&0x80) {
        children_until_end(&after_tag[1..], depth)?
    } else {
        let (length, rest) = split_length(after_tag)?;
        (
            children_within(rest.get(..length)?, depth)?,
            &rest[length..],
        )
    };
    Some((assemble(tag, &children)?, rest))
}

fn children_until_end(mut input: &[u8], depth: usize) -> Option<(Vec<Vec<u8>>, &[u8])> {
    let mut children = Vec::new();
    loop {
        if let Some(rest) = input.strip_prefix(&[0, 0]) {
            return Some((children, rest));
        }
        let (child, rest) = convert(input, depth)?;
        children.push(child);
        input = rest;
    }
}

fn children_within(mut input: &[u8], depth: usize) -> Option<Vec<Vec<u8>>> {
    let mut children = Vec::new();
    while !input.is_empty() {
        let (child, rest) = convert(input, depth)?;
        children.push(child);
        input = rest;
    }
    Some(children)
}

fn assemble(tag: u8, children: &[Vec<u8>]) -> Option<Vec<u8>> {
    if tag != tag::OCTET_STRING | CONSTRUCTED {
        return Some(writer::element(tag, &children.concat()));
    }
    let mut joined = Vec::new();
    for child in children {
        let part = super::Element::only(child)
            .ok()
            .filter(|part| part.tag == tag::OCTET_STRING)?;
        joined.extend_from_slice(part.content);
    }
    Some(writer::octet_string(&joined))
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
