//! One certificate, as people read about it.

use mandate_model::{DeviceId, ImportPurpose, ProfileId, Timestamp, User, UserId};
use mandate_pki::certificate::{Certificate, KeyUsages};
use mandate_pki::oid;
use mandate_store::{ImportedRecord, IssuedRecord};
use serde::{Serialize, Serializer};

use crate::EngineError;
use crate::certificates::pkcs;
use crate::instance::hex;

/// How a certificate came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum CertificateOrigin {
    /// The device made the key and asked for the certificate.
    Scep,
    /// The server made the key for the device.
    Pkcs,
    /// It was imported with its key for a person.
    Imported,
}

/// Whether devices share a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Sharing {
    /// Each device has one of its own.
    #[serde(rename = "per device")]
    PerDevice,
    /// All devices of the person have the same.
    #[serde(rename = "shared by the user's devices")]
    SharedByDevices,
}

/// What is known of a certificate on a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Presence {
    /// The device's own list shows it.
    Confirmed,
    /// It should be there, and no list has shown it yet.
    Expected,
    /// The list shows it although nothing asks for it; it is on its way out, or the device belongs to somebody else.
    NotExpected,
}

/// A certificate on a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DevicePresence {
    /// The device.
    pub id: DeviceId,
    /// Its name.
    pub device_name: String,
    /// What is known.
    pub state: Presence,
    /// When the list that shows it was read.
    #[serde(serialize_with = "optional_moment")]
    pub seen_date_time: Option<Timestamp>,
}

/// A certificate that somebody has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HeldCertificate {
    /// Person it belongs to.
    pub user_id: Option<UserId>,
    /// That person's sign-in name.
    pub user_principal_name: Option<String>,
    /// How it came to be.
    pub source: CertificateOrigin,
    /// Name of the external issuer, if it was not issued here.
    pub external_issuer: Option<String>,
    /// What it is for: `smimeEncryption`, `smimeSigning`, `clientAuthentication`…
    pub purpose: String,
    /// Whether devices share it.
    pub sharing: Sharing,
    /// Subject as RFC 4514 text.
    pub subject: String,
    /// Issuer as RFC 4514 text.
    pub issuer: String,
    /// Serial number in lower-case hexadecimal.
    pub serial_number: String,
    /// SHA-1 of the DER form in lower-case hexadecimal.
    pub thumbprint: String,
    /// SHA-256 of the DER form in lower-case hexadecimal.
    pub sha256: String,
    /// Valid from.
    #[serde(serialize_with = "moment")]
    pub not_before_date_time: Timestamp,
    /// Valid until.
    #[serde(serialize_with = "moment")]
    pub not_after_date_time: Timestamp,
    /// When it was revoked.
    #[serde(serialize_with = "optional_moment")]
    pub revoked_date_time: Option<Timestamp>,
    /// Profile that asked for it.
    pub profile_id: Option<ProfileId>,
    /// Where it is, or should be.
    pub devices: Vec<DevicePresence>,
}

impl HeldCertificate {
    /// A certificate that was issued for a profile on a device.
    pub(super) fn issued(
        record: &IssuedRecord,
        own_authorities: &[String],
    ) -> Result<Self, EngineError> {
        let certificate = Certificate::from_der(&record.der)?;
        let source = if record.purpose == pkcs::PURPOSE {
            CertificateOrigin::Pkcs
        } else {
            CertificateOrigin::Scep
        };
        Ok(Self {
            user_id: record.user_id,
            source,
            external_issuer: (!own_authorities.contains(&record.issuer))
                .then(|| record.issuer.clone()),
            purpose: purpose(&certificate).to_owned(),
            sharing: Sharing::PerDevice,
            revoked_date_time: record.revoked_at,
            profile_id: record.profile_id,
            ..Self::read(&certificate)
        })
    }

    /// A certificate that was imported for somebody.
    pub(super) fn imported(record: &ImportedRecord, der: &[u8]) -> Result<Self, EngineError> {
        let certificate = Certificate::from_der(der)?;
        let purpose = match record.certificate.purpose {
            ImportPurpose::Unassigned => purpose(&certificate),
            assigned => assigned.name(),
        };
        Ok(Self {
            user_id: Some(record.user_id),
            user_principal_name: Some(record.user_principal_name.clone()),
            source: CertificateOrigin::Imported,
            purpose: purpose.to_owned(),
            sharing: Sharing::SharedByDevices,
            ..Self::read(&certificate)
        })
    }

    /// Whose it is; nobody else's name is read.
    pub(super) fn belongs_to(mut self, user: Option<&User>) -> Self {
        self.user_id = user.map(|user| user.id);
        self.user_principal_name = user.map(|user| user.user_principal_name.clone());
        self
    }

    fn read(certificate: &Certificate) -> Self {
        Self {
            user_id: None,
            user_principal_name: None,
            source: CertificateOrigin::Imported,
            external_issuer: None,
            purpose: String::new(),
            sharing: Sharing::PerDevice,
            subject: certificate.subject(),
            issuer: certificate.issuer(),
            serial_number: certificate.serial_hex(),
            thumbprint: hex(&certificate.sha1()),
            sha256: hex(&certificate.sha256()),
            not_before_date_time: Timestamp::from_unix_seconds(certificate.not_before()),
            not_after_date_time: Timestamp::from_unix_seconds(certificate.not_after()),
            revoked_date_time: None,
            profile_id: None,
            devices: Vec::new(),
        }
    }
}

/// What a certificate is for, by what its extensions allow.
fn purpose(certificate: &Certificate) -> &'static str {
    let usages = certificate.extended_key_usages();
    let is_for = |usage| usages.contains(&usage);
    if is_for(oid::EMAIL_PROTECTION) {
        let signs = certificate.permits(KeyUsages::DIGITAL_SIGNATURE);
        let deciphers = certificate.permits(KeyUsages::KEY_ENCIPHERMENT);
        return match (signs, deciphers) {
            (true, false) => "smimeSigning",
            (false, true) => "smimeEncryption",
            _ => "smime",
        };
    }
    if is_for(oid::CLIENT_AUTH) {
        return "clientAuthentication";
    }
    if is_for(oid::SERVER_AUTH) {
        return "serverTls";
    }
    "other"
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference to the field"
)]
fn moment<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(at)
}

#[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
fn optional_moment<S: Serializer>(
    at: &Option<Timestamp>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => serializer.collect_str(at),
        None => serializer.serialize_none(),
    }
}
