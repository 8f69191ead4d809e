//! `mandate connector`: the keys that passwords of PFX files are encrypted to before they are imported.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};
use mandate_engine::{
    Actor, ConnectorKey, DEFAULT_KEY_NAME, DEFAULT_PROVIDER, Engine, NewConnectorKey,
};
use serde_json::{Value, json};

use super::place::Place;
use super::{Data, QuietEngine, quiet_engine};
use crate::config::{Config, Flags};
use crate::output;

/// Look after the keys that passwords of PFX files are encrypted to
#[derive(Debug, Args)]
pub(crate) struct Connector {
    #[command(subcommand)]
    command: ConnectorCommand,
}

#[derive(Debug, Subcommand)]
enum ConnectorCommand {
    /// Show the public key with its names; made at first use
    Key(Key),
    /// List all keys, the newest last
    List(Place),
    /// Remove a key that nothing is encrypted to any more; what was imported does not need it
    Remove(Remove),
}

#[derive(Debug, Args)]
struct Key {
    #[command(flatten)]
    place: Place,
    /// Make another key of this name; those there are stay good
    #[arg(long, value_name = "NAME", conflicts_with = "name")]
    new: Option<String>,
    /// Show the key of this name instead of the newest one
    #[arg(long)]
    name: Option<String>,
    /// Size of a key that is made: 2048, 3072 or 4096 bits
    #[arg(long, value_name = "BITS", default_value_t = 3072)]
    size: u32,
    /// Name of the provider that clients are to give beside the key's
    #[arg(long, default_value = DEFAULT_PROVIDER)]
    provider: String,
    /// Form of the public key: `pem`, or `blob` (`RSAPUBLICBLOB` of Windows)
    #[arg(long, value_enum, default_value_t = Format::Pem)]
    format: Format,
    /// Write the public key into this file, which must not be there yet
    #[arg(long, value_name = "FILE", required_if_eq("format", "blob"))]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Pem,
    Blob,
}

#[derive(Debug, Args)]
struct Remove {
    #[command(flatten)]
    place: Place,
    /// Name of the key
    name: String,
}

impl Connector {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self.command {
            ConnectorCommand::Key(key) => key.run().await,
            ConnectorCommand::List(place) => list(&place).await,
            ConnectorCommand::Remove(remove) => remove.run().await,
        }
    }
}

/// An engine on an instance that is there.
pub(super) async fn engine(data: &Data, database: Option<&str>) -> anyhow::Result<QuietEngine> {
    let directory = data.directory();
    // A directory without a key holds no instance, and its database is not to be made by asking.
    directory.key()?;
    let flags = Flags {
        database: database.map(str::to_owned),
        ..Flags::default()
    };
    let config = Config::read(directory.path(), &flags)?;
    let store = directory.store(config.database.as_deref()).await?;
    quiet_engine(&directory, store).await
}

impl Key {
    async fn run(self) -> anyhow::Result<()> {
        let engine = self.place.engine().await?;
        let found = self.find(&engine).await;
        engine.store().close().await;
        let key = found?;
        if let Some(path) = &self.out {
            let content = match self.format {
                Format::Pem => key.to_pem().into_bytes(),
                Format::Blob => key.to_blob()?,
            };
            write_new(path, &content)?;
        }
        if self.place.json {
            output::json(&shown(&key));
            return Ok(());
        }
        output::line(&format!("providerName  {}", key.provider));
        output::line(&format!("keyName       {}", key.name));
        output::line(&format!("size          {} bits", key.bits));
        match &self.out {
            Some(path) => output::note(&format!("wrote the public key to `{}`", path.display())),
            None => output::line(key.to_pem().trim_end()),
        }
        Ok(())
    }

    async fn find(&self, engine: &Engine) -> anyhow::Result<ConnectorKey> {
        let actor = Actor::system();
        let new = NewConnectorKey {
            name: self
                .new
                .clone()
                .unwrap_or_else(|| DEFAULT_KEY_NAME.to_owned()),
            provider: self.provider.clone(),
            bits: self.size,
        };
        match &self.name {
            _ if self.new.is_some() => Ok(engine.create_connector_key(&actor, new).await?),
            None => Ok(engine.connector_key(&actor, new).await?),
            Some(name) => {
                let keys = engine.connector_keys(&actor).await?;
                let names: Vec<String> = keys.iter().map(|key| format!("`{}`", key.name)).collect();
                let found = keys
                    .into_iter()
                    .find(|key| key.name.eq_ignore_ascii_case(name));
                found.with_context(|| {
                    format!(
                        "there is no connector key `{name}`; there are: {}",
                        names.join(", ")
                    )
                })
            }
        }
    }
}

async fn list(place: &Place) -> anyhow::Result<()> {
    let engine = place.engine().await?;
    let keys = engine.connector_keys(&Actor::system()).await;
    engine.store().close().await;
    let keys = keys?;
    if place.json {
        output::json(&keys.iter().map(shown).collect::<Vec<_>>());
        return Ok(());
    }
    for key in &keys {
        let made = key.created_at.to_string();
        let day = made.get(..10).unwrap_or(&made);
        output::line(&format!(
            "{:<32}{:<6}made {day}  {}",
            key.name, key.bits, key.provider
        ));
    }
    if keys.is_empty() {
        output::note("there is no connector key yet; `mandate connector key` makes one");
    }
    Ok(())
}

impl Remove {
    async fn run(self) -> anyhow::Result<()> {
        let engine = self.place.engine().await?;
        let removed = engine
            .remove_connector_key(&Actor::system(), &self.name)
            .await;
        engine.store().close().await;
        removed?;
        if self.place.json {
            output::json(&json!({ "removed": self.name }));
        } else {
            output::note(&format!("removed the connector key `{}`", self.name));
        }
        Ok(())
    }
}

fn shown(key: &ConnectorKey) -> Value {
    json!({
        "providerName": key.provider,
        "keyName": key.name,
        "bits": key.bits,
        "publicKey": key.to_pem(),
        "createdDateTime": key.created_at.to_string(),
    })
}

/// Writes a file that is not there yet.
fn write_new(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    let mut file = std::fs::File::create_new(path)
        .with_context(|| format!("cannot make the file `{}`", path.display()))?;
    file.write_all(content)
        .with_context(|| format!("cannot write the file `{}`", path.display()))
}
