//! Which devices a fleet has.

use crate::device::{Device, Faults, Model, OsVersion, Platform, SignatureForm};
use crate::keys::KeyPool;
use crate::scep::ScepMode;
use std::time::Duration;

/// What to make. Start from [`FleetPlan::new`] and change fields.
#[derive(Debug, Clone)]
pub struct FleetPlan {
    /// Number of devices.
    pub count: usize,
    /// Everything random follows from it.
    pub seed: u64,
    /// What the devices run.
    pub platform: Platform,
    /// Releases, handed out in turn; empty for iOS 18.1 or macOS 15.1.
    pub os: Vec<OsVersion>,
    /// Every so many-th device is an iPad (0 for none), unless they are Macs.
    pub ipad_every: usize,
    /// Form of `Mdm-Signature`.
    pub signature: SignatureForm,
    /// Which SCEP client to be.
    pub scep: ScepMode,
    /// Faults of every device.
    pub faults: Faults,
    /// Whether accounts keep every key of their payload.
    pub keeps_settings: bool,
    /// How many devices talk at the same time.
    pub concurrency: usize,
    /// Keys.
    pub keys: KeyPool,
}

impl FleetPlan {
    /// A plan for `count` devices without faults.
    pub fn new(count: usize, keys: &KeyPool) -> Self {
        Self {
            count,
            seed: 1,
            platform: Platform::Ios,
            os: Vec::new(),
            ipad_every: 4,
            signature: SignatureForm::default(),
            scep: ScepMode::default(),
            faults: Faults::default(),
            keeps_settings: count <= 1_000,
            concurrency: 16,
            keys: keys.clone(),
        }
    }

    pub(super) fn device(&self, number: usize) -> Device {
        let is_ipad = self.ipad_every > 0 && number % self.ipad_every == self.ipad_every - 1;
        let model = match self.platform {
            Platform::MacOs => Model::MacBook,
            Platform::Ios if is_ipad => Model::IPad,
            Platform::Ios => Model::IPhone,
        };
        let os = match (self.os.as_slice(), self.platform) {
            ([], Platform::Ios) => OsVersion::default(),
            ([], Platform::MacOs) => OsVersion::new(15, 1),
            (given, _) => given[number % given.len()],
        };
        let seed = self
            .seed
            .wrapping_mul(0x0100_0000_01B3)
            .wrapping_add(number as u64);
        let mut device = Device::new(seed, model, os, &self.keys);
        device.signature = self.signature;
        device.scep = self.scep;
        device.faults = self.faults;
        device.keeps_settings = self.keeps_settings;
        device
    }
}

/// When a fleet counts as settled.
#[derive(Debug, Clone, Copy)]
pub struct Settle {
    /// At most so many rounds.
    pub max_rounds: usize,
    /// So many rounds in a row without any command.
    pub quiet_rounds: usize,
    /// Rest after a quiet round, for servers that plan in the background.
    pub pause: Duration,
}

impl Default for Settle {
    fn default() -> Self {
        Self {
            max_rounds: 50,
            quiet_rounds: 2,
            pause: Duration::from_millis(300),
        }
    }
}
