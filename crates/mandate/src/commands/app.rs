//! `mandate app`.

use anyhow::Context as _;
use clap::{Args, Subcommand};
use mandate_engine::{Actor, Engine, NewApp, Permission, Role, SecretLife};
use mandate_model::AppId;
use serde_json::{Value, json};

use super::{Data, QuietEngine, quiet_engine};
use crate::config::{Config, Flags};
use crate::output;

/// Clients of the management API: register, list, change and remove them
#[derive(Debug, Args)]
pub(crate) struct App {
    #[command(subcommand)]
    command: AppCommand,
}

#[derive(Debug, Subcommand)]
enum AppCommand {
    /// Register a client; prints its secret once
    Create(Create),
    /// List the clients with their permissions
    List(List),
    /// Replace what a client may do
    Roles(Roles),
    /// Give a client one more secret
    Secret(Secret),
    /// Remove a client; its tokens are refused from then on
    Remove(Remove),
}

/// Which instance, and in which form to answer.
#[derive(Debug, Args)]
struct Place {
    #[command(flatten)]
    data: Data,
    /// PostgreSQL instead of the file in the data directory
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Create {
    #[command(flatten)]
    place: Place,
    /// Name for administrators
    #[arg(long)]
    name: String,
    /// A role, such as "Intune Administrator" or "Read Only Operator", or a permission of Microsoft Graph, such as
    /// DeviceManagementConfiguration.Read.All; may be given several times
    #[arg(long, required = true)]
    role: Vec<String>,
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
struct Roles {
    #[command(flatten)]
    place: Place,
    /// Client id, as `mandate app list` shows it
    #[arg(long, value_name = "ID")]
    client: String,
    /// A role or a permission, as in `mandate app create`; these replace all that the client had
    #[arg(long, required = true)]
    role: Vec<String>,
}

#[derive(Debug, Args)]
struct Secret {
    #[command(flatten)]
    place: Place,
    /// Client id, as `mandate app list` shows it
    #[arg(long, value_name = "ID")]
    client: String,
}

#[derive(Debug, Args)]
struct Remove {
    #[command(flatten)]
    place: Place,
    /// Client id, as `mandate app list` shows it
    #[arg(long, value_name = "ID")]
    client: String,
}

impl App {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self.command {
            AppCommand::Create(command) => command.run().await,
            AppCommand::List(command) => command.run().await,
            AppCommand::Roles(command) => command.run().await,
            AppCommand::Secret(command) => command.run().await,
            AppCommand::Remove(command) => command.run().await,
        }
    }
}

impl Place {
    /// The engine of the instance, while a server may be running beside it.
    async fn open(&self) -> anyhow::Result<QuietEngine> {
        let directory = self.data.directory();
        // A directory without a key holds no instance, and its database is not to be made by asking.
        directory.key()?;
        let flags = Flags {
            database: self.database.clone(),
            ..Flags::default()
        };
        let config = Config::read(directory.path(), &flags)?;
        let store = directory.store(config.database.as_deref()).await?;
        quiet_engine(&directory, store).await
    }
}

impl Create {
    async fn run(self) -> anyhow::Result<()> {
        let permissions = permissions(&self.role)?;
        let engine = self.place.open().await?;
        let made = engine
            .create_app(&Actor::system(), &self.name, permissions)
            .await?;
        engine.store().close().await;
        print_secret(&engine, &made, self.place.json);
        Ok(())
    }
}

impl List {
    async fn run(self) -> anyhow::Result<()> {
        let engine = self.place.open().await?;
        let apps = engine.list_apps(&Actor::system()).await?;
        engine.store().close().await;
        if self.place.json {
            let shown: Vec<Value> = apps.iter().map(shown).collect();
            output::json(&shown);
            return Ok(());
        }
        for app in &apps {
            output::line(&format!("{}  {}", app.id, app.name));
            for name in names(app) {
                output::line(&format!("    {name}"));
            }
        }
        if apps.is_empty() {
            output::note("there is no client; `mandate app create` registers one");
        }
        Ok(())
    }
}

impl Roles {
    async fn run(self) -> anyhow::Result<()> {
        let (client, permissions) = (client(&self.client)?, permissions(&self.role)?);
        let engine = self.place.open().await?;
        let app = engine
            .set_app_permissions(&Actor::system(), client, permissions)
            .await?;
        engine.store().close().await;
        if self.place.json {
            output::json(&shown(&app));
        } else {
            output::line(&format!("`{}` may now", app.name));
            for name in names(&app) {
                output::line(&format!("    {name}"));
            }
            output::note(
                "what it may no longer do ends at once, the rest comes with its next token",
            );
        }
        Ok(())
    }
}

impl Secret {
    async fn run(self) -> anyhow::Result<()> {
        let client = client(&self.client)?;
        let engine = self.place.open().await?;
        let new = engine
            .add_app_secret(&Actor::system(), client, "", SecretLife::Usual)
            .await?;
        let app = engine
            .find_app(client)
            .await?
            .context("the client was removed meanwhile")?;
        let made = NewApp {
            app,
            secret: new.secret,
        };
        engine.store().close().await;
        print_secret(&engine, &made, self.place.json);
        Ok(())
    }
}

impl Remove {
    async fn run(self) -> anyhow::Result<()> {
        let client = client(&self.client)?;
        let engine = self.place.open().await?;
        let app = engine.delete_app(&Actor::system(), client).await?;
        engine.store().close().await;
        if self.place.json {
            output::json(&shown(&app));
        } else {
            output::line(&format!("removed `{}` ({})", app.name, app.id));
        }
        Ok(())
    }
}

fn client(text: &str) -> anyhow::Result<AppId> {
    text.trim().parse().with_context(|| {
        format!("`{text}` is not a client id: `mandate app list` shows those that there are")
    })
}

fn names(app: &mandate_engine::App) -> Vec<&'static str> {
    let permissions = app.permissions.iter();
    permissions.map(|permission| permission.name()).collect()
}

fn shown(app: &mandate_engine::App) -> Value {
    json!({ "clientId": app.id, "name": app.name, "permissions": names(app) })
}

fn print_secret(engine: &Engine, made: &NewApp, as_json: bool) {
    let tenant = engine.tenant().id;
    if as_json {
        output::json(&json!({
            "tenantId": tenant,
            "clientId": made.app.id,
            "clientSecret": made.secret,
            "name": made.app.name,
            "permissions": names(&made.app),
        }));
        return;
    }
    output::line(&format!("tenantId      {tenant}"));
    output::line(&format!("clientId      {}", made.app.id));
    output::line(&format!("clientSecret  {}", made.secret));
    output::note("the secret is shown this once; keep it");
}

/// The permissions of all the roles and permissions named.
fn permissions(names: &[String]) -> anyhow::Result<Vec<Permission>> {
    let mut all = Vec::new();
    for name in names {
        match (Role::parse(name), Permission::parse(name)) {
            (Some(role), _) => all.extend(role.permissions()),
            (None, Some(permission)) => all.push(permission),
            (None, None) => {
                let roles: Vec<_> = Role::ALL
                    .iter()
                    .map(|role| format!("`{}`", role.name()))
                    .collect();
                anyhow::bail!(
                    "`{name}` is neither a role ({}) nor a permission of Microsoft Graph that exists here",
                    roles.join(", ")
                );
            }
        }
    }
    all.sort_unstable();
    all.dedup();
    Ok(all)
}
