//! People sign in, and others try to: through the door, with a clock that is moved by hand.
//!
//! Over SQLite, or over PostgreSQL where `MANDATE_TEST_POSTGRES=postgres://…` names a server.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod account;
mod afterwards;
mod first;
mod forms;
mod guessing;
mod house;
mod passkeys;
