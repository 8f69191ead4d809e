//! Stories told over the wire: a whole server on loopback, simulated phones over real HTTP, a clock moved by hand.
//! A run is over SQLite, or over PostgreSQL where `MANDATE_TEST_POSTGRES` names one; CI does both.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod accounts;
mod administration;
mod audit;
mod audit_walk;
mod audit_webhook;
mod authority;
mod canary;
mod certificates;
mod check_in;
mod compatibility;
mod custody;
mod delivery;
mod directories;
mod directory_sync;
mod edits;
mod end_of_life;
mod enrolment;
mod evidence;
mod external_issuer;
mod faults;
mod history;
mod hostile_provider;
mod house;
mod imported;
mod invariants;
mod invariants_of_keys;
mod limits;
mod macs;
mod mail_server;
mod mutual_tls;
mod notices;
mod oidc_providers;
mod old_keys;
mod pkcs;
mod portal;
mod preflight;
mod push;
mod references;
mod removal;
mod reports;
mod restrictions;
mod revocation;
mod roles;
mod scep_clients;
mod secrets;
mod self_service;
mod sign_in_elsewhere;
mod silence;
mod simulation;
mod smime;
mod targeting;
mod user_channel;
mod versions;
