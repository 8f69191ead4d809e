//! `mandate certificates`.

use clap::{Args, Subcommand};
use mandate_engine::{Actor, Engine, HeldCertificate, Presence};
use mandate_model::Timestamp;
use serde_json::json;

use super::place::Place;
use crate::output;

/// Certificates read at once.
const PAGE: u32 = 500;

/// Show whose certificates are where, and which end soon
#[derive(Debug, Args)]
pub(crate) struct Certificates {
    #[command(subcommand)]
    command: CertificatesCommand,
}

#[derive(Debug, Subcommand)]
enum CertificatesCommand {
    /// What a person has, and on which devices it was seen
    List(List),
    /// What ends soon, of everybody
    Expiring(Expiring),
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    place: Place,
    /// Sign-in name or id of the person
    #[arg(long, value_name = "UPN")]
    user: String,
}

#[derive(Debug, Args)]
struct Expiring {
    #[command(flatten)]
    place: Place,
    /// How many days ahead
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(i64).range(1..=730))]
    days: i64,
}

impl Certificates {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self.command {
            CertificatesCommand::List(list) => list.run().await,
            CertificatesCommand::Expiring(expiring) => expiring.run().await,
        }
    }
}

impl List {
    async fn run(self) -> anyhow::Result<()> {
        let engine = self.place.engine().await?;
        let found = engine.user_certificates(&Actor::system(), &self.user).await;
        engine.store().close().await;
        let Some(certificates) = found? else {
            anyhow::bail!("there is no user `{}`", self.user);
        };
        if self.place.json {
            output::json(&certificates);
        } else {
            certificates.value.iter().for_each(show);
        }
        Ok(())
    }
}

impl Expiring {
    async fn run(self) -> anyhow::Result<()> {
        let engine = self.place.engine().await?;
        let found = self.collect(&engine).await;
        engine.store().close().await;
        let found = found?;
        if self.place.json {
            output::json(&json!({ "days": self.days, "value": found }));
        } else {
            found.iter().for_each(show);
            output::note(&format!("{} end within {} days", found.len(), self.days));
        }
        Ok(())
    }

    async fn collect(&self, engine: &Engine) -> anyhow::Result<Vec<HeldCertificate>> {
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let page = engine
                .expiring_certificates(&Actor::system(), self.days, after.as_deref(), PAGE)
                .await?;
            found.extend(page.certificates);
            after = page.next;
            if after.is_none() {
                return Ok(found);
            }
        }
    }
}

/// Two lines and one more for each device.
fn show(certificate: &HeldCertificate) {
    let until = certificate.not_after_date_time;
    let state = match certificate.revoked_date_time {
        Some(at) => format!("revoked {}", day(at)),
        None => format!("until {}", day(until)),
    };
    let whose = certificate
        .user_principal_name
        .as_deref()
        .unwrap_or("nobody");
    output::line(&format!("{state}  {whose}  {}", certificate.subject));
    let source = match &certificate.external_issuer {
        Some(issuer) => format!("{} by {issuer}", word(&certificate.source)),
        None => word(&certificate.source),
    };
    output::line(&format!(
        "    {}, {source}, {}, thumbprint {}",
        certificate.purpose,
        word(&certificate.sharing),
        certificate.thumbprint
    ));
    for device in &certificate.devices {
        let seen = match (device.state, device.seen_date_time) {
            (Presence::Confirmed, Some(at)) => format!("confirmed {at}"),
            (Presence::NotExpected, Some(at)) => format!("not expected, seen {at}"),
            _ => "expected, not seen yet".to_owned(),
        };
        output::line(&format!("    on {}: {seen}", device.device_name));
    }
}

/// The day of a moment.
fn day(at: Timestamp) -> String {
    at.to_string().chars().take(10).collect()
}

/// The word that the JSON form has.
fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}
