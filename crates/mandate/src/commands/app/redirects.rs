//! `mandate app redirect`.

use anyhow::Context as _;
use clap::{Args, Subcommand};
use mandate_engine::{Actor, Redirect, RedirectKind, RegistrationChange};
use serde_json::Value;

use super::{Which, shown};
use crate::output;

#[derive(Debug, Args)]
pub(super) struct Redirects {
    #[command(subcommand)]
    command: RedirectCommand,
}

#[derive(Debug, Subcommand)]
enum RedirectCommand {
    /// Let answers be sent to an address
    Add(Change),
    /// List the addresses of a client
    List(List),
    /// Let no answer be sent to an address any more
    Remove(Change),
}

#[derive(Debug, Args)]
struct Change {
    #[command(flatten)]
    which: Which,
    /// `web=https://…`, `spa=https://…` or `publicClient=http://localhost`
    #[arg(value_name = "KIND=ADDRESS")]
    redirect: String,
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    which: Which,
}

impl Redirects {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self.command {
            RedirectCommand::Add(command) => command.run(true).await,
            RedirectCommand::Remove(command) => command.run(false).await,
            RedirectCommand::List(command) => {
                command
                    .which
                    .list(|found| found.redirects.iter().map(shown::redirect).collect())
                    .await
            }
        }
    }
}

impl Change {
    async fn run(self, is_added: bool) -> anyhow::Result<()> {
        let client = self.which.client()?;
        let wanted = redirect(&self.redirect)?;
        let engine = self.which.place.engine().await?;
        let mut redirects = engine.app_redirects(client).await?;
        let was_there = redirects.contains(&wanted);
        if is_added {
            redirects.push(wanted);
        } else {
            anyhow::ensure!(was_there, "`{}` is not registered", self.redirect);
            redirects.retain(|redirect| *redirect != wanted);
        }
        let change = RegistrationChange {
            redirects: Some(redirects),
            ..RegistrationChange::default()
        };
        engine.change_app(&Actor::system(), client, change).await?;
        let redirects = engine.app_redirects(client).await?;
        engine.store().close().await;
        if self.which.place.json {
            let shown: Vec<Value> = redirects.iter().map(shown::redirect).collect();
            output::json(&shown);
            return Ok(());
        }
        for redirect in &redirects {
            output::line(&format!("{}={}", redirect.kind.name(), redirect.address));
        }
        Ok(())
    }
}

/// Reads `KIND=ADDRESS`.
pub(super) fn redirect(text: &str) -> anyhow::Result<Redirect> {
    let kinds = RedirectKind::ALL.map(RedirectKind::name).join("`, `");
    text.split_once('=')
        .and_then(|(kind, address)| {
            Some(Redirect {
                kind: RedirectKind::parse(kind.trim())?,
                address: address.trim().to_owned(),
            })
        })
        .with_context(|| format!("`{text}` must be `KIND=ADDRESS`, where KIND is `{kinds}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kind_and_address_are_parted_at_the_first_sign() {
        let read = redirect("web=https://app.example/?a=b").unwrap();
        assert_eq!(
            (read.kind, read.address.as_str()),
            (RedirectKind::Web, "https://app.example/?a=b")
        );
        assert!(redirect("https://app.example").is_err());
        assert!(redirect("phone=https://app.example").is_err());
    }
}
