//! A clock that is moved by hand.

use std::sync::atomic::{AtomicI64, Ordering};

use mandate_engine::Clock;
use mandate_model::Timestamp;

/// Stands still until it is moved.
#[derive(Debug)]
pub(crate) struct HandClock {
    now: AtomicI64,
}

impl Default for HandClock {
    fn default() -> Self {
        // 2026-11-21T08:00:00Z
        Self {
            now: AtomicI64::new(1_795_248_000 * Timestamp::SECOND),
        }
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        // A microsecond passes with each look, so that ids made one after another are in order.
        Timestamp(self.now.fetch_add(1, Ordering::Relaxed))
    }
}

impl HandClock {
    /// Lets time pass.
    pub(crate) fn forward(&self, microseconds: i64) {
        self.now.fetch_add(microseconds, Ordering::Relaxed);
    }

    /// Lets days pass.
    pub(crate) fn forward_days(&self, days: i64) {
        self.forward(days * Timestamp::DAY);
    }

    /// The time in seconds since 1970.
    pub(crate) fn unix_seconds(&self) -> i64 {
        self.now.load(Ordering::Relaxed) / Timestamp::SECOND
    }
}
