//! From a file and its password to a key with its certificate. Nothing here reads or writes anything.

use mandate_model::{ImportPurpose, ImportedCertificate, Timestamp};
use mandate_pki::certificate::{Certificate, SubjectAltName};
use mandate_pki::oid;
use mandate_pki::pkcs12::{self, Pkcs12, Pkcs12Error};
use zeroize::Zeroizing;

use crate::instance::hex;

/// The largest file that is taken, in octets. One with a long chain has some 20,000.
pub const MAX_PFX: usize = 256 * 1024;

/// Certificates that a file may hold besides the key's own.
const MAX_CHAIN: usize = 16;
/// Mail addresses that are kept of a certificate, and their longest.
const MAX_ADDRESSES: usize = 64;
const LONGEST_ADDRESS: usize = 320;

/// A key with its certificate, out of a file.
#[derive(Debug, Clone)]
pub struct OpenedPfx {
    /// Key, certificate and chain.
    pub pkcs12: Pkcs12,
    /// What the certificate says of itself; what it is for is not known yet.
    pub facts: ImportedCertificate,
}

/// Why a file cannot be imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PfxProblem {
    /// There is nothing in it.
    #[error("is empty")]
    Empty,
    /// Larger than [`MAX_PFX`].
    #[error("may have {MAX_PFX} bytes, but has {0}")]
    TooLarge(usize),
    /// It cannot be opened, holds not exactly one key, or one of a kind that no device is given.
    #[error("cannot be used: {0}")]
    Pkcs12(#[from] Pkcs12Error),
    /// It holds more certificates than any chain has.
    #[error("holds {0} certificates besides the key's own, but may hold {MAX_CHAIN}")]
    LongChain(usize),
}

impl PfxProblem {
    /// Whether the password is wrong rather than the file.
    pub const fn is_wrong_password(&self) -> bool {
        matches!(self, Self::Pkcs12(Pkcs12Error::WrongPassword))
    }
}

/// Opens a file. The password comes as octets: UTF-8, or one octet for each character, which is what Intune's
/// PowerShell module makes of it.
///
/// Takes up to a second or two for a file that asks for it, so it belongs on a thread that may block.
pub fn open_pfx(file: &[u8], password: &[u8]) -> Result<OpenedPfx, PfxProblem> {
    if file.is_empty() {
        return Err(PfxProblem::Empty);
    }
    if file.len() > MAX_PFX {
        return Err(PfxProblem::TooLarge(file.len()));
    }
    let mut result = Err(Pkcs12Error::WrongPassword);
    for spelling in spellings(password) {
        result = pkcs12::open(file, &spelling);
        if !matches!(result, Err(Pkcs12Error::WrongPassword)) {
            break;
        }
    }
    checked(result?)
}

/// What octets may mean as a password: UTF-8 if they are that, and Latin-1.
fn spellings(password: &[u8]) -> Vec<Zeroizing<String>> {
    let utf8 = std::str::from_utf8(password)
        .ok()
        .map(|text| Zeroizing::new(text.to_owned()));
    // Room for all of it at once: a string that grows leaves copies behind.
    let mut latin1 = Zeroizing::new(String::with_capacity(password.len() * 2));
    latin1.extend(password.iter().map(|octet| char::from(*octet)));
    let other = Some(latin1).filter(|_| !password.is_ascii());
    utf8.into_iter().chain(other).collect()
}

fn checked(pkcs12: Pkcs12) -> Result<OpenedPfx, PfxProblem> {
    if pkcs12.chain.len() > MAX_CHAIN {
        return Err(PfxProblem::LongChain(pkcs12.chain.len()));
    }
    let certificate = &pkcs12.certificate;
    let facts = ImportedCertificate {
        sha256: hex(&certificate.sha256()),
        thumbprint: hex(&certificate.sha1()),
        purpose: ImportPurpose::Unassigned,
        subject: certificate.subject(),
        addresses: addresses(certificate),
        not_before: Timestamp::from_unix_seconds(certificate.not_before()),
        not_after: Timestamp::from_unix_seconds(certificate.not_after()),
    };
    Ok(OpenedPfx { pkcs12, facts })
}

/// Mail addresses of a certificate: alternative names first, then those of the subject, each once.
fn addresses(certificate: &Certificate) -> Vec<String> {
    let names = certificate.subject_alt_names();
    let alternative = names.into_iter().filter_map(|name| match name {
        SubjectAltName::Email(address) => Some(address),
        _ => None,
    });
    let subject = certificate.subject_name().ok();
    let subject = subject.iter().flat_map(|name| {
        name.attributes()
            .filter(|attribute| attribute.oid == oid::EMAIL_ADDRESS)
            .map(|attribute| attribute.value.clone())
    });
    let mut found: Vec<String> = Vec::new();
    for address in alternative.chain(subject) {
        let is_new = found
            .iter()
            .all(|known| !known.eq_ignore_ascii_case(&address));
        if is_new && address.len() <= LONGEST_ADDRESS && found.len() < MAX_ADDRESSES {
            found.push(address);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use mandate_pki::keys::CarriedKind;

    use super::*;

    #[test]
    fn octets_beyond_ascii_are_tried_in_both_spellings() {
        let texts = |password: &[u8]| {
            spellings(password)
                .iter()
                .map(|text| text.to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(texts(b"plain"), ["plain"]);
        assert_eq!(texts("gr\u{fc}n".as_bytes()), ["grün", "grÃ¼n"]);
        assert_eq!(texts(b"gr\xfcn"), ["grün"]);
        assert_eq!(texts(b""), [""]);
    }

    #[test]
    fn keys_that_nobody_makes_any_more_are_taken_by_their_kind() {
        for (file, kind) in [
            (
                include_bytes!("../../../../fuzz/seeds/pkcs12/open-rsa1024").as_slice(),
                CarriedKind::Rsa { bits: 1024 },
            ),
            (
                include_bytes!("../../../../fuzz/seeds/pkcs12/open-p521"),
                CarriedKind::P521,
            ),
        ] {
            let opened = open_pfx(file, b"").unwrap();
            assert_eq!(opened.pkcs12.key.kind(), kind);
        }
    }

    #[test]
    fn what_is_no_file_is_told_from_what_is_too_large() {
        assert_eq!(open_pfx(b"", b"").unwrap_err(), PfxProblem::Empty);
        assert_eq!(
            open_pfx(&vec![0; MAX_PFX + 1], b"").unwrap_err(),
            PfxProblem::TooLarge(MAX_PFX + 1)
        );
        assert!(matches!(
            open_pfx(b"nonsense", b"").unwrap_err(),
            PfxProblem::Pkcs12(Pkcs12Error::Malformed(_))
        ));
    }
}
