//! `mandate enrolments`: what another server knows of its devices, from files.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use mandate_apple::read_import;
use mandate_engine::{Actor, ImportContent, ImportMessage, ImportOutcome, MigrationId};

use super::connector::engine;
use super::{Data, QuietEngine};
use crate::output;

/// Bytes of a message at most, as over the network.
const MOST_BYTES: u64 = 256 * 1024;

/// Take over enrolments of another server
#[derive(Debug, Args)]
pub(crate) struct Enrolments {
    #[command(subcommand)]
    command: EnrolmentsCommand,
}

#[derive(Debug, Subcommand)]
enum EnrolmentsCommand {
    /// Import `Authenticate` and `TokenUpdate` messages; doing it again does no harm
    Import(Import),
}

#[derive(Debug, Args)]
struct Import {
    #[command(flatten)]
    data: Data,
    /// PostgreSQL instead of the file in the data directory
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Name of the migration that they belong to
    #[arg(long, value_name = "NAME")]
    migration: String,
    /// Files with one message each, and directories of such files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Enrolments {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self.command {
            EnrolmentsCommand::Import(import) => import.run().await,
        }
    }
}

/// What became of the messages.
#[derive(Default)]
struct Tally {
    taken: usize,
    known: usize,
    refused: usize,
}

impl Import {
    async fn run(self) -> anyhow::Result<()> {
        let mut tally = Tally::default();
        let messages = self.messages(&mut tally)?;
        let engine = engine(&self.data, self.database.as_deref()).await?;
        let done = self.import(&engine, messages, &mut tally).await;
        engine.store().close().await;
        done?;
        output::line(&format!(
            "{} taken, {} known before, {} refused",
            tally.taken, tally.known, tally.refused
        ));
        if tally.refused > 0 {
            bail!("{} messages were not taken", tally.refused);
        }
        Ok(())
    }

    /// All messages, those that introduce a device first: a directory lists them in any order.
    fn messages(&self, tally: &mut Tally) -> anyhow::Result<Vec<(PathBuf, ImportMessage)>> {
        let mut messages = Vec::new();
        for path in files(&self.files)? {
            let size = std::fs::metadata(&path).map_or(0, |data| data.len());
            if size > MOST_BYTES {
                refuse(
                    tally,
                    &path,
                    &format!("it is longer than {MOST_BYTES} bytes"),
                );
                continue;
            }
            let bytes = std::fs::read(&path)
                .with_context(|| format!("cannot read `{}`", path.display()))?;
            match read_import(&bytes) {
                Ok(message) => messages.push((path, message)),
                Err(problem) => refuse(tally, &path, &problem.to_string()),
            }
        }
        messages.sort_by_key(|(_, message)| match message.content {
            ImportContent::Authenticate(_) => 0,
            ImportContent::Token(_) => 1,
            ImportContent::UserToken(..) => 2,
        });
        Ok(messages)
    }

    async fn import(
        &self,
        engine: &QuietEngine,
        messages: Vec<(PathBuf, ImportMessage)>,
        tally: &mut Tally,
    ) -> anyhow::Result<()> {
        let system = Actor::system();
        let id = self.migration(engine, &system).await?;
        for (path, message) in messages {
            match engine.import_enrolment_as(&system, id, message).await? {
                Ok(ImportOutcome::Taken) => tally.taken += 1,
                Ok(ImportOutcome::Known) => tally.known += 1,
                Err(refusal) => refuse(tally, &path, &refusal.to_string()),
            }
        }
        Ok(())
    }

    async fn migration(&self, engine: &QuietEngine, actor: &Actor) -> anyhow::Result<MigrationId> {
        let all = engine.list_migrations(actor).await?;
        let wanted = self.migration.to_lowercase();
        let found = all
            .iter()
            .find(|migration| migration.name.to_lowercase() == wanted);
        let Some(found) = found else {
            bail!(
                "there is no migration `{}`: open one in the admin centre, under Enrolment",
                self.migration
            );
        };
        Ok(found.id)
    }
}

fn refuse(tally: &mut Tally, path: &Path, reason: &str) {
    tally.refused += 1;
    output::note(&format!("`{}`: {reason}", path.display()));
}

/// The files, and those in the directories, in a fixed order.
fn files(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let listed = std::fs::read_dir(path)
            .with_context(|| format!("cannot read the directory `{}`", path.display()))?;
        let mut within = Vec::new();
        for entry in listed {
            let entry = entry?.path();
            if entry.is_file() {
                within.push(entry);
            }
        }
        within.sort();
        files.extend(within);
    }
    Ok(files)
}
