//! The door from outside: real requests, a real engine on SQLite, no network.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod access;
mod account_steps;
mod ade;
mod apps;
mod batch;
mod branding;
mod conventions;
mod devices;
mod directories;
mod directory;
mod domains;
mod dynamic_groups;
mod enrolment_limits;
mod enrolment_restrictions;
mod house;
mod identity_providers;
mod licences;
mod links;
mod management_authority;
mod metadata;
mod notifications;
mod people_import;
mod pfx;
mod preflight;
mod profiles;
mod roles;
mod setup;
mod sign_in;
mod snapshots;
mod versions;
