//! Issuing exactly what a specification says, whatever the request would like.

use mandate_model::{CertificateSpec, SanSpec, Timestamp};
use mandate_pki::authority::CertificateRequest;
use mandate_pki::certificate::{Certificate, KeyUsages, SubjectAltName};
use mandate_pki::name::{Attribute, DistinguishedName};
use mandate_pki::{Oid, oid};

use crate::instance::{IssuingAuthority, serial};
use crate::{Engine, EngineError};

/// An authority that is about to end issues nothing: what it issued would be dead, or asked for again without end.
const LEAST_LEFT: i64 = Timestamp::DAY;
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

    /// Signs a request by the authority that issues now, with its addresses, valid for so many microseconds from now. Refused
    /// when the authority is about to end, and when the certificate would speak for the authority itself.
    pub(super) fn sign(
        &self,
        mut request: CertificateRequest,
        validity: i64,
    ) -> Result<Certificate, EngineError> {
        let now = self.now();
        let issuer = self.authorities().current().clone();
        let issuing = issuer.authority.issuing();
        let end = Timestamp::from_unix_seconds(issuing.not_after());
        if end.since(now) < LEAST_LEFT {
            let reason = format!(
                "the authority `{}` issues nothing any more, since it ends on {end}: replace it by `mandate ca rollover`",
                issuing.subject()
            );
            return Err(EngineError::NotPossible { reason });
        }
        check_usages(&request.extended_key_usages)?;
        request.not_before = now.plus(-BACKDATED).unix_seconds();
        let until = now.plus(validity).unix_seconds();
        request.not_after = until.min(issuing.not_after());
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
        return Ok(vec![oid::CLIENT_AUTH]);
    }
    let read = |dotted: &String| {
        Oid::new(dotted)
            .map_err(|_| EngineError::Internal(format!("`{dotted}` is no object identifier")))
    };
    let usages: Vec<Oid> = spec
        .extended_key_usages
        .iter()
        .map(read)
        .collect::<Result<_, _>>()?;
    check_usages(&usages)?;
    Ok(usages)
}

/// Whether a purpose is the authority's own: who has a certificate for it answers for the authority by OCSP (RFC 6960 §4.2.2.2).
pub(super) fn is_reserved(usage: &Oid) -> bool {
    *usage == oid::OCSP_SIGNING
}

fn check_usages(usages: &[Oid]) -> Result<(), EngineError> {
    match usages.iter().find(|usage| is_reserved(usage)) {
        Some(usage) => Err(EngineError::NotPossible {
            reason: format!(
                "the extended key usage {usage} (OCSP signing) is the authority's own and issued to nobody"
            ),
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_appointed_to_answer_for_the_authority() {
        let mut spec = crate::certificates::challenge::identity_spec("ada", "Contoso", 30);
        spec.extended_key_usages = vec!["1.3.6.1.5.5.7.3.4".to_owned()];
        assert!(extended_key_usages(&spec).is_ok());
        spec.extended_key_usages
            .push("1.3.6.1.5.5.7.3.9".to_owned());
        let refused = extended_key_usages(&spec).unwrap_err().to_string();
        assert!(refused.contains("OCSP signing"), "{refused}");
    }
}
