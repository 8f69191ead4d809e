//! `mandate admin`: people who administer, and the way back in for who has lost theirs.

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand, ValueEnum};
use mandate_engine::{Actor, DirectoryRole, Engine, NewUser, Page, SecondFactor, SetUpLink};
use mandate_model::{Member, User};
use serde_json::{Value, json};

use super::init::{host_remark, link_address};
use super::{Data, QuietEngine, quiet_engine};
use crate::config::{Config, Flags};
use crate::output;

/// How many members of a role are looked at, at once.
const PAGE: u32 = 500;

/// People who administer
#[derive(Debug, Args)]
pub(crate) struct Admin {
    #[command(subcommand)]
    command: AdminCommand,
}

#[derive(Debug, Subcommand)]
enum AdminCommand {
    /// List people and groups with a directory role
    List(Place),
    /// Give somebody a directory role, adding them if they are new, and print a set-up link
    Add(Add),
    /// Print a new set-up link for somebody; links before it end
    Link(Named),
    /// Remove somebody's password and second factors, sign them out everywhere, and print a set-up link
    Reset(Named),
    /// Show or change the directory roles of somebody
    Roles(Roles),
    /// Show or say who has to prove a second thing at sign-in
    SecondFactor(Second),
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
struct Named {
    #[command(flatten)]
    place: Place,
    /// Sign-in name or id
    name: String,
}

#[derive(Debug, Args)]
struct Add {
    #[command(flatten)]
    named: Named,
    /// Name for people, of somebody who is new [default: what stands before the @]
    #[arg(long, value_name = "NAME")]
    display_name: Option<String>,
    /// Directory role
    #[arg(long, default_value = "Global Administrator", value_parser = role)]
    role: DirectoryRole,
}

#[derive(Debug, Args)]
struct Roles {
    #[command(flatten)]
    named: Named,
    /// Directory role to give; may be given several times
    #[arg(long, value_name = "ROLE", value_parser = role)]
    add: Vec<DirectoryRole>,
    /// Directory role to take; may be given several times
    #[arg(long, value_name = "ROLE", value_parser = role)]
    remove: Vec<DirectoryRole>,
}

#[derive(Debug, Args)]
struct Second {
    #[command(flatten)]
    place: Place,
    /// Who, from the next sign-in on; without it what counts now is printed
    #[arg(value_enum)]
    wanted: Option<Whom>,
}

/// Who has to prove a second thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Whom {
    /// Whoever has a role
    Administrators,
    /// Everyone
    Everyone,
    /// Nobody
    Optional,
}

/// An engine, with what its links are made of.
struct Desk {
    engine: QuietEngine,
    config: Config,
    json: bool,
}

impl Admin {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let place = match &self.command {
            AdminCommand::List(place) => place,
            AdminCommand::Add(add) => &add.named.place,
            AdminCommand::Link(named) | AdminCommand::Reset(named) => &named.place,
            AdminCommand::Roles(roles) => &roles.named.place,
            AdminCommand::SecondFactor(second) => &second.place,
        };
        let desk = place.open().await?;
        let done = desk.run(&self.command).await;
        desk.engine.store().close().await;
        done
    }
}

impl Place {
    async fn open(&self) -> anyhow::Result<Desk> {
        let directory = self.data.directory();
        // A directory without a key holds no instance, and its database is not to be made by asking.
        directory.key()?;
        let flags = Flags {
            database: self.database.clone(),
            ..Flags::default()
        };
        let config = Config::read(directory.path(), &flags)?;
        let store = directory.store(config.database.as_deref()).await?;
        Ok(Desk {
            engine: quiet_engine(&directory, store).await?,
            config,
            json: self.json,
        })
    }
}

impl Desk {
    async fn run(&self, command: &AdminCommand) -> anyhow::Result<()> {
        let system = Actor::system();
        match command {
            AdminCommand::List(_) => self.list().await,
            AdminCommand::Add(add) => self.add(add).await,
            AdminCommand::Link(named) => {
                let user = find(&self.engine, &named.name).await?;
                let link = self.engine.make_set_up_link(&system, user.id).await?;
                self.tell(&user, &link);
                Ok(())
            }
            AdminCommand::Reset(named) => {
                let user = find(&self.engine, &named.name).await?;
                let link = self.engine.reset_credentials(&system, user.id).await?;
                self.tell(&user, &link);
                Ok(())
            }
            AdminCommand::Roles(roles) => self.roles(roles).await,
            AdminCommand::SecondFactor(second) => self.second_factor(second.wanted).await,
        }
    }

    async fn list(&self) -> anyhow::Result<()> {
        let mut all = Vec::new();
        for role in DirectoryRole::ALL {
            for member in members(&self.engine, role).await? {
                all.push((role, member));
            }
        }
        if self.json {
            let shown: Vec<Value> = all
                .iter()
                .map(|(role, (member, name))| {
                    json!({ "role": role.name(), "id": member.id(), "name": name })
                })
                .collect();
            output::json(&shown);
            return Ok(());
        }
        for (role, (member, name)) in &all {
            output::line(&format!("{}  {name}  {}", member.id(), role.name()));
        }
        if all.is_empty() {
            output::note("nobody administers this instance; `mandate admin add` changes that");
        }
        Ok(())
    }

    async fn add(&self, add: &Add) -> anyhow::Result<()> {
        let system = Actor::system();
        let name = &add.named.name;
        let user = if let Some(user) = self.engine.find_user(&system, name).await? {
            user
        } else {
            let shown = name.split('@').next().unwrap_or(name);
            let new = NewUser {
                user_principal_name: name.clone(),
                display_name: add.display_name.clone().unwrap_or_else(|| shown.to_owned()),
                mail: name.contains('@').then(|| name.clone()),
                ..NewUser::default()
            };
            self.engine.create_user(&system, new).await?
        };
        give(&self.engine, &user, add.role).await?;
        let link = self.engine.make_set_up_link(&system, user.id).await?;
        self.tell(&user, &link);
        Ok(())
    }

    async fn roles(&self, roles: &Roles) -> anyhow::Result<()> {
        let user = find(&self.engine, &roles.named.name).await?;
        for role in &roles.add {
            give(&self.engine, &user, *role).await?;
        }
        for role in &roles.remove {
            self.engine
                .remove_directory_role_member(&Actor::system(), *role, user.id.0)
                .await?;
        }
        let held = self.engine.directory_roles_of(user.id).await?;
        let held: Vec<&str> = DirectoryRole::ALL
            .into_iter()
            .filter(|role| held.contains(&role.id()))
            .map(DirectoryRole::name)
            .collect();
        if self.json {
            output::json(
                &json!({ "id": user.id, "name": user.user_principal_name, "roles": held }),
            );
            return Ok(());
        }
        for role in &held {
            output::line(role);
        }
        if held.is_empty() {
            output::note(&format!(
                "`{}` has no directory role",
                user.user_principal_name
            ));
        }
        Ok(())
    }

    async fn second_factor(&self, wanted: Option<Whom>) -> anyhow::Result<()> {
        let system = Actor::system();
        if let Some(whom) = wanted {
            let wanted = match whom {
                Whom::Administrators => SecondFactor::Administrators,
                Whom::Everyone => SecondFactor::Everyone,
                Whom::Optional => SecondFactor::Optional,
            };
            self.engine.set_second_factor(&system, wanted).await?;
        }
        let said = serde_json::to_value(self.engine.second_factor(&system).await?)?;
        if self.json {
            output::json(&json!({ "secondFactor": said }));
        } else {
            output::line(said.as_str().unwrap_or_default());
        }
        Ok(())
    }

    fn tell(&self, user: &User, link: &SetUpLink) {
        let address = link_address(&self.config, link);
        if self.json {
            output::json(&json!({
                "id": user.id,
                "name": user.user_principal_name,
                "setUpLink": address,
                "setUpLinkExpires": link.expires_at.to_string(),
            }));
            return;
        }
        output::line(&address);
        output::note(&format!(
            "`{}` chooses a password with this link, once, until {}{}",
            user.user_principal_name,
            link.expires_at,
            host_remark(&self.config)
        ));
    }
}

async fn find(engine: &Engine, name: &str) -> anyhow::Result<User> {
    let found = engine.find_user(&Actor::system(), name).await?;
    found.with_context(|| format!("there is nobody with the sign-in name or id `{name}`"))
}

async fn give(engine: &Engine, user: &User, role: DirectoryRole) -> anyhow::Result<()> {
    let held = engine.directory_roles_of(user.id).await?;
    if !held.contains(&role.id()) {
        let member = Member::User(user.id);
        engine
            .add_directory_role_member(&Actor::system(), role, member)
            .await?;
    }
    Ok(())
}

/// Who was given a role, with their names.
async fn members(engine: &Engine, role: DirectoryRole) -> anyhow::Result<Vec<(Member, String)>> {
    let system = Actor::system();
    let found = engine
        .list_directory_role_members(&system, role, Page::first(PAGE))
        .await?;
    let mut members = Vec::new();
    for member in found {
        let name = match member {
            Member::User(id) => engine
                .find_user(&system, &id.to_string())
                .await?
                .map(|user| user.user_principal_name),
            Member::Group(id) => engine
                .find_group(&system, id)
                .await?
                .map(|group| group.display_name),
            Member::Device(_) => None,
        };
        members.push((member, name.unwrap_or_default()));
    }
    Ok(members)
}

fn role(name: &str) -> anyhow::Result<DirectoryRole> {
    let found = DirectoryRole::ALL
        .into_iter()
        .find(|role| role.name().eq_ignore_ascii_case(name.trim()));
    let Some(role) = found else {
        let names = DirectoryRole::ALL.map(|role| format!("`{}`", role.name()));
        bail!(
            "`{name}` is no directory role; these are: {}",
            names.join(", ")
        );
    };
    Ok(role)
}
