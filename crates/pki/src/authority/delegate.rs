//! Certificates by which others speak for the authority: its registration authority and its OCSP responder.

use super::{Authority, CertificateRequest, SerialNumber};
use crate::{
    Error, Result,
    certificate::{Certificate, KeyUsages},
    keys::{KeyKind, PrivateKey},
    name::DistinguishedName,
    oid,
};

/// Serial number and time of a certificate that the authority issues to one who speaks for it.
#[derive(Clone, Copy, Debug)]
pub struct Delegation {
    /// Serial number
    pub serial: SerialNumber,
    /// Seconds since 1970
    pub not_before: i64,
    /// Seconds since 1970; cut to the end of the issuing certificate
    pub not_after: i64,
}

/// A registration authority: the RSA identity that SCEP clients encrypt to where they cannot encrypt to the issuing certificate.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Its key
    pub key: PrivateKey,
    /// Its certificate, issued by the authority it stands beside
    pub certificate: Certificate,
}

impl Authority {
    /// Whether SCEP needs a registration authority, since nobody can or may encrypt to the issuing certificate.
    pub fn needs_registration(&self) -> bool {
        let usages = KeyUsages::KEY_ENCIPHERMENT | KeyUsages::DIGITAL_SIGNATURE;
        !self.issuing.public_key().is_ok_and(|key| key.is_rsa()) || !self.issuing.permits(usages)
    }

    /// Makes a registration authority with a key of this kind, which must be RSA. It is in use once
    /// [`Self::with_registration`] took it.
    pub fn issue_registration(&self, kind: KeyKind, of: Delegation) -> Result<Registration> {
        if matches!(kind, KeyKind::P256 | KeyKind::P384) {
            return Err(Error::Unsupported(
                "registration authority without an RSA key",
            ));
        }
        let key = PrivateKey::generate(kind)?;
        let mut request = self.delegate(&key, "SCEP RA", of);
        request.key_usages = KeyUsages::KEY_ENCIPHERMENT | KeyUsages::DIGITAL_SIGNATURE;
        let certificate = self.issue(&request)?;
        Ok(Registration { key, certificate })
    }

    /// The authority with this registration authority beside it, which must be its own.
    pub fn with_registration(mut self, registration: Registration) -> Result<Self> {
        self.verify_chain(&registration.certificate)?;
        if registration.certificate.public_key_info() != registration.key.public_key_info() {
            return Err(Error::KeyMismatch);
        }
        self.registration = Some(registration);
        Ok(self)
    }

    /// The registration authority, if there is one.
    pub fn registration(&self) -> Option<(&Certificate, &PrivateKey)> {
        self.registration
            .as_ref()
            .map(|registration| (&registration.certificate, &registration.key))
    }

    /// A certificate to answer by OCSP with `key` (RFC 6960 §4.2.2.2). Clients do not ask whether it was revoked itself, so
    /// its time should be short.
    pub fn issue_responder(&self, key: &PrivateKey, of: Delegation) -> Result<Certificate> {
        let mut request = self.delegate(key, "OCSP", of);
        request.key_usages = KeyUsages::DIGITAL_SIGNATURE;
        request.extended_key_usages = vec![oid::OCSP_SIGNING];
        request.ocsp_no_check = true;
        self.issue(&request)
    }

    fn delegate(&self, key: &PrivateKey, role: &str, of: Delegation) -> CertificateRequest {
        let own = self.issuing.common_name().unwrap_or_default();
        let common_name = format!("{own} {role}");
        let name = match self.issuing.subject_attribute(&oid::ORGANISATION) {
            Some(organisation) => DistinguishedName::new([
                (oid::ORGANISATION, organisation),
                (oid::COMMON_NAME, common_name),
            ]),
            None => DistinguishedName::common_name(common_name.trim_start()),
        };
        let mut request = CertificateRequest::new(key.public_key_info(), name, of.serial);
        request.not_before = of.not_before;
        request.not_after = of.not_after.min(self.issuing.not_after());
        request
    }
}
