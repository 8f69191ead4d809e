//! One payload, and the rules of each type that the simulator knows.

use super::fields::{bytes, number, optional_text, text, unsupported_value};
use super::{ErrorChain, Platform, System, eas, fields, pkcs12, scep};
use crate::certificates::Certificate;
use plist::Dictionary;

/// Payload types.
pub mod kind {
    /// The MDM enrolment itself.
    pub const MDM: &str = "com.apple.mdm";
    /// An identity by SCEP.
    pub const SCEP: &str = "com.apple.security.scep";
    /// An identity by ACME.
    pub const ACME: &str = "com.apple.security.acme";
    /// An identity as a file.
    pub const PKCS12: &str = "com.apple.security.pkcs12";
    /// A trusted root.
    pub const ROOT: &str = "com.apple.security.root";
    /// A certificate, DER.
    pub const PKCS1: &str = "com.apple.security.pkcs1";
    /// A certificate, PEM.
    pub const PEM: &str = "com.apple.security.pem";
    /// An Exchange `ActiveSync` account.
    pub const EAS: &str = "com.apple.eas.account";
}

/// A payload whose outline is right.
#[derive(Debug, Clone)]
pub struct Payload {
    /// `PayloadType`.
    pub kind: String,
    /// `PayloadIdentifier`.
    pub identifier: String,
    /// `PayloadUUID` as sent.
    pub uuid: String,
    /// `PayloadVersion`.
    pub version: i64,
    /// `PayloadDisplayName`; empty when absent.
    pub display_name: String,
    /// The whole dictionary.
    pub content: Dictionary,
}

impl Payload {
    /// Reads the keys that every payload must have (`CommonPayloadKeys`).
    pub fn read(content: Dictionary) -> Result<Self, ErrorChain> {
        let version = number(&content, "PayloadVersion")?;
        if version != 1 {
            return Err(ErrorChain::payload(
                2001,
                format!("Payload version {version} is not supported."),
            ));
        }
        Ok(Self {
            kind: text(&content, "PayloadType")?.to_owned(),
            identifier: text(&content, "PayloadIdentifier")?.to_owned(),
            uuid: text(&content, "PayloadUUID")?.to_owned(),
            version,
            display_name: optional_text(&content, "PayloadDisplayName"),
            content,
        })
    }

    /// Whether other payloads can refer to this one as an identity.
    pub fn is_identity(&self) -> bool {
        matches!(self.kind.as_str(), kind::SCEP | kind::ACME | kind::PKCS12)
    }

    /// Whether this is a certificate without a key.
    pub fn is_certificate(&self) -> bool {
        matches!(self.kind.as_str(), kind::ROOT | kind::PKCS1 | kind::PEM)
    }

    /// The rules of its type that need nothing but the profile: types, required keys, values, references to `siblings`.
    pub fn validate(&self, siblings: &[Self], system: System) -> Result<(), ErrorChain> {
        match self.kind.as_str() {
            // iOS, iPadOS and visionOS only (Apple's schema: macOS n/a).
            kind::EAS if system.platform == Platform::MacOs => Err(ErrorChain::single(
                "MCInstallationErrorDomain",
                4_023,
                format!("The payload “{}” is not acceptable on a Mac.", self.kind),
            )),
            kind::EAS => eas::validate(&self.content, siblings, system.version),
            kind::SCEP => scep::validate(&self.content, system),
            kind::PKCS12 => pkcs12::validate(&self.content, system),
            kind::ROOT | kind::PKCS1 | kind::PEM => self.certificate().map(|_| ()),
            kind::MDM => validate_mdm(&self.content, siblings),
            _ => Ok(()),
        }
    }

    /// The certificate of a certificate payload.
    pub fn certificate(&self) -> Result<Certificate, ErrorChain> {
        let data = bytes(&self.content, "PayloadContent")?;
        Certificate::from_der_or_pem(data).map_err(|_| {
            ErrorChain::single(
                "MCCertificateErrorDomain",
                9005,
                format!("The certificate “{}” is malformed.", self.display_name),
            )
        })
    }
}

/// `com.apple.mdm`: what an installation needs and what refuses it.
fn validate_mdm(content: &Dictionary, siblings: &[Payload]) -> Result<(), ErrorChain> {
    use fields::Kind::{Number, Switch, Text};
    const FIELDS: &[fields::Field] = &[
        ("CheckInURL", Text, (4, 0)),
        ("SignMessage", Switch, (4, 0)),
        ("AccessRights", Number, (4, 0)),
        ("CheckOutWhenRemoved", Switch, (5, 0)),
        ("UseDevelopmentAPNS", Switch, (4, 0)),
        ("EnrollmentMode", Text, (15, 0)),
        ("AssignedManagedAppleID", Text, (15, 0)),
    ];
    fields::check_types(content, FIELDS, (99, 0))?;
    for key in ["ServerURL", "CheckInURL"] {
        if key == "CheckInURL" && !content.contains_key(key) {
            continue;
        }
        let url = text(content, key)?;
        if !url.starts_with("https://") && !url.starts_with("http://") {
            return Err(unsupported_value(key));
        }
    }
    text(content, "Topic")?;
    let identity = text(content, "IdentityCertificateUUID")?;
    if !siblings
        .iter()
        .any(|payload| payload.is_identity() && payload.uuid.eq_ignore_ascii_case(identity))
    {
        return Err(ErrorChain::mdm(
            12_005,
            "The identity certificate of the MDM payload is not in the profile.",
        ));
    }
    let user_enrolment = content
        .get("EnrollmentMode")
        .and_then(plist::Value::as_string)
        == Some("BYOD");
    match content
        .get("AccessRights")
        .and_then(plist::Value::as_signed_integer)
    {
        Some(_) if user_enrolment => Err(ErrorChain::mdm(
            12_011,
            "A user enrolment must not ask for “AccessRights”.",
        )),
        Some(rights) if !(1..=8_191).contains(&rights) => {
            Err(ErrorChain::mdm(12_000, "The access rights are not valid."))
        }
        _ => Ok(()),
    }
}
