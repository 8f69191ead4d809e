//! `mandate config`.

use clap::Args;

use super::Data;
use crate::config::{Config, Flags, key_setting};
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
        let mut config = Config::read(&self.data.data, &self.flags)?;
        let file = self.data.secret_key.as_ref();
        let file = file.map(|file| file.display().to_string());
        config
            .settings
            .push(key_setting(&self.data.data, file.as_deref())?);
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
