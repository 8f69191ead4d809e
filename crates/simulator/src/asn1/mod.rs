//! The bytes below CMS and X.509: a DER writer and a lenient BER reader (ITU-T X.690).
//!
//! Written for the simulator alone. The server uses typed decoders; sharing them would let both sides agree on a mistake.

mod read;
mod time;
mod write;

pub use read::{Asn1Error, Node, children, octets, parse, to_definite};
pub use time::{civil, unix_time};
pub use write::*;

/// Object identifiers, dotted.
pub mod oid {
    /// `id-data`, RFC 5652 §4.
    pub const DATA: &str = "1.2.840.113549.1.7.1";
    /// `id-signedData`, RFC 5652 §5.
    pub const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
    /// `id-envelopedData`, RFC 5652 §6.
    pub const ENVELOPED_DATA: &str = "1.2.840.113549.1.7.3";
    /// `contentType` attribute.
    pub const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
    /// `messageDigest` attribute.
    pub const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
    /// `signingTime` attribute.
    pub const SIGNING_TIME: &str = "1.2.840.113549.1.9.5";
    /// `challengePassword` attribute, RFC 2985 §5.4.1.
    pub const CHALLENGE_PASSWORD: &str = "1.2.840.113549.1.9.7";
    /// `extensionRequest` attribute, RFC 2985 §5.4.2.
    pub const EXTENSION_REQUEST: &str = "1.2.840.113549.1.9.14";
    /// `rsaEncryption`.
    pub const RSA: &str = "1.2.840.113549.1.1.1";
    /// `sha1WithRSAEncryption`.
    pub const SHA1_RSA: &str = "1.2.840.113549.1.1.5";
    /// `sha256WithRSAEncryption`.
    pub const SHA256_RSA: &str = "1.2.840.113549.1.1.11";
    /// SHA-1.
    pub const SHA1: &str = "1.3.14.3.2.26";
    /// SHA-256.
    pub const SHA256: &str = "2.16.840.1.101.3.4.2.1";
    /// DES-CBC.
    pub const DES_CBC: &str = "1.3.14.3.2.7";
    /// 3DES with three keys, CBC.
    pub const DES_EDE3_CBC: &str = "1.2.840.113549.3.7";
    /// AES-128-CBC.
    pub const AES128_CBC: &str = "2.16.840.1.101.3.4.1.2";
    /// AES-256-CBC.
    pub const AES256_CBC: &str = "2.16.840.1.101.3.4.1.42";
    /// AES-192-CBC.
    pub const AES192_CBC: &str = "2.16.840.1.101.3.4.1.22";
    /// `id-RSAES-OAEP`, RFC 4055 §4.1.
    pub const RSA_OAEP: &str = "1.2.840.113549.1.1.7";
    /// Subject key identifier extension.
    pub const SUBJECT_KEY_IDENTIFIER: &str = "2.5.29.14";
    /// Key usage extension.
    pub const KEY_USAGE: &str = "2.5.29.15";
    /// Subject alternative name extension.
    pub const SUBJECT_ALT_NAME: &str = "2.5.29.17";
    /// Basic constraints extension.
    pub const BASIC_CONSTRAINTS: &str = "2.5.29.19";
    /// CRL number extension.
    pub const CRL_NUMBER: &str = "2.5.29.20";
    /// Authority key identifier extension.
    pub const AUTHORITY_KEY_IDENTIFIER: &str = "2.5.29.35";
    /// Extended key usage extension.
    pub const EXTENDED_KEY_USAGE: &str = "2.5.29.37";
    /// User principal name as `otherName`.
    pub const NT_PRINCIPAL_NAME: &str = "1.3.6.1.4.1.311.20.2.3";
    /// `commonName`.
    pub const COMMON_NAME: &str = "2.5.4.3";
    /// `organizationName`.
    pub const ORGANIZATION: &str = "2.5.4.10";
    /// `userId` (`UID`), the topic of a push certificate.
    pub const USER_ID: &str = "0.9.2342.19200300.100.1.1";
    /// SCEP `messageType`, RFC 8894 §3.2.1.
    pub const SCEP_MESSAGE_TYPE: &str = "2.16.840.1.113733.1.9.2";
    /// SCEP `pkiStatus`.
    pub const SCEP_PKI_STATUS: &str = "2.16.840.1.113733.1.9.3";
    /// SCEP `failInfo`.
    pub const SCEP_FAIL_INFO: &str = "2.16.840.1.113733.1.9.4";
    /// SCEP `senderNonce`.
    pub const SCEP_SENDER_NONCE: &str = "2.16.840.1.113733.1.9.5";
    /// SCEP `recipientNonce`.
    pub const SCEP_RECIPIENT_NONCE: &str = "2.16.840.1.113733.1.9.6";
    /// SCEP `transactionID`.
    pub const SCEP_TRANSACTION_ID: &str = "2.16.840.1.113733.1.9.7";
}
