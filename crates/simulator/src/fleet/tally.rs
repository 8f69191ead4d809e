//! What happened to a fleet, counted.

use crate::device::{DeviceError, Ending, Outcome, SessionReport};
use serde::Serialize;
use std::collections::BTreeMap;

/// Counts of sessions, commands and errors.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tally {
    /// Devices that enrolled.
    pub enrolled: u64,
    /// Sessions held.
    pub sessions: u64,
    /// Sessions after which the device comes back by itself, a fault or a `NotNow`.
    pub coming_back: u64,
    /// Rounds over the whole fleet.
    pub rounds: u64,
    /// Whether the fleet came to rest.
    pub quiet: bool,
    /// Commands by request type and outcome, such as `InstallProfile Acknowledged`.
    pub commands: BTreeMap<String, u64>,
    /// Endings of sessions.
    pub endings: BTreeMap<String, u64>,
    /// Errors by text (devices' names left out).
    pub errors: BTreeMap<String, u64>,
}

impl Tally {
    /// Whether no command was carried out, nothing failed and nobody comes back.
    pub fn is_quiet(&self) -> bool {
        self.commands.is_empty() && self.coming_back == 0 && self.errors.is_empty()
    }

    /// Number of commands.
    pub fn command_count(&self) -> u64 {
        self.commands.values().sum()
    }

    /// Number of errors.
    pub fn error_count(&self) -> u64 {
        self.errors.values().sum()
    }

    /// Adds the counts of another tally.
    pub fn add(&mut self, other: &Self) {
        self.enrolled += other.enrolled;
        self.sessions += other.sessions;
        self.coming_back += other.coming_back;
        for (mine, theirs) in [
            (&mut self.commands, &other.commands),
            (&mut self.endings, &other.endings),
            (&mut self.errors, &other.errors),
        ] {
            for (key, count) in theirs {
                *mine.entry(key.clone()).or_default() += count;
            }
        }
    }

    pub(super) fn count_session(&mut self, report: &SessionReport) {
        self.sessions += 1;
        self.coming_back += u64::from(report.comes_back());
        let ending = match &report.ending {
            Ending::Refused(status) => format!("Refused {status}"),
            other => format!("{other:?}"),
        };
        *self.endings.entry(ending).or_default() += 1;
        for (request_type, outcome) in &report.commands {
            let outcome = match outcome {
                Outcome::Acknowledged => "Acknowledged".to_owned(),
                Outcome::NotNow => "NotNow".to_owned(),
                Outcome::CommandFormatError => "CommandFormatError".to_owned(),
                Outcome::Error(chain) => chain.cause().map_or_else(
                    || "Error".to_owned(),
                    |link| format!("Error {} {}", link.domain, link.code),
                ),
            };
            *self
                .commands
                .entry(format!("{request_type} {outcome}"))
                .or_default() += 1;
        }
    }

    pub(super) fn count_error(&mut self, error: &DeviceError) {
        let text = match error {
            DeviceError::NotEnrolled(_) => "a device is not enrolled".to_owned(),
            other => with_causes(other),
        };
        *self.errors.entry(text).or_default() += 1;
    }
}

/// The error and what lies under it, joined by colons.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
