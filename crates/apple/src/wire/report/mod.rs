//! Reports: what a device puts to `ServerURL`, asking for work or answering a command.

mod facts;
mod inventory;

use plist::Dictionary;

pub use facts::SecurityInfo;
pub(super) use facts::take_over;
pub use inventory::{InstalledCertificate, InstalledProfile, PayloadHead};

use super::error_chain::{self, ErrorEntry};
use super::identity::{Channel, DeviceKey, EnrolmentIds};
use super::property_list::{self, Limits};
use super::{WireError, fields};

/// Our own command ids are UUIDs; others' may be anything.
const COMMAND_UUID_LENGTH: usize = 128;

/// A report with its sender.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The enrolment that speaks.
    pub device: DeviceKey,
    /// For itself, or for a person on it.
    pub channel: Channel,
    /// What became of the command.
    pub status: ReportStatus,
    /// The command it is about; absent with `Idle`. A report for a command that nobody knows is taken silently.
    pub command_uuid: Option<String>,
    /// `ErrorChain`, outermost first; empty without errors.
    pub errors: Vec<ErrorEntry>,
    /// The whole report, untouched.
    pub response: Dictionary,
}

/// `Status` of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReportStatus {
    /// Asks for work.
    Idle,
    /// Done.
    Acknowledged,
    /// Failed for good; see the errors.
    Error,
    /// Not understood, which is our mistake.
    CommandFormatError,
    /// Cannot be done at the moment; the device has forgotten it.
    NotNow,
}

impl Report {
    /// Reads a report, XML or binary.
    pub fn parse(body: &[u8]) -> Result<Self, WireError> {
        Self::read(property_list::read(body, Limits::REPORT)?)
    }

    /// Reads a report from its dictionary.
    pub fn read(response: Dictionary) -> Result<Self, WireError> {
        let ids = EnrolmentIds::read(&response)?;
        let command_uuid = fields::text(&response, "CommandUUID")?.filter(|uuid| !uuid.is_empty());
        if command_uuid.is_some_and(|uuid| {
            uuid.len() > COMMAND_UUID_LENGTH || uuid.chars().any(char::is_control)
        }) {
            return Err(WireError::BadIdentifier("CommandUUID"));
        }
        Ok(Self {
            device: ids.device_key()?,
            channel: ids.channel()?,
            status: ReportStatus::read(&response)?,
            command_uuid: command_uuid.map(str::to_owned),
            errors: error_chain::read(&response),
            response,
        })
    }
}

impl ReportStatus {
    fn read(response: &Dictionary) -> Result<Self, WireError> {
        match fields::required_text(response, "Status")? {
            "Idle" => Ok(Self::Idle),
            "Acknowledged" => Ok(Self::Acknowledged),
            "Error" => Ok(Self::Error),
            "CommandFormatError" => Ok(Self::CommandFormatError),
            "NotNow" => Ok(Self::NotNow),
            _ => Err(WireError::UnknownStatus),
        }
    }

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Idle => "Idle",
            Self::Acknowledged => "Acknowledged",
            Self::Error => "Error",
            Self::CommandFormatError => "CommandFormatError",
            Self::NotNow => "NotNow",
        }
    }

    /// Whether the command it is about is over.
    pub const fn is_final(self) -> bool {
        match self {
            Self::Acknowledged | Self::Error | Self::CommandFormatError => true,
            Self::Idle | Self::NotNow => false,
        }
    }
}
