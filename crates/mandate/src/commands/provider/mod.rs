//! `mandate provider`: where else people prove who they are.

mod add;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use mandate_engine::{Actor, How, Provider as Known, TryStep};
use serde_json::{Map, Value, json};

use self::add::Add;
use super::QuietEngine;
use super::place::Place;
use crate::output;

/// Links shown at once by `links`.
const PAGE: u32 = 500;

/// Look after identity providers and directories that people sign in with
#[derive(Debug, Args)]
pub(crate) struct Provider {
    #[command(subcommand)]
    command: ProviderCommand,
}

#[derive(Debug, Subcommand)]
enum ProviderCommand {
    /// Add a provider: `oidc` or `ldap`
    Add(Add),
    /// List all providers
    List(Place),
    /// Show a provider, without its secret
    Show(Named),
    /// Replace the client secret, or the password of the account that searches
    Secret(Secret),
    /// Go the way to a provider step by step, and say where it ends
    Test(Test),
    /// List which accounts of a provider were matched with whom
    Links(Named),
    /// Say which account somebody has there, as is needed for whoever has a role
    Link(Link),
    /// Forget which account somebody has there; the next one of their name is taken for them if they have no role
    Unlink(Unlink),
    /// Remove a provider; what people are in through it stays
    Remove(Named),
}

#[derive(Debug, Args)]
struct Named {
    #[command(flatten)]
    place: Place,
    /// Name of the provider
    name: String,
}

#[derive(Debug, Args)]
struct Secret {
    #[command(flatten)]
    named: Named,
    /// File with the new secret
    file: PathBuf,
}

#[derive(Debug, Args)]
struct Test {
    #[command(flatten)]
    named: Named,
    /// Sign-in name of somebody to look for in a directory
    #[arg(long, value_name = "NAME")]
    person: Option<String>,
}

#[derive(Debug, Args)]
struct Link {
    #[command(flatten)]
    named: Named,
    /// Sign-in name or id of the person
    person: String,
    /// What the provider calls the account for good: the claim `sub`, or what `test --person` shows of a directory
    subject: String,
}

#[derive(Debug, Args)]
struct Unlink {
    #[command(flatten)]
    named: Named,
    /// Sign-in name or id of the person
    person: String,
}

impl Provider {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self.command {
            ProviderCommand::Add(add) => add.run().await,
            ProviderCommand::List(place) => list(&place).await,
            ProviderCommand::Show(named) => show(&named).await,
            ProviderCommand::Secret(secret) => secret.run().await,
            ProviderCommand::Test(test) => test.run().await,
            ProviderCommand::Links(named) => links(&named).await,
            ProviderCommand::Link(link) => link.run().await,
            ProviderCommand::Unlink(unlink) => unlink.run().await,
            ProviderCommand::Remove(named) => remove(&named).await,
        }
    }
}

async fn list(place: &Place) -> anyhow::Result<()> {
    let engine = place.engine().await?;
    let all = engine.list_providers(&Actor::system()).await;
    engine.store().close().await;
    let all = all?;
    if place.json {
        output::json(&all.iter().map(Known::to_map).collect::<Vec<_>>());
        return Ok(());
    }
    for provider in &all {
        let address = match &provider.settings.how {
            How::Oidc(oidc) => &oidc.issuer,
            How::Ldap(directory) => &directory.url,
        };
        let kind = provider.settings.kind();
        output::line(&format!("{:<20}{kind:<6}{address}", provider.name));
    }
    if all.is_empty() {
        output::note("there is no provider: people sign in with what they have here");
    }
    Ok(())
}

async fn show(named: &Named) -> anyhow::Result<()> {
    let engine = named.place.engine().await?;
    let found = engine.find_provider(&Actor::system(), &named.name).await;
    engine.store().close().await;
    let provider = found?.with_context(|| format!("there is no provider `{}`", named.name))?;
    print(&provider, named.place.json);
    Ok(())
}

async fn links(named: &Named) -> anyhow::Result<()> {
    let engine = named.place.engine().await?;
    let mut after = String::new();
    let mut shown = Vec::new();
    loop {
        let page = engine
            .list_provider_links(&Actor::system(), &named.name, &after, PAGE)
            .await?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.subject);
        for link in page {
            let user = engine
                .find_user(&Actor::system(), &link.user.to_string())
                .await?;
            let name = user.map(|user| user.user_principal_name);
            if named.place.json {
                shown.push(json!({
                    "subject": link.subject,
                    "userId": link.user,
                    "userPrincipalName": name,
                    "createdDateTime": link.created_at.to_string(),
                }));
            } else {
                let name = name.unwrap_or_else(|| link.user.to_string());
                output::line(&format!("{name:<40}{}", link.subject));
            }
        }
    }
    engine.store().close().await;
    if named.place.json {
        output::json(&shown);
    }
    Ok(())
}

async fn remove(named: &Named) -> anyhow::Result<()> {
    let engine = named.place.engine().await?;
    let removed = engine.delete_provider(&Actor::system(), &named.name).await;
    engine.store().close().await;
    removed?;
    if named.place.json {
        output::json(&json!({ "removed": named.name }));
    } else {
        output::note(&format!("removed the provider `{}`", named.name));
    }
    Ok(())
}

impl Secret {
    async fn run(self) -> anyhow::Result<()> {
        let engine = self.named.place.engine().await?;
        let changed = self.change(&engine).await;
        engine.store().close().await;
        let provider = changed?;
        if self.named.place.json {
            print(&provider, true);
        } else {
            output::note(&format!("replaced the secret of `{}`", provider.name));
        }
        Ok(())
    }

    async fn change(&self, engine: &QuietEngine) -> anyhow::Result<Known> {
        let name = &self.named.name;
        let actor = Actor::system();
        let provider = engine.find_provider(&actor, name).await?;
        let provider = provider.with_context(|| format!("there is no provider `{name}`"))?;
        let mut body = Map::new();
        body.insert(
            provider.settings.secret_property().to_owned(),
            read_secret(&self.file)?,
        );
        Ok(engine.update_provider(&actor, name, body).await?)
    }
}

impl Test {
    async fn run(self) -> anyhow::Result<()> {
        let engine = self.named.place.engine().await?;
        let steps = engine
            .try_provider(&Actor::system(), &self.named.name, self.person.as_deref())
            .await;
        engine.store().close().await;
        let steps = steps?;
        if self.named.place.json {
            output::json(&steps);
        } else {
            for step in &steps {
                output::line(&line(step));
            }
        }
        match steps.iter().find(|step| !step.good) {
            Some(step) => bail!("`{}` cannot be used: {}", self.named.name, step.step),
            None => Ok(()),
        }
    }
}

impl Link {
    async fn run(self) -> anyhow::Result<()> {
        let engine = self.named.place.engine().await?;
        let linked = engine
            .link_to_provider(
                &Actor::system(),
                &self.named.name,
                &self.person,
                &self.subject,
            )
            .await;
        engine.store().close().await;
        linked?;
        if self.named.place.json {
            output::json(&json!({ "linked": self.person, "subject": self.subject }));
        } else {
            output::note(&format!(
                "`{}` is `{}` at `{}`",
                self.person, self.subject, self.named.name
            ));
        }
        Ok(())
    }
}

impl Unlink {
    async fn run(self) -> anyhow::Result<()> {
        let engine = self.named.place.engine().await?;
        let forgotten = engine
            .unlink_from_provider(&Actor::system(), &self.named.name, &self.person)
            .await;
        engine.store().close().await;
        forgotten?;
        if self.named.place.json {
            output::json(&json!({ "unlinked": self.person }));
        } else {
            output::note(&format!(
                "forgot which account `{}` has at `{}`",
                self.person, self.named.name
            ));
        }
        Ok(())
    }
}

fn line(step: &TryStep) -> String {
    let mark = if step.good { "good" } else { "BAD" };
    format!("{mark:<6}{:<16}{}", step.step, step.outcome)
}

/// A provider for people, a line each.
fn print(provider: &Known, as_json: bool) {
    let map = provider.to_map();
    if as_json {
        output::json(&map);
        return;
    }
    for (name, value) in &map {
        let text = match value {
            Value::Null => continue,
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        output::line(&format!("{name:<24}{text}"));
    }
}

/// The secret of a file, without the line end that editors leave.
fn read_secret(path: &Path) -> anyhow::Result<Value> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read `{}`", path.display()))?;
    Ok(Value::from(text.trim_end_matches(['\r', '\n'])))
}
