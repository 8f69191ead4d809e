//! What administrators ask about profiles and devices: states, and what a change would do.

mod overview;
mod plan;
mod statuses;

pub use overview::{Counts, SettingSummary, StatusOverview};
pub use plan::{Plan, PlanCounts, PlanEffect, PlanRequest, PlanWarning, PlannedDevice};
pub use statuses::{DeviceStatus, ProfileState, SettingState, UserStatus};
