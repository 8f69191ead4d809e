use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{Error, Result};

/// The first block with this label (RFC 7468), with whatever text stands around it.
pub(crate) fn decode(label: &str, text: &str) -> Result<Vec<u8>> {
    decode_all(label, text)?
        .into_iter()
        .next()
        .ok_or(Error::Malformed("PEM"))
}

/// Every block with this label, in order.
pub(crate) fn decode_all(label: &str, text: &str) -> Result<Vec<Vec<u8>>> {
    let (begin, end) = (
        format!("-----BEGIN {label}-----"),
        format!("-----END {label}-----"),
    );
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(&begin) {
        let (body, after) = after.split_once(&end).ok_or(Error::Malformed("PEM"))?;
        let body: String = body
            .chars()
            .filter(|character| !character.is_whitespace())
            .collect();
        blocks.push(STANDARD.decode(body).map_err(|_| Error::Malformed("PEM"))?);
        rest = after;
    }
    Ok(blocks)
}

pub(crate) fn encode(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    let mut rest = body.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text.push_str("-----END ");
    text.push_str(label);
    text.push_str("-----\n");
    text
}
