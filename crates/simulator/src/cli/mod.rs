//! The command line.

mod apns;
mod apple;
mod common;
mod load;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Simulated Apple devices for a `mandate` server
///
/// The server is reached only as devices and administrators reach it. Data goes to stdout, progress to stderr.
#[derive(Debug, Parser)]
#[command(name = "mandate-sim", version, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Enrol simulated iPhones, iPads or Macs and let them check in until nothing is left to do
    Apple(apple::Apple),
    /// Measure a running server; prints one JSON document with the machine's facts
    Load(load::Load),
    /// Run a stand-in for Apple's push service until interrupted
    Apns(apns::Apns),
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode> {
    match arguments.command {
        Command::Apple(apple) => Box::pin(apple.run()).await,
        Command::Load(load) => Box::pin(load.run()).await,
        Command::Apns(apns) => apns.run().await,
    }
}
