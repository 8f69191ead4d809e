//! `mandate serve`.

use anyhow::Context as _;
use clap::Args;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use super::Data;
use crate::config::{Config, Flags};
use crate::output;
use crate::server::Server;

/// Run the server until SIGTERM or Ctrl-C
#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    flags: Flags,
}

impl Serve {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let config = Config::read(&self.data.data, &self.flags)?;
        log_to_stderr(&config.log)?;
        let mut terminate = signal(SignalKind::terminate())?;
        let directory = self.data.directory();
        let server = Server::start(&directory, &config).await?;
        output::line(&format!("http          {}", server.http));
        output::line(&format!("https         {}", server.https));
        output::line(&format!("device https  {}", server.device_https));
        output::line(&format!(
            "ready; {} on {}",
            server.engine.tenant().company,
            server.engine.store().kind()
        ));
        tokio::select! {
            _ = terminate.recv() => {}
            interrupted = tokio::signal::ctrl_c() => interrupted.context("cannot listen for Ctrl-C")?,
        }
        tracing::info!("stopping: finishing what is under way");
        server.stop().await;
        Ok(())
    }
}

/// Logs go to standard error; standard output is for data.
pub(super) fn log_to_stderr(filter: &str) -> anyhow::Result<()> {
    let filter =
        EnvFilter::try_new(filter).with_context(|| format!("`{filter}` is no log filter"))?;
    let colours = std::io::IsTerminal::is_terminal(&std::io::stderr());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(colours)
        // A log that cannot be written must not end the request that it is about: by default the failure is told to
        // standard error, which has just failed, and that panics.
        .log_internal_errors(false)
        .init();
    Ok(())
}
