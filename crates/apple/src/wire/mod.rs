//! Bytes to types and back: check-ins, reports, commands.
//!
//! Knows neither a web framework nor the engine nor the network. What a device sends is untrusted until it is a type
//! of this module; nothing here panics on any input.

pub mod access_rights;
pub mod answer;
pub mod check_in;
pub mod command;
mod error;
pub mod error_chain;
mod fields;
pub mod identity;
pub mod property_list;
pub mod report;
mod secret;

pub use access_rights::AccessRights;
pub use check_in::{
    Authenticate, CheckIn, DeclarativeManagement, GetToken, Message, SetBootstrapToken,
    TokenUpdate, UserAuthenticate,
};
pub use command::{Command, DeviceQuery};
pub use error::WireError;
pub use error_chain::{ErrorEntry, Failure, FailureKind};
pub use identity::{Channel, DeviceKey, EnrolmentIds};
pub use report::{
    InstalledCertificate, InstalledProfile, PayloadHead, Report, ReportStatus, SecurityInfo,
};
pub use secret::Secret;
