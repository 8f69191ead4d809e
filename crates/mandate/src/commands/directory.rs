//! `mandate directory`: directories that people and groups come from.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand, ValueEnum};
use mandate_engine::{Actor, SyncEnd, SyncReport, SyncedDirectory};
use serde_json::{Map, Value, json};

use super::QuietEngine;
use super::place::Place;
use crate::output;

/// Look after directories that people and groups come from
#[derive(Debug, Args)]
pub(crate) struct Directory {
    #[command(subcommand)]
    command: DirectoryCommand,
}

#[derive(Debug, Subcommand)]
enum DirectoryCommand {
    /// Add a directory; it is read for the first time by the server's next round, or by `sync`
    Add(Box<Add>),
    /// Go the way to a directory step by step, and say where it ends
    Test(Named),
    /// Say what reading all of it would do, and do nothing
    Forecast(Named),
    /// Read it now, and wait for what comes of it
    Sync(Sync),
    /// Show all directories, and what came of their last runs
    Status(Place),
    /// Let deletions happen that wait for somebody to confirm them, with the next run
    ConfirmDeletions(Named),
    /// Remove a directory; the people and groups that came from it stay
    Remove(Named),
}

#[derive(Debug, Args)]
struct Named {
    #[command(flatten)]
    place: Place,
    /// Name of the directory
    name: String,
}

#[derive(Debug, Args)]
struct Sync {
    #[command(flatten)]
    named: Named,
    /// Everything, and not only what changed
    #[arg(long)]
    full: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// Active Directory, or Samba as its domain controller
    ActiveDirectory,
    /// OpenLDAP and others with `entryUUID`
    Ldap,
}

#[derive(Debug, Args)]
struct Add {
    #[command(flatten)]
    named: Named,
    /// What it is
    #[arg(long)]
    kind: Kind,
    /// `ldaps://HOST[:PORT]`, or `ldap://HOST[:PORT]` with `--start-tls`
    #[arg(long)]
    url: String,
    /// Begin TLS on the plain connection of `ldap://`
    #[arg(long)]
    start_tls: bool,
    /// File with roots (PEM) of its certificate, instead of those of this machine
    #[arg(long, value_name = "FILE")]
    roots: Option<PathBuf>,
    /// The account that reads, as it binds
    #[arg(long)]
    account: String,
    /// File with its password
    #[arg(long, value_name = "FILE")]
    password_file: PathBuf,
    /// Where people and groups are looked for
    #[arg(long)]
    base: String,
    /// Which people, beside what the kind says, such as `(department=Sales)`
    #[arg(long, value_name = "FILTER")]
    user_filter: Option<String>,
    /// Which groups, beside what the kind says
    #[arg(long, value_name = "FILTER")]
    group_filter: Option<String>,
    /// Another attribute for a property, as `userPrincipalName=mail`
    #[arg(long = "attribute", value_name = "PROPERTY=ATTRIBUTE")]
    attributes: Vec<String>,
    /// Further settings, as JSON
    #[arg(long, value_name = "JSON")]
    settings: Option<String>,
}

impl Directory {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self.command {
            DirectoryCommand::Add(add) => add.run().await,
            DirectoryCommand::Test(named) => test(&named).await,
            DirectoryCommand::Forecast(named) => forecast(&named).await,
            DirectoryCommand::Sync(sync) => sync.run().await,
            DirectoryCommand::Status(place) => status(&place).await,
            DirectoryCommand::ConfirmDeletions(named) => confirm(&named).await,
            DirectoryCommand::Remove(named) => remove(&named).await,
        }
    }
}

impl Add {
    async fn run(self) -> anyhow::Result<()> {
        let body = self.body()?;
        let engine = self.named.place.engine().await?;
        let made = engine.create_synced_directory(&Actor::system(), body).await;
        engine.store().close().await;
        let made = made?;
        if self.named.place.json {
            output::json(&made.to_map());
        } else {
            output::note(&format!(
                "added the directory `{0}`; `mandate directory test {0}` tries it, `forecast` says what would come",
                made.name
            ));
        }
        Ok(())
    }

    fn body(&self) -> anyhow::Result<Map<String, Value>> {
        let mut body: Map<String, Value> = match &self.settings {
            Some(text) => serde_json::from_str(text).context("`--settings` is no JSON object")?,
            None => Map::new(),
        };
        let kind = match self.kind {
            Kind::ActiveDirectory => "activeDirectory",
            Kind::Ldap => "ldap",
        };
        let mut attributes = Map::new();
        for pair in &self.attributes {
            let (property, attribute) = pair
                .split_once('=')
                .with_context(|| format!("`{pair}` must be PROPERTY=ATTRIBUTE"))?;
            attributes.insert(property.to_owned(), attribute.into());
        }
        let more = json!({
            "name": self.named.name,
            "kind": kind,
            "url": self.url,
            "account": self.account,
            "password": read(&self.password_file)?,
            "base": self.base,
        });
        body.extend(more.as_object().cloned().unwrap_or_default());
        if self.start_tls {
            body.insert("startTls".to_owned(), true.into());
        }
        if let Some(roots) = &self.roots {
            body.insert("roots".to_owned(), read(roots)?.into());
        }
        if !attributes.is_empty() {
            body.insert("attributes".to_owned(), attributes.into());
        }
        for (property, filter) in [
            ("userFilter", &self.user_filter),
            ("groupFilter", &self.group_filter),
        ] {
            if let Some(filter) = filter {
                body.insert(property.to_owned(), filter.clone().into());
            }
        }
        Ok(body)
    }
}

impl Sync {
    async fn run(self) -> anyhow::Result<()> {
        let Named { place, name } = &self.named;
        let engine = place.engine().await?;
        let done = read_now(&engine, name, self.full).await;
        engine.store().close().await;
        let Some(report) = done? else {
            bail!("the server is reading `{name}` now; look at `mandate directory status`");
        };
        if place.json {
            output::json(&report);
        } else {
            for line in lines(&report) {
                output::line(&line);
            }
        }
        match report.failure {
            Some(failure) => bail!("`{name}` could not be read: {failure}"),
            None => Ok(()),
        }
    }
}

async fn read_now(
    engine: &QuietEngine,
    name: &str,
    full: bool,
) -> anyhow::Result<Option<SyncReport>> {
    if full {
        engine
            .request_synchronization(&Actor::system(), name, true)
            .await?;
    }
    Ok(engine.synchronize_directory(name).await?)
}

async fn test(named: &Named) -> anyhow::Result<()> {
    let engine = named.place.engine().await?;
    let steps = engine
        .try_synced_directory(&Actor::system(), &named.name)
        .await;
    engine.store().close().await;
    let steps = steps?;
    if named.place.json {
        output::json(&steps);
    } else {
        for step in &steps {
            let mark = if step.good { "good" } else { "BAD" };
            output::line(&format!("{mark:<6}{:<16}{}", step.step, step.outcome));
        }
    }
    match steps.iter().find(|step| !step.good) {
        Some(step) => bail!("`{}` cannot be used: {}", named.name, step.step),
        None => Ok(()),
    }
}

async fn forecast(named: &Named) -> anyhow::Result<()> {
    let engine = named.place.engine().await?;
    let forecast = engine
        .foresee_synchronization(&Actor::system(), &named.name)
        .await;
    engine.store().close().await;
    let forecast = forecast?;
    if let Some(failure) = &forecast.failure {
        bail!("`{}` could not be read: {failure}", named.name);
    }
    if named.place.json {
        output::json(&json!({
            "people": forecast.people,
            "groups": forecast.groups,
            "profiles": forecast.profiles,
            "lacking": forecast.lacking,
        }));
        return Ok(());
    }
    let people = &forecast.people;
    output::line(&format!(
        "{} people: {} new, {} matched by name, {} changed, {} disabled, {} gone, {} not taken; {} groups",
        people.read,
        people.created,
        people.adopted,
        people.changed,
        people.disabled,
        people.gone,
        people.refused,
        forecast.groups
    ));
    for (property, number) in &forecast.lacking {
        output::line(&format!("{number} people lack {property}"));
    }
    for (profile, number) in &forecast.profiles {
        output::line(&format!(
            "{number} people get another version of `{profile}`"
        ));
    }
    for example in &forecast.examples {
        let why = example.reason.clone();
        let why = why.unwrap_or_else(|| example.properties.join(", "));
        output::line(&format!("{:<10}{} {why}", example.outcome, example.name));
    }
    Ok(())
}

async fn status(place: &Place) -> anyhow::Result<()> {
    let engine = place.engine().await?;
    let all = engine.list_synced_directories(&Actor::system()).await;
    engine.store().close().await;
    let all = all?;
    if place.json {
        let shown: Vec<Value> = all
            .iter()
            .map(|one| json!({ "directory": one.to_map(), "lastRun": one.last }))
            .collect();
        output::json(&shown);
        return Ok(());
    }
    for directory in &all {
        print(directory);
    }
    if all.is_empty() {
        output::note("there is no directory: people are added by hand or by a client");
    }
    Ok(())
}

async fn confirm(named: &Named) -> anyhow::Result<()> {
    let engine = named.place.engine().await?;
    let confirmed = engine
        .confirm_deletions(&Actor::system(), &named.name)
        .await;
    engine.store().close().await;
    let confirmed = confirmed?;
    if named.place.json {
        output::json(&json!({ "confirmed": confirmed }));
    } else {
        output::note(&format!("{confirmed} deletions happen with the next run"));
    }
    Ok(())
}

async fn remove(named: &Named) -> anyhow::Result<()> {
    let engine = named.place.engine().await?;
    let removed = engine
        .delete_synced_directory(&Actor::system(), &named.name)
        .await;
    engine.store().close().await;
    removed?;
    if named.place.json {
        output::json(&json!({ "removed": named.name }));
    } else {
        output::note(&format!("removed the directory `{}`", named.name));
    }
    Ok(())
}

fn print(directory: &SyncedDirectory) {
    let counts = &directory.counts;
    output::line(&format!(
        "{:<20}{} people, {} groups, {} gone, {} not taken; next {}",
        directory.name, counts.users, counts.groups, counts.gone, counts.refused, directory.due_at
    ));
    for line in directory.last.iter().flat_map(lines) {
        output::line(&format!("    {line}"));
    }
}

fn lines(report: &SyncReport) -> Vec<String> {
    let end = match report.end {
        SyncEnd::Succeeded => "went well",
        SyncEnd::Held => "went well, but deletions wait to be confirmed",
        SyncEnd::Failed => "failed",
    };
    let what = if report.is_full {
        "everything"
    } else {
        "what changed"
    };
    let mut lines = vec![format!("{} reading {what} {end}", report.ended_at)];
    for (what, counts) in [("people", &report.people), ("groups", &report.groups)] {
        lines.push(format!(
            "{} {what}: {} new, {} changed, {} disabled, {} back, {} gone, {} not taken",
            counts.read,
            counts.created + counts.adopted,
            counts.changed,
            counts.disabled,
            counts.restored,
            counts.gone,
            counts.refused
        ));
    }
    lines.extend(report.failure.clone());
    lines.extend(report.notes.iter().cloned());
    lines
}

/// The content of a file, without the line end that editors leave.
fn read(path: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read `{}`", path.display()))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
