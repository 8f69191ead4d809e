//! Encoders that return finished DER. Messages here are small, so building them inside out costs nothing that matters.

use super::tag;
use crate::Oid;

pub(crate) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 6);
    push_element(&mut out, tag, content);
    out
}

/// Appends an element to `out`.
pub(super) fn push_element(out: &mut Vec<u8>, tag: u8, content: &[u8]) {
    out.push(tag);
    push_length(out, content.len());
    out.extend_from_slice(content);
}

fn push_length(out: &mut Vec<u8>, length: usize) {
    if let Some(short) = u8::try_from(length).ok().filter(|&short| short < 0x80) {
        out.push(short);
        return;
    }
    let octets = length.to_be_bytes();
    let significant = super::reader::trim_zeros(&octets);
    // At most eight octets, so the count fits.
    out.push(0x80 | u8::try_from(significant.len()).unwrap_or(8));
    out.extend_from_slice(significant);
}

pub(crate) fn sequence<const N: usize>(parts: [&[u8]; N]) -> Vec<u8> {
    element(tag::SEQUENCE, &parts.concat())
}

pub(crate) fn sequence_of(parts: &[Vec<u8>]) -> Vec<u8> {
    element(tag::SEQUENCE, &parts.concat())
}

/// A SET OF, sorted as DER demands (X.690 §11.6).
pub(crate) fn set_of(mut parts: Vec<Vec<u8>>) -> Vec<u8> {
    parts.sort();
    element(tag::SET, &parts.concat())
}

/// `[number] EXPLICIT`, or an implicitly tagged constructed value.
pub(crate) fn context(number: u8, content: &[u8]) -> Vec<u8> {
    element(tag::context_constructed(number), content)
}

/// `[number] IMPLICIT` of a primitive value.
pub(crate) fn context_primitive(number: u8, content: &[u8]) -> Vec<u8> {
    element(tag::context(number), content)
}

/// An INTEGER from an unsigned big-endian number.
pub(crate) fn unsigned(octets: &[u8]) -> Vec<u8> {
    let octets = super::reader::trim_zeros(octets);
    let mut content = Vec::with_capacity(octets.len() + 1);
    if octets.first().is_none_or(|&first| first >= 0x80) {
        content.push(0);
    }
    content.extend_from_slice(octets);
    element(tag::INTEGER, &content)
}

pub(crate) fn integer(value: u64) -> Vec<u8> {
    unsigned(&value.to_be_bytes())
}

pub(crate) fn enumerated(value: u8) -> Vec<u8> {
    element(tag::ENUMERATED, &[value])
}

pub(crate) fn boolean(value: bool) -> Vec<u8> {
    element(tag::BOOLEAN, &[if value { 0xff } else { 0 }])
}

pub(crate) fn null() -> Vec<u8> {
    element(tag::NULL, &[])
}

pub(crate) fn oid(oid: &Oid) -> Vec<u8> {
    element(tag::OID, oid.as_bytes())
}

pub(crate) fn octet_string(octets: &[u8]) -> Vec<u8> {
    element(tag::OCTET_STRING, octets)
}

pub(crate) fn bit_string(octets: &[u8]) -> Vec<u8> {
    let mut content = vec![0];
    content.extend_from_slice(octets);
    element(tag::BIT_STRING, &content)
}

/// A BIT STRING of named bits, bit 0 first, without trailing zeros (X.690 §11.2.2).
pub(crate) fn named_bits(bits: u16) -> Vec<u8> {
    let mut octets = Vec::new();
    for octet in 0..2 {
        let value = (0..8_u16).fold(0_u8, |sum, bit| {
            (sum << 1) | u8::from(bits & (1 << (octet * 8 + bit)) != 0)
        });
        octets.push(value);
    }
    while octets.last() == Some(&0) {
        octets.pop();
    }
    let unused = octets.last().map_or(0, |last| last.trailing_zeros());
    let mut content = vec![u8::try_from(unused).unwrap_or(0)];
    content.extend_from_slice(&octets);
    element(tag::BIT_STRING, &content)
}

/// An `AlgorithmIdentifier`; RSA and digests carry NULL parameters, ECDSA none.
pub(crate) fn algorithm(id: &Oid, parameters: &[u8]) -> Vec<u8> {
    sequence([&oid(id), parameters])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_stay_positive_and_short() {
        assert_eq!(integer(0), [2, 1, 0]);
        assert_eq!(integer(127), [2, 1, 127]);
        assert_eq!(integer(128), [2, 2, 0, 128]);
        assert_eq!(unsigned(&[0, 0, 1, 0]), [2, 2, 1, 0]);
    }

    #[test]
    fn long_lengths_take_as_few_octets_as_possible() {
        assert_eq!(element(4, &[0; 127])[..2], [4, 127]);
        assert_eq!(element(4, &[0; 128])[..3], [4, 0x81, 128]);
        assert_eq!(element(4, &[0; 256])[..4], [4, 0x82, 1, 0]);
    }

    #[test]
    fn named_bits_drop_trailing_zeros() {
        assert_eq!(named_bits(0b101), [3, 2, 5, 0b1010_0000]);
        assert_eq!(named_bits(0b110_0000), [3, 2, 1, 0b0000_0110]);
        assert_eq!(named_bits(1 << 8), [3, 3, 7, 0, 0x80]);
        assert_eq!(named_bits(0), [3, 1, 0]);
    }
}
