//! Scenario `enrol`: SCEP, Authenticate, TokenUpdate for every device.

use super::{per_second, seconds};
use crate::fleet::{Fleet, Progress, Tally};
use crate::http::{Http, Latency};
use serde::Serialize;

/// Figures of the scenario.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EnrolFigures {
    /// Devices that enrolled.
    pub devices: u64,
    /// Wall time.
    pub seconds: f64,
    /// Enrolments per second.
    pub enrolments_per_second: f64,
    /// HTTP requests per second (seven per enrolment).
    pub requests_per_second: f64,
    /// Latency of single requests.
    pub latency: Latency,
    /// Errors by text.
    pub tally: Tally,
}

/// Enrols every device of the fleet that is not.
pub async fn enrol(
    fleet: &mut Fleet,
    http: &Http,
    links: &[String],
    progress: Progress,
) -> EnrolFigures {
    let before = http.meter().requests();
    http.meter().start();
    let started = tokio::time::Instant::now();
    let tally = fleet.enrol(http, links, progress).await;
    let seconds = seconds(started);
    let latency = http.meter().stop();
    EnrolFigures {
        devices: tally.enrolled,
        seconds,
        enrolments_per_second: per_second(tally.enrolled, seconds),
        requests_per_second: per_second(http.meter().requests() - before, seconds),
        latency,
        tally,
    }
}
