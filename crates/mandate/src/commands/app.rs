//! `mandate app`.

use clap::{Args, Subcommand};
use mandate_engine::{Actor, Permission, Role};
use serde_json::json;

use super::{Data, quiet_engine};
use crate::config::{Config, Flags};
use crate::output;

/// Register clients of the management API
#[derive(Debug, Args)]
pub(crate) struct App {
    #[command(subcommand)]
    command: AppCommand,
}

#[derive(Debug, Subcommand)]
enum AppCommand {
    /// Register a client; prints its secret once
    Create(Create),
}

#[derive(Debug, Args)]
struct Create {
    #[command(flatten)]
    data: Data,
    /// Name for administrators
    #[arg(long)]
    name: String,
    /// A role, such as "Intune Administrator" or "Read Only Operator", or a permission of Microsoft Graph, such as
    /// DeviceManagementConfiguration.Read.All; may be given several times
    #[arg(long, required = true)]
    role: Vec<String>,
    /// PostgreSQL instead of the file in the data directory
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

impl App {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self.command {
            AppCommand::Create(create) => create.run().await,
        }
    }
}

impl Create {
    async fn run(self) -> anyhow::Result<()> {
        let permissions = permissions(&self.role)?;
        let directory = self.data.directory();
        // A directory without a key holds no instance, and its database is not to be made by asking.
        directory.key()?;
        let flags = Flags {
            database: self.database.clone(),
            ..Flags::default()
        };
        let config = Config::read(directory.path(), &flags)?;
        let store = directory.store(config.database.as_deref()).await?;
        let engine = quiet_engine(&directory, store).await?;
        let made = engine
            .create_app(&Actor::system(), &self.name, permissions)
            .await?;
        let tenant = engine.tenant().id;
        engine.store().close().await;
        if self.json {
            output::json(&json!({
                "tenantId": tenant,
                "clientId": made.app.id,
                "clientSecret": made.secret,
                "name": made.app.name,
                "permissions": made.app.permissions.iter().map(|permission| permission.name()).collect::<Vec<_>>(),
            }));
            return Ok(());
        }
        output::line(&format!("tenantId      {tenant}"));
        output::line(&format!("clientId      {}", made.app.id));
        output::line(&format!("clientSecret  {}", made.secret));
        output::note("the secret is shown this once; keep it");
        Ok(())
    }
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
