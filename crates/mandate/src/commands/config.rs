//! `mandate config`.

use clap::Args;

use super::Data;
use crate::config::{Config, Flags};
use crate::output;

/// Print the configuration in force
#[derive(Debug, Args)]
pub(crate) struct Show {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    flags: Flags,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let config = Config::read(&self.data.data, &self.flags)?;
        if self.json {
            output::json(&config.settings);
            return Ok(());
        }
        for setting in &config.settings {
            output::line(&format!(
                "{:<24}{:<40} {}",
                setting.key, setting.value, setting.source
            ));
        }
        Ok(())
    }
}
