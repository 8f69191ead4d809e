//! DER, written bottom-up: every function returns one complete element.

use super::time::civil;

/// One element with a single-byte tag.
pub fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 6);
    out.push(tag);
    push_length(&mut out, content.len());
    out.extend_from_slice(content);
    out
}

/// One element in the indefinite-length form that Apple's devices send (X.690 §8.1.3.6).
pub fn indefinite(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut out = vec![tag, 0x80];
    for part in parts {
        out.extend_from_slice(part);
    }
    out.extend_from_slice(&[0, 0]);
    out
}

/// SEQUENCE.
pub fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

/// SET OF in DER order (X.690 §11.6).
pub fn set_of(mut parts: Vec<Vec<u8>>) -> Vec<u8> {
    parts.sort();
    tlv(0x31, &parts.concat())
}

/// Context-specific, constructed: `[number] EXPLICIT` or an implicit SEQUENCE or SET.
pub fn context(number: u8, content: &[u8]) -> Vec<u8> {
    tlv(0xA0 | number, content)
}

/// Context-specific, primitive: an implicit OCTET STRING or string.
pub fn context_primitive(number: u8, content: &[u8]) -> Vec<u8> {
    tlv(0x80 | number, content)
}

/// INTEGER from big-endian unsigned bytes.
pub fn unsigned(bytes: &[u8]) -> Vec<u8> {
    let first = bytes
        .iter()
        .position(|byte| *byte != 0)
        .unwrap_or(bytes.len());
    let significant = &bytes[first..];
    let mut content = Vec::with_capacity(significant.len() + 1);
    if significant.first().is_none_or(|byte| byte & 0x80 != 0) {
        content.push(0);
    }
    content.extend_from_slice(significant);
    tlv(0x02, &content)
}

/// INTEGER.
pub fn integer(value: u64) -> Vec<u8> {
    unsigned(&value.to_be_bytes())
}

/// OBJECT IDENTIFIER from dotted text; an arc that is no number counts as 0.
pub fn object_id(dotted: &str) -> Vec<u8> {
    let arcs: Vec<u64> = dotted
        .split('.')
        .map(|arc| arc.parse().unwrap_or(0))
        .collect();
    let (first, second) = (
        arcs.first().copied().unwrap_or(0),
        arcs.get(1).copied().unwrap_or(0),
    );
    let mut content = Vec::new();
    push_arc(
        &mut content,
        first.saturating_mul(40).saturating_add(second),
    );
    for arc in arcs.iter().skip(2) {
        push_arc(&mut content, *arc);
    }
    tlv(0x06, &content)
}

/// OCTET STRING.
pub fn octet_string(content: &[u8]) -> Vec<u8> {
    tlv(0x04, content)
}

/// BIT STRING of whole octets.
pub fn bit_string(content: &[u8]) -> Vec<u8> {
    let mut with_unused = Vec::with_capacity(content.len() + 1);
    with_unused.push(0);
    with_unused.extend_from_slice(content);
    tlv(0x03, &with_unused)
}

/// NULL.
pub fn null() -> Vec<u8> {
    vec![0x05, 0x00]
}

/// BOOLEAN TRUE.
pub fn yes() -> Vec<u8> {
    vec![0x01, 0x01, 0xFF]
}

/// `UTF8String`.
pub fn utf8(text: &str) -> Vec<u8> {
    tlv(0x0C, text.as_bytes())
}

/// `PrintableString`; the caller answers for the alphabet.
pub fn printable(text: &str) -> Vec<u8> {
    tlv(0x13, text.as_bytes())
}

/// `IA5String`.
pub fn ia5(text: &str) -> Vec<u8> {
    tlv(0x16, text.as_bytes())
}

/// `AlgorithmIdentifier` with NULL parameters.
pub fn algorithm(dotted: &str) -> Vec<u8> {
    sequence(&[&object_id(dotted), &null()])
}

/// `AlgorithmIdentifier` with absent parameters.
pub fn algorithm_bare(dotted: &str) -> Vec<u8> {
    sequence(&[&object_id(dotted)])
}

/// `Time`: `UTCTime` until 2049, `GeneralizedTime` after (RFC 5280 §4.1.2.5). Whole seconds since 1970.
pub fn time(unix_seconds: i64) -> Vec<u8> {
    let (year, month, day, hour, minute, second) = civil(unix_seconds);
    let rest = format!("{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
    if (1950..2050).contains(&year) {
        tlv(0x17, format!("{:02}{rest}", year % 100).as_bytes())
    } else {
        tlv(0x18, format!("{year:04}{rest}").as_bytes())
    }
}

fn push_length(out: &mut Vec<u8>, length: usize) {
    if length < 0x80 {
        out.push(u8::try_from(length).unwrap_or(0x7F));
        return;
    }
    let bytes = length.to_be_bytes();
    let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(0);
    let significant = &bytes[first..];
    out.push(0x80 | u8::try_from(significant.len()).unwrap_or(8));
    out.extend_from_slice(significant);
}

fn push_arc(out: &mut Vec<u8>, arc: u64) {
    let mut groups = vec![(arc & 0x7F) as u8];
    let mut rest = arc >> 7;
    while rest > 0 {
        groups.push((rest & 0x7F) as u8 | 0x80);
        rest >>= 7;
    }
    out.extend(groups.iter().rev());
}
