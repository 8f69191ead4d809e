//! Issuing exactly what a specification says, whatever the request would like.

use mandate_model::{CertificateSpec, SanSpec, Timestamp};
use mandate_pki::Oid;
use mandate_pki::authority::CertificateRequest;
use mandate_pki::certificate::{Certificate, KeyUsages, SubjectAltName};
use mandate_pki::name::{Attribute, DistinguishedName};

use crate::instance::{IssuingAuthority, serial};
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
        let validity = spec.validity_days * Timestamp::DAY;
        let mut request = CertificateRequest::new(
            public_key_info.to_vec(),
            subject(spec)?,
            serial(self.chance()),
        );
        request.subject_alt_names = subject_alt_names(spec);
        request.key_usages = key_usages(spec);
        request.extended_key_usages = extended_key_usages(spec)?;
        self.sign(request, validity)
    }

    /// Signs a request by the authority that issues now, with its addresses, valid for so many microseconds from now.
    pub(super) fn sign(
        &self,
        mut request: CertificateRequest,
        validity: i64,
    ) -> Result<Certificate, EngineError> {
        let now = self.now();
        let issuer = self.authorities().current().clone();
        request.not_before = now.plus(-BACKDATED).unix_seconds();
        let until = now.plus(validity).unix_seconds();
        request.not_after = until.min(issuer.authority.issuing().not_after());
        let addresses = PublicAddresses::of(&issuer, self.device_base_url());
        request.crl_url = Some(addresses.revocation_list);
        request.issuer_url = Some(addresses.certificate);
        request.ocsp_url = Some(addresses.ocsp);
        Ok(issuer.authority.issue(&request)?)
    }

    /// What the database calls the authority of ours that issued a certificate.
    pub(super) fn issuer_of(&self, certificate: &Certificate) -> Result<String, EngineError> {
        self.authorities()
            .issuer_of(certificate)
            .map(|issuer| issuer.key_id.clone())
            .ok_or_else(|| {
                EngineError::Internal("no authority of ours issued the certificate".to_owned())
            })
    }
}

/// Where the world finds out about an authority.
struct PublicAddresses {
    revocation_list: String,
    certificate: String,
    ocsp: String,
}

impl PublicAddresses {
    fn of(issuer: &IssuingAuthority, base: &str) -> Self {
        let key_id = &issuer.key_id;
        Self {
            revocation_list: format!("{base}/pki/crl/{key_id}"),
            certificate: format!("{base}/pki/ca/{key_id}.crt"),
            ocsp: format!("{base}/pki/ocsp"),
        }
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

pub(super) fn key_usages(spec: &CertificateSpec) -> KeyUsages {
    let mut usages = KeyUsages::empty();
    if spec.key.digital_signature {
        usages = usages.union(KeyUsages::DIGITAL_SIGNATURE);
    }
    if spec.key.key_encipherment {
        usages = usages.union(KeyUsages::KEY_ENCIPHERMENT);
    }
    if spec.key.non_repudiation {
        usages = usages.union(KeyUsages::NON_REPUDIATION);
    }
    usages
}

pub(super) fn extended_key_usages(spec: &CertificateSpec) -> Result<Vec<Oid>, EngineError> {
    if spec.extended_key_usages.is_empty() {
        return Ok(vec![mandate_pki::oid::CLIENT_AUTH]);
    }
    let oid = |dotted: &String| {
        Oid::new(dotted)
            .map_err(|_| EngineError::Internal(format!("`{dotted}` is no object identifier")))
    };
    spec.extended_key_usages.iter().map(oid).collect()
}
