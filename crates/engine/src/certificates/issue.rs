//! Issuing exactly what a specification says, whatever the request would like.

use mandate_model::{CertificateSpec, SanSpec, Timestamp};
use mandate_pki::Oid;
use mandate_pki::authority::{CertificateRequest, SerialNumber};
use mandate_pki::certificate::{Certificate, KeyUsages, SubjectAltName};
use mandate_pki::name::{Attribute, DistinguishedName};

use crate::{Engine, EngineError};

/// Clocks of devices run slow; a certificate is valid from a little before it is issued.
const BACKDATED: i64 = Timestamp::HOUR;

impl Engine {
    /// A certificate for a public key.
    pub(super) fn issue(
        &self,
        spec: &CertificateSpec,
        public_key_info: &[u8],
    ) -> Result<Certificate, EngineError> {
        let now = self.now();
        let serial = SerialNumber::generate(&mut |buffer: &mut [u8]| self.chance().fill(buffer));
        let mut request = CertificateRequest::new(public_key_info.to_vec(), subject(spec)?, serial);
        request.subject_alt_names = subject_alt_names(spec);
        request.key_usages = key_usages(spec);
        request.extended_key_usages = extended_key_usages(spec)?;
        request.not_before = now.plus(-BACKDATED).unix_seconds();
        let until = now.plus(spec.validity_days * Timestamp::DAY).unix_seconds();
        request.not_after = until.min(self.authority().issuing().not_after());
        request.crl_url = Some(format!("{}/pki/crl", self.device_base_url()));
        request.issuer_url = Some(format!("{}/pki/ca.crt", self.device_base_url()));
        Ok(self.authority().issue(&request)?)
    }
}

/// The subject in the order of its encoding.
pub(super) fn subject(spec: &CertificateSpec) -> Result<DistinguishedName, EngineError> {
    let attribute = |(name, value): &(String, String)| {
        let oid = Attribute::oid_of(name)
            .ok_or_else(|| EngineError::Internal(format!("`{name}` is no attribute of a name")))?;
        Ok(Attribute {
            oid,
            value: value.clone(),
        })
    };
    let names: Result<Vec<Vec<Attribute>>, EngineError> = spec
        .subject
        .iter()
        .map(|relative| relative.iter().map(attribute).collect())
        .collect();
    Ok(DistinguishedName::from_relative_names(names?))
}

pub(super) fn subject_alt_names(spec: &CertificateSpec) -> Vec<SubjectAltName> {
    let name = |name: &SanSpec| match name {
        SanSpec::Email(value) => SubjectAltName::Email(value.clone()),
        SanSpec::UserPrincipalName(value) => SubjectAltName::Upn(value.clone()),
        SanSpec::Dns(value) => SubjectAltName::Dns(value.clone()),
        SanSpec::Uri(value) => SubjectAltName::Uri(value.clone()),
    };
    spec.subject_alt_names.iter().map(name).collect()
}

fn key_usages(spec: &CertificateSpec) -> KeyUsages {
    let mut usages = KeyUsages::empty();
    if spec.key.digital_signature {
        usages = usages.union(KeyUsages::DIGITAL_SIGNATURE);
    }
    if spec.key.key_encipherment {
        usages = usages.union(KeyUsages::KEY_ENCIPHERMENT);
    }
    usages
}

fn extended_key_usages(spec: &CertificateSpec) -> Result<Vec<Oid>, EngineError> {
    if spec.extended_key_usages.is_empty() {
        return Ok(vec![mandate_pki::oid::CLIENT_AUTH]);
    }
    let oid = |dotted: &String| {
        Oid::new(dotted)
            .map_err(|_| EngineError::Internal(format!("`{dotted}` is no object identifier")))
    };
    spec.extended_key_usages.iter().map(oid).collect()
}
