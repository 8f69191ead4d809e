//! The admin centre from outside: browsers that sign in, follow links and send forms; a real engine, no network.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod administration;
mod apple;
mod branding;
mod certificates;
mod devices;
mod directory;
mod dynamic_groups;
mod enrolment;
mod everywhere;
mod filled;
mod house;
mod notifications;
mod people;
mod preflight;
mod profiles;
mod setting_up;
mod setup;
mod simulation;
