//! How many requests were sent and how long they took.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Requests of a client: counts and, while switched on, every latency in microseconds.
#[derive(Debug, Default)]
pub struct Meter {
    requests: AtomicU64,
    failures: AtomicU64,
    recording: std::sync::atomic::AtomicBool,
    micros: Mutex<Vec<u32>>,
}

/// Percentiles of recorded latencies, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize)]
pub struct Latency {
    /// How many requests were recorded.
    pub count: usize,
    /// Arithmetic mean.
    pub mean_ms: f64,
    /// Median.
    pub p50_ms: f64,
    /// 95 % were faster.
    pub p95_ms: f64,
    /// 99 % were faster.
    pub p99_ms: f64,
    /// The slowest.
    pub max_ms: f64,
}

impl Meter {
    /// Requests sent so far.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Requests without an answer, or with a status of 500 or more.
    pub fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// Begins to keep latencies, forgetting earlier ones.
    pub fn start(&self) {
        if let Ok(mut micros) = self.micros.lock() {
            micros.clear();
        }
        self.recording.store(true, Ordering::Relaxed);
    }

    /// Stops keeping latencies and says how they were distributed.
    pub fn stop(&self) -> Latency {
        self.recording.store(false, Ordering::Relaxed);
        let micros = self
            .micros
            .lock()
            .map(|mut micros| std::mem::take(&mut *micros))
            .unwrap_or_default();
        Latency::of(micros)
    }

    pub(super) fn record(&self, took: Duration, status: Option<u16>) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        if status.is_none_or(|status| status >= 500) {
            self.failures.fetch_add(1, Ordering::Relaxed);
        }
        if self.recording.load(Ordering::Relaxed)
            && let Ok(mut micros) = self.micros.lock()
        {
            micros.push(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
        }
    }
}

impl Latency {
    /// Distribution of latencies in microseconds.
    #[expect(clippy::cast_precision_loss, reason = "milliseconds for people")]
    pub fn of(mut micros: Vec<u32>) -> Self {
        if micros.is_empty() {
            return Self::default();
        }
        micros.sort_unstable();
        let at = |per_mille: usize| {
            let index = (micros.len() * per_mille)
                .div_ceil(1_000)
                .clamp(1, micros.len())
                - 1;
            f64::from(micros[index]) / 1_000.0
        };
        let total: f64 = micros.iter().map(|value| f64::from(*value)).sum();
        Self {
            count: micros.len(),
            mean_ms: (total / micros.len() as f64 / 1_000.0 * 1_000.0).round() / 1_000.0,
            p50_ms: at(500),
            p95_ms: at(950),
            p99_ms: at(990),
            max_ms: at(1_000),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_sorted_values() {
        let latency = Latency::of((1..=100).rev().map(|value| value * 1_000).collect());
        assert_eq!(
            (
                latency.p50_ms,
                latency.p95_ms,
                latency.p99_ms,
                latency.max_ms
            ),
            (50.0, 95.0, 99.0, 100.0)
        );
    }
}
