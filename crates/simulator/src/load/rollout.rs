//! Scenario `rollout`: profiles created and assigned through Graph, delivered to every device and confirmed.

use super::{LoadError, Population, per_second, seconds};
use crate::fleet::{Fleet, Progress, Tally};
use crate::graph::{Graph, GraphError};
use crate::http::{Http, Latency};
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// What to roll out.
#[derive(Debug, Clone)]
pub struct RolloutPlan {
    /// Number of mail profiles.
    pub profiles: usize,
    /// Makes names and hosts unique.
    pub run: String,
    /// At most so many rounds of the fleet.
    pub max_rounds: usize,
    /// Rest after a round in which nothing was to be done.
    pub pause: Duration,
}

/// Figures of the scenario.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RolloutFigures {
    /// Enrolled devices.
    pub devices: usize,
    /// Profiles.
    pub profiles: usize,
    /// Time for creating and assigning.
    pub setup_seconds: f64,
    /// Time until every device had every profile.
    pub delivered_seconds: f64,
    /// Time until the server said so too; 0 when it did not within the rounds.
    pub confirmed_seconds: f64,
    /// Profile deliveries per second.
    pub deliveries_per_second: f64,
    /// HTTP requests of devices.
    pub requests: u64,
    /// HTTP requests per second.
    pub requests_per_second: f64,
    /// Devices that have all accounts.
    pub complete_devices: usize,
    /// Successes that the server reports, over all profiles.
    pub confirmed: u64,
    /// Latency of single requests.
    pub latency: Latency,
    /// What happened.
    pub tally: Tally,
}

/// Creates, assigns, and lets the fleet check in until all is delivered and confirmed.
pub async fn rollout(
    fleet: &mut Fleet,
    http: &Http,
    graph: &Graph,
    population: &mut Population,
    plan: &RolloutPlan,
    progress: Progress,
) -> Result<RolloutFigures, LoadError> {
    let devices = fleet.enrolled();
    if devices == 0 {
        return Err(LoadError::NoDevices);
    }
    let accounts_before = accounts(fleet);
    let started = tokio::time::Instant::now();
    let mut made = Vec::new();
    for number in 0..plan.profiles {
        let id = graph
            .create(CONFIGURATIONS, &mail_profile(&plan.run, number))
            .await?;
        graph.assign(&id, &population.group).await?;
        made.push(id);
    }
    let setup_seconds = seconds(started);
    population.configurations.extend(made.iter().cloned());

    let wanted = accounts_before + devices * plan.profiles;
    let before = http.meter().requests();
    http.meter().start();
    let started = tokio::time::Instant::now();
    let (mut delivered_seconds, mut confirmed_seconds, mut confirmed) = (0.0, 0.0, 0);
    let mut tally = Tally::default();
    for _ in 0..plan.max_rounds {
        let round = fleet.round(http, Arc::new(|_, _| {})).await;
        tally.add(&round);
        tally.rounds += 1;
        let have = accounts(fleet);
        progress(have.min(wanted) - accounts_before, wanted - accounts_before);
        if have >= wanted {
            if delivered_seconds == 0.0 {
                delivered_seconds = seconds(started);
            }
            confirmed = confirmations(graph, &made).await?;
            if confirmed >= (devices * plan.profiles) as u64 {
                confirmed_seconds = seconds(started);
                tally.quiet = true;
                break;
            }
        }
        if round.is_quiet() {
            tokio::time::sleep(plan.pause).await;
        }
    }
    let took = seconds(started);
    let requests = http.meter().requests() - before;
    let deliveries = (accounts(fleet) - accounts_before) as u64;
    Ok(RolloutFigures {
        devices,
        profiles: plan.profiles,
        setup_seconds,
        delivered_seconds,
        confirmed_seconds,
        deliveries_per_second: per_second(
            deliveries,
            if delivered_seconds > 0.0 {
                delivered_seconds
            } else {
                took
            },
        ),
        requests,
        requests_per_second: per_second(requests, took),
        complete_devices: fleet
            .devices()
            .iter()
            .filter(|device| device.is_enrolled() && device.mail_accounts().len() >= plan.profiles)
            .count(),
        confirmed,
        latency: http.meter().stop(),
        tally,
    })
}

/// A mail profile with password sign-in; every number has a mailbox of its own, so that accounts do not collide.
pub(super) fn mail_profile(run: &str, number: usize) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.iosEasEmailProfileConfiguration",
        "displayName": format!("Simulated mail {run} {number}"),
        "accountName": format!("Mail {number}"),
        "hostName": format!("mail{number}.{run}.example.com"),
        "requireSsl": true,
        "emailAddressSource": "userPrincipalName",
        "usernameSource": "userPrincipalName",
        "authenticationMethod": "usernameAndPassword",
        "durationOfEmailToSync": "oneWeek",
        "easServices": "calendars,contacts,email,notes,reminders",
        "easServicesUserOverrideEnabled": true,
    })
}

fn accounts(fleet: &Fleet) -> usize {
    fleet
        .devices()
        .iter()
        .map(|device| device.mail_accounts().len())
        .sum()
}

async fn confirmations(graph: &Graph, configurations: &[String]) -> Result<u64, GraphError> {
    let mut sum = 0;
    for id in configurations {
        let overview = graph
            .get(&format!("{CONFIGURATIONS}/{id}/deviceStatusOverview"))
            .await?;
        sum += overview
            .get("successCount")
            .and_then(Value::as_u64)
            .unwrap_or(0);
    }
    Ok(sum)
}

pub(super) const CONFIGURATIONS: &str = "/beta/deviceManagement/deviceConfigurations";
