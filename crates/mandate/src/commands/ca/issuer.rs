//! `mandate ca issuer`.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use mandate_engine::{Actor, IssuerServer, IssuerView, NewIssuer};
use serde_json::json;
use zeroize::Zeroizing;

use super::{Place, secret_line, spaced};
use crate::output;

/// Authorities of others that are asked for certificates
#[derive(Debug, Args)]
pub(super) struct Issuer {
    #[command(subcommand)]
    command: IssuerCommand,
}

#[derive(Debug, Subcommand)]
enum IssuerCommand {
    /// Add one that speaks SCEP
    Add(Add),
    /// List them, with the certificate that they know us by
    List(List),
    /// Remove one
    Remove(Remove),
}

#[derive(Debug, Args)]
struct Add {
    #[command(flatten)]
    place: Place,
    /// Name that PKCS profiles give as their certification authority
    #[arg(long)]
    name: String,
    /// Its SCEP address, which SCEP profiles give
    #[arg(long)]
    url: String,
    /// File with the challenge that it wants
    #[arg(long, value_name = "FILE")]
    challenge_file: Option<PathBuf>,
    /// Speak single DES and SHA-1 with it if it knows nothing better
    #[arg(long)]
    legacy_des: bool,
    /// Where it takes revocations, as JSON by POST
    #[arg(long, value_name = "URL")]
    revocation_url: Option<String>,
    /// File with the token that proves to that address who asks
    #[arg(long, value_name = "FILE", requires = "revocation_url")]
    revocation_token_file: Option<PathBuf>,
    /// SHA-256 fingerprint of its certificate; without it you are asked
    #[arg(long, value_name = "HEX")]
    fingerprint: Option<String>,
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
struct Remove {
    #[command(flatten)]
    place: Place,
    /// Its name
    name: String,
}

impl Issuer {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self.command {
            IssuerCommand::Add(add) => add.run().await,
            IssuerCommand::List(list) => list.run().await,
            IssuerCommand::Remove(remove) => remove.run().await,
        }
    }
}

impl Add {
    async fn run(self) -> anyhow::Result<()> {
        let line = |path: &Option<PathBuf>| -> anyhow::Result<Option<Zeroizing<String>>> {
            path.as_deref().map(secret_line).transpose()
        };
        let new = NewIssuer {
            challenge: line(&self.challenge_file)?,
            revocation_token: line(&self.revocation_token_file)?,
            name: self.name,
            url: self.url,
            legacy_des: self.legacy_des,
            revocation_url: self.revocation_url,
        };
        let engine = self.place.engine().await?;
        let fingerprint = if let Some(fingerprint) = self.fingerprint {
            fingerprint
        } else {
            let server = engine.inspect_issuer(&Actor::system(), &new.url).await?;
            confirm(&server)?;
            server.fingerprint()
        };
        let view = engine
            .add_issuer(&Actor::system(), new, &fingerprint)
            .await?;
        engine.store().close().await;
        if self.place.json {
            output::json(&view);
            return Ok(());
        }
        show(&view);
        output::note(
            "it must accept requests that are signed by the registration authority below, or by a challenge alone:",
        );
        output::line(view.registration.trim_end());
        Ok(())
    }
}

/// Asks whether the certificate is the right one.
fn confirm(server: &IssuerServer) -> anyhow::Result<()> {
    output::note(&format!(
        "the authority there is `{}`, valid until {}\n  SHA-256 {}",
        server.subject(),
        server.not_after(),
        spaced(&server.fingerprint())
    ));
    anyhow::ensure!(
        std::io::stdin().is_terminal(),
        "compare the fingerprint with what its people say, and give it by `--fingerprint`"
    );
    let mut asking = std::io::stderr().lock();
    let _ = write!(asking, "is that its fingerprint? [y/N] ");
    let _ = asking.flush();
    drop(asking);
    let mut answer = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut answer)
        .context("nothing was answered")?;
    anyhow::ensure!(
        matches!(answer.trim(), "y" | "Y" | "yes"),
        "the authority was not added"
    );
    Ok(())
}

impl List {
    async fn run(self) -> anyhow::Result<()> {
        let engine = self.place.engine().await?;
        let issuers = engine.list_issuers(&Actor::system()).await?;
        engine.store().close().await;
        if self.place.json {
            output::json(&issuers);
            return Ok(());
        }
        for issuer in &issuers {
            show(issuer);
        }
        Ok(())
    }
}

impl Remove {
    async fn run(self) -> anyhow::Result<()> {
        let engine = self.place.engine().await?;
        engine.remove_issuer(&Actor::system(), &self.name).await?;
        engine.store().close().await;
        if self.place.json {
            output::json(&json!({ "removed": self.name }));
        } else {
            output::line(&format!("removed the issuer `{}`", self.name));
        }
        Ok(())
    }
}

fn show(issuer: &IssuerView) {
    output::line(&format!("{}  {}", issuer.name, issuer.url));
    let challenge = if issuer.has_challenge {
        "a challenge is sent"
    } else {
        "none"
    };
    let revocation = issuer
        .revocation_url
        .as_deref()
        .unwrap_or("to be told by hand");
    let ciphers = if issuer.legacy_des {
        "single DES and SHA-1 are allowed"
    } else {
        "strong ones only"
    };
    let lines = [
        ("authority", issuer.subject.as_str()),
        ("SHA-256", &spaced(&issuer.fingerprint)),
        ("valid until", &issuer.not_after),
        ("challenge", challenge),
        ("algorithms", ciphers),
        ("revocations", revocation),
    ];
    for (name, value) in lines {
        output::line(&format!("  {name:<14}{value}"));
    }
}
