//! Which instance a command is about, and in which form it answers.

use clap::Args;

use super::connector::engine;
use super::{Data, QuietEngine};

// What stood here as documentation would be said of each command that takes nothing else.
#[derive(Debug, Args)]
pub(super) struct Place {
    #[command(flatten)]
    data: Data,
    /// PostgreSQL instead of the file in the data directory
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Print the result as JSON
    #[arg(long)]
    pub(super) json: bool,
}

impl Place {
    /// An engine on its database, beside which a server may be running.
    pub(super) async fn engine(&self) -> anyhow::Result<QuietEngine> {
        engine(&self.data, self.database.as_deref()).await
    }
}
