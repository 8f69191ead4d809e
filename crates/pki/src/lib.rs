//! The public-key infrastructure of a `mandate` server: the house's own certificate authority, X.509, CMS, PKCS#12, SCEP messages
//! and sealed secrets.
//!
//! The crate knows bytes, keys and names. It knows no device, profile, database, HTTP or clock: times come in as seconds since
//! 1970 and serial numbers from a source of randomness the caller passes. Keys, initialisation vectors and padding use the
//! random generator of AWS-LC.
//!
//! ```text
//! scep ──► cms ──► certificate ──► keys ──► asn1
//!   └────► csr ──────┘   ▲
//!   ocsp ► authority ────┘            seal stands alone
//! ```
//!
//! Everything is read as slices of the received DER and verified over exactly those bytes; nothing of a peer's is encoded
//! anew. Real clients depend on that: strongSwan sends attributes in an order that a re-encoding would sort, certmonger makes
//! serial numbers of 32 octets.

mod asn1;
pub mod authority;
pub mod certificate;
pub mod cms;
pub mod csr;
mod digest;
mod error;
pub mod keys;
pub mod name;
pub mod ocsp;
mod pbe;
mod pem;
pub mod pkcs12;
pub mod scep;
pub mod seal;

pub use asn1::oid;
pub use digest::{
    DigestAlgorithm, Legacy, constant_time_eq, hmac_sha1, hmac_sha256, hmac_sha256_verify, sha1,
    sha256,
};
pub use error::{Error, Result};

/// An object identifier, such as `2.5.4.3` for a common name.
pub type Oid = const_oid::ObjectIdentifier;
