//! Reads property lists from devices, XML and binary, within limits.
//!
//! The `plist` crate reads without limits: a deeply nested document overflows the stack when it is dropped, and in a
//! binary one a few hundred bytes of shared references unfold to gigabytes. So devices are read here; the crate's
//! types are kept, and everything that we write is written by it.

mod binary;
mod xml;

use plist::{Dictionary, Value};

use super::WireError;

/// What a document may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Size of the body, and again of what its values take in memory, the text of an XML document left out.
    pub bytes: usize,
    /// Arrays and dictionaries within one another.
    pub depth: usize,
}

impl Limits {
    /// Check-ins are small, but for status reports of declarative management.
    pub const CHECK_IN: Self = Self {
        bytes: 4 << 20,
        depth: 16,
    };
    /// Inventories reach megabytes on a device with hundreds of apps.
    pub const REPORT: Self = Self {
        bytes: 16 << 20,
        depth: 32,
    };
}

/// Reads a document whose root is a dictionary, as every message's is.
pub fn read(bytes: &[u8], limits: Limits) -> Result<Dictionary, WireError> {
    if bytes.len() > limits.bytes {
        return Err(WireError::TooLarge {
            limit: limits.bytes,
        });
    }
    let root = if bytes.starts_with(binary::MAGIC) {
        binary::read(bytes, limits)?
    } else {
        xml::read(bytes, limits)?
    };
    match root {
        Value::Dictionary(dictionary) => Ok(dictionary),
        _ => Err(WireError::Malformed("its root is no dictionary")),
    }
}

/// Writes a dictionary as an XML document.
pub(crate) fn write(dictionary: Dictionary) -> Vec<u8> {
    let mut bytes = Vec::new();
    Value::Dictionary(dictionary)
        .to_writer_xml(&mut bytes)
        .expect("a vector takes every write, and we write no type that XML lacks");
    bytes
}

#[cfg(test)]
mod tests;
