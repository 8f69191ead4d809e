//! What goes wrong on purpose. All probabilities are 0 to 1 and drawn from the device's own seed.

use serde::{Deserialize, Serialize};

/// Faults of one device.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Faults {
    /// Chance that a command which iOS may put off is answered `NotNow`.
    pub not_now: f64,
    /// The first so many offers of each such command are answered `NotNow`.
    pub not_now_first: u32,
    /// Chance that the server's answer is thrown away after the request was delivered.
    pub lost_answers: f64,
    /// Chance that a command is executed and its report never sent.
    pub lost_acknowledgements: f64,
    /// Chance that a report is sent twice.
    pub duplicate_reports: f64,
    /// Chance that a connection is not made at all.
    pub dropped_connections: f64,
    /// Chance, per session, that one installed profile disappears first.
    pub lost_profiles: f64,
    /// How requests are signed wrongly.
    pub forgery: Forgery,
}

/// A wrong signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Forgery {
    /// None: signatures are right.
    #[default]
    None,
    /// The right certificate, but the signature of another body.
    OtherBody,
    /// A right signature by a certificate of nobody's CA, with the subject of the right one.
    ForeignCertificate,
    /// As before, and the certificate's time is over.
    ExpiredCertificate,
    /// No `Mdm-Signature` header.
    Missing,
}

/// Commands that iOS has been seen to answer with `NotNow`.
pub(super) fn can_be_put_off(request_type: &str) -> bool {
    matches!(
        request_type,
        "InstallProfile"
            | "RemoveProfile"
            | "InstallProvisioningProfile"
            | "SecurityInfo"
            | "CertificateList"
            | "InstallApplication"
    )
}
