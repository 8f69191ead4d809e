//! What administrators see first, and lists of devices, over both databases.
//!
//! PostgreSQL is used when `MANDATE_TEST_POSTGRES` names one; otherwise its half is skipped, aloud.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod fleet;
mod home;
#[path = "../instance/mod.rs"]
mod instance;
mod queue;
mod search;
