//! What is counted for those who watch the server from outside. Plain numbers; no name is among them.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use mandate_model::Timestamp;
use mandate_store::StateCount;

use crate::{Engine, EngineError};

/// Counts of the database are as old as this at most: whoever asks often costs no more.
const FRESH_FOR: i64 = 15 * Timestamp::SECOND;
/// Days within which certificates are counted that end.
const HORIZONS: [i64; 3] = [60, 30, 7];

/// What this process counts as it goes.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    pub(crate) check_ins: Counter,
    pub(crate) scep_issued: Counter,
    pub(crate) scep_refused: Counter,
    beat_at: AtomicI64,
    counts: Mutex<Option<(Timestamp, Counted)>>,
}

/// A number that only grows.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Meter {
    /// Notes that the background is alive.
    pub(crate) fn beat(&self, now: Timestamp) {
        self.beat_at.store(now.0, Ordering::Relaxed);
    }

    /// When the background last began a round; none if it never has.
    pub(crate) fn beat_at(&self) -> Option<Timestamp> {
        let beat = self.beat_at.load(Ordering::Relaxed);
        (beat != 0).then_some(Timestamp(beat))
    }
}

/// What the database says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counted {
    /// Devices by state.
    pub devices: Vec<StateCount>,
    /// Profiles on devices by state.
    pub profiles: Vec<StateCount>,
    /// Revocations that external issuers are told of, by state.
    pub revocations: Vec<StateCount>,
    /// Certificates that end soon: days, source (`scep`, `pkcs`, `identity`, `imported`…), how many.
    pub expiring: Vec<(i64, String, i64)>,
    /// When the push certificate ends, or has ended; none if there is none.
    pub push_ends: Option<Timestamp>,
    /// Alerts that were raised and are kept.
    pub alerts: i64,
    /// Alerts that are still to be delivered.
    pub waiting_alerts: i64,
}

/// Everything that is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metrics {
    /// What the database says, at most 15 seconds ago.
    pub counted: Counted,
    /// Requests of devices for work, and reports, that were served since the process began.
    pub check_ins: u64,
    /// SCEP requests that were answered with a certificate since the process began.
    pub scep_issued: u64,
    /// SCEP requests that were refused since the process began.
    pub scep_refused: u64,
    /// Seconds since the background last worked; none if it never has.
    pub beat_age_seconds: Option<i64>,
}

impl Engine {
    /// Everything that is counted. Needs no permission: whoever may ask is decided by where it is served.
    pub async fn metrics(&self) -> Result<Metrics, EngineError> {
        let meter = &self.cache().meter;
        let now = self.now();
        let beat = meter.beat_at.load(Ordering::Relaxed);
        Ok(Metrics {
            counted: self.counted(now).await?,
            check_ins: meter.check_ins.read(),
            scep_issued: meter.scep_issued.read(),
            scep_refused: meter.scep_refused.read(),
            beat_age_seconds: (beat != 0).then(|| now.since(Timestamp(beat)) / Timestamp::SECOND),
        })
    }

    async fn counted(&self, now: Timestamp) -> Result<Counted, EngineError> {
        let kept = || {
            self.cache()
                .meter
                .counts
                .lock()
                .expect("nobody panics while holding it")
        };
        if let Some((at, counted)) = kept().as_ref()
            && now.since(*at) < FRESH_FOR
        {
            return Ok(counted.clone());
        }
        let counted = self.count_all(now).await?;
        *kept() = Some((now, counted.clone()));
        Ok(counted)
    }

    async fn count_all(&self, now: Timestamp) -> Result<Counted, EngineError> {
        let mut session = self.store().read().await?;
        let push_ends = crate::push::push_end(&mut session).await?;
        let mut expiring = Vec::new();
        for days in HORIZONS {
            let until = now.plus(days * Timestamp::DAY);
            for (purpose, number) in session.count_expiring_issued(now, until).await? {
                expiring.push((days, source(&purpose).to_owned(), number));
            }
            let imported = session.count_expiring_imported(now, until).await?;
            expiring.push((days, "imported".to_owned(), imported));
            let is_push = push_ends.is_some_and(|end| end > now && end <= until);
            expiring.push((days, "pushCertificate".to_owned(), i64::from(is_push)));
            let tokens = session.count_expiring_ade_tokens(now, until).await?;
            expiring.push((days, "enrolmentToken".to_owned(), tokens));
        }
        let (alerts, waiting_alerts) = session.count_alerts().await?;
        Ok(Counted {
            devices: session.count_devices_by_state().await?,
            profiles: session.count_profiles_by_state().await?,
            revocations: session.count_revocations_by_state().await?,
            expiring,
            push_ends,
            alerts,
            waiting_alerts,
        })
    }
}

/// The purpose of a certificate in the words of reports.
fn source(purpose: &str) -> &str {
    match purpose {
        "profile" => "scep",
        other => other,
    }
}
