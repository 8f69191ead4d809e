//! Cryptographic Message Syntax (RFC 5652): signed and encrypted messages.
//!
//! Reading is generous where devices demand it (BER, no signed attributes, attributes out of order, content in parts), writing
//! is strict DER.

mod cipher;
mod enveloped;
mod sign;
mod signed;
mod verify;

pub use cipher::ContentCipher;
pub use enveloped::{Decrypted, Policy, decrypt, decrypt_with, encrypt};
pub use sign::{degenerate, sign_attached, sign_detached};
pub use signed::SignedMessage;

pub(crate) use cipher::{Parameters, decrypt_two_key_triple_des};
pub(crate) use sign::{Carry, Signing};

use crate::{
    Error, Oid, Result,
    asn1::{Reader, tag, writer},
};

/// The largest message that is read, in octets.
pub const MAX_SIZE: usize = 4 * 1024 * 1024;

/// `ContentInfo` (RFC 5652 §3) around a value.
fn content_info(id: &Oid, value: &[u8]) -> Vec<u8> {
    writer::sequence([&writer::oid(id), &writer::context(0, value)])
}

/// Opens `ContentInfo` of the expected kind and returns the fields of the SEQUENCE inside.
fn open_content_info<'a>(der: &'a [u8], id: &Oid) -> Result<Reader<'a>> {
    let mut info = Reader::sequence_only(der)?;
    if !info.oid()?.is_oid(id) {
        return Err(Error::Unsupported("CMS content type"));
    }
    info.expect(tag::context_constructed(0))?
        .reader()
        .sequence()
}
