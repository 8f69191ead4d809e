//! What is on the device: profiles and certificates.

use plist::{Dictionary, Value};

use super::Report;
use crate::wire::fields;

/// An item of Apple `ProfileList`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstalledProfile {
    /// `PayloadIdentifier`.
    pub identifier: String,
    /// `PayloadUUID`, which names the version that is installed. Letter case as reported.
    pub uuid: String,
    /// `PayloadDisplayName`.
    pub display_name: Option<String>,
    /// Whether management installed it. Not every release says; absent says nothing.
    pub is_managed: Option<bool>,
    /// Whether it came encrypted for the device; then `payloads` is empty.
    pub is_encrypted: bool,
    /// What is in it, without any value.
    pub payloads: Vec<PayloadHead>,
}

/// A payload of an installed profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayloadHead {
    /// `PayloadType`, such as `com.apple.eas.account`.
    pub payload_type: String,
    /// `PayloadIdentifier`.
    pub identifier: Option<String>,
    /// `PayloadUUID`.
    pub uuid: Option<String>,
}

/// An item of Apple `CertificateList`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstalledCertificate {
    /// Common name of the subject, for people.
    pub common_name: Option<String>,
    /// Whether its key is on the device too.
    pub is_identity: bool,
    /// The certificate, DER.
    pub der: Vec<u8>,
}

impl Report {
    /// The profiles, if this answers `ProfileList`. An item without identifier or UUID is left out.
    pub fn profiles(&self) -> Option<Vec<InstalledProfile>> {
        self.response.get("ProfileList").and_then(Value::as_array)?;
        Some(
            fields::dictionaries(&self.response, "ProfileList")
                .filter_map(InstalledProfile::read)
                .collect(),
        )
    }

    /// The certificates, if this answers `CertificateList`. An item without certificate is left out.
    pub fn certificates(&self) -> Option<Vec<InstalledCertificate>> {
        self.response
            .get("CertificateList")
            .and_then(Value::as_array)?;
        Some(
            fields::dictionaries(&self.response, "CertificateList")
                .filter_map(InstalledCertificate::read)
                .collect(),
        )
    }
}

impl InstalledProfile {
    fn read(item: &Dictionary) -> Option<Self> {
        Some(Self {
            identifier: fields::fact(item, "PayloadIdentifier")?,
            uuid: fields::fact(item, "PayloadUUID")?,
            display_name: fields::fact(item, "PayloadDisplayName"),
            is_managed: fields::boolean(item, "IsManaged"),
            is_encrypted: fields::boolean(item, "IsEncrypted").unwrap_or(false),
            payloads: fields::dictionaries(item, "PayloadContent")
                .filter_map(PayloadHead::read)
                .collect(),
        })
    }
}

impl PayloadHead {
    fn read(item: &Dictionary) -> Option<Self> {
        Some(Self {
            payload_type: fields::fact(item, "PayloadType")?,
            identifier: fields::fact(item, "PayloadIdentifier"),
            uuid: fields::fact(item, "PayloadUUID"),
        })
    }
}

impl InstalledCertificate {
    fn read(item: &Dictionary) -> Option<Self> {
        Some(Self {
            common_name: fields::fact(item, "CommonName"),
            is_identity: fields::boolean(item, "IsIdentity").unwrap_or(false),
            der: item.get("Data")?.as_data()?.to_vec(),
        })
    }
}
