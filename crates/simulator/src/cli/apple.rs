//! `mandate-sim apple`.

use super::common::{Behaviour, Server, bar, say};
use anyhow::{Context as _, Result, bail};
use clap::Args;
use mandate_simulator::device::Faults;
use mandate_simulator::fleet::{Fleet, FleetPlan, Settle, Tally};
use mandate_simulator::http::Http;
use mandate_simulator::keys::KeyPool;
use std::path::PathBuf;
use std::process::ExitCode;

/// Enrol devices by links, then let them check in until nothing is left to do.
///
/// Links come from `--link` and `--links`, or are made for `--user` through the management API.
#[derive(Debug, Args)]
pub(super) struct Apple {
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    behaviour: Behaviour,
    /// Number of devices
    #[arg(long, value_name = "N", default_value_t = 1)]
    count: usize,
    /// Enrolment link; repeat it for several, devices take them in turn
    #[arg(long, value_name = "URL")]
    link: Vec<String>,
    /// File with one enrolment link per line
    #[arg(long, value_name = "FILE")]
    links: Option<PathBuf>,
    /// Make a link for this person (userPrincipalName); repeatable, needs the management API
    #[arg(long, value_name = "UPN")]
    user: Vec<String>,
    /// Chance (0 to 1) that a command is answered NotNow
    #[arg(long, value_name = "P", default_value_t = 0.0)]
    notnow: f64,
    /// Chance (0 to 1) that an answer of the server gets lost
    #[arg(long, value_name = "P", default_value_t = 0.0)]
    lose_answers: f64,
    /// Chance (0 to 1) that a command is done and its report never sent
    #[arg(long, value_name = "P", default_value_t = 0.0)]
    lose_reports: f64,
    /// Chance (0 to 1) that a report is sent twice
    #[arg(long, value_name = "P", default_value_t = 0.0)]
    duplicate_reports: f64,
    /// Keep the devices in this file; an existing one is continued
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// At most so many rounds of check-ins
    #[arg(long, value_name = "N", default_value_t = 50)]
    rounds: usize,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
}

impl Apple {
    pub(super) async fn run(self) -> Result<ExitCode> {
        let http = self.server.http()?;
        let mut fleet = self.fleet()?;
        let mut tally = Tally::default();
        if fleet.enrolled() < fleet.devices().len() {
            let links = self.all_links(&http).await?;
            let (bar, progress) = bar("enrolling");
            tally.add(&Box::pin(fleet.enrol(&http, &links, progress)).await);
            bar.finish();
        }
        let (bar, progress) = bar("check-ins");
        let settle = Settle {
            max_rounds: self.rounds,
            ..Settle::default()
        };
        let settled = Box::pin(fleet.settle(&http, &settle, progress)).await;
        bar.finish();
        tally.add(&settled);
        (tally.rounds, tally.quiet) = (settled.rounds, settled.quiet);
        if let Some(path) = &self.state {
            fleet.save(path)?;
        }
        self.summarise(&fleet, &tally)?;
        let well = fleet.enrolled() > 0 && tally.error_count() == 0;
        Ok(if well {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    fn fleet(&self) -> Result<Fleet> {
        if let Some(path) = self.state.as_ref().filter(|path| path.exists()) {
            let mut fleet = Fleet::load(path)?;
            fleet.concurrency = self.behaviour.concurrency;
            return Ok(fleet);
        }
        let keys = KeyPool::generate(self.behaviour.keys)?;
        let faults = Faults {
            not_now: self.notnow,
            lost_answers: self.lose_answers,
            lost_acknowledgements: self.lose_reports,
            duplicate_reports: self.duplicate_reports,
            ..Faults::default()
        };
        Ok(Fleet::new(&FleetPlan {
            seed: self.behaviour.seed,
            platform: self.behaviour.platform(),
            os: self.behaviour.os.clone(),
            signature: self.behaviour.signature(),
            scep: self.behaviour.scep(),
            faults,
            concurrency: self.behaviour.concurrency,
            ..FleetPlan::new(self.count, &keys)
        }))
    }

    async fn all_links(&self, http: &Http) -> Result<Vec<String>> {
        let mut links = self.link.clone();
        if let Some(path) = &self.links {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read `--links {}`", path.display()))?;
            links.extend(
                text.lines()
                    .map(str::trim)
                    .filter(|line| !line.is_empty())
                    .map(str::to_owned),
            );
        }
        if !self.user.is_empty() {
            let graph = self.server.required_graph(http)?;
            let uses = self.count.div_ceil(self.user.len());
            for user in &self.user {
                links.push(graph.enrolment_link(Some(user), uses).await?);
            }
        }
        if links.is_empty() {
            match self.server.graph(http)? {
                Some(graph) => links.push(graph.enrolment_link(None, self.count).await?),
                None => bail!(
                    "no enrolment link: give `--link URL` or `--links FILE`, or `--tenant`, `--client-id`, `--client-secret` \
                     (and `--user UPN`) to have links made"
                ),
            }
        }
        Ok(links)
    }

    fn summarise(&self, fleet: &Fleet, tally: &Tally) -> Result<()> {
        let profiles: usize = fleet
            .devices()
            .iter()
            .map(|device| device.profiles().len())
            .sum();
        let accounts: usize = fleet
            .devices()
            .iter()
            .map(|device| device.mail_accounts().len())
            .sum();
        if self.json {
            let summary = serde_json::json!({
                "devices": fleet.devices().len(),
                "enrolled": fleet.enrolled(),
                "profiles": profiles,
                "mailAccounts": accounts,
                "tally": tally,
            });
            return say(&serde_json::to_string_pretty(&summary)?);
        }
        say(&format!("devices          {}", fleet.devices().len()))?;
        say(&format!("enrolled         {}", fleet.enrolled()))?;
        say(&format!("profiles         {profiles}"))?;
        say(&format!("mail accounts    {accounts}"))?;
        say(&format!(
            "rounds           {}{}",
            tally.rounds,
            if tally.quiet {
                ""
            } else {
                " (not at rest yet)"
            }
        ))?;
        for (title, counts) in [
            ("command", &tally.commands),
            ("session", &tally.endings),
            ("error", &tally.errors),
        ] {
            for (name, count) in counts {
                say(&format!("{title:<16} {count:>7}  {name}"))?;
            }
        }
        Ok(())
    }
}
