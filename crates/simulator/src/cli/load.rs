//! `mandate-sim load`.

use super::common::{Behaviour, Server, bar, say};
use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use mandate_simulator::fleet::{Fleet, FleetPlan};
use mandate_simulator::graph::Graph;
use mandate_simulator::http::Http;
use mandate_simulator::keys::KeyPool;
use mandate_simulator::load::{
    EditPlan, IdlePlan, Machine, Population, RolloutPlan, ServerProcess, edit, enrol, idle,
    prepare, rollout,
};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Measure a running server.
///
/// People, groups, links and profiles are made through the management API; use a server made for this. Stops by itself.
#[derive(Debug, Args)]
pub(super) struct Load {
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    behaviour: Behaviour,
    /// Number of devices (when the state file does not hold any yet)
    #[arg(long, value_name = "N", default_value_t = 100)]
    count: usize,
    /// Number of people the devices belong to; more if these would have more than 15 each
    #[arg(long, value_name = "N", default_value_t = 100)]
    users: usize,
    /// Domain of the people's names
    #[arg(long, value_name = "NAME", default_value = "example.com")]
    domain: String,
    /// Keep devices and people in this file, for the next scenario
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Process id of the server, to report its memory and CPU time
    #[arg(long, value_name = "PID")]
    server_pid: Option<u32>,
    /// Allow a server that is not on this machine
    #[arg(long)]
    i_own_this_server: bool,
    #[command(subcommand)]
    scenario: Scenario,
}

#[derive(Debug, Subcommand)]
enum Scenario {
    /// Enrol all devices: SCEP, Authenticate, TokenUpdate
    Enrol,
    /// Check in with nothing to do
    Idle {
        /// Number of check-ins
        #[arg(long, value_name = "N", default_value_t = 20_000)]
        requests: u64,
        /// At most so many seconds
        #[arg(long, value_name = "N", default_value_t = 60)]
        seconds: u64,
    },
    /// Create and assign mail profiles; run check-ins until all are delivered and confirmed
    Rollout {
        /// Number of profiles
        #[arg(long, value_name = "N", default_value_t = 1)]
        profiles: usize,
        /// At most so many rounds of check-ins
        #[arg(long, value_name = "N", default_value_t = 100)]
        rounds: usize,
    },
    /// Edit a profile that the devices have; time the edit and the plan
    Edit {
        /// How often
        #[arg(long, value_name = "N", default_value_t = 5)]
        repetitions: usize,
    },
}

impl Load {
    pub(super) async fn run(self) -> Result<ExitCode> {
        if !self.i_own_this_server && !is_loopback(&self.server.url) {
            bail!(
                "`{}` is not on this machine; add `--i-own-this-server` if it is yours to load",
                self.server.url
            );
        }
        let machine = Machine::read();
        let http = self.server.http()?;
        let graph = self.server.required_graph(&http)?;
        // Names of a run are unique by its second, so that runs on the same server do not collide.
        let run = format!("{:x}", http.now());
        let mut fleet = self.fleet()?;
        let mut population = self.population(&graph, &run).await?;
        let enrolment = if fleet.enrolled() < fleet.devices().len() {
            let (bar, progress) = bar("enrolling");
            let figures = Box::pin(enrol(&mut fleet, &http, &population.links, progress)).await;
            bar.finish();
            Some(serde_json::to_value(figures)?)
        } else {
            None
        };
        let before = self.server_pid.and_then(ServerProcess::read);
        let figures =
            Box::pin(self.measure(&mut fleet, &http, &graph, &mut population, &run)).await?;
        let after = self.server_pid.and_then(ServerProcess::read);
        self.save(&fleet, &population)?;
        let result = json!({
            "scenario": self.scenario.name(),
            "machine": machine,
            "client": { "concurrency": fleet.concurrency, "devices": fleet.devices().len(), "keys": fleet.keys().len() },
            "enrolment": enrolment,
            "figures": figures,
            "errors": http.meter().failures(),
            "server": { "before": before, "after": after },
        });
        say(&serde_json::to_string_pretty(&result)?)?;
        let lacking = fleet.devices().len() - fleet.enrolled();
        if lacking > 0 {
            bail!("{lacking} devices could not be enrolled");
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn measure(
        &self,
        fleet: &mut Fleet,
        http: &Http,
        graph: &Graph,
        population: &mut Population,
        run: &str,
    ) -> Result<serde_json::Value> {
        let (bar, progress) = bar(self.scenario.name());
        let figures = match &self.scenario {
            Scenario::Enrol => serde_json::Value::Null,
            Scenario::Idle { requests, seconds } => {
                let plan = IdlePlan {
                    requests: *requests,
                    at_most: Duration::from_secs(*seconds),
                };
                serde_json::to_value(Box::pin(idle(fleet, http, plan, progress)).await?)?
            }
            Scenario::Rollout { profiles, rounds } => {
                let plan = RolloutPlan {
                    profiles: *profiles,
                    run: run.to_owned(),
                    max_rounds: *rounds,
                    pause: Duration::from_millis(300),
                };
                serde_json::to_value(
                    Box::pin(rollout(fleet, http, graph, population, &plan, progress)).await?,
                )?
            }
            Scenario::Edit { repetitions } => {
                let plan = EditPlan {
                    repetitions: *repetitions,
                    run: run.to_owned(),
                };
                serde_json::to_value(Box::pin(edit(graph, population, &plan)).await?)?
            }
        };
        bar.finish();
        Ok(figures)
    }

    fn fleet(&self) -> Result<Fleet> {
        if let Some(path) = self.state.as_ref().filter(|path| path.exists()) {
            let mut fleet = Fleet::load(path)?;
            fleet.concurrency = self.behaviour.concurrency;
            return Ok(fleet);
        }
        let keys = KeyPool::generate(self.behaviour.keys)?;
        Ok(Fleet::new(&FleetPlan {
            seed: self.behaviour.seed,
            platform: self.behaviour.platform(),
            os: self.behaviour.os.clone(),
            signature: self.behaviour.signature(),
            scep: self.behaviour.scep(),
            concurrency: self.behaviour.concurrency,
            keeps_settings: false,
            ..FleetPlan::new(self.count, &keys)
        }))
    }

    async fn population(&self, graph: &Graph, run: &str) -> Result<Population> {
        if let Some(path) = self
            .state
            .as_deref()
            .map(population_file)
            .filter(|path| path.exists())
        {
            let text = std::fs::read_to_string(&path)
                .with_context(|| format!("cannot read `{}`", path.display()))?;
            return serde_json::from_str(&text).with_context(|| {
                format!(
                    "`{}` is no file of this version; delete it to start afresh",
                    path.display()
                )
            });
        }
        Ok(prepare(graph, run, &self.domain, self.users, self.count).await?)
    }

    fn save(&self, fleet: &Fleet, population: &Population) -> Result<()> {
        let Some(path) = &self.state else {
            return Ok(());
        };
        fleet.save(path)?;
        let beside = population_file(path);
        std::fs::write(&beside, serde_json::to_string(population)?)
            .with_context(|| format!("cannot write `{}`", beside.display()))
    }
}

impl Scenario {
    fn name(&self) -> &'static str {
        match self {
            Self::Enrol => "enrol",
            Self::Idle { .. } => "idle",
            Self::Rollout { .. } => "rollout",
            Self::Edit { .. } => "edit",
        }
    }
}

/// People and profiles are kept beside the devices.
fn population_file(state: &Path) -> PathBuf {
    let mut name = state.as_os_str().to_owned();
    name.push(".people");
    name.into()
}

/// Whether the URL's host is this machine.
fn is_loopback(server: &str) -> bool {
    let Some(authority) = server
        .split("://")
        .nth(1)
        .and_then(|rest| rest.split('/').next())
    else {
        return false;
    };
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_loaded_without_asking() {
        for server in [
            "http://127.0.0.1:8080",
            "https://localhost",
            "http://[::1]:80/",
        ] {
            assert!(is_loopback(server), "{server}");
        }
        for server in [
            "https://mdm.example.com",
            "http://10.0.0.1",
            "127.0.0.1",
            "http://127.0.0.1.example.com",
        ] {
            assert!(!is_loopback(server), "{server}");
        }
    }
}
