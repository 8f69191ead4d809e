//! The house's own certificate authority: a root whose key can be put away, and an issuing certificate below it.
//!
//! Both are RSA unless asked otherwise, since SCEP clients that know a single CA certificate encrypt to the issuing one.

mod create;
mod issue;
mod revocation;
mod serial;

pub use create::{AuthorityMaterial, AuthorityRequest, create};
pub use issue::CertificateRequest;
pub(crate) use issue::{alt_name_extension, key_usage_extensions};
pub use revocation::{RevocationReason, RevokedEntry};
pub use serial::SerialNumber;

use crate::{Error, Result, certificate::Certificate, keys::PrivateKey};

/// The part of the authority that works every day: everything but the root's key.
#[derive(Clone, Debug)]
pub struct Authority {
    root: Certificate,
    issuing: Certificate,
    issuing_key: PrivateKey,
}

impl Authority {
    /// Puts an authority together and checks that its parts belong together. Root and issuing certificate may be the same.
    pub fn from_parts(
        root: Certificate,
        issuing: Certificate,
        issuing_key: PrivateKey,
    ) -> Result<Self> {
        issuing.verify_signed_by(&root)?;
        if !root.is_ca() || !issuing.is_ca() {
            return Err(Error::Unsupported(
                "authority whose certificate is not a CA's",
            ));
        }
        if issuing.public_key_info() != issuing_key.public_key_info() {
            return Err(Error::KeyMismatch);
        }
        Ok(Self {
            root,
            issuing,
            issuing_key,
        })
    }

    /// The root certificate, which devices are told to trust.
    pub fn root(&self) -> &Certificate {
        &self.root
    }

    /// The certificate that leaves are issued under.
    pub fn issuing(&self) -> &Certificate {
        &self.issuing
    }

    /// The key of the issuing certificate; also opens SCEP requests and signs their answers.
    pub fn issuing_key(&self) -> &PrivateKey {
        &self.issuing_key
    }

    /// Issuing certificate and root, as they follow a leaf in TLS and CMS.
    pub fn chain(&self) -> Vec<Certificate> {
        if self.issuing == self.root {
            return vec![self.issuing.clone()];
        }
        vec![self.issuing.clone(), self.root.clone()]
    }

    /// Issues a certificate.
    pub fn issue(&self, request: &CertificateRequest) -> Result<Certificate> {
        request.sign(&self.issuing, &self.issuing_key)
    }

    /// Whether this authority issued `leaf`. Its time is [`Certificate::validity_at`]'s to tell; revocation is for whoever
    /// keeps the records.
    pub fn verify_chain(&self, leaf: &Certificate) -> Result<()> {
        leaf.verify_signed_by(&self.issuing)?;
        self.issuing.verify_signed_by(&self.root)
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
