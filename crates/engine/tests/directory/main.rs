//! People and groups that are kept elsewhere: what becomes of what a source says, over both databases.
//!
//! PostgreSQL is used when `MANDATE_TEST_POSTGRES` names one; otherwise its half is skipped, aloud.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod courier;
mod house;
mod import;
#[path = "../instance/mod.rs"]
mod instance;
mod members;
mod openldap;
mod peer;
mod people;
mod rules;
mod samba;
#[path = "../../../mandate/tests/stories/house/slapd.rs"]
mod slapd;
mod synchronization;
#[path = "../../../mandate/tests/stories/house/workshop.rs"]
mod workshop;

use self::workshop::Workshop;
