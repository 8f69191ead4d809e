//! `mandate push`: the certificate by which devices are woken.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use mandate_engine::Actor;
use zeroize::Zeroizing;

use super::Data;
use super::connector::engine;
use crate::output;

/// Look after the certificate by which devices are woken
#[derive(Debug, Args)]
pub(crate) struct Push {
    #[command(subcommand)]
    command: PushCommand,
}

#[derive(Debug, Subcommand)]
enum PushCommand {
    /// Use a push certificate that another server had, with its key
    Import(Import),
}

#[derive(Debug, Args)]
struct Import {
    #[command(flatten)]
    data: Data,
    /// PostgreSQL instead of the file in the data directory
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// The certificate, PEM
    #[arg(long, value_name = "FILE")]
    certificate: PathBuf,
    /// Its private key, PEM, without a password
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Apple Account that the certificate was requested with: it is needed to renew it
    #[arg(long, value_name = "MAIL")]
    apple_id: Option<String>,
}

impl Push {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self.command {
            PushCommand::Import(import) => import.run().await,
        }
    }
}

impl Import {
    async fn run(self) -> anyhow::Result<()> {
        let certificate = read(&self.certificate)?;
        let key = read(&self.key)?;
        let engine = engine(&self.data, self.database.as_deref()).await?;
        let stored = engine
            .import_push_certificate(&Actor::system(), &certificate, &key, self.apple_id)
            .await;
        engine.store().close().await;
        let stored = stored?;
        output::line(&stored.topic);
        output::note(&format!(
            "devices with this topic can be woken until {}",
            stored.not_after
        ));
        Ok(())
    }
}

fn read(path: &Path) -> anyhow::Result<Zeroizing<String>> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read `{}`", path.display()))?;
    Ok(Zeroizing::new(text))
}
