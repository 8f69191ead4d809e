//! The signed attributes that make a CMS message one of SCEP (RFC 8894 §3.2.1).

use crate::{
    Oid,
    asn1::{oid, tag, writer},
    cms::SignedMessage,
    name::is_printable,
};

/// Longest transaction id and nonce that are echoed; real ones have 16 to 64 octets.
const MAX_LENGTH: usize = 256;

/// The kind of a message (RFC 8894 §3.2.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageType {
    /// A first certificate, signed by a key of the requester's own
    PkcsReq,
    /// A certificate in place of the one that signs the request
    RenewalReq,
    /// The same in drafts before RFC 8894
    UpdateReq,
    /// The outcome of an earlier request
    CertPoll,
    /// A certificate by its serial number
    GetCert,
    /// A revocation list
    GetCrl,
}

impl MessageType {
    fn from_text(text: &[u8]) -> Option<Self> {
        match text {
            b"17" => Some(Self::RenewalReq),
            b"18" => Some(Self::UpdateReq),
            b"19" => Some(Self::PkcsReq),
            b"20" => Some(Self::CertPoll),
            b"21" => Some(Self::GetCert),
            b"22" => Some(Self::GetCrl),
            _ => None,
        }
    }

    pub(super) fn read(message: &SignedMessage) -> Option<Self> {
        Self::from_text(&message.signed_attribute(&oid::SCEP_MESSAGE_TYPE)?.1)
    }
}

pub(super) fn read_transaction_id(message: &SignedMessage) -> Option<String> {
    let (_, content) = message.signed_attribute(&oid::SCEP_TRANSACTION_ID)?;
    String::from_utf8(content)
        .ok()
        .filter(|id| (1..=MAX_LENGTH).contains(&id.len()))
}

pub(super) fn read_sender_nonce(message: &SignedMessage) -> Option<Vec<u8>> {
    let (tag, content) = message.signed_attribute(&oid::SCEP_SENDER_NONCE)?;
    (tag == tag::OCTET_STRING && content.len() <= MAX_LENGTH).then_some(content)
}

/// A `PrintableString`; UTF-8 only for transaction ids that break RFC 8894 §3.2.1.1 and must be echoed all the same.
pub(super) fn text(id: Oid, value: &str) -> (Oid, Vec<u8>) {
    let tag = if is_printable(value) {
        tag::PRINTABLE_STRING
    } else {
        tag::UTF8_STRING
    };
    (id, writer::element(tag, value.as_bytes()))
}

pub(super) fn nonce(id: Oid, value: &[u8]) -> (Oid, Vec<u8>) {
    (id, writer::octet_string(value))
}
