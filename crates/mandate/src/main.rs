//! `mandate`: the command line, the configuration and the wiring of the rooms. No rule of device management is here.

mod alerting;
mod auditing;
mod commands;
mod config;
mod configured;
mod data_directory;
mod issuer_gateway;
mod listen;
mod mail_courier;
mod mailing;
mod metrics;
mod output;
mod preflight_gateway;
mod provider_gateway;
mod secret_key;
mod server;
mod webhook;

use std::process::ExitCode;

use clap::Parser;

use commands::Command;

/// Device management that an organisation runs itself
#[derive(Debug, Parser)]
#[command(name = "mandate", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    if rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .is_err()
    {
        output::problem("another TLS library was set up before ours");
        return ExitCode::FAILURE;
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            output::problem(&format!("no threads could be started: {error}"));
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(cli.command.run()) {
        Ok(code) => code,
        Err(error) => {
            output::problem(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
