//! Measuring a running server from outside: set up through Graph, load through devices, one JSON document as the result.

mod edit;
mod enrol;
mod idle;
mod machine;
mod rollout;
mod setup;

pub use edit::{EditFigures, EditPlan, edit};
pub use enrol::{EnrolFigures, enrol};
pub use idle::{IdleFigures, IdlePlan, idle};
pub use machine::{Machine, ServerProcess};
pub use rollout::{RolloutFigures, RolloutPlan, rollout};
pub use setup::{Population, prepare};

use crate::graph::GraphError;
use thiserror::Error;

/// A measurement that could not be made.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The management API failed.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// There is nobody to measure with.
    #[error("no device is enrolled; run the `enrol` scenario first with the same `--state FILE`")]
    NoDevices,
    /// The devices did not come to rest.
    #[error("the fleet did not come to rest within {0} rounds")]
    Restless(u64),
}

/// Operations per second, with one decimal.
#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
pub(crate) fn per_second(count: u64, seconds: f64) -> f64 {
    if seconds <= 0.0 {
        0.0
    } else {
        (count as f64 / seconds * 10.0).round() / 10.0
    }
}

/// Seconds with three decimals.
pub(crate) fn seconds(since: tokio::time::Instant) -> f64 {
    (since.elapsed().as_secs_f64() * 1_000.0).round() / 1_000.0
}
