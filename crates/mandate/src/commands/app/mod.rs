//! `mandate app`.

mod create;
mod credentials;
mod redirects;
mod registered;
mod shown;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use mandate_engine::{Permission, Role};
use mandate_model::AppId;

use super::place::Place;

/// Clients of the management API: register, list, change and remove them
#[derive(Debug, Args)]
pub(crate) struct App {
    #[command(subcommand)]
    command: AppCommand,
}

#[derive(Debug, Subcommand)]
enum AppCommand {
    /// Register a client; prints its secret once
    Create(create::Create),
    /// List the clients with their permissions
    List(registered::List),
    /// Show a client with its credentials and addresses
    Show(registered::Show),
    /// Replace what a client may do
    Roles(registered::Roles),
    /// Secrets of a client: add, list, remove
    Secret(credentials::Secret),
    /// Certificates of a client: add, list, remove
    Certificate(credentials::Certificate),
    /// Where answers to a client may be sent: add, list, remove
    Redirect(redirects::Redirects),
    /// Remove a client; its tokens are refused from then on
    Remove(registered::Remove),
}

/// Which client of which instance.
#[derive(Debug, Args)]
struct Which {
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
            AppCommand::Show(command) => command.run().await,
            AppCommand::Roles(command) => command.run().await,
            AppCommand::Secret(command) => command.run().await,
            AppCommand::Certificate(command) => command.run().await,
            AppCommand::Redirect(command) => command.run().await,
            AppCommand::Remove(command) => command.run().await,
        }
    }
}

impl Which {
    fn client(&self) -> anyhow::Result<AppId> {
        client(&self.client)
    }
}

fn client(text: &str) -> anyhow::Result<AppId> {
    text.trim().parse().with_context(|| {
        format!("`{text}` is not a client id: `mandate app list` shows those that there are")
    })
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
