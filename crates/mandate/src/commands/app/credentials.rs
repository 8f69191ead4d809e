//! `mandate app secret` and `mandate app certificate`.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use mandate_engine::{Actor, Registration, SecretLife};
use mandate_model::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Which, shown};
use crate::output;

#[derive(Debug, Args)]
pub(super) struct Secret {
    #[command(subcommand)]
    command: SecretCommand,
}

#[derive(Debug, Subcommand)]
enum SecretCommand {
    /// Give a client one more secret, ten at most; it is shown once
    Add(AddSecret),
    /// List the secrets of a client by their first characters
    List(ListSecrets),
    /// Take a secret away
    Remove(RemoveSecret),
}

#[derive(Debug, Args)]
struct AddSecret {
    #[command(flatten)]
    which: Which,
    /// Name for administrators
    #[arg(long, default_value = "")]
    name: String,
    /// For how many days it is good
    #[arg(long, default_value_t = 730, value_parser = clap::value_parser!(i64).range(1..=3650))]
    days: i64,
}

#[derive(Debug, Args)]
struct ListSecrets {
    #[command(flatten)]
    which: Which,
}

#[derive(Debug, Args)]
struct RemoveSecret {
    #[command(flatten)]
    which: Which,
    /// Id of the secret, as `mandate app secret list` shows it
    #[arg(long, value_name = "ID")]
    secret: Uuid,
}

#[derive(Debug, Args)]
pub(super) struct Certificate {
    #[command(subcommand)]
    command: CertificateCommand,
}

#[derive(Debug, Subcommand)]
enum CertificateCommand {
    /// Let a client prove who it is with the key of a certificate, ten at most
    Add(AddCertificate),
    /// List the certificates of a client
    List(ListCertificates),
    /// Take a certificate away
    Remove(RemoveCertificate),
}

#[derive(Debug, Args)]
struct AddCertificate {
    #[command(flatten)]
    which: Which,
    /// Name for administrators; its subject, if not given
    #[arg(long, default_value = "")]
    name: String,
    /// The certificate, PEM or DER, with an RSA key
    file: PathBuf,
}

#[derive(Debug, Args)]
struct ListCertificates {
    #[command(flatten)]
    which: Which,
}

#[derive(Debug, Args)]
struct RemoveCertificate {
    #[command(flatten)]
    which: Which,
    /// Id of the certificate, as `mandate app certificate list` shows it
    #[arg(long, value_name = "ID")]
    certificate: Uuid,
}

impl Secret {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self.command {
            SecretCommand::Add(command) => command.run().await,
            SecretCommand::List(command) => {
                command
                    .which
                    .list(|found| found.secrets.iter().map(shown::secret).collect())
                    .await
            }
            SecretCommand::Remove(command) => command.run().await,
        }
    }
}

impl Certificate {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self.command {
            CertificateCommand::Add(command) => command.run().await,
            CertificateCommand::List(command) => {
                command
                    .which
                    .list(|found| found.certificates.iter().map(shown::certificate).collect())
                    .await
            }
            CertificateCommand::Remove(command) => command.run().await,
        }
    }
}

impl AddSecret {
    async fn run(self) -> anyhow::Result<()> {
        let client = self.which.client()?;
        let engine = self.which.place.engine().await?;
        let life = SecretLife::Until(engine.now().plus(self.days * Timestamp::DAY));
        let new = engine
            .add_app_secret(&Actor::system(), client, &self.name, life)
            .await?;
        let app = engine.find_app(client).await?;
        engine.store().close().await;
        let app = app.context("the client was removed meanwhile")?;
        let tenant = engine.tenant().id;
        if self.which.place.json {
            let mut shown = shown::app(&app);
            shown["tenantId"] = json!(tenant);
            shown["clientSecret"] = json!(new.secret);
            shown["secret"] = shown::secret(&new.credential);
            output::json(&shown);
            return Ok(());
        }
        output::line(&format!("tenantId      {tenant}"));
        output::line(&format!("clientId      {}", app.id));
        output::line(&format!("clientSecret  {}", new.secret));
        output::note("the secret is shown this once; keep it");
        Ok(())
    }
}

impl RemoveSecret {
    async fn run(self) -> anyhow::Result<()> {
        let client = self.which.client()?;
        let engine = self.which.place.engine().await?;
        engine
            .remove_app_secret(&Actor::system(), client, self.secret)
            .await?;
        engine.store().close().await;
        output::note("the secret opens nothing any more; tokens that it got last for their hour");
        Ok(())
    }
}

impl AddCertificate {
    async fn run(self) -> anyhow::Result<()> {
        let client = self.which.client()?;
        let bytes = std::fs::read(&self.file)
            .with_context(|| format!("cannot read `{}`", self.file.display()))?;
        let engine = self.which.place.engine().await?;
        let added = engine
            .add_app_certificate(&Actor::system(), client, &self.name, &bytes)
            .await?;
        engine.store().close().await;
        if self.which.place.json {
            output::json(&shown::certificate(&added));
        } else {
            output::line(&format!("id          {}", added.id));
            output::line(&format!("thumbprint  {}", shown::hex(&added.sha1)));
            output::line(&format!("until       {}", added.not_after));
        }
        Ok(())
    }
}

impl RemoveCertificate {
    async fn run(self) -> anyhow::Result<()> {
        let client = self.which.client()?;
        let engine = self.which.place.engine().await?;
        engine
            .remove_app_certificate(&Actor::system(), client, self.certificate)
            .await?;
        engine.store().close().await;
        output::note("the certificate opens nothing any more");
        Ok(())
    }
}

impl Which {
    /// One part of a client, a line or an object for each.
    pub(super) async fn list(
        &self,
        part: impl FnOnce(&Registration) -> Vec<Value>,
    ) -> anyhow::Result<()> {
        let client = self.client()?;
        let engine = self.place.engine().await?;
        let found = engine.find_registration(&Actor::system(), client).await?;
        engine.store().close().await;
        let found = found.with_context(|| format!("there is no app with the id `{client}`"))?;
        let values = part(&found);
        if self.place.json {
            output::json(&values);
            return Ok(());
        }
        for value in &values {
            let texts = value.as_object().into_iter().flatten();
            let texts: Vec<&str> = texts.filter_map(|(_, value)| value.as_str()).collect();
            output::line(&texts.join("  "));
        }
        if values.is_empty() {
            output::note("there is none");
        }
        Ok(())
    }
}
