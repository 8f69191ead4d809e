//! Scope tags and roles in both databases: what is seen, and what comes by itself.
//!
//! PostgreSQL is used when `MANDATE_TEST_POSTGRES` names one; otherwise its half is skipped, aloud.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod place;
mod roles;
mod tags;
