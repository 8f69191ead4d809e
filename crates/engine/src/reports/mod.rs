//! What administrators ask about profiles and devices: states, and what a change would do.

mod certificates;
mod home;
mod overview;
mod plan;
mod rows;
mod simulate;
mod statuses;

pub(crate) use certificates::renewal_of;
pub use certificates::{
    CertificateOrigin, DevicePresence, ExpiringCertificates, HeldCertificate, Presence, Sharing,
    UserCertificates,
};
pub(crate) use home::Rollouts;
pub use home::{Fleet, Home, InstanceKey, KeyUse, Rollout, Worry, WorryKind};
pub use overview::{Counts, SettingSummary, StatusOverview};
pub use plan::{Plan, PlanCounts, PlanEffect, PlanRequest, PlanWarning, PlannedDevice};
pub(crate) use rows::DeviceRows;
pub use simulate::{
    SimulatedCertificate, SimulatedDevice, SimulatedGroup, SimulatedOutcome, SimulatedProfile,
    SimulatedUser, SimulatedWarning, Simulation, SimulationRequest,
};
pub(crate) use statuses::reported;
pub use statuses::{DeviceStatus, ProfileState, SettingState, UserStatus};
