//! The house's own certificate authority: a root whose key can be put away, and an issuing certificate below it; or an issuing
//! certificate that was brought along with the chain above it.
//!
//! SCEP clients encrypt to RSA keys only. An issuing certificate of another kind, or one whose key usages forbid it, has a
//! registration authority beside it: a certificate of its own making through which SCEP is answered.

mod assemble;
mod create;
mod delegate;
mod issue;
mod revocation;
mod serial;

pub use assemble::AuthorityError;
pub use create::{
    AuthorityMaterial, AuthorityRequest, IssuingMaterial, IssuingRequest, create, issue_under,
};
pub use delegate::{Delegation, Registration};
pub use issue::CertificateRequest;
pub(crate) use issue::{alt_name_extension, key_usage_extensions};
pub use revocation::{RevocationReason, RevokedEntry};
pub use serial::SerialNumber;

use crate::{Result, certificate::Certificate, keys::PrivateKey};

/// The part of the authority that works every day: everything but the root's key.
#[derive(Clone, Debug)]
pub struct Authority {
    /// The issuing certificate first, each signed by the next, the root last; never empty.
    chain: Vec<Certificate>,
    issuing: Certificate,
    root: Certificate,
    issuing_key: PrivateKey,
    registration: Option<Registration>,
}

impl Authority {
    /// Puts an authority together and checks that its parts belong together. Root and issuing certificate may be the same.
    pub fn from_parts(
        root: Certificate,
        issuing: Certificate,
        issuing_key: PrivateKey,
    ) -> Result<Self> {
        Self::assemble(issuing, &[root], issuing_key)
    }

    /// The root certificate, which devices are told to trust.
    pub fn root(&self) -> &Certificate {
        &self.root
    }

    /// The certificate that leaves are issued under.
    pub fn issuing(&self) -> &Certificate {
        &self.issuing
    }

    /// The key of the issuing certificate; without a registration authority it also opens SCEP requests and signs their answers.
    pub fn issuing_key(&self) -> &PrivateKey {
        &self.issuing_key
    }

    /// The id of the issuing key, by which its certificates and this crate's other words name it; the subject key id where
    /// there is one.
    pub fn key_id(&self) -> Result<Vec<u8>> {
        key_id(&self.issuing)
    }

    /// Issuing certificate, those above it and the root, as they follow a leaf in TLS and CMS.
    pub fn chain(&self) -> Vec<Certificate> {
        self.chain.clone()
    }

    /// Issues a certificate.
    pub fn issue(&self, request: &CertificateRequest) -> Result<Certificate> {
        request.sign(&self.issuing, &self.issuing_key)
    }

    /// Whether this authority issued `leaf`. Its time is [`Certificate::validity_at`]'s to tell; revocation is for whoever
    /// keeps the records. The chain above was checked when the authority was put together.
    pub fn verify_chain(&self, leaf: &Certificate) -> Result<()> {
        leaf.verify_signed_by(&self.issuing)
    }

    /// The revocation list in DER (RFC 5280 §5), its times in seconds since 1970. `number` grows with every list.
    pub fn revocation_list(
        &self,
        entries: &[RevokedEntry],
        number: u64,
        this_update: i64,
        next_update: i64,
    ) -> Result<Vec<u8>> {
        revocation::sign(
            &self.issuing,
            &self.issuing_key,
            entries,
            &revocation::Edition {
                number,
                this_update,
                next_update,
            },
        )
    }
}

/// The id by which a certificate's key is named in those it signs.
fn key_id(certificate: &Certificate) -> Result<Vec<u8>> {
    match certificate.subject_key_id() {
        Some(id) => Ok(id.to_vec()),
        None => Ok(certificate.public_key()?.key_id().to_vec()),
    }
}
