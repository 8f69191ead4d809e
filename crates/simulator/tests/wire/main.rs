//! The simulator over real HTTP: against a small server of its own, its push stand-in, and the `openssl` command.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may fail loudly and says aloud what it skips"
)]

mod command;
mod device;
mod fleet;
mod load;
mod mini;
mod openssl;
mod payloads;
mod scepserver;
mod trust;
