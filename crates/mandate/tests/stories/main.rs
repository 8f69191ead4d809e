//! Stories told over the wire: a whole server on loopback, simulated phones over real HTTP, a clock moved by hand.
//! Each runs over SQLite, and over PostgreSQL where `MANDATE_TEST_POSTGRES` names one.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod accounts;
mod administration;
mod authority;
mod certificates;
mod check_in;
mod compatibility;
mod custody;
mod delivery;
mod edits;
mod end_of_life;
mod enrolment;
mod evidence;
mod external_issuer;
mod faults;
mod house;
mod imported;
mod invariants;
mod mail_server;
mod mutual_tls;
mod push;
mod references;
mod removal;
mod reports;
mod revocation;
mod scep_clients;
mod secrets;
mod smime;
mod silence;
mod targeting;
mod versions;
