//! The door from outside: real requests, a real engine on SQLite, no network.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod access;
mod account_steps;
mod apps;
mod batch;
mod branding;
mod conventions;
mod devices;
mod directories;
mod directory;
mod enrolment_limits;
mod enrolment_restrictions;
mod house;
mod identity_providers;
mod links;
mod metadata;
mod notifications;
mod pfx;
mod preflight;
mod profiles;
mod roles;
mod sign_in;
mod snapshots;
mod versions;
