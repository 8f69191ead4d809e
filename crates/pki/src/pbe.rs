//! Encryption under a password, as PKCS#12 files and encrypted PKCS#8 keys have it: PBES2 (RFC 8018 §6.2) and the older
//! schemes of PKCS#12 (RFC 7292 appendix C).

mod hash;
mod kdf;
mod names;
mod password;
mod rc2;
mod scheme;
mod work;

pub(crate) use hash::Hash;
pub(crate) use kdf::{Purpose, Stretching, pbkdf2, pkcs12};
pub(crate) use names::describe;
pub(crate) use password::{Password, bmp};
pub(crate) use scheme::{Scheme, decrypt, encrypt, read_pbkdf2};
pub(crate) use work::{Work, read_iterations};

use crate::Error;

/// Why something encrypted under a password stays closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The parameters are not what their identifier promises.
    Malformed,
    /// An algorithm that is not supported, by name and identifier.
    Unsupported(String),
    /// More iterations than may be spent.
    TooMuchWork,
    /// What came out is nothing that was ever put in.
    WrongPassword,
}

/// Whatever the reader of ASN.1 has to say, it is about form.
impl From<Error> for Failure {
    fn from(_: Error) -> Self {
        Self::Malformed
    }
}
