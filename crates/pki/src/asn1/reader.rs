use super::tag;
use crate::{Error, Oid, Result};

/// One element: its tag, its content, and the bytes of both.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) content: &'a [u8],
    pub(crate) raw: &'a [u8],
}

impl<'a> Element<'a> {
    /// Exactly one element, with nothing after it.
    pub(crate) fn only(bytes: &'a [u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        let element = reader.element()?;
        reader.finish()?;
        Ok(element)
    }

    pub(crate) fn reader(&self) -> Reader<'a> {
        Reader::new(self.content)
    }

    /// The octets of an INTEGER without the leading zeros that only keep it positive.
    pub(crate) fn unsigned(&self) -> &'a [u8] {
        trim_zeros(self.content)
    }

    pub(crate) fn is_oid(&self, oid: &Oid) -> bool {
        self.tag == tag::OID && self.content == oid.as_bytes()
    }

    /// The octets of an OCTET STRING, of an implicitly tagged one, or of its parts where it was sent in parts.
    pub(crate) fn octets(&self) -> Result<Vec<u8>> {
        const CONSTRUCTED: u8 = 0x20;
        if self.tag & CONSTRUCTED == 0 {
            return Ok(self.content.to_vec());
        }
        let mut joined = Vec::with_capacity(self.content.len());
        let mut parts = self.reader();
        while !parts.is_empty() {
            joined.extend_from_slice(parts.expect(tag::OCTET_STRING)?.content);
        }
        Ok(joined)
    }
}

/// Reads elements one after the other. Every failure ends the reading, so that no loop over it can run on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The inside of exactly one SEQUENCE, with nothing after it.
    pub(crate) fn sequence_only(bytes: &'a [u8]) -> Result<Self> {
        let mut reader = Self::new(bytes);
        let inside = reader.sequence()?;
        reader.finish()?;
        Ok(inside)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn peek_tag(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    pub(crate) fn element(&mut self) -> Result<Element<'a>> {
        let all = std::mem::take(&mut self.rest);
        let (element, rest) = split(all).ok_or(Error::Malformed("DER"))?;
        self.rest = rest;
        Ok(element)
    }

    pub(crate) fn expect(&mut self, tag: u8) -> Result<Element<'a>> {
        let element = self.element()?;
        if element.tag == tag {
            Ok(element)
        } else {
            Err(Error::Malformed("DER"))
        }
    }

    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>> {
        if self.peek_tag() == Some(tag) {
            self.element().map(Some)
        } else {
            Ok(None)
        }
    }

    pub(crate) fn sequence(&mut self) -> Result<Self> {
        Ok(self.expect(tag::SEQUENCE)?.reader())
    }

    pub(crate) fn set(&mut self) -> Result<Self> {
        Ok(self.expect(tag::SET)?.reader())
    }

    pub(crate) fn oid(&mut self) -> Result<Element<'a>> {
        self.expect(tag::OID)
    }

    /// A BIT STRING of whole octets.
    pub(crate) fn bit_string(&mut self) -> Result<&'a [u8]> {
        match self.expect(tag::BIT_STRING)?.content.split_first() {
            Some((0, octets)) => Ok(octets),
            _ => Err(Error::Malformed("DER")),
        }
    }

    /// All bytes not read yet.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) fn finish(&self) -> Result<()> {
        if self.is_empty() {
            Ok(())
        } else {
            Err(Error::Malformed("DER"))
        }
    }
}

pub(crate) fn trim_zeros(octets: &[u8]) -> &[u8] {
    let zeros = octets.iter().take_while(|&&octet| octet == 0).count();
    &octets[zeros..]
}

fn split(all: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (&tag, after_tag) = all.split_first()?;
    if tag & 0x1f == 0x1f {
        return None;
    }
    let (length, after_length) = split_length(after_tag)?;
    let content = after_length.get(..length)?;
    let header = all.len() - after_length.len();
    let raw = &all[..header + length];
    Some((Element { tag, content, raw }, &after_length[length..]))
}

/// A definite length; the indefinite form is only met in [`super::ber`].
pub(super) fn split_length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    if first < 0x80 {
        return Some((usize::from(first), rest));
    }
    let count = usize::from(first & 0x7f);
    if count == 0 || count > 4 {
        return None;
    }
    let octets = rest.get(..count)?;
    let length = octets
        .iter()
        .fold(0_usize, |sum, &octet| (sum << 8) | usize::from(octet));
    Some((length, &rest[count..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_element_keeps_its_bytes() {
        let bytes = [0x30, 0x03, 0x02, 0x01, 0x05, 0xff];
        let mut reader = Reader::new(&bytes);
        let element = reader.element().unwrap();
        assert_eq!(element.raw, &bytes[..5]);
        assert_eq!(element.reader().expect(tag::INTEGER).unwrap().content, [5]);
        assert!(reader.finish().is_err());
    }

    #[test]
    fn a_length_beyond_the_input_is_refused() {
        assert!(Reader::new(&[0x04, 0x05, 1, 2]).element().is_err());
        assert!(
            Reader::new(&[0x04, 0x84, 0xff, 0xff, 0xff, 0xff])
                .element()
                .is_err()
        );
        assert!(Reader::new(&[0x30, 0x80, 0, 0]).element().is_err());
    }

    proptest! {
        #[test]
        fn reading_ends_on_any_input(bytes: Vec<u8>) {
            let mut reader = Reader::new(&bytes);
            while !reader.is_empty() {
                let _ = reader.element();
            }
        }
    }
}
