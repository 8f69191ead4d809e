//! The simulator over real HTTP: against a small server of its own, its push stand-in, and the `openssl` command.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may fail loudly and says aloud what it skips"
)]

mod command;
mod company;
mod device;
mod fleet;
mod identities;
mod keychain;
mod load;
mod mac;
mod mail;
mod mini;
mod old_keys;
mod openssl;
mod payloads;
mod receiver;
mod scepserver;
mod smime;
mod trust;
