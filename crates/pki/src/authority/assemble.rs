//! Which certificates make an authority.

use super::Authority;
use crate::{
    Error, Result,
    certificate::{Certificate, KeyUsages},
    keys::PrivateKey,
};

/// Why certificates and a key make no authority. Certificates are named by their subjects.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthorityError {
    /// None of the certificates belongs to the key.
    #[error("none of the certificates belongs to the key")]
    NoCertificateForKey,
    /// `basicConstraints` do not make it an authority's.
    #[error(
        "`{0}` is not the certificate of an authority: it lacks CA:TRUE in its basic constraints"
    )]
    NotAnAuthority(String),
    /// `keyUsage` lacks `keyCertSign`.
    #[error("`{0}` may not sign certificates: its key usage lacks keyCertSign")]
    MayNotSignCertificates(String),
    /// `keyUsage` lacks `cRLSign`.
    #[error("`{0}` may not sign revocation lists: its key usage lacks cRLSign")]
    MayNotSignLists(String),
    /// More authorities stand below it than its `pathLenConstraint` allows.
    #[error("`{subject}` allows {allowed} authorities below it, but {found} are there")]
    PathTooLong {
        /// Whose constraint it is
        subject: String,
        /// `pathLenConstraint`
        allowed: u32,
        /// The authorities below it
        found: u32,
    },
    /// The chain does not reach a root.
    #[error("the certificate of `{issuer}`, which issued `{subject}`, is missing")]
    IssuerMissing {
        /// Whose issuer it is
        subject: String,
        /// The name it gives
        issuer: String,
    },
    /// The issuer has the right name but another key.
    #[error("`{subject}` was not signed by the key of the given `{issuer}`")]
    NotSignedByIssuer {
        /// The certificate
        subject: String,
        /// The name of its issuer
        issuer: String,
    },
    /// More certificates than any real chain has.
    #[error("the chain has more than {MAX_CHAIN} certificates")]
    ChainTooLong,
}

/// Real chains have two to four.
const MAX_CHAIN: usize = 8;

impl Authority {
    /// Puts an authority together from an issuing key and certificates in any order, such as the blocks of a PEM file: the one
    /// that belongs to the key, and those above it up to a root that signed itself. Others are passed over. Of certificates for
    /// the same key the one valid longest is taken. Times are not looked at: ask [`Certificate::validity_at`] of each in
    /// [`Self::chain`].
    ///
    /// What is wrong is told as [`Error::Authority`].
    pub fn import(certificates: &[Certificate], issuing_key: PrivateKey) -> Result<Self> {
        let public_key_info = issuing_key.public_key_info();
        let issuing = certificates
            .iter()
            .filter(|certificate| certificate.public_key_info() == public_key_info)
            .max_by_key(|certificate| certificate.not_after())
            .ok_or(AuthorityError::NoCertificateForKey)?;
        Self::assemble(issuing.clone(), certificates, issuing_key)
    }

    pub(super) fn assemble(
        issuing: Certificate,
        others: &[Certificate],
        issuing_key: PrivateKey,
    ) -> Result<Self> {
        if issuing.public_key_info() != issuing_key.public_key_info() {
            return Err(Error::KeyMismatch);
        }
        let chain = path_to_root(&issuing, others)?;
        for (below, certificate) in (0..).zip(&chain) {
            check_authority(certificate, below)?;
        }
        if !issuing.permits(KeyUsages::CRL_SIGN) {
            return Err(AuthorityError::MayNotSignLists(issuing.subject()).into());
        }
        let root = chain.last().unwrap_or(&issuing).clone();
        Ok(Self {
            chain,
            issuing,
            root,
            issuing_key,
            registration: None,
        })
    }
}

/// The certificate and those above it, the root last.
fn path_to_root(issuing: &Certificate, others: &[Certificate]) -> Result<Vec<Certificate>> {
    let mut chain = vec![issuing.clone()];
    let mut last = issuing;
    while !is_root(last) {
        if chain.len() == MAX_CHAIN {
            return Err(AuthorityError::ChainTooLong.into());
        }
        last = issuer_of(last, others)?;
        chain.push(last.clone());
    }
    Ok(chain)
}

/// A root is believed because somebody chose it, so that the digest of its own signature, SHA-1 with old ones, does not matter.
fn is_root(certificate: &Certificate) -> bool {
    certificate.is_self_issued()
        && matches!(
            certificate.verify_signed_by(certificate),
            Ok(()) | Err(Error::Forbidden(_))
        )
}

fn issuer_of<'a>(subject: &Certificate, others: &'a [Certificate]) -> Result<&'a Certificate> {
    let named = others
        .iter()
        .filter(|other| other.subject_der() == subject.issuer_der() && *other != subject);
    // Several may bear the name: renewed ones with the same key, and ones with an earlier key.
    let (mut issuers, mut fault) = (Vec::new(), None);
    for candidate in named {
        match subject.verify_signed_by(candidate) {
            Ok(()) => issuers.push(candidate),
            Err(error) => fault = Some(error),
        }
    }
    if let Some(issuer) = issuers.into_iter().max_by_key(|issuer| issuer.not_after()) {
        return Ok(issuer);
    }
    let (subject, issuer) = (subject.subject(), subject.issuer());
    Err(match fault {
        None => AuthorityError::IssuerMissing { subject, issuer }.into(),
        Some(Error::BadSignature) => AuthorityError::NotSignedByIssuer { subject, issuer }.into(),
        Some(other) => other,
    })
}

/// RFC 5280 §6.1.4, as far as names, keys and signatures leave anything open; `below` authorities stand below this one.
fn check_authority(certificate: &Certificate, below: u32) -> Result<()> {
    let subject = || certificate.subject();
    if !certificate.is_ca() {
        return Err(AuthorityError::NotAnAuthority(subject()).into());
    }
    if !certificate.permits(KeyUsages::KEY_CERT_SIGN) {
        return Err(AuthorityError::MayNotSignCertificates(subject()).into());
    }
    match certificate.path_length() {
        Some(allowed) if allowed < below => Err(AuthorityError::PathTooLong {
            subject: subject(),
            allowed,
            found: below,
        }
        .into()),
        _ => Ok(()),
    }
}
