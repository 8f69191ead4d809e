use super::{SerialNumber, key_id};
use crate::{
    Oid, Result,
    asn1::{oid, time, writer},
    certificate::{Certificate, Extension, KeyUsages, SubjectAltName},
    keys::{PrivateKey, PublicKey},
    name::DistinguishedName,
};

/// A certificate to be issued. [`Self::new`] gives a leaf without names, usages or addresses, to be filled in.
#[derive(Clone, Debug)]
pub struct CertificateRequest {
    /// `SubjectPublicKeyInfo` in DER
    pub public_key_info: Vec<u8>,
    /// The subject; may be empty where there are alternative names
    pub subject: DistinguishedName,
    /// Alternative names
    pub subject_alt_names: Vec<SubjectAltName>,
    /// Key usages; none leaves the extension out
    pub key_usages: KeyUsages,
    /// Extended key usages; none leaves the extension out
    pub extended_key_usages: Vec<Oid>,
    /// Seconds since 1970
    pub not_before: i64,
    /// Seconds since 1970
    pub not_after: i64,
    /// Serial number
    pub serial: SerialNumber,
    /// Where the revocation list is found
    pub crl_url: Option<String>,
    /// Where the issuer's certificate is found
    pub issuer_url: Option<String>,
    /// Where an OCSP responder answers
    pub ocsp_url: Option<String>,
    /// Makes it a CA's certificate, with so many further CAs below; `None` for a leaf
    pub authority_path_length: Option<u8>,
    /// Spares clients the question whether this certificate was revoked: only for an OCSP responder's (RFC 6960 §4.2.2.2.1)
    pub ocsp_no_check: bool,
}

impl CertificateRequest {
    /// A leaf without names, usages or addresses, valid at no time yet.
    pub fn new(public_key_info: Vec<u8>, subject: DistinguishedName, serial: SerialNumber) -> Self {
        Self {
            public_key_info,
            subject,
            subject_alt_names: Vec::new(),
            key_usages: KeyUsages::empty(),
            extended_key_usages: Vec::new(),
            not_before: 0,
            not_after: 0,
            serial,
            crl_url: None,
            issuer_url: None,
            ocsp_url: None,
            authority_path_length: None,
            ocsp_no_check: false,
        }
    }

    /// Signs a certificate under `issuer`.
    pub fn sign(&self, issuer: &Certificate, key: &PrivateKey) -> Result<Certificate> {
        self.encode(issuer.subject_der(), &key_id(issuer)?, key)
    }

    /// Signs a certificate with its own key.
    pub fn self_sign(&self, key: &PrivateKey) -> Result<Certificate> {
        self.encode(&self.subject.to_der(), &key.public_key()?.key_id(), key)
    }

    /// RFC 5280 §4.1
    fn encode(&self, issuer: &[u8], issuer_key_id: &[u8], key: &PrivateKey) -> Result<Certificate> {
        let algorithm = key.signature_algorithm().to_der()?;
        let version_3 = writer::context(0, &writer::integer(2));
        let to_be_signed = writer::sequence([
            &version_3,
            &writer::unsigned(self.serial.as_bytes()),
            &algorithm,
            issuer,
            &writer::sequence([
                &time::encode(self.not_before),
                &time::encode(self.not_after),
            ]),
            &self.subject.to_der(),
            &self.public_key_info,
            &writer::context(3, &writer::sequence_of(&self.extensions(issuer_key_id)?)),
        ]);
        let signature = writer::bit_string(&key.sign(&to_be_signed)?);
        Certificate::from_der(&writer::sequence([&to_be_signed, &algorithm, &signature]))
    }

    fn extensions(&self, issuer_key_id: &[u8]) -> Result<Vec<Vec<u8>>> {
        let own_key_id = PublicKey::from_der(&self.public_key_info)?.key_id();
        let mut extensions = vec![
            self.basic_constraints(),
            Extension::to_der(
                &oid::SUBJECT_KEY_ID,
                false,
                &writer::octet_string(&own_key_id),
            ),
            authority_key_id(issuer_key_id),
        ];
        extensions.extend(key_usage_extensions(
            self.key_usages,
            &self.extended_key_usages,
        ));
        // RFC 5280 §4.2.1.6: critical where it is all the name there is.
        extensions.extend(alt_name_extension(
            &self.subject_alt_names,
            self.subject.is_empty(),
        )?);
        if let Some(url) = &self.crl_url {
            // DistributionPoint { distributionPoint [0] { fullName [0] { URI } } }
            let full_name = writer::context(0, &writer::context(0, &uri(url)));
            let points = writer::sequence([&writer::sequence([&full_name])]);
            extensions.push(Extension::to_der(
                &oid::CRL_DISTRIBUTION_POINTS,
                false,
                &points,
            ));
        }
        extensions.extend(self.information_access());
        if self.ocsp_no_check {
            extensions.push(Extension::to_der(
                &oid::OCSP_NO_CHECK,
                false,
                &writer::null(),
            ));
        }
        Ok(extensions)
    }

    fn basic_constraints(&self) -> Vec<u8> {
        let value = match self.authority_path_length {
            Some(length) => {
                writer::sequence([&writer::boolean(true), &writer::integer(length.into())])
            }
            None => writer::sequence([]),
        };
        Extension::to_der(&oid::BASIC_CONSTRAINTS, true, &value)
    }

    fn information_access(&self) -> Option<Vec<u8>> {
        let descriptions: Vec<_> = [
            (oid::OCSP, &self.ocsp_url),
            (oid::CA_ISSUERS, &self.issuer_url),
        ]
        .iter()
        .filter_map(|(method, url)| Some((method, url.as_deref()?)))
        .map(|(method, url)| writer::sequence([&writer::oid(method), &uri(url)]))
        .collect();
        (!descriptions.is_empty()).then(|| {
            Extension::to_der(
                &oid::AUTHORITY_INFO_ACCESS,
                false,
                &writer::sequence_of(&descriptions),
            )
        })
    }
}

/// `keyUsage` and `extKeyUsage`, as certificates and requests for them carry.
pub(crate) fn key_usage_extensions(key_usages: KeyUsages, extended: &[Oid]) -> Vec<Vec<u8>> {
    let mut extensions = Vec::new();
    if !key_usages.is_empty() {
        extensions.push(Extension::to_der(
            &oid::KEY_USAGE,
            true,
            &key_usages.to_der(),
        ));
    }
    if !extended.is_empty() {
        let usages: Vec<_> = extended.iter().map(writer::oid).collect();
        extensions.push(Extension::to_der(
            &oid::EXTENDED_KEY_USAGE,
            false,
            &writer::sequence_of(&usages),
        ));
    }
    extensions
}

/// `subjectAltName`, if there is any.
pub(crate) fn alt_name_extension(
    names: &[SubjectAltName],
    critical: bool,
) -> Result<Option<Vec<u8>>> {
    if names.is_empty() {
        return Ok(None);
    }
    let names = names
        .iter()
        .map(SubjectAltName::to_der)
        .collect::<Result<Vec<_>>>()?;
    Ok(Some(Extension::to_der(
        &oid::SUBJECT_ALT_NAME,
        critical,
        &writer::sequence_of(&names),
    )))
}

pub(super) fn authority_key_id(key_id: &[u8]) -> Vec<u8> {
    let value = writer::sequence([&writer::context_primitive(0, key_id)]);
    Extension::to_der(&oid::AUTHORITY_KEY_ID, false, &value)
}

/// `GeneralName` of a URI. Those given here are the server's own, which are ASCII.
fn uri(url: &str) -> Vec<u8> {
    writer::context_primitive(6, url.as_bytes())
}
