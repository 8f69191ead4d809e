//! `mandate-sim`: simulated Apple devices, a load generator and a push stand-in for a server that is reached by its wire alone.

mod cli;

use clap::Parser as _;

#[tokio::main]
async fn main() -> std::process::ExitCode {
    match Box::pin(cli::run(cli::Arguments::parse())).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
