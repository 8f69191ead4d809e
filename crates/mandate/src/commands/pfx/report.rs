//! What became of each file, for people and for programs, and how far the import is.

use std::path::Path;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use mandate_engine::{FileOutcome, ImportedRecord};
use mandate_model::ImportPurpose;
use mandate_model::catalogue::Warning;
use serde_json::{Value, json};

use crate::output;

/// What became of all files.
pub(super) struct Report {
    bar: ProgressBar,
    json: bool,
    dry_run: bool,
    files: Vec<Value>,
    imported: usize,
    present: usize,
    refused: usize,
}

impl Report {
    pub(super) fn new(files: usize, json: bool, dry_run: bool) -> Self {
        let bar =
            ProgressBar::with_draw_target(u64::try_from(files).ok(), ProgressDrawTarget::stderr());
        let template = "importing {wide_bar} {pos}/{len} files, {msg}, {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self {
            bar,
            json,
            dry_run,
            files: Vec::new(),
            imported: 0,
            present: 0,
            refused: 0,
        }
    }

    /// Notes what became of a file that was to be imported for a purpose.
    pub(super) fn note(
        &mut self,
        path: &Path,
        purpose: Option<ImportPurpose>,
        outcome: Result<FileOutcome, String>,
    ) {
        let (result, record, warnings, problem) = match outcome {
            Ok(FileOutcome::Imported(imported)) => {
                self.imported += 1;
                let result = if self.dry_run {
                    "would be imported"
                } else {
                    "imported"
                };
                (result, Some(imported.record), imported.warnings, None)
            }
            Ok(FileOutcome::Present(record)) => {
                self.present += 1;
                let warnings = other_purpose(&record, purpose).into_iter().collect();
                ("already there", Some(record), warnings, None)
            }
            Err(problem) => {
                self.refused += 1;
                ("refused", None, Vec::new(), Some(problem))
            }
        };
        self.bar.set_message(format!("{} refused", self.refused));
        self.bar.inc(1);
        if self.json {
            self.files.push(shown(
                path,
                result,
                record.as_ref(),
                &warnings,
                problem.as_deref(),
            ));
            return;
        }
        let said = match (&record, &problem) {
            (Some(record), _) => super::line(record),
            (None, problem) => problem.clone().unwrap_or_default(),
        };
        self.say(&format!("{result:<18}{}: {said}", path.display()));
        for warning in &warnings {
            self.say(&format!(
                "{:<18}{}: {}",
                "  warning",
                path.display(),
                warning.message
            ));
        }
    }

    /// Writes a line above the bar.
    fn say(&self, line: &str) {
        self.bar.suspend(|| output::line(line));
    }

    /// Says what all of it came to. An error if a file was refused.
    pub(super) fn finish(self) -> anyhow::Result<()> {
        self.bar.finish_and_clear();
        if self.json {
            output::json(&json!({
                "dryRun": self.dry_run,
                "imported": self.imported,
                "alreadyThere": self.present,
                "refused": self.refused,
                "files": self.files,
            }));
        } else {
            let imported = if self.dry_run {
                "would be imported"
            } else {
                "imported"
            };
            output::note(&format!(
                "{} {imported}, {} already there, {} refused",
                self.imported, self.present, self.refused
            ));
        }
        anyhow::ensure!(
            self.refused == 0,
            "{} of {} files could not be imported",
            self.refused,
            self.imported + self.present + self.refused
        );
        Ok(())
    }
}

/// What is there already keeps its purpose, which its importer should know.
fn other_purpose(record: &ImportedRecord, purpose: Option<ImportPurpose>) -> Option<Warning> {
    let (kept, wanted) = (record.certificate.purpose, purpose?);
    (kept != wanted).then(|| {
        let message = format!(
            "it is there for `{}` and stays so; `{}` would need a PATCH, or to remove it first",
            kept.name(),
            wanted.name()
        );
        Warning::new("otherPurpose", "intendedPurpose", message)
    })
}

fn shown(
    path: &Path,
    result: &str,
    record: Option<&ImportedRecord>,
    warnings: &[Warning],
    problem: Option<&str>,
) -> Value {
    let mut shown = record.map_or_else(|| json!({}), super::shown);
    shown["file"] = json!(path);
    shown["result"] = json!(result);
    shown["warnings"] = json!(warnings);
    shown["problem"] = json!(problem);
    shown
}
