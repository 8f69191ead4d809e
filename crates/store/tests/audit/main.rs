//! The chain of audit entries over both databases: gapless, and nothing altered unseen.
//!
//! PostgreSQL is used when `MANDATE_TEST_POSTGRES` names one; otherwise its half is skipped, aloud.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod chain;
mod deliveries;
mod place;
mod tampering;
