//! SCEP with programs not written here: their clients enrol with our server's side, and their server enrols our client's. Programs
//! that are not there are skipped aloud.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a failed step fails the test, a skipped one says so"
)]

mod certmonger;
mod house;
mod http;
mod program;
mod scepclient;
mod scepserver;
mod strongswan;
