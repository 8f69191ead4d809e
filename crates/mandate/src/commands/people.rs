//! `mandate people`: people from a file.

use std::path::PathBuf;

use anyhow::{Context as _, bail, ensure};
use clap::{Args, Subcommand};
use mandate_engine::{
    Actor, ImportedPerson, KnownPeople, MOST_PEOPLE_BYTES, PeopleFile, PeopleImport, PeopleReport,
    PersonOutcome,
};
use serde_json::{Value, json};

use super::Data;
use super::connector::engine;
use crate::output;

/// Bring people from a file
#[derive(Debug, Args)]
pub(crate) struct People {
    #[command(subcommand)]
    command: PeopleCommand,
}

#[derive(Debug, Subcommand)]
enum PeopleCommand {
    /// Import people from a file of comma-separated values; with --dry-run say what would become of each
    Import(Import),
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
struct Import {
    #[command(flatten)]
    data: Data,
    /// PostgreSQL instead of the file in the data directory
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Say what would become of each row, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Change those who are here already; they are left alone otherwise
    #[arg(long)]
    update: bool,
    /// Give everybody of the file a licence
    #[arg(long)]
    licence: bool,
    /// Bring everybody of the file to this group, by name or id; may be given again
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    /// The file; its first line names the columns, such as `userPrincipalName,displayName,mail`
    file: PathBuf,
}

impl People {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self.command {
            PeopleCommand::Import(import) => import.run().await,
        }
    }
}

impl Import {
    async fn run(self) -> anyhow::Result<()> {
        let file = PeopleFile::read(&self.content()?)?;
        let how = PeopleImport {
            is_dry_run: self.dry_run,
            known: if self.update {
                KnownPeople::Update
            } else {
                KnownPeople::Skip
            },
            licence: self.licence,
            groups: self.groups,
        };
        let engine = engine(&self.data, self.database.as_deref()).await?;
        let report = engine.import_people(&Actor::system(), &file, &how).await;
        engine.store().close().await;
        let report = report?;
        if self.json {
            output::json(&shown(&report));
        } else {
            print(&report);
        }
        match report.refused() {
            0 => Ok(()),
            refused => bail!("{refused} of {} rows were not taken", report.people.len()),
        }
    }

    fn content(&self) -> anyhow::Result<Vec<u8>> {
        let name = self.file.display();
        let about =
            std::fs::metadata(&self.file).with_context(|| format!("cannot read `{name}`"))?;
        ensure!(
            usize::try_from(about.len()).is_ok_and(|length| length <= MOST_PEOPLE_BYTES),
            "`{name}` has more than 4 MiB"
        );
        std::fs::read(&self.file).with_context(|| format!("cannot read `{name}`"))
    }
}

fn print(report: &PeopleReport) {
    for person in &report.people {
        let said = said(person);
        if !said.is_empty() {
            output::line(&format!(
                "line {:<6}{:<10}{} {said}",
                person.line,
                person.outcome.name(),
                person.name
            ));
        }
    }
    let would = if report.is_dry_run { "would be " } else { "" };
    output::line(&format!(
        "{} {would}new, {} {would}changed, {} as the file says, {} left alone, {} not taken",
        report.created(),
        report.changed(),
        report.unchanged(),
        report.skipped(),
        report.refused()
    ));
    if !report.passed_over.is_empty() {
        let columns = report.passed_over.join("`, `");
        output::note(&format!("nothing was taken from the columns `{columns}`"));
    }
    for suffix in report
        .readiness
        .suffixes
        .iter()
        .filter(|suffix| !suffix.is_verified)
    {
        output::note(&format!(
            "{} sign-in names end in `{}`, which is no domain that the organisation has proved",
            suffix.people, suffix.domain
        ));
    }
    for note in &report.notes {
        output::note(note);
    }
}

/// What is to be said of a row; nothing where the numbers say it all.
fn said(person: &ImportedPerson) -> String {
    match &person.outcome {
        PersonOutcome::Created | PersonOutcome::Unchanged | PersonOutcome::Skipped => String::new(),
        PersonOutcome::Changed(properties) => {
            properties.iter().cloned().collect::<Vec<_>>().join(", ")
        }
        PersonOutcome::Refused(faults) => {
            let faults = faults.iter();
            let faults = faults.map(|fault| format!("`{}` {}", fault.property, fault.reason));
            faults.collect::<Vec<_>>().join("; ")
        }
    }
}

fn shown(report: &PeopleReport) -> Value {
    let rows: Vec<Value> = report
        .people
        .iter()
        .map(|person| {
            json!({
                "line": person.line,
                "userPrincipalName": person.name,
                "outcome": person.outcome.name(),
                "userId": person.user,
                "errors": match &person.outcome {
                    PersonOutcome::Refused(faults) => json!(faults),
                    _ => json!([]),
                },
            })
        })
        .collect();
    json!({
        "dryRun": report.is_dry_run,
        "created": report.created(),
        "changed": report.changed(),
        "unchanged": report.unchanged(),
        "skipped": report.skipped(),
        "refused": report.refused(),
        "ignoredColumns": report.passed_over,
        "notes": report.notes,
        "rows": rows,
    })
}
