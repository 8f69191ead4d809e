//! The little of ASN.1 that the formats of this crate need.
//!
//! A reader that hands out slices, so that what was received is what gets verified; writers that return bytes; and the way
//! from BER to DER. Tag numbers above 30 do not occur in any format here and are refused.

pub(crate) mod ber;
pub mod oid;
pub(crate) mod reader;
pub(crate) mod time;
pub(crate) mod writer;

pub(crate) use reader::{Element, Reader};

/// Tags as they stand in the first octet (X.690 §8.1.2).
pub(crate) mod tag {
    pub(crate) const BOOLEAN: u8 = 0x01;
    pub(crate) const INTEGER: u8 = 0x02;
    pub(crate) const BIT_STRING: u8 = 0x03;
    pub(crate) const OCTET_STRING: u8 = 0x04;
    pub(crate) const NULL: u8 = 0x05;
    pub(crate) const OID: u8 = 0x06;
    pub(crate) const ENUMERATED: u8 = 0x0a;
    pub(crate) const UTF8_STRING: u8 = 0x0c;
    pub(crate) const NUMERIC_STRING: u8 = 0x12;
    pub(crate) const PRINTABLE_STRING: u8 = 0x13;
    pub(crate) const TELETEX_STRING: u8 = 0x14;
    pub(crate) const IA5_STRING: u8 = 0x16;
    pub(crate) const UTC_TIME: u8 = 0x17;
    pub(crate) const GENERALIZED_TIME: u8 = 0x18;
    pub(crate) const UNIVERSAL_STRING: u8 = 0x1c;
    pub(crate) const BMP_STRING: u8 = 0x1e;
    pub(crate) const SEQUENCE: u8 = 0x30;
    pub(crate) const SET: u8 = 0x31;

    /// `[number]` holding a primitive value.
    pub(crate) const fn context(number: u8) -> u8 {
        0x80 | number
    }

    /// `[number]` holding further elements.
    pub(crate) const fn context_constructed(number: u8) -> u8 {
        0xa0 | number
    }
}
