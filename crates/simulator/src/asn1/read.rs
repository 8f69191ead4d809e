//! BER as peers send it: definite and indefinite lengths, constructed strings. Nothing here panics on any input.

use std::fmt::Write as _;
use thiserror::Error;

/// Deeper nesting than any message of ours has.
const MAX_DEPTH: usize = 32;

/// Bytes that are not the expected ASN.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Asn1Error {
    /// The element says it is longer than the input.
    #[error("ASN.1 element ends too early")]
    Truncated,
    /// Long tags, over-long lengths or nesting that no message of ours has.
    #[error("ASN.1 element has an unsupported tag, length or depth")]
    Unsupported,
    /// A well-formed element of another kind.
    #[error("ASN.1 structure is not {0}")]
    Unexpected(&'static str),
}

/// One element, borrowed from the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node<'a> {
    /// Identifier octet.
    pub tag: u8,
    /// Contents octets, without an end-of-contents marker.
    pub content: &'a [u8],
    /// The whole element as received.
    pub raw: &'a [u8],
}

impl Node<'_> {
    /// The elements inside.
    pub fn children(&self) -> Result<Vec<Self>, Asn1Error> {
        children(self.content)
    }

    /// The same, when the tag is the expected one.
    pub fn expect(self, tag: u8, what: &'static str) -> Result<Self, Asn1Error> {
        if self.tag == tag {
            Ok(self)
        } else {
            Err(Asn1Error::Unexpected(what))
        }
    }

    /// Dotted text of an OBJECT IDENTIFIER; `None` for other elements.
    pub fn object_id(&self) -> Option<String> {
        if self.tag != 0x06 {
            return None;
        }
        let mut arcs = Vec::new();
        let mut arc: u64 = 0;
        for byte in self.content {
            arc = arc.checked_mul(128)?.checked_add(u64::from(byte & 0x7F))?;
            if byte & 0x80 == 0 {
                arcs.push(arc);
                arc = 0;
            }
        }
        let (first, rest) = arcs.split_first()?;
        let (one, two) = if *first < 80 {
            (first / 40, first % 40)
        } else {
            (2, first - 80)
        };
        let mut text = format!("{one}.{two}");
        for arc in rest {
            let _ = write!(text, ".{arc}");
        }
        Some(text)
    }

    /// Text of any of the string types, read as UTF-8 (Latin letters of a `BMPString` are kept).
    pub fn text(&self) -> String {
        if self.tag == 0x1E {
            let units: Vec<u16> = self
                .content
                .chunks_exact(2)
                .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
                .collect();
            return String::from_utf16_lossy(&units);
        }
        String::from_utf8_lossy(self.content).into_owned()
    }
}

/// The first element of `input`.
pub fn parse(input: &[u8]) -> Result<Node<'_>, Asn1Error> {
    parse_at(input, 0)
}

/// All elements of `input`, one after the other.
pub fn children(input: &[u8]) -> Result<Vec<Node<'_>>, Asn1Error> {
    let mut nodes = Vec::new();
    let mut rest = input;
    while !rest.is_empty() {
        let node = parse_at(rest, 0)?;
        rest = &rest[node.raw.len()..];
        nodes.push(node);
    }
    Ok(nodes)
}

/// Contents of an OCTET STRING, joined when it is constructed (X.690 §8.7.3).
pub fn octets(node: &Node<'_>) -> Result<Vec<u8>, Asn1Error> {
    join_octets(node, 0)
}

/// The same element with definite lengths throughout; strings stay constructed.
pub fn to_definite(node: &Node<'_>) -> Result<Vec<u8>, Asn1Error> {
    if node.tag & 0x20 == 0 {
        return Ok(super::tlv(node.tag, node.content));
    }
    let mut content = Vec::with_capacity(node.content.len());
    for child in node.children()? {
        content.extend(to_definite(&child)?);
    }
    Ok(super::tlv(node.tag, &content))
}

fn join_octets(node: &Node<'_>, depth: usize) -> Result<Vec<u8>, Asn1Error> {
    if node.tag & 0x20 == 0 {
        return Ok(node.content.to_vec());
    }
    if depth > MAX_DEPTH {
        return Err(Asn1Error::Unsupported);
    }
    let mut joined = Vec::with_capacity(node.content.len());
    for child in node.children()? {
        joined.extend(join_octets(&child, depth + 1)?);
    }
    Ok(joined)
}

fn parse_at(input: &[u8], depth: usize) -> Result<Node<'_>, Asn1Error> {
    if depth > MAX_DEPTH {
        return Err(Asn1Error::Unsupported);
    }
    let [tag, first, ..] = input else {
        return Err(Asn1Error::Truncated);
    };
    let (tag, first) = (*tag, *first);
    if tag & 0x1F == 0x1F {
        return Err(Asn1Error::Unsupported);
    }
    if first == 0x80 {
        return parse_indefinite(input, tag, depth);
    }
    let (header, length) = definite_length(input, first)?;
    let end = header.checked_add(length).ok_or(Asn1Error::Unsupported)?;
    let raw = input.get(..end).ok_or(Asn1Error::Truncated)?;
    Ok(Node {
        tag,
        content: &raw[header..],
        raw,
    })
}

fn definite_length(input: &[u8], first: u8) -> Result<(usize, usize), Asn1Error> {
    if first < 0x80 {
        return Ok((2, usize::from(first)));
    }
    let count = usize::from(first & 0x7F);
    if count > 4 {
        return Err(Asn1Error::Unsupported);
    }
    let bytes = input.get(2..2 + count).ok_or(Asn1Error::Truncated)?;
    let length = bytes
        .iter()
        .fold(0_usize, |length, byte| length << 8 | usize::from(*byte));
    Ok((2 + count, length))
}

fn parse_indefinite(input: &[u8], tag: u8, depth: usize) -> Result<Node<'_>, Asn1Error> {
    if tag & 0x20 == 0 {
        return Err(Asn1Error::Unsupported);
    }
    let mut position = 2;
    loop {
        let rest = &input[position..];
        if rest.starts_with(&[0, 0]) {
            return Ok(Node {
                tag,
                content: &input[2..position],
                raw: &input[..position + 2],
            });
        }
        position += parse_at(rest, depth + 1)?.raw.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asn1::{indefinite, object_id, octet_string, sequence};
    use proptest::prelude::*;

    #[test]
    fn indefinite_and_definite_forms_read_alike() {
        let inner = octet_string(b"mail");
        let ber = indefinite(0x30, &[&indefinite(0x24, &[&inner, &inner])]);
        let node = parse(&ber).unwrap();
        let string = node.children().unwrap()[0];
        assert_eq!(octets(&string).unwrap(), b"mailmail");
        assert_eq!(
            to_definite(&node).unwrap(),
            sequence(&[&super::super::tlv(0x24, &[inner.clone(), inner].concat())])
        );
    }

    #[test]
    fn object_identifiers_keep_their_arcs() {
        for dotted in [
            super::super::oid::AES256_CBC,
            super::super::oid::USER_ID,
            "1.3.14.3.2.7",
        ] {
            assert_eq!(
                parse(&object_id(dotted)).unwrap().object_id().unwrap(),
                dotted
            );
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(node) = parse(&bytes) {
                let _ = octets(&node);
                let _ = to_definite(&node);
            }
        }
    }
}
