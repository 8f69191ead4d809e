//! All SQL of mandate, in one text for SQLite and PostgreSQL.
//!
//! A [`Store`] hands out [`Session`]s: [`Store::read`] for looking, [`Store::write`] for one transaction that is
//! lost unless [`Session::commit`] is called. Statements are constants beside the function that runs them; what
//! differs between the databases stands side by side. Nothing outside this crate sees a database type.

mod apps;
mod audit;
mod certificates;
mod challenges;
mod db;
mod device_actions;
mod device_profiles;
mod devices;
mod enrolments;
mod error;
mod groups;
mod history;
mod imported;
mod migrate;
mod profiles;
mod settings;
mod users;
mod wake_ups;

pub use apps::AppRecord;
pub use audit::AuditRecord;
pub use certificates::{CertificateRecord, RevokedRecord};
pub use challenges::ChallengeRecord;
pub use db::{Session, Store};
pub use device_actions::ActionRecord;
pub use device_profiles::{DeviceProfileRecord, Phase, ProfileCounts};
pub use devices::{DeviceFilter, DeviceRecord, Seen, SeenDevice, TargetDevice};
pub use enrolments::{LinkRecord, TicketRecord};
pub use error::StoreError;
pub use groups::GroupFilter;
pub use history::HistoryRecord;
pub use imported::{ImportedKeyRecord, ImportedRecord};
pub use profiles::ProfileVersionRecord;
pub use users::UserFilter;
pub use wake_ups::{WakeScope, WakeUpRecord};
