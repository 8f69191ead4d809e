//! What people are signed in to, while two servers change it at once.
//!
//! PostgreSQL is used when `MANDATE_TEST_POSTGRES` names one; otherwise its half is skipped, aloud.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod place;
mod races;
