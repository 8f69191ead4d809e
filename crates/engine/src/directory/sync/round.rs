//! Reading what is due, in the background.

use super::manage::read_settings;
use crate::{Engine, EngineError};

impl Engine {
    /// Reads the directories that are due, one after the other; how many. With several servers on one database each
    /// directory is read by one of them.
    pub async fn synchronize_due_directories(&self) -> Result<u64, EngineError> {
        let mut session = self.store().read().await?;
        let due = session.due_directories(self.now()).await?;
        drop(session);
        let mut read = 0;
        for name in due {
            let mut session = self.store().read().await?;
            let Some(record) = session.find_directory(&name).await? else {
                continue;
            };
            drop(session);
            if read_settings(&record)?.is_paused {
                continue;
            }
            match self.synchronize_directory(&name).await {
                Ok(Some(report)) => {
                    read += 1;
                    if let Some(failure) = &report.failure {
                        tracing::error!(
                            directory = name,
                            "the directory {name} could not be read: {failure}"
                        );
                    } else {
                        tracing::info!(
                            directory = name,
                            people = report.people.read,
                            groups = report.groups.read,
                            "the directory {name} was read"
                        );
                    }
                }
                // Somebody else is at it, or it was removed.
                Ok(None) | Err(EngineError::NotFound { .. }) => {}
                Err(error) => {
                    tracing::error!(
                        directory = name,
                        "the directory {name} could not be taken: {error}"
                    );
                }
            }
        }
        Ok(read)
    }
}
