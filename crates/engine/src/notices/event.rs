//! What happens that people are told of.

use mandate_model::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Something that a person is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NoticeEvent {
    /// An account that the person made by hand keeps ours from the device.
    AccountBlocked,
    /// A certificate of the person ends, and nothing has replaced it.
    CertificateEnding,
    /// The device asks, or will ask, for the password of the mailbox or for a sign-in.
    PasswordExpected,
    /// The device may ask whether new mail settings are wanted.
    ApprovalExpected,
}

impl NoticeEvent {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::AccountBlocked,
        Self::CertificateEnding,
        Self::PasswordExpected,
        Self::ApprovalExpected,
    ];

    /// Its name, as in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccountBlocked => "accountBlocked",
            Self::CertificateEnding => "certificateEnding",
            Self::PasswordExpected => "passwordExpected",
            Self::ApprovalExpected => "approvalExpected",
        }
    }

    /// Reads the name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.name() == name)
    }

    /// For how long after it came up it is worth a mail, in microseconds.
    pub(super) const fn patience(self) -> i64 {
        match self {
            Self::AccountBlocked | Self::CertificateEnding => 14 * Timestamp::DAY,
            Self::PasswordExpected | Self::ApprovalExpected => 3 * Timestamp::DAY,
        }
    }
}

/// What is kept of a matter, so that its text can be made later.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Facts {
    /// Name of the profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) profile: Option<String>,
    /// Version of the profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<i64>,
    /// Mail address of the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<String>,
    /// Mail server of the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) host: Option<String>,
    /// The certificate that ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) certificate: Option<EndingCertificate>,
    /// The text that is tried out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) template: Option<Uuid>,
}

/// A certificate that ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EndingCertificate {
    /// SHA-256 of its DER form in lower-case hexadecimal.
    pub(crate) sha256: String,
    /// Its subject, as RFC 4514 text.
    pub(crate) subject: String,
    /// Whether it was imported: then somebody has to provide another one. Otherwise its device renews it as soon as it can.
    pub(crate) is_imported: bool,
    /// Its end, in microseconds since 1970.
    pub(crate) not_after: i64,
}

impl Facts {
    /// What is kept in the database.
    pub(crate) fn to_value(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("texts and numbers")
    }

    /// The same back; what cannot be read is absent.
    pub(crate) fn of(value: &serde_json::Value) -> Self {
        serde_json::from_value(value.clone()).unwrap_or_default()
    }
}
