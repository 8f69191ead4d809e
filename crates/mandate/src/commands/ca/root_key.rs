//! `mandate ca root-key`.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use mandate_engine::Actor;
use mandate_pki::keys::PrivateKey;
use mandate_pki::pkcs12::{self, Pkcs12};
use serde_json::json;
use zeroize::Zeroizing;

use super::{Place, secret_line, write_secret};
use crate::output;

/// A file that is put away for years meets more guesses than one on its way to a device.
const SHORTEST_PASSWORD: usize = 20;

/// Put the key of the root away, and bring it back
#[derive(Debug, Args)]
pub(super) struct RootKey {
    #[command(subcommand)]
    command: RootKeyCommand,
}

#[derive(Debug, Subcommand)]
enum RootKeyCommand {
    /// Write the root with its key to a PKCS#12 file
    Export(Export),
    /// Bring the key back from such a file, or from PEM or DER
    Import(Import),
}

#[derive(Debug, Args)]
struct Export {
    #[command(flatten)]
    place: Place,
    /// File to be made
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// File with the password for it, of 20 characters at least
    #[arg(long, value_name = "FILE")]
    password_file: PathBuf,
    /// Take the key out of the database once it is written
    #[arg(long)]
    remove: bool,
}

#[derive(Debug, Args)]
struct Import {
    #[command(flatten)]
    place: Place,
    /// The file
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// File with its password
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl RootKey {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self.command {
            RootKeyCommand::Export(export) => export.run().await,
            RootKeyCommand::Import(import) => import.run().await,
        }
    }
}

impl Export {
    async fn run(self) -> anyhow::Result<()> {
        let password = secret_line(&self.password_file)?;
        anyhow::ensure!(
            password.chars().count() >= SHORTEST_PASSWORD,
            "the password has less than {SHORTEST_PASSWORD} characters"
        );
        let engine = self.place.engine().await?;
        let root = engine.export_root_key(&Actor::system()).await?;
        let subject = root.certificate.subject();
        let file = pkcs12::write(
            &Pkcs12 {
                key: root.key.into(),
                certificate: root.certificate,
                chain: Vec::new(),
                friendly_name: Some(subject.clone()),
            },
            &password,
            pkcs12::Encoding::Modern,
            pkcs12::Chain::Omitted,
        )?;
        write_secret(&self.to, &file)?;
        // Read back before the only other copy goes.
        let written = Zeroizing::new(
            std::fs::read(&self.to)
                .with_context(|| format!("cannot read `{}` back", self.to.display()))?,
        );
        pkcs12::open(&written, &password)
            .with_context(|| format!("`{}` cannot be opened again", self.to.display()))?;
        if self.remove {
            engine.remove_root_key(&Actor::system()).await?;
        }
        engine.store().close().await;
        let path = self.to.display();
        if self.place.json {
            output::json(&json!({ "root": subject, "file": self.to, "removed": self.remove }));
            return Ok(());
        }
        output::line(&format!("wrote the key of `{subject}` to `{path}`"));
        if self.remove {
            output::note(
                "the key is not in the database any more; backups made before still hold it, sealed",
            );
        }
        Ok(())
    }
}

impl Import {
    async fn run(self) -> anyhow::Result<()> {
        let password = match &self.password_file {
            Some(path) => Some(secret_line(path)?),
            None => None,
        };
        let password = password.as_ref().map(|text| text.as_str());
        let file = std::fs::read(&self.from)
            .map(Zeroizing::new)
            .with_context(|| format!("cannot read `{}`", self.from.display()))?;
        let key = match pkcs12::open(&file, password.unwrap_or_default()) {
            Ok(opened) => opened.key.to_private_key().with_context(|| {
                format!("`{}` holds no key of an authority", self.from.display())
            })?,
            Err(pkcs12::Pkcs12Error::Malformed(_)) => PrivateKey::from_pem_or_der(&file, password)
                .with_context(|| format!("`{}` holds no key", self.from.display()))?,
            Err(error) => {
                return Err(error)
                    .with_context(|| format!("`{}` cannot be opened", self.from.display()));
            }
        };
        let engine = self.place.engine().await?;
        engine.import_root_key(&Actor::system(), &key).await?;
        engine.store().close().await;
        if self.place.json {
            output::json(&json!({ "imported": true }));
            return Ok(());
        }
        output::line("the key of the root is in the database again");
        output::note(
            "put it away by `mandate ca root-key export --remove` when it has done its work",
        );
        Ok(())
    }
}
