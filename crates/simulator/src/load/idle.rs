//! Scenario `idle`: devices ask for work and there is none.

use super::{LoadError, per_second, seconds};
use crate::fleet::{Fleet, Progress, Settle, Tally};
use crate::http::{Http, Latency};
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;

/// How long to measure: whichever comes first.
#[derive(Debug, Clone, Copy)]
pub struct IdlePlan {
    /// At least so many requests, rounded up to whole rounds of the fleet.
    pub requests: u64,
    /// At most so long.
    pub at_most: Duration,
}

/// Figures of the scenario.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IdleFigures {
    /// Devices that checked in.
    pub devices: usize,
    /// Check-ins, one request each.
    pub requests: u64,
    /// Wall time.
    pub seconds: f64,
    /// Check-ins per second.
    pub requests_per_second: f64,
    /// Latency of single check-ins.
    pub latency: Latency,
    /// What happened; a command here means that the queue was not empty.
    pub tally: Tally,
}

/// Empties the queues, warms the signatures with one round, then measures.
pub async fn idle(
    fleet: &mut Fleet,
    http: &Http,
    plan: IdlePlan,
    progress: Progress,
) -> Result<IdleFigures, LoadError> {
    let devices = fleet.enrolled();
    if devices == 0 {
        return Err(LoadError::NoDevices);
    }
    let settled = fleet
        .settle(http, &Settle::default(), Arc::new(|_, _| {}))
        .await;
    if !settled.quiet {
        return Err(LoadError::Restless(settled.rounds));
    }
    let before = http.meter().requests();
    http.meter().start();
    let started = tokio::time::Instant::now();
    let mut tally = Tally::default();
    let wanted = usize::try_from(plan.requests).unwrap_or(usize::MAX);
    while http.meter().requests() - before < plan.requests && started.elapsed() < plan.at_most {
        tally.add(&fleet.round(http, Arc::new(|_, _| {})).await);
        tally.rounds += 1;
        progress(
            usize::try_from(http.meter().requests() - before)
                .unwrap_or(0)
                .min(wanted),
            wanted,
        );
    }
    let seconds = seconds(started);
    let latency = http.meter().stop();
    let requests = http.meter().requests() - before;
    Ok(IdleFigures {
        devices,
        requests,
        seconds,
        requests_per_second: per_second(requests, seconds),
        latency,
        tally,
    })
}
