//! `mandate audit`.

use std::fs::File;
use std::io::{BufWriter, IsTerminal as _, Write};
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use mandate_engine::{
    Actor, AuditEvent, AuditFault, AuditFilter, AuditHead, AuditOrder, AuditVerification, Engine,
};
use mandate_model::Timestamp;
use serde_json::json;

use super::connector::engine;
use super::{Data, QuietEngine};
use crate::output;

/// Entries read at once.
const PAGE: u32 = 500;
/// Entries between two lines of progress.
const STRIDE: u64 = 50_000;

/// Who changed what: verify, list and export the audit
#[derive(Debug, Args)]
pub(crate) struct Audit {
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Read the whole chain, and say whether anything was altered, taken out or cut off
    Verify(Verify),
    /// Show entries, the newest first
    List(List),
    /// Write entries as JSON lines, the oldest first
    Export(Export),
    /// Show what became of telling the webhook, the newest first
    Deliveries(Deliveries),
}

#[derive(Debug, Args)]
struct Place {
    #[command(flatten)]
    data: Data,
    /// PostgreSQL instead of the file in the data directory
    #[arg(long, value_name = "URL")]
    database: Option<String>,
}

#[derive(Debug, Args)]
struct Verify {
    #[command(flatten)]
    place: Place,
    /// An end of the chain that was noted elsewhere: it must still be part of it
    #[arg(long, value_name = "NUMBER:MAC", value_parser = head)]
    expect: Option<AuditHead>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Span {
    /// From this moment on, such as 2026-01-31 or 2026-01-31T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = moment)]
    from: Option<Timestamp>,
    /// Up to this moment, which is included
    #[arg(long, value_name = "TIME", value_parser = moment)]
    until: Option<Timestamp>,
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    span: Span,
    /// Only what was done with the thing of this id
    #[arg(long, value_name = "ID")]
    resource: Option<String>,
    /// Only what the person or client of this id did
    #[arg(long, value_name = "ID")]
    actor: Option<uuid::Uuid>,
    /// How many at most
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    /// Print the entries as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Export {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    span: Span,
    /// From this number on
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(1..))]
    from_number: Option<i64>,
    /// Up to this number, which is included
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(1..))]
    until_number: Option<i64>,
    /// File to write, which must not be there yet [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Deliveries {
    #[command(flatten)]
    place: Place,
    /// How many at most
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    /// Print them as JSON
    #[arg(long)]
    json: bool,
}

impl Audit {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self.command {
            AuditCommand::Verify(verify) => verify.run().await,
            AuditCommand::List(list) => list.run().await,
            AuditCommand::Export(export) => export.run().await,
            AuditCommand::Deliveries(deliveries) => deliveries.run().await,
        }
    }
}

impl Verify {
    async fn run(self) -> anyhow::Result<()> {
        let engine = self.place.engine().await?;
        let found = engine
            .verify_audit(&Actor::system(), self.expect.as_ref(), &mut progress())
            .await;
        let head = engine.audit_head().await;
        engine.store().close().await;
        let (found, head) = (found?, head?.map(|head| head.to_string()));
        if self.json {
            let faults: Vec<String> = found.faults.iter().map(words).collect();
            output::json(&json!({
                "isWhole": found.is_whole(),
                "entries": found.entries,
                "lastLetGo": found.base,
                "head": head,
                "faults": faults,
                "furtherFaults": found.further,
            }));
        } else {
            self.say(&found, head.as_deref());
        }
        if !found.is_whole() {
            bail!("the audit is not what was written");
        }
        Ok(())
    }

    fn say(&self, found: &AuditVerification, head: Option<&str>) {
        for fault in &found.faults {
            output::line(&words(fault));
        }
        if found.further > 0 {
            output::line(&format!("and {} further faults", found.further));
        }
        if found.is_whole() {
            output::line(&format!("whole: {} entries", found.entries));
            if found.base > 0 {
                output::line(&format!(
                    "entries up to {} were let go by the retention",
                    found.base
                ));
            }
            output::line(&format!("head {}", head.unwrap_or_default()));
        }
        if let Some(expect) = &self.expect
            && expect.number < found.base
        {
            output::note(&format!(
                "entry {} was let go since: nothing can be said of it",
                expect.number
            ));
        }
    }
}

impl List {
    async fn run(self) -> anyhow::Result<()> {
        let engine = self.place.engine().await?;
        let filter = AuditFilter {
            resource: self.resource.clone(),
            actor: self.actor,
            ..self.span.filter()
        };
        let found = engine
            .list_audit_events(
                &Actor::system(),
                filter,
                AuditOrder::NewestFirst(None),
                self.limit,
            )
            .await;
        engine.store().close().await;
        let found = found?;
        if self.json {
            output::json(&found);
        } else {
            found.iter().for_each(show);
        }
        Ok(())
    }
}

impl Export {
    async fn run(self) -> anyhow::Result<()> {
        let engine = self.place.engine().await?;
        let written = match &self.output {
            Some(path) => match File::create_new(path) {
                Ok(file) => self.write(&engine, &mut BufWriter::new(file)).await,
                Err(error) => {
                    Err(error).with_context(|| format!("cannot write `{}`", path.display()))
                }
            },
            None => self.write(&engine, &mut std::io::stdout()).await,
        };
        engine.store().close().await;
        let written = written?;
        output::note(&format!("{written} entries"));
        Ok(())
    }

    /// Writes entries in the order of the chain; how many.
    async fn write(&self, engine: &Engine, to: &mut (dyn Write + Send)) -> anyhow::Result<u64> {
        let mut after = self.from_number.map_or(0, |number| number - 1);
        let (mut written, mut said) = (0, progress());
        loop {
            let page = engine
                .audit_events_after(&Actor::system(), after, PAGE)
                .await?;
            let Some(last) = page.last() else { break };
            after = last.number;
            let is_over = self.until_number.is_some_and(|until| after >= until);
            for event in page.iter().filter(|event| self.wants(event)) {
                serde_json::to_writer(&mut *to, event)?;
                to.write_all(b"\n")?;
                written += 1;
            }
            said(written);
            if is_over {
                break;
            }
        }
        to.flush()?;
        Ok(written)
    }

    fn wants(&self, event: &AuditEvent) -> bool {
        self.until_number.is_none_or(|until| event.number <= until)
            && self.span.from.is_none_or(|from| event.at >= from)
            && self.span.until.is_none_or(|until| event.at <= until)
    }
}

impl Deliveries {
    async fn run(self) -> anyhow::Result<()> {
        let engine = self.place.engine().await?;
        let actor = Actor::system();
        let found = engine.list_audit_deliveries(&actor, None, self.limit).await;
        let receiver = engine.audit_receiver(&actor).await;
        engine.store().close().await;
        let (found, receiver) = (found?, receiver?);
        if self.json {
            output::json(&json!({ "receiver": receiver, "value": found }));
            return Ok(());
        }
        for one in found {
            output::line(&format!(
                "{}  entries {} to {}  {}",
                one.at, one.first_number, one.last_number, one.outcome
            ));
        }
        match receiver {
            Some(receiver) if receiver.attempts > 0 => output::note(&format!(
                "told up to entry {}; {} attempts in vain, next try {}",
                receiver.told_until, receiver.attempts, receiver.due_at
            )),
            Some(receiver) => output::note(&format!("told up to entry {}", receiver.told_until)),
            None => output::note("nobody was told yet"),
        }
        Ok(())
    }
}

impl Place {
    async fn engine(&self) -> anyhow::Result<QuietEngine> {
        engine(&self.data, self.database.as_deref()).await
    }
}

impl Span {
    fn filter(&self) -> AuditFilter {
        AuditFilter {
            from: self.from,
            until: self.until,
            ..AuditFilter::default()
        }
    }
}

/// Two lines, and one more for each property.
fn show(event: &AuditEvent) {
    output::line(&format!(
        "{}  {}  {} {} {}",
        event.number, event.at, event.activity, event.resource.kind, event.resource.id
    ));
    let mut about = vec![format!("by {}", event.actor.name)];
    if event.actor.kind == "person" {
        about.extend(event.actor.app_name.iter().map(|app| format!("with {app}")));
    }
    about.extend(event.ip_address.iter().map(|from| format!("from {from}")));
    if !event.resource.name.is_empty() {
        about.push(format!("({})", event.resource.name));
    }
    output::line(&format!("    {}", about.join(" ")));
    for change in &event.changes {
        output::line(&format!(
            "    {}: {} -> {}",
            change.name, change.before, change.after
        ));
    }
}

/// What is wrong, for people.
fn words(fault: &AuditFault) -> String {
    match fault {
        AuditFault::NoHead => "it is not written any more where the chain ends".to_owned(),
        AuditFault::HeadAltered => "the end of the chain was altered".to_owned(),
        AuditFault::NoBase => "it is not written any more where the chain begins".to_owned(),
        AuditFault::BaseAltered => "the beginning of the chain was altered".to_owned(),
        AuditFault::Missing { from, to } if from == to => format!("entry {from} is missing"),
        AuditFault::Missing { from, to } => format!("entries {from} to {to} are missing"),
        AuditFault::Altered(number) => format!("entry {number} was altered or moved"),
        AuditFault::Broken(number) => {
            format!("something happened to the end of the chain before entry {number} was written")
        }
        AuditFault::Stray(number) => format!("entry {number} stands outside of the chain"),
        AuditFault::EndDiffers(number) => {
            format!("entry {number} is not the one that was written last")
        }
        AuditFault::NotAsExpected(number) => {
            format!("entry {number} is gone, or not the one that was noted elsewhere")
        }
    }
}

/// Says on a terminal how far it is.
fn progress() -> impl FnMut(u64) + Send {
    let is_terminal = std::io::stderr().is_terminal();
    let mut said = 0;
    move |entries| {
        if is_terminal && entries >= said + STRIDE {
            said = entries;
            output::note(&format!("{entries} entries…"));
        }
    }
}

fn head(text: &str) -> Result<AuditHead, String> {
    AuditHead::parse(text)
        .ok_or_else(|| "expected NUMBER:MAC, as `mandate audit verify` prints it".to_owned())
}

/// A day, which begins at midnight UTC, or a moment.
fn moment(text: &str) -> Result<Timestamp, String> {
    let text = text.trim();
    Timestamp::parse(text)
        .or_else(|| Timestamp::parse(&format!("{text}T00:00:00Z")))
        .ok_or_else(|| {
            "expected a day such as 2026-01-31 or a moment such as 2026-01-31T12:00:00Z".to_owned()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_its_midnight() {
        assert_eq!(moment("2026-01-31"), moment(" 2026-01-31T00:00:00Z"));
        assert!(moment("2026-01-31").is_ok());
        for wrong in ["", "yesterday", "2026-13-01", "31.1.2026"] {
            assert!(moment(wrong).is_err(), "{wrong}");
        }
    }
}
