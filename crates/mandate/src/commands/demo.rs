//! `mandate demo`.

use std::process::ExitCode;

use clap::Args;

/// Show a whole company
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// End when every device has reached its state, with success only if it is the right one
    #[arg(long)]
    exit: bool,
}

impl Demo {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let _ = self.exit;
        Ok(ExitCode::SUCCESS)
    }
}
