//! What administrators see first, and lists of devices: over both databases, and with very many devices.
//!
//! PostgreSQL is used when `MANDATE_TEST_POSTGRES` names one; otherwise its half is skipped, aloud.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests are tests too, and measuring is a test that prints"
)]

mod fleet;
mod home;
mod measure;
mod queue;
mod search;
