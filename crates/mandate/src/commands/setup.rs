//! `mandate setup`: what a new instance needs before anybody can enrol.

use std::collections::BTreeSet;

use anyhow::{Context as _, bail, ensure};
use clap::{Args, Subcommand, ValueEnum};
use mandate_engine::{
    Actor, Engine, GroupFilter, LicenceChange, LicenceHolder, LicenceLoss, ManagementAuthority,
    Page,
};
use serde_json::json;

use super::place::Place;
use crate::output;

/// Say which service manages devices, and who has a licence
#[derive(Debug, Args)]
pub(crate) struct Setup {
    #[command(subcommand)]
    command: SetupCommand,
}

#[derive(Debug, Subcommand)]
enum SetupCommand {
    /// Show or set the management authority: no device can be enrolled before it is this server
    Authority(Authority),
    /// Show, give and take back licences: only people with one can enrol devices
    Licences(Licences),
}

#[derive(Debug, Args)]
struct Authority {
    #[command(flatten)]
    place: Place,
    /// The service that is to manage devices; without it the one in force is shown
    #[arg(value_enum)]
    to: Option<Service>,
    /// Confirms that this is wanted; devices that are enrolled stay so
    #[arg(long)]
    confirm: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Service {
    /// This server
    Intune,
    /// Configuration Manager
    Sccm,
    /// Mobile device management of Office 365
    Office365,
    /// This server beside Office 365
    Coexistence,
}

impl From<Service> for ManagementAuthority {
    fn from(service: Service) -> Self {
        match service {
            Service::Intune => Self::Intune,
            Service::Sccm => Self::ConfigurationManager,
            Service::Office365 => Self::Office365,
            Service::Coexistence => Self::Coexistence,
        }
    }
}

#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
struct Licences {
    #[command(flatten)]
    place: Place,
    /// Give a licence to everybody, also to those who come later
    #[arg(long, conflicts_with = "not_everybody")]
    everybody: bool,
    /// Take back the licence of everybody; those given by name and by group stay
    #[arg(long)]
    not_everybody: bool,
    /// Give a licence to a person, by sign-in name or id
    #[arg(long, value_name = "PERSON")]
    user: Vec<String>,
    /// Take back the licence that a person was given by name
    #[arg(long, value_name = "PERSON")]
    without_user: Vec<String>,
    /// Give a licence to the people of a group, by name or id
    #[arg(long, value_name = "GROUP")]
    group: Vec<String>,
    /// Take back the licence of the people of a group
    #[arg(long, value_name = "GROUP")]
    without_group: Vec<String>,
    /// How many licences there are
    #[arg(long, value_name = "NUMBER", conflicts_with = "unlimited")]
    units: Option<i64>,
    /// As many licences as are wanted
    #[arg(long)]
    unlimited: bool,
    /// What becomes of the devices of those who lose theirs
    #[arg(long, value_enum)]
    on_loss: Option<Loss>,
    /// Only say what would be done
    #[arg(long)]
    preview: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Loss {
    /// They keep what they have
    Keep,
    /// Their profiles and certificates go, and come back with a licence
    Remove,
}

impl Setup {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self.command {
            SetupCommand::Authority(authority) => {
                let engine = authority.place.engine().await?;
                let done = authority.run(&engine).await;
                engine.store().close().await;
                done
            }
            SetupCommand::Licences(licences) => {
                let engine = licences.place.engine().await?;
                let done = licences.run(&engine).await;
                engine.store().close().await;
                done
            }
        }
    }
}

impl Authority {
    async fn run(&self, engine: &Engine) -> anyhow::Result<()> {
        if let Some(to) = self.to {
            ensure!(
                self.confirm,
                "say `--confirm`: which service manages devices is nothing to be changed by accident"
            );
            engine
                .set_management_authority(&Actor::system(), to.into(), true)
                .await?;
        }
        let authority = engine.management_authority().await?;
        if self.place.json {
            output::json(&json!({ "authority": authority.name() }));
        } else {
            output::line(&format!(
                "the management authority is {}",
                authority.title()
            ));
        }
        Ok(())
    }
}

impl Licences {
    async fn run(&self, engine: &Engine) -> anyhow::Result<()> {
        let actor = Actor::system();
        let change = self.change(engine).await?;
        if self.preview {
            let plan = engine.plan_licences(&actor, &change).await?;
            output::line(&format!(
                "{} people would get a licence, {} would lose theirs; {} devices are concerned, and {} profiles would go",
                plan.gaining, plan.losing, plan.devices, plan.profiles
            ));
            return Ok(());
        }
        if change != LicenceChange::default() {
            engine.change_licences(&actor, &change).await?;
        }
        let summary = engine.licence_summary(&actor).await?;
        if self.place.json {
            output::json(&json!({
                "units": summary.units,
                "consumedUnits": summary.consumed,
                "waiting": summary.waiting,
                "people": summary.people,
                "everybody": summary.everybody,
                "onLoss": summary.on_loss.name(),
            }));
            return Ok(());
        }
        let of = summary
            .units
            .map_or_else(String::new, |units| format!(", of {units} licences"));
        output::line(&format!(
            "{} of {} people have a licence{of}",
            summary.consumed, summary.people
        ));
        Ok(())
    }

    async fn change(&self, engine: &Engine) -> anyhow::Result<LicenceChange> {
        let mut add = holders(engine, &self.user, &self.group).await?;
        let mut remove = holders(engine, &self.without_user, &self.without_group).await?;
        if self.everybody {
            add.insert(LicenceHolder::Everybody);
        }
        if self.not_everybody {
            remove.insert(LicenceHolder::Everybody);
        }
        Ok(LicenceChange {
            add,
            remove,
            units: if self.unlimited {
                Some(None)
            } else {
                self.units.map(Some)
            },
            on_loss: self.on_loss.map(|loss| match loss {
                Loss::Keep => LicenceLoss::Keep,
                Loss::Remove => LicenceLoss::Remove,
            }),
        })
    }
}

async fn holders(
    engine: &Engine,
    users: &[String],
    groups: &[String],
) -> anyhow::Result<BTreeSet<LicenceHolder>> {
    let actor = Actor::system();
    let mut holders = BTreeSet::new();
    for key in users {
        let user = engine.find_user(&actor, key).await?;
        let user = user.with_context(|| format!("there is no user `{key}`"))?;
        holders.insert(LicenceHolder::User(user.id));
    }
    for key in groups {
        if let Ok(id) = key.parse() {
            holders.insert(LicenceHolder::Group(id));
            continue;
        }
        let filter = GroupFilter {
            name: Some(key.clone()),
            ..GroupFilter::default()
        };
        let found = engine.list_groups(&actor, filter, Page::first(2)).await?;
        match found.as_slice() {
            [group] => holders.insert(LicenceHolder::Group(group.id)),
            [] => bail!("there is no group `{key}`"),
            _ => bail!("there are several groups `{key}`; name one by its id"),
        };
    }
    Ok(holders)
}
