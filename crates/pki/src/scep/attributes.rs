//! The signed attributes that make a CMS message one of SCEP (RFC 8894 §3.2.1).

use crate::{
    Oid,
    asn1::{oid, tag, writer},
    cms::SignedMessage,
    name::is_printable,
};

/// The message type of every answer.
pub(super) const CERT_REP: &str = "3";

/// The values of `pkiStatus` (RFC 8894 §3.2.1.3).
pub(super) const SUCCESS: &str = "0";
pub(super) const FAILURE: &str = "2";
pub(super) const PENDING: &str = "3";

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
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::RenewalReq => "17",
            Self::UpdateReq => "18",
            Self::PkcsReq => "19",
            Self::CertPoll => "20",
            Self::GetCert => "21",
            Self::GetCrl => "22",
        }
    }

    pub(super) fn read(message: &SignedMessage) -> Option<Self> {
        let code = read_text(message, oid::SCEP_MESSAGE_TYPE)?;
        [
            Self::PkcsReq,
            Self::RenewalReq,
            Self::UpdateReq,
            Self::CertPoll,
            Self::GetCert,
            Self::GetCrl,
        ]
        .into_iter()
        .find(|kind| kind.code() == code)
    }
}

pub(super) fn read_transaction_id(message: &SignedMessage) -> Option<String> {
    read_text(message, oid::SCEP_TRANSACTION_ID)
}

pub(super) fn read_sender_nonce(message: &SignedMessage) -> Option<Vec<u8>> {
    read_nonce(message, oid::SCEP_SENDER_NONCE)
}

/// The text of a signed attribute, of any string type.
pub(super) fn read_text(message: &SignedMessage, id: Oid) -> Option<String> {
    let (_, content) = message.signed_attribute(&id)?;
    String::from_utf8(content)
        .ok()
        .filter(|text| (1..=MAX_LENGTH).contains(&text.len()))
}

pub(super) fn read_nonce(message: &SignedMessage, id: Oid) -> Option<Vec<u8>> {
    let (tag, content) = message.signed_attribute(&id)?;
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
