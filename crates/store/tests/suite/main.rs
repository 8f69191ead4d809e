//! The store over both databases: what the rest of the house relies on.
//!
//! PostgreSQL is used when `MANDATE_TEST_POSTGRES` names one; otherwise its half is skipped, aloud.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod certificates;
mod database;
mod devices;
mod imported;
mod notices;
mod people;
mod place;
mod profiles;
mod samples;
mod scope;
mod sign_in;
