//! A managed device.

use serde::{Deserialize, Serialize};

use crate::{DeviceId, OsVersion, Timestamp, UserId};

/// What a device runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Platform {
    /// iOS and iPadOS: one platform, as in Intune.
    Ios,
    /// macOS.
    #[serde(rename = "macOS")]
    MacOs,
}

impl Platform {
    /// The name in lower case, as commands and links take it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ios => "ios",
            Self::MacOs => "macos",
        }
    }

    /// Who makes its devices, by the name that they give themselves.
    pub const fn manufacturer(self) -> &'static str {
        match self {
            Self::Ios | Self::MacOs => "Apple",
        }
    }

    /// Reads the name, in any letter case; `ipados` is the same platform.
    pub fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "ios" | "ipados" | "ios/ipados" => Some(Self::Ios),
            "macos" | "mac" => Some(Self::MacOs),
            _ => None,
        }
    }
}

/// How a device came under management, which decides what may be done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EnrolmentType {
    /// The whole device; identified by its UDID.
    Device,
    /// A managed part of a person's own device; identified by an `EnrollmentID` that is new at each enrolment.
    User,
}

/// Whose device it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Ownership {
    /// Nobody has said.
    Unknown,
    /// Bought by the organisation.
    Company,
    /// A person's own.
    Personal,
}

/// Where a device stands in its life here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DeviceState {
    /// Authenticated, but without a first push token yet: not enrolled.
    Enrolling,
    /// Taken over from another server, from which it has not come here yet: it can be woken, and nothing else.
    Imported,
    /// Under management.
    Enrolled,
    /// Its management is to be removed; waits for the device.
    Retiring,
    /// To be erased; waits for the device.
    Wiping,
    /// Management was removed by us and the device confirmed it.
    Retired,
    /// Erased by us and acknowledged.
    Wiped,
    /// The device or its user removed management.
    Unenrolled,
}

impl DeviceState {
    /// Whether profiles are wanted on the device.
    pub const fn is_managed(self) -> bool {
        matches!(self, Self::Enrolled)
    }

    /// Whether the device may still speak with us.
    pub const fn is_connected(self) -> bool {
        matches!(
            self,
            Self::Enrolling | Self::Imported | Self::Enrolled | Self::Retiring | Self::Wiping
        )
    }
}

/// What the device said about itself; every item may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DeviceFacts {
    /// Name that the user gave.
    pub device_name: Option<String>,
    /// Model for people, such as `iPhone`.
    pub model: Option<String>,
    /// Product code, such as `iPhone15,2`.
    pub product_name: Option<String>,
    /// Version of the operating system as reported.
    pub os_version: Option<String>,
    /// Build of the operating system.
    pub build_version: Option<String>,
    /// Serial number; absent in user enrolment.
    pub serial_number: Option<String>,
    /// IMEI, digits and blanks as reported.
    pub imei: Option<String>,
    /// MEID as reported.
    pub meid: Option<String>,
    /// Wi-Fi address as reported.
    pub wifi_mac: Option<String>,
    /// ActiveSync id: the join key to the mail server's device list.
    pub eas_device_identifier: Option<String>,
    /// Whether the device is supervised.
    pub is_supervised: Option<bool>,
    /// Whether a passcode is set (`SecurityInfo`).
    pub passcode_present: Option<bool>,
    /// Whether storage is encrypted (`SecurityInfo`).
    pub is_encrypted: Option<bool>,
}

/// A device under management, or one that was.
#[derive(Debug, Clone, PartialEq)]
pub struct Device {
    /// Object id.
    pub id: DeviceId,
    /// What it runs.
    pub platform: Platform,
    /// How it was enrolled.
    pub enrolment_type: EnrolmentType,
    /// The protocol's own id: a UDID, or an `EnrollmentID` in user enrolment. Unique.
    pub enrolment_id: String,
    /// Where it stands.
    pub state: DeviceState,
    /// Primary user, for whom mail and certificates are made.
    pub user_id: Option<UserId>,
    /// The device enrolment manager who enrolled it, if one did: such a device belongs to nobody until somebody says so.
    pub manager_id: Option<UserId>,
    /// Whose it is.
    pub ownership: Ownership,
    /// What it said about itself.
    pub facts: DeviceFacts,
    /// When management was complete.
    pub enrolled_at: Timestamp,
    /// When it last spoke with us.
    pub last_seen_at: Timestamp,
}

impl Device {
    /// The reported version of the operating system, if it can be read.
    pub fn os_version(&self) -> Option<OsVersion> {
        self.facts.os_version.as_deref().and_then(OsVersion::parse)
    }

    /// A name that people recognise: the device's own, else its model, else its id.
    pub fn display_name(&self) -> String {
        let facts = &self.facts;
        facts
            .device_name
            .clone()
            .or_else(|| facts.model.clone())
            .unwrap_or_else(|| self.enrolment_id.clone())
    }
}
