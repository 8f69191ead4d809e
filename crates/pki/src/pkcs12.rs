//! PKCS#12 files, also called PFX: a private key with its certificates under a password (RFC 7292).
//!
//! [`open`] takes what people bring from anywhere: Windows, OpenSSL old and new, Java, `certtool`. [`write()`] makes the two forms
//! that Apple's devices are given. Stretching a password takes time on purpose, so both belong on a thread that may block.

mod bags;
mod contents;
mod error;
mod identity;
mod mac;
mod pfx;
#[cfg(test)]
mod tests;
mod write;

use std::fmt;

pub use error::Pkcs12Error;
pub use write::{Chain, Encoding, ITERATIONS, write};

use crate::{
    certificate::Certificate,
    keys::CarriedKey,
    pbe::{Password, Work},
};

/// The largest file that is opened, in octets. One with a long chain has some 20,000.
pub const MAX_SIZE: usize = 1024 * 1024;

/// The iterations that [`open`] spends on one file, all values that it derives from the password taken together: a second or two.
///
/// `certtool` 3.7.9 takes 600,000 for each, so up to 3,600,000 for a file in triple DES under an empty password.
pub const MAX_ITERATIONS: u64 = 5_000_000;

/// A private key with its certificate: what one file is about.
#[derive(Clone)]
pub struct Pkcs12 {
    /// The key, which may be of a kind that nothing here computes with
    pub key: CarriedKey,
    /// Its certificate
    pub certificate: Certificate,
    /// The other certificates: issuer of the certificate, issuer of that, and so on; then those that are none of these.
    pub chain: Vec<Certificate>,
    /// What its owner calls it
    pub friendly_name: Option<String>,
}

/// Opens a file in BER or DER.
///
/// The key and the certificate found belong together; where several certificates are for the key, the one that the file
/// marks as its own is taken, and where several keys have certificates, the one that a mark ties to its own. A file in which
/// that leaves more than one is refused, since nobody said which is meant.
///
/// Keys are those that [`CarriedKey`] takes.
pub fn open(file: &[u8], password: &str) -> Result<Pkcs12, Pkcs12Error> {
    open_within(file, password, MAX_ITERATIONS)
}

/// [`open`] with another bound on the iterations of all passwords together.
pub fn open_within(file: &[u8], password: &str, iterations: u64) -> Result<Pkcs12, Pkcs12Error> {
    let der = pfx::to_der(file)?;
    let pfx = pfx::Pfx::read(&der)?;
    let mut work = Work::new(iterations);
    let mut forms = Password::forms(password);
    if let Some(mac) = &pfx.mac {
        let right = mac.find_form(&forms, &pfx.content, &mut work)?;
        forms.swap(0, right);
        // NSS writes no file without a code, and a wrong password has been noticed by now: it costs nothing.
        forms.push(forms[0].in_old_nss());
    }
    let mut bags = Err(Pkcs12Error::WrongPassword);
    for form in &forms {
        bags = contents::read(&pfx.content, form, &mut work);
        if !matches!(bags, Err(Pkcs12Error::WrongPassword)) {
            break;
        }
    }
    match bags {
        Err(Pkcs12Error::WrongPassword) if pfx.mac.is_some() => Err(Pkcs12Error::Unsupported(
            "file that is encrypted under another password than it is protected by".to_owned(),
        )),
        bags => identity::choose(bags?),
    }
}

impl fmt::Debug for Pkcs12 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Pkcs12")
            .field("key", &self.key)
            .field("certificate", &self.certificate.subject())
            .field("chain", &self.chain.len())
            .finish_non_exhaustive()
    }
}
