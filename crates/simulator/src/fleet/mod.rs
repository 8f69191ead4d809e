//! Many devices at once, on bounded concurrency.

mod listen;
mod plan;
mod store;
mod tally;
mod work;

pub use listen::Listening;
pub use plan::{FleetPlan, Settle};
pub use store::FleetFileError;
pub use tally::Tally;
pub use work::Progress;

use crate::device::Device;
use crate::http::Http;
use crate::keys::KeyPool;
use std::sync::Arc;
use work::{Work, run};

/// Devices that are driven together.
#[derive(Debug)]
pub struct Fleet {
    devices: Vec<Device>,
    keys: KeyPool,
    /// How many devices talk at the same time.
    pub concurrency: usize,
}

impl Fleet {
    /// Makes the devices of a plan; none is enrolled yet.
    pub fn new(plan: &FleetPlan) -> Self {
        let devices = (0..plan.count).map(|number| plan.device(number)).collect();
        Self {
            devices,
            keys: plan.keys.clone(),
            concurrency: plan.concurrency,
        }
    }

    /// The devices.
    pub fn devices(&self) -> &[Device] {
        &self.devices
    }

    /// The devices, for users' actions and faults.
    pub fn devices_mut(&mut self) -> &mut [Device] {
        &mut self.devices
    }

    /// Keys shared by the devices.
    pub fn keys(&self) -> &KeyPool {
        &self.keys
    }

    /// How many are under management.
    pub fn enrolled(&self) -> usize {
        self.devices
            .iter()
            .filter(|device| device.is_enrolled())
            .count()
    }

    /// Enrols every device that is not yet; device *n* uses link *n* modulo their number.
    pub async fn enrol(&mut self, http: &Http, links: &[String], progress: Progress) -> Tally {
        if links.is_empty() {
            return Tally::default();
        }
        self.work(http, Work::Enrol(Arc::new(links.to_vec())), progress)
            .await
    }

    /// Every enrolled device checks in once.
    pub async fn round(&mut self, http: &Http, progress: Progress) -> Tally {
        self.work(http, Work::CheckIn, progress).await
    }

    /// Rounds until nothing was to be done for as many rounds as wanted, or the limit is reached.
    ///
    /// The progress callback counts rounds; `quiet` of the result says whether the fleet came to rest.
    pub async fn settle(&mut self, http: &Http, how: &Settle, progress: Progress) -> Tally {
        let mut all = Tally::default();
        let mut quiet_rounds = 0;
        for number in 1..=how.max_rounds {
            let round = self.round(http, Arc::new(|_, _| {})).await;
            let quiet = round.is_quiet();
            all.add(&round);
            all.rounds += 1;
            progress(number, how.max_rounds);
            quiet_rounds = if quiet { quiet_rounds + 1 } else { 0 };
            if quiet_rounds >= how.quiet_rounds {
                all.quiet = true;
                break;
            }
            if quiet {
                tokio::time::sleep(how.pause).await;
            }
        }
        all
    }

    async fn work(&mut self, http: &Http, work: Work, progress: Progress) -> Tally {
        let devices = std::mem::take(&mut self.devices);
        let (devices, tally) = Box::pin(run(devices, http, work, self.concurrency, progress)).await;
        self.devices = devices;
        tally
    }
}
