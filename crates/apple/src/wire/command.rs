//! Commands: what a device is told to do.

use mandate_model::EnrolmentType;
use plist::{Dictionary, Value};

use super::access_rights::AccessRights;
use super::property_list;

/// A command without its id, which makes it a request: [`Command::to_plist`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Apple `InstallProfile`: the profile's bytes, signed or plain. Replaces the one of the same identifier.
    InstallProfile(Vec<u8>),
    /// Apple `RemoveProfile`, by `PayloadIdentifier`.
    RemoveProfile(String),
    /// Apple `ProfileList`.
    ProfileList {
        /// Only what management installed; user enrolments do so anyway.
        managed_only: bool,
    },
    /// Apple `CertificateList`.
    CertificateList {
        /// Only what management installed; user enrolments do so anyway.
        managed_only: bool,
    },
    /// Apple `DeviceInformation`. Queries that a device does not know it leaves out of its answer.
    DeviceInformation(Vec<DeviceQuery>),
    /// Apple `SecurityInfo`.
    SecurityInfo,
    /// Apple `DeviceConfigured`: lets a device go on that waits in its Setup Assistant.
    DeviceConfigured,
    /// Apple `DeviceLock`.
    DeviceLock {
        /// Shown on the lock screen.
        message: Option<String>,
        /// Shown on the lock screen.
        phone_number: Option<String>,
    },
    /// Apple `EraseDevice`.
    EraseDevice {
        /// Keep the eSIM.
        preserve_data_plan: bool,
        /// Do not offer to set up from a nearby device afterwards.
        disallow_proximity_setup: bool,
    },
}

/// An item of `Queries` that we ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "Apple's own names")]
pub enum DeviceQuery {
    DeviceName,
    OsVersion,
    BuildVersion,
    ModelName,
    Model,
    ProductName,
    SerialNumber,
    Imei,
    Meid,
    IsSupervised,
    EasDeviceIdentifier,
    WifiMac,
    ServiceSubscriptions,
}

impl Command {
    /// Asks for everything that the model keeps of a device and that this kind of enrolment may tell.
    pub fn device_information(enrolment: EnrolmentType) -> Self {
        let may_ask = |query: &DeviceQuery| match enrolment {
            EnrolmentType::Device => true,
            EnrolmentType::User => query.allowed_in_user_enrolment(),
        };
        Self::DeviceInformation(DeviceQuery::ALL.into_iter().filter(may_ask).collect())
    }

    /// The request, an XML document. `command_uuid` is any unique text; the device repeats it in its report.
    pub fn to_plist(&self, command_uuid: &str) -> Vec<u8> {
        let mut command = self.arguments();
        command.insert("RequestType".to_owned(), self.request_type().into());
        property_list::write(Dictionary::from_iter([
            ("Command", Value::Dictionary(command)),
            ("CommandUUID", command_uuid.into()),
        ]))
    }

    /// Apple's `RequestType`.
    pub const fn request_type(&self) -> &'static str {
        match self {
            Self::InstallProfile(_) => "InstallProfile",
            Self::RemoveProfile(_) => "RemoveProfile",
            Self::ProfileList { .. } => "ProfileList",
            Self::CertificateList { .. } => "CertificateList",
            Self::DeviceInformation(_) => "DeviceInformation",
            Self::SecurityInfo => "SecurityInfo",
            Self::DeviceConfigured => "DeviceConfigured",
            Self::DeviceLock { .. } => "DeviceLock",
            Self::EraseDevice { .. } => "EraseDevice",
        }
    }

    /// Whether an iOS device may put it off, being locked or busy. Those that it may not are worth sending after a
    /// `NotNow`.
    pub const fn may_answer_not_now(&self) -> bool {
        match self {
            Self::InstallProfile(_)
            | Self::RemoveProfile(_)
            // CertificateList since iOS 15.4, before the first unlock.
            | Self::CertificateList { .. }
            | Self::SecurityInfo => true,
            Self::ProfileList { .. }
            | Self::DeviceInformation(_)
            | Self::DeviceConfigured
            | Self::DeviceLock { .. }
            | Self::EraseDevice { .. } => false,
        }
    }

    /// Whether a user enrolment takes it.
    pub const fn allowed_in_user_enrolment(&self) -> bool {
        match self {
            Self::EraseDevice { .. } | Self::DeviceConfigured => false,
            Self::InstallProfile(_)
            | Self::RemoveProfile(_)
            | Self::ProfileList { .. }
            | Self::CertificateList { .. }
            | Self::DeviceInformation(_)
            | Self::SecurityInfo
            | Self::DeviceLock { .. } => true,
        }
    }

    /// The right that the enrolment needs; without it the command fails. Without the right to a single query
    /// `DeviceInformation` only leaves that one out.
    pub const fn access_right(&self) -> AccessRights {
        match self {
            Self::InstallProfile(_) | Self::RemoveProfile(_) => AccessRights::CHANGE_PROFILES,
            Self::ProfileList { .. } | Self::CertificateList { .. } => {
                AccessRights::INSPECT_PROFILES
            }
            Self::DeviceInformation(_) | Self::DeviceConfigured => AccessRights::NONE,
            Self::SecurityInfo => AccessRights::SECURITY_INFORMATION,
            Self::DeviceLock { .. } => AccessRights::LOCK,
            Self::EraseDevice { .. } => AccessRights::ERASE,
        }
    }

    fn arguments(&self) -> Dictionary {
        let mut arguments = Dictionary::new();
        let mut put = |key: &str, value: Value| {
            arguments.insert(key.to_owned(), value);
        };
        match self {
            Self::InstallProfile(profile) => put("Payload", Value::Data(profile.clone())),
            Self::RemoveProfile(identifier) => put("Identifier", identifier.as_str().into()),
            Self::ProfileList { managed_only } | Self::CertificateList { managed_only } => {
                put("ManagedOnly", (*managed_only).into());
            }
            Self::DeviceInformation(queries) => {
                put(
                    "Queries",
                    queries
                        .iter()
                        .map(|query| Value::from(query.name()))
                        .collect::<Vec<_>>()
                        .into(),
                );
            }
            Self::SecurityInfo | Self::DeviceConfigured => {}
            Self::DeviceLock {
                message,
                phone_number,
            } => {
                for (key, text) in [("Message", message), ("PhoneNumber", phone_number)] {
                    if let Some(text) = text {
                        put(key, text.as_str().into());
                    }
                }
            }
            Self::EraseDevice {
                preserve_data_plan,
                disallow_proximity_setup,
            } => {
                // Named only when wanted: before iOS 14 the second went with no other.
                for (key, wanted) in [
                    ("PreserveDataPlan", *preserve_data_plan),
                    ("DisallowProximitySetup", *disallow_proximity_setup),
                ] {
                    if wanted {
                        put(key, true.into());
                    }
                }
            }
        }
        arguments
    }
}

impl DeviceQuery {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::DeviceName,
        Self::OsVersion,
        Self::BuildVersion,
        Self::ModelName,
        Self::Model,
        Self::ProductName,
        Self::SerialNumber,
        Self::Imei,
        Self::Meid,
        Self::IsSupervised,
        Self::EasDeviceIdentifier,
        Self::WifiMac,
        Self::ServiceSubscriptions,
    ];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DeviceName => "DeviceName",
            Self::OsVersion => "OSVersion",
            Self::BuildVersion => "BuildVersion",
            Self::ModelName => "ModelName",
            Self::Model => "Model",
            Self::ProductName => "ProductName",
            Self::SerialNumber => "SerialNumber",
            Self::Imei => "IMEI",
            Self::Meid => "MEID",
            Self::IsSupervised => "IsSupervised",
            Self::EasDeviceIdentifier => "EASDeviceIdentifier",
            Self::WifiMac => "WiFiMAC",
            Self::ServiceSubscriptions => "ServiceSubscriptions",
        }
    }

    /// Whether a user enrolment may be asked. What names the device across enrolments it may not.
    pub const fn allowed_in_user_enrolment(self) -> bool {
        match self {
            Self::SerialNumber
            | Self::Imei
            | Self::Meid
            | Self::WifiMac
            | Self::ServiceSubscriptions => false,
            Self::DeviceName
            | Self::OsVersion
            | Self::BuildVersion
            | Self::ModelName
            | Self::Model
            | Self::ProductName
            | Self::IsSupervised
            | Self::EasDeviceIdentifier => true,
        }
    }
}
