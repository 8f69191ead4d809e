//! `mandate pfx`: certificates with their keys for people, without PowerShell.

mod import;
mod mapping;
mod password;
mod plan;
mod report;

use clap::{Args, Subcommand};
use mandate_engine::{Actor, Engine, ImportId, ImportedRecord};
use serde_json::{Value, json};

use super::place::Place;
use crate::output;

/// Import, list and remove certificates with their keys for people
#[derive(Debug, Args)]
pub(crate) struct Pfx {
    #[command(subcommand)]
    command: PfxCommand,
}

#[derive(Debug, Subcommand)]
enum PfxCommand {
    /// Import PFX files: for one person, as a mapping says, or for whom the certificates name
    Import(import::Import),
    /// List imported certificates
    List(List),
    /// Remove imported certificates, here and from the devices of their owner; nobody revokes them
    Remove(Remove),
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    place: Place,
    /// Only those of this person
    #[arg(long, value_name = "UPN")]
    user: Option<String>,
}

#[derive(Debug, Args)]
struct Remove {
    #[command(flatten)]
    place: Place,
    /// Whose they are
    #[arg(long, value_name = "UPN")]
    user: String,
    /// SHA-1 of a certificate in hexadecimal, as `list` shows it
    #[arg(required = true)]
    thumbprint: Vec<String>,
}

impl Pfx {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self.command {
            PfxCommand::Import(import) => import.run().await,
            PfxCommand::List(list) => list.run().await,
            PfxCommand::Remove(remove) => remove.run().await,
        }
    }
}

impl List {
    async fn run(self) -> anyhow::Result<()> {
        let engine = self.place.engine().await?;
        let found = engine
            .search_imported(&Actor::system(), self.user.as_deref(), None)
            .await;
        engine.store().close().await;
        let found = found?;
        if self.place.json {
            output::json(&found.iter().map(shown).collect::<Vec<_>>());
            return Ok(());
        }
        for record in &found {
            output::line(&line(record));
        }
        output::note(&format!("{} imported", certificates(found.len())));
        Ok(())
    }
}

impl Remove {
    async fn run(self) -> anyhow::Result<()> {
        let engine = self.place.engine().await?;
        let removed = self.remove_all(&engine).await;
        engine.store().close().await;
        let removed = removed?;
        if self.place.json {
            output::json(&removed.iter().map(shown).collect::<Vec<_>>());
        } else {
            for record in &removed {
                output::line(&format!("removed  {}", line(record)));
            }
        }
        Ok(())
    }

    /// All of them, or none if one is not there.
    async fn remove_all(&self, engine: &Engine) -> anyhow::Result<Vec<ImportedRecord>> {
        let actor = Actor::system();
        let mut records = Vec::new();
        for thumbprint in &self.thumbprint {
            let found = engine
                .search_imported(&actor, Some(&self.user), Some(thumbprint))
                .await?;
            let record = found.into_iter().next().ok_or_else(|| {
                anyhow::anyhow!(
                    "`{}` has no imported certificate with the thumbprint `{thumbprint}`; nothing was removed",
                    self.user
                )
            })?;
            records.push(record);
        }
        for record in &records {
            engine
                .delete_imported(&actor, &ImportId::of(record))
                .await?;
        }
        Ok(records)
    }
}

/// A certificate as one line for people.
fn line(record: &ImportedRecord) -> String {
    let certificate = &record.certificate;
    let until = certificate.not_after.to_string();
    format!(
        "{}  {:<16}until {}  {}  {}",
        certificate.thumbprint,
        certificate.purpose.name(),
        until.get(..10).unwrap_or(&until),
        record.user_principal_name,
        certificate.subject
    )
}

/// A certificate in the words of Graph, and what Graph has no word for.
fn shown(record: &ImportedRecord) -> Value {
    let certificate = &record.certificate;
    json!({
        "id": ImportId::of(record).to_string(),
        "userPrincipalName": record.user_principal_name,
        "thumbprint": certificate.thumbprint,
        "intendedPurpose": certificate.purpose.name(),
        "startDateTime": certificate.not_before.to_string(),
        "expirationDateTime": certificate.not_after.to_string(),
        "subject": certificate.subject,
        "addresses": certificate.addresses,
    })
}

/// `1 certificate`, `2 certificates`
fn certificates(count: usize) -> String {
    match count {
        1 => "1 certificate".to_owned(),
        _ => format!("{count} certificates"),
    }
}
